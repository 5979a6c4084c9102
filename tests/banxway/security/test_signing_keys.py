"""An issuer's keys are read rarely, survive its short outages, and are replaced when it rotates them."""

import http.client
import http.server
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from banxway import errors
from banxway.security.signing_keys import SigningKeys, fetch_jwks_over_https
from tests.support.timing.clocks import SetClock


def an_ec_jwk(kid: str, **extra: Any) -> dict[str, Any]:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key)), "kid": kid, **extra}


class Listing:
    """The issuer's list of keys; `content` may also be an exception to raise."""

    def __init__(self, *keys: dict[str, Any]) -> None:
        self.content: Any = {"keys": list(keys)}
        self.asked = 0

    def __call__(self, url: str) -> Any:
        self.asked += 1
        if isinstance(self.content, Exception):
            raise self.content
        return self.content


@pytest.fixture
def listing() -> Listing:
    return Listing(an_ec_jwk("one"))


@pytest.fixture
def keys(listing: Listing, clock: SetClock) -> SigningKeys:
    return SigningKeys("https://id.example.com/jwks.json", clock=clock, fetch=listing)


def test_the_list_is_read_once_in_ten_minutes(keys: SigningKeys, listing: Listing, clock: SetClock) -> None:
    for _ in range(10):
        keys.find("one")
        clock.advance(seconds=59)
    clock.advance(seconds=9)
    keys.find("one")
    assert listing.asked == 1

    clock.advance(seconds=1)
    keys.find("one")
    assert listing.asked == 2


def test_a_new_key_is_found_within_a_minute(keys: SigningKeys, listing: Listing, clock: SetClock) -> None:
    keys.find("one")
    listing.content["keys"].append(an_ec_jwk("two"))
    clock.advance(seconds=60)

    assert keys.find("two").key_id == "two"


def test_unknown_ids_ask_the_issuer_at_most_once_a_minute(
    keys: SigningKeys, listing: Listing, clock: SetClock
) -> None:
    keys.find("one")
    clock.advance(minutes=1)

    for number in range(1000):
        with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token signature$"):
            keys.find(f"unknown-{number}")

    assert listing.asked == 2


def test_a_withdrawn_key_stops_working_when_the_list_is_read_again(
    keys: SigningKeys, listing: Listing, clock: SetClock
) -> None:
    keys.find("one")
    listing.content = {"keys": [an_ec_jwk("two")]}
    clock.advance(minutes=10)

    with pytest.raises(errors.NotAuthenticated):
        keys.find("one")


@pytest.mark.parametrize(
    "failure",
    [TimeoutError(), ValueError("not JSON"), RecursionError()],
    ids=["no answer", "not JSON", "nested too deep"],
)
def test_known_keys_outlive_an_outage_of_an_hour_and_no_more(
    keys: SigningKeys, listing: Listing, clock: SetClock, failure: Exception
) -> None:
    keys.find("one")
    listing.content = failure
    clock.advance(minutes=59)
    assert keys.find("one").key_id == "one"

    clock.advance(minutes=1)
    with pytest.raises(errors.Unavailable):
        keys.find("one")


@pytest.mark.parametrize(
    "content", [None, [], "x", {}, {"keys": None}, {"keys": {}}], ids=lambda content: json.dumps(content)
)
def test_what_is_no_list_of_keys_is_an_outage(keys: SigningKeys, listing: Listing, content: Any) -> None:
    listing.content = content

    with pytest.raises(errors.Unavailable):
        keys.find("one")


def test_an_outage_at_the_start_ends_without_a_restart(
    keys: SigningKeys, listing: Listing, clock: SetClock
) -> None:
    content, listing.content = listing.content, TimeoutError()
    with pytest.raises(errors.Unavailable):
        keys.find("one")

    listing.content = content
    clock.advance(minutes=1)

    assert keys.find("one").key_id == "one"


def test_odd_neighbours_do_not_spoil_the_list_and_are_not_used(clock: SetClock) -> None:
    rsa_key = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    rsa_jwk = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(rsa_key))
    listing = Listing(
        {"kty": "oct", "k": "c2VjcmV0", "kid": "symmetric", "alg": "HS256"},
        {"kty": "unheard-of", "kid": "odd"},
        {"kty": "RSA", "n": "!", "e": "AQAB", "kid": "broken"},
        {**rsa_jwk, "kid": "encryption", "use": "enc"},
        {**rsa_jwk, "kid": "another use", "use": "tls"},
        {**rsa_jwk, "kid": "RS512", "alg": "RS512"},
        {**rsa_jwk, "kid": 7},
        an_ec_jwk("good"),
        "text",  # type: ignore[arg-type]  # on purpose
    )
    keys = SigningKeys("https://id.example.com/jwks.json", clock=clock, fetch=listing)

    assert keys.find("good").algorithm_name == "ES256"
    for kid in ("symmetric", "odd", "broken", "encryption", "another use", "RS512", 7, None, ["good"], {}):
        with pytest.raises(errors.NotAuthenticated):
            keys.find(kid)


_LIMIT = 256 * 1024


def _listing_of(size: int) -> bytes:
    """Return a valid list of keys of this length in bytes, so that only its length can be refused."""
    empty = b'{"keys": [], "padding": ""}'
    return empty[:-2] + b"x" * (size - len(empty)) + empty[-2:]


class _Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/jwks")
            self.end_headers()
            return
        if self.path == "/silent":
            # Answers only when the test is over.
            self.server.is_over.wait()  # type: ignore[attr-defined]  # see `issuer`
            return
        contents = {
            "/jwks": b'{"keys": []}',
            "/limit": _listing_of(_LIMIT),
            "/large": _listing_of(_LIMIT + 1),
        }
        self.send_response(200)
        self.end_headers()
        self.wfile.write(contents[self.path])

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def issuer() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Issuer) as server:
        server.is_over = threading.Event()  # type: ignore[attr-defined]  # for /silent
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.is_over.set()  # type: ignore[attr-defined]  # for /silent
        server.shutdown()


@pytest.mark.parametrize("path", ["/jwks", "/limit"])
def test_a_list_is_read_over_http(issuer: str, path: str) -> None:
    assert fetch_jwks_over_https(f"{issuer}{path}")["keys"] == []


def test_a_redirect_is_not_followed(issuer: str) -> None:
    with pytest.raises(HTTPError, match="302") as refused:
        fetch_jwks_over_https(f"{issuer}/moved")
    refused.value.close()


def test_a_list_that_is_too_large_is_not_read(issuer: str) -> None:
    with pytest.raises(ValueError, match="too large"):
        fetch_jwks_over_https(f"{issuer}/large")


def test_no_proxy_of_the_environment_is_asked(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in an environment variable could replace the keys that verify the sessions."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "")

    assert fetch_jwks_over_https(f"{issuer}/jwks") == {"keys": []}


def test_an_issuer_that_says_nothing_is_given_up_on(issuer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The timeout is five seconds, since a caller waits; the test shortens it, since no answer ever comes."""
    patience: list[float] = []

    def connect(address: Any, timeout: float, *rest: Any) -> socket.socket:
        patience.append(timeout)
        return dial(address, 0.1, *rest)

    dial = socket.create_connection
    monkeypatch.setattr(http.client.socket, "create_connection", connect)

    with pytest.raises(OSError, match="timed out"):
        fetch_jwks_over_https(f"{issuer}/silent")
    assert patience == [5.0]
