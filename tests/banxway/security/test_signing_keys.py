"""An issuer's keys are read rarely, survive its short outages, and change when it rotates them."""

import http.server
import json
import threading
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from banxway import errors
from banxway.security.signing_keys import SigningKeys, fetch_jwks_over_https
from tests.support.clocks import SetClock


def an_ec_jwk(kid: str, **extra: Any) -> dict[str, Any]:
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    return {**json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key)), "kid": kid, **extra}


class Listing:
    """What the issuer lists; `content` may also be an exception to raise."""

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
    assert listing.asked == 1

    clock.advance(seconds=10)
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
        {**rsa_jwk, "kid": "RS512", "alg": "RS512"},
        {**rsa_jwk, "kid": 7},
        an_ec_jwk("good"),
        "text",  # type: ignore[arg-type]  # on purpose
    )
    keys = SigningKeys("https://id.example.com/jwks.json", clock=clock, fetch=listing)

    assert keys.find("good").algorithm_name == "ES256"
    for kid in ("symmetric", "odd", "broken", "encryption", "RS512", 7, None, ["good"], {}):
        with pytest.raises(errors.NotAuthenticated):
            keys.find(kid)


class _Issuer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/jwks")
            self.end_headers()
            return
        content = b"x" * (256 * 1024 + 1) if self.path == "/large" else b'{"keys": []}'
        self.send_response(200)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def issuer() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Issuer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_a_list_is_read_over_http(issuer: str) -> None:
    assert fetch_jwks_over_https(f"{issuer}/jwks") == {"keys": []}


@pytest.mark.parametrize("path", ["/moved", "/large"], ids=["a redirect is not followed", "too large"])
def test_what_must_not_be_read_is_an_error_of_the_two_kinds(issuer: str, path: str) -> None:
    with pytest.raises((OSError, ValueError)):
        fetch_jwks_over_https(issuer + path)
