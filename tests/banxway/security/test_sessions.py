"""Only a token from our issuer, for our audience, that is valid now, is accepted."""

import base64
import hashlib
import hmac
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from banxway import errors
from banxway.security.sessions import SessionTokens, parse_bearer
from tests.support.timing.clocks import SetClock

LAYER = Path(__file__).parents[3] / "layers" / "banxway"
SECRET = "a-shared-secret-of-at-least-32-bytes!"
ISSUER = "https://id.example.com/auth/v1"
AUDIENCE = "authenticated"
JWKS_URL = "https://id.example.com/.well-known/jwks.json"
USER = UUID("7d1f2c9e-53a4-4c1b-9b0e-6f2f0d9f4a11")

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
OTHER_RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def encoded(content: object) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed_by_hand(
    header: object, claims: object, key: bytes = SECRET.encode(), digest: str = "sha256"
) -> str:
    """Return a token that PyJWT would refuse to make."""
    signing_input = f"{encoded(header)}.{encoded(claims)}"
    return f"{signing_input}.{encoded(hmac.digest(key, signing_input.encode(), digest))}"


def claims_at(clock: SetClock, **changes: Any) -> dict[str, Any]:
    now = int(clock.now().timestamp())
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": str(USER), "iat": now, "exp": now + 3600, **changes}
    return {name: value for name, value in claims.items() if value is not ...}


def public_jwk(key: Any, kid: str, **extra: str) -> dict[str, Any]:
    algorithm = (
        jwt.algorithms.RSAAlgorithm if isinstance(key, rsa.RSAPrivateKey) else jwt.algorithms.ECAlgorithm
    )
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, **extra}


class Jwks:
    """A fake JWKS address: the keys it lists, the number of requests, and an optional failure."""

    def __init__(self) -> None:
        self.keys = [public_jwk(RSA_KEY, "rsa-1", alg="RS256"), public_jwk(EC_KEY, "ec-1", alg="ES256")]
        self.asked = 0
        self.is_down = False

    def __call__(self, url: str) -> Any:
        assert url == JWKS_URL
        self.asked += 1
        if self.is_down:
            raise TimeoutError
        return {"keys": self.keys}


@pytest.fixture
def shared(clock: SetClock) -> SessionTokens:
    return SessionTokens(secret=SECRET, jwks_url=None, issuer=ISSUER, audience=AUDIENCE, clock=clock)


@pytest.fixture
def jwks() -> Jwks:
    return Jwks()


@pytest.fixture
def listed(clock: SetClock, jwks: Jwks) -> SessionTokens:
    return SessionTokens(
        secret=None, jwks_url=JWKS_URL, issuer=ISSUER, audience=AUDIENCE, clock=clock, fetch_jwks=jwks
    )


def test_a_genuine_shared_secret_token_names_its_user(shared: SessionTokens, clock: SetClock) -> None:
    claims = shared.verify(jwt.encode(claims_at(clock), SECRET, algorithm="HS256"))

    assert claims.subject == str(USER)
    assert claims.expires_at == clock.now() + timedelta(hours=1)


@pytest.mark.parametrize(
    ("key", "kid", "algorithm"), [(RSA_KEY, "rsa-1", "RS256"), (EC_KEY, "ec-1", "ES256")]
)
def test_a_genuine_listed_key_token_names_its_user(
    listed: SessionTokens, clock: SetClock, key: Any, kid: str, algorithm: str
) -> None:
    token = jwt.encode(claims_at(clock), key, algorithm=algorithm, headers={"kid": kid})

    assert listed.verify(token).subject == str(USER)


@pytest.mark.parametrize(
    "subject", ["asha@example.com", "auth0|5f7c8ec7", USER.hex.upper(), "s" * 255, " x "]
)
def test_a_subject_is_any_text_of_the_issuer_unchanged(
    shared: SessionTokens, clock: SetClock, subject: str
) -> None:
    token = jwt.encode(claims_at(clock, sub=subject), SECRET, algorithm="HS256")

    assert shared.verify(token).subject == subject


@pytest.mark.parametrize(
    ("claimed", "is_verified"), [(True, True), ("true", True), (False, False), ("false", False), (1, False)]
)
def test_an_address_and_a_telephone_count_as_their_issuer_has_verified_them(
    shared: SessionTokens, clock: SetClock, claimed: object, *, is_verified: bool
) -> None:
    changes = {"email": " Asha@Example.com ", "email_verified": claimed}
    changes |= {"phone_number": "+919876543210", "phone_number_verified": claimed}

    claims = shared.verify(jwt.encode(claims_at(clock, **changes), SECRET, algorithm="HS256"))

    assert (claims.email, claims.is_email_verified) == ("asha@example.com", is_verified)
    assert claims.phone_number == ("+919876543210" if is_verified else None)


@pytest.mark.parametrize("odd", [None, 7, "", "  ", ["a@b.example"], "a\0@b.example", "a\ud800@b.example"])
def test_an_odd_address_is_none(shared: SessionTokens, clock: SetClock, odd: object) -> None:
    changes = {"email": odd, "email_verified": True, "phone_number": odd, "phone_number_verified": True}
    claims = shared.verify(signed_by_hand({"alg": "HS256", "typ": "JWT"}, claims_at(clock, **changes)))

    assert (claims.email, claims.phone_number) == (None, None)


def test_an_audience_among_several_is_accepted(shared: SessionTokens, clock: SetClock) -> None:
    token = jwt.encode(claims_at(clock, aud=["other", AUDIENCE]), SECRET, algorithm="HS256")

    assert shared.verify(token).subject == str(USER)


SUBJECT = "Invalid token: its subject must have 1 to 255 printable characters"
REFUSED_CLAIMS: dict[str, tuple[dict[str, Any], str]] = {
    "expired": ({"exp": 1}, "Session expired"),
    "no exp": ({"exp": ...}, "Invalid token: no exp"),
    "exp is text": ({"exp": "2099-01-01"}, "Invalid token: exp is not a time"),
    "exp is true": ({"exp": True}, "Invalid token: exp is not a time"),
    "exp is null": ({"exp": None}, "Invalid token: no exp"),
    "exp is a list": ({"exp": [1]}, "Invalid token: exp is not a time"),
    "exp is negative": ({"exp": -1}, "Invalid token: exp is not a time"),
    "exp is huge": ({"exp": 10**4000}, "Invalid token: exp is not a time"),
    "exp is the beginning of time": ({"exp": 0}, "Session expired"),
    "exp is beyond datetime": ({"exp": 2**52}, "Invalid token: its lifetime is too long"),
    "exp is the last second": ({"exp": 2**53}, "Invalid token: its lifetime is too long"),
    "exp is beyond it": ({"exp": 2**53 + 1}, "Invalid token: exp is not a time"),
    "exp is infinite": ({"exp": float("inf")}, "Invalid token: exp is not a time"),
    "exp is not a number": ({"exp": float("nan")}, "Invalid token: exp is not a time"),
    "issuer missing": ({"iss": ...}, "Invalid token: no iss"),
    "issuer is a prefix": ({"iss": ISSUER[:-1]}, "Invalid token: another issuer"),
    "issuer is longer": ({"iss": ISSUER + "/"}, "Invalid token: another issuer"),
    "issuer is a part": ({"iss": "h"}, "Invalid token: another issuer"),
    "issuer is empty": ({"iss": ""}, "Invalid token: another issuer"),
    "issuer in capitals": ({"iss": ISSUER.upper()}, "Invalid token: another issuer"),
    "issuer is a list": ({"iss": [ISSUER]}, "Invalid token: another issuer"),
    "audience missing": ({"aud": ...}, "Invalid token: no aud"),
    "audience is a prefix": ({"aud": AUDIENCE[:-1]}, "Invalid token: another audience"),
    "audience is longer": ({"aud": AUDIENCE + "d"}, "Invalid token: another audience"),
    "audience list without ours": ({"aud": ["anon", "service"]}, "Invalid token: another audience"),
    "audience list is empty": ({"aud": []}, "Invalid token: no aud"),
    "audience is a number": ({"aud": 1}, "Invalid token: another audience"),
    "subject missing": ({"sub": ...}, "Invalid token: no sub"),
    "subject is empty": ({"sub": ""}, SUBJECT),
    "subject is too long": ({"sub": "s" * 256}, SUBJECT),
    "subject has a NUL": ({"sub": "a\0b"}, SUBJECT),
    "subject has a line break": ({"sub": "a\nb"}, SUBJECT),
    "subject is broken Unicode": ({"sub": "a\ud800"}, SUBJECT),
    "subject is a number": ({"sub": 7}, "Invalid token: unreadable"),
    "not before tomorrow": ({"nbf": 4_000_000_000}, "Invalid token: not valid yet"),
    "nbf is text": ({"nbf": "now"}, "Invalid token: nbf is not a time"),
    "issued in the future": ({"iat": 4_000_000_000}, "Invalid token: not valid yet"),
    "iat is text": ({"iat": "now"}, "Invalid token: iat is not a time"),
}


@pytest.mark.parametrize(("changes", "sentence"), REFUSED_CLAIMS.values(), ids=REFUSED_CLAIMS.keys())
def test_a_wrong_claim_is_refused_with_its_reason(
    shared: SessionTokens, clock: SetClock, changes: dict[str, Any], sentence: str
) -> None:
    token = signed_by_hand({"alg": "HS256", "typ": "JWT"}, claims_at(clock, **changes))

    with pytest.raises(errors.NotAuthenticated) as refusal:
        shared.verify(token)

    assert refusal.value.message == sentence


@pytest.mark.parametrize(
    ("seconds", "is_accepted"),
    [(0, True), (-4, True), (-5, False)],
    ids=["now", "late by 4 s", "late by 5 s"],
)
def test_clocks_may_differ_by_a_few_seconds(
    shared: SessionTokens, clock: SetClock, seconds: int, *, is_accepted: bool
) -> None:
    token = jwt.encode(
        claims_at(clock, exp=int(clock.now().timestamp()) + seconds), SECRET, algorithm="HS256"
    )

    if is_accepted:
        assert shared.verify(token).subject == str(USER)
    else:
        with pytest.raises(errors.NotAuthenticated, match=r"^Session expired$"):
            shared.verify(token)


@pytest.mark.parametrize("claim", ["nbf", "iat"])
@pytest.mark.parametrize(
    ("seconds", "is_accepted"), [(5, True), (6, False)], ids=["early by 5 s", "early by 6 s"]
)
def test_a_token_may_begin_a_few_seconds_early(
    shared: SessionTokens, clock: SetClock, claim: str, seconds: int, *, is_accepted: bool
) -> None:
    begins = int(clock.now().timestamp()) + seconds
    token = jwt.encode(claims_at(clock, **{claim: begins}), SECRET, algorithm="HS256")

    if is_accepted:
        assert shared.verify(token).subject == str(USER)
    else:
        with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token: not valid yet$"):
            shared.verify(token)


def test_a_token_may_be_as_large_as_a_header_and_no_larger(shared: SessionTokens, clock: SetClock) -> None:
    tokens = [
        signed_by_hand({"alg": "HS256", "x": "x" * few}, claims_at(clock, x="x" * many))
        for few in range(4)
        for many in range(5900, 5950)
    ]
    sizes = {len(token): token for token in tokens}
    longest, longer = 8192, 8193

    assert shared.verify(sizes[longest]).subject == str(USER)
    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token: unreadable$"):
        shared.verify(sizes[longer])


def test_one_token_has_one_spelling(shared: SessionTokens, clock: SetClock) -> None:
    """Base64 has unused bits at the end of each part; with other bits there it is not the token that was issued."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    header, claims, signature = jwt.encode(claims_at(clock, x="yz"), SECRET, algorithm="HS256").split(".")
    shared.verify(f"{header}.{claims}.{signature}")

    last = alphabet.index(signature[-1])
    for spare in (1, 2, 3):
        spelled = signature[:-1] + alphabet[last ^ spare]
        assert base64.urlsafe_b64decode(spelled + "=") == base64.urlsafe_b64decode(signature + "=")
        with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token: unreadable$"):
            shared.verify(f"{header}.{claims}.{spelled}")


def test_a_token_that_is_not_spelled_as_it_was_issued_is_refused_before_a_key_is_looked_for(
    listed: SessionTokens, clock: SetClock, jwks: Jwks
) -> None:
    token = jwt.encode(claims_at(clock), RSA_KEY, algorithm="RS256", headers={"kid": "rsa-1"})
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spelled = token[:-1] + alphabet[alphabet.index(token[-1]) ^ 1]

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token: unreadable$"):
        listed.verify(spelled)

    assert jwks.asked == 0
    assert listed.verify(token).subject == str(USER)


@pytest.mark.parametrize(
    ("key", "kid", "algorithm"), [(RSA_KEY, "ec-1", "RS256"), (EC_KEY, "rsa-1", "ES256")], ids=["RSA", "EC"]
)
def test_a_token_chooses_no_other_algorithm_than_its_key_is_for(
    listed: SessionTokens, clock: SetClock, key: Any, kid: str, algorithm: str
) -> None:
    token = jwt.encode(claims_at(clock), key, algorithm=algorithm, headers={"kid": kid})

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token: algorithm not accepted$"):
        listed.verify(token)


@pytest.mark.parametrize(("size", "is_taken"), [(31, False), (32, True)])
def test_a_secret_has_at_least_32_bytes(clock: SetClock, size: int, *, is_taken: bool) -> None:
    settings = {"secret": "x" * size, "jwks_url": None, "issuer": ISSUER, "audience": AUDIENCE}

    if is_taken:
        SessionTokens(clock=clock, **settings)
    else:
        with pytest.raises(errors.SettingsError, match="at least 32 bytes"):
            SessionTokens(clock=clock, **settings)


def test_a_token_may_live_as_long_as_the_limit_and_no_longer(shared: SessionTokens, clock: SetClock) -> None:
    limit = int((clock.now() + timedelta(days=31)).timestamp())
    shared.verify(jwt.encode(claims_at(clock, exp=limit), SECRET, algorithm="HS256"))

    with pytest.raises(errors.NotAuthenticated):
        shared.verify(jwt.encode(claims_at(clock, exp=limit + 1), SECRET, algorithm="HS256"))


# Threat 11: tokens built to be accepted by mistake. Each function yields the name of a forgery and its token.


def _forgeries(clock: SetClock, kid: str) -> Iterator[tuple[str, str]]:
    claims = claims_at(clock)
    yield from _confused_algorithms(claims, kid)
    yield from _headers_that_bring_keys(claims, kid)
    yield from _wrong_signers(claims, kid)
    yield from _damaged(jwt.encode(claims, "another-secret-of-at-least-32-bytes!!", algorithm="HS256"))
    yield from _not_tokens()


def _confused_algorithms(claims: dict[str, Any], kid: str) -> Iterator[tuple[str, str]]:
    names = ("none", "None", "NONE", "nOnE", "", "HS1", "HS224", "HS384", "HS512", "hs256", "RS384", "RS512")
    names += (
        "PS256",
        "PS384",
        "ES384",
        "ES512",
        "ES256K",
        "EdDSA",
        "rs256",
        "dir",
        "A256GCM",
        "HS256 ",
        "\0HS256",
    )
    for alg in (*names, None, 0, ["HS256"], {"alg": "HS256"}):
        header = {"alg": alg, "kid": kid}
        unsigned = f"{encoded(header)}.{encoded(claims)}"
        yield f"{alg!r} unsigned", f"{unsigned}."
        yield f"{alg!r} without a last part", unsigned
        yield f"{alg!r} signed with nothing", signed_by_hand(header, claims, b"")
        yield f"{alg!r} with a signature of zeros", f"{unsigned}.{encoded(bytes(32))}"
    yield "no alg", signed_by_hand({"kid": kid}, claims)
    for name, public in _public_spellings():
        for alg in ("HS256", "HS384", "HS512"):
            header = {"alg": alg, "kid": kid}
            yield (
                f"{alg} under the public key as {name}",
                signed_by_hand(header, claims, public, "sha" + alg[2:]),
            )


def _public_spellings() -> Iterator[tuple[str, bytes]]:
    for key in (RSA_KEY, EC_KEY):
        for encoding, style in (
            (Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
            (Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
            (Encoding.OpenSSH, PublicFormat.OpenSSH),
        ):
            content = key.public_key().public_bytes(encoding, style)
            yield f"{type(key).__name__} {encoding}", content
            yield f"{type(key).__name__} {encoding} stripped", content.strip()
        yield "its JWK", json.dumps(public_jwk(key, "rsa-1")).encode()


def _headers_that_bring_keys(claims: dict[str, Any], kid: str) -> Iterator[tuple[str, str]]:
    own = public_jwk(OTHER_RSA_KEY, kid)
    extras: dict[str, dict[str, Any]] = {
        "jwk": {"jwk": own},
        "jku": {"jku": "https://evil.example.com/jwks.json"},
        "x5u": {"x5u": "https://evil.example.com/cert.pem"},
        "x5c": {"x5c": ["MIIB"]},
        "unknown crit": {"crit": ["exp"], "exp": 1},
        "empty crit": {"crit": []},
        "b64": {"b64": False, "crit": ["b64"]},
    }
    for name, extra in extras.items():
        for alg in ("RS256", "HS256", "none"):
            header = {"alg": alg, "kid": kid, **extra}
            signing_input = f"{encoded(header)}.{encoded(claims)}"
            signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
                signing_input.encode(), OTHER_RSA_KEY
            )
            yield f"{name} with {alg}, signed by its own key", f"{signing_input}.{encoded(signature)}"
        # Even with the right signature, we issue no token with such a header.
        yield f"{name} under the secret", signed_by_hand({"alg": "HS256", "kid": kid, **extra}, claims)


def _wrong_signers(claims: dict[str, Any], kid: str) -> Iterator[tuple[str, str]]:
    oddities: tuple[Any, ...] = (
        "",
        "x",
        kid + " ",
        kid.upper(),
        "../" + kid,
        "' OR 1=1 --",
        "/dev/null",
        "\0",
    )
    for other in (*oddities, None, 1, True, [kid], {"kid": kid}):
        header = {"alg": "RS256", "kid": other}
        signing_input = f"{encoded(header)}.{encoded(claims)}"
        signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(
            signing_input.encode(), RSA_KEY
        )
        yield f"right key under the kid {other!r}", f"{signing_input}.{encoded(signature)}"
    yield "another RSA key", jwt.encode(claims, OTHER_RSA_KEY, algorithm="RS256", headers={"kid": "rsa-1"})
    yield "RSA key as EC", jwt.encode(claims, RSA_KEY, algorithm="RS256", headers={"kid": "ec-1"})
    yield "EC key as RSA", jwt.encode(claims, EC_KEY, algorithm="ES256", headers={"kid": "rsa-1"})
    yield "PSS instead", jwt.encode(claims, RSA_KEY, algorithm="PS256", headers={"kid": "rsa-1"})
    for size in (0, 1, 63, 64, 65):
        header = {"alg": "ES256", "kid": "ec-1"}
        yield f"zero EC signature of {size}", f"{encoded(header)}.{encoded(claims)}.{encoded(bytes(size))}"
    for secret in (
        "",
        "secret",
        SECRET[:-1],
        SECRET + " ",
        SECRET.upper(),
        hashlib.sha256(SECRET.encode()).hexdigest(),
    ):
        yield (
            f"the secret {len(secret)}",
            signed_by_hand({"alg": "HS256", "kid": kid}, claims, secret.encode()),
        )


def _damaged(token: str) -> Iterator[tuple[str, str]]:
    for at in range(0, len(token), 7):
        yield f"cut at {at}", token[:at]
        yield f"changed at {at}", token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :]
    yield "doubled", f"{token}.{token}"
    yield "with a space", f" {token}"
    yield "with a newline", f"{token}\n"
    yield "padded", f"{token}="


def _not_tokens() -> Iterator[tuple[str, str]]:
    bodies: tuple[object, ...] = (
        [],
        "x",
        1,
        None,
        True,
        b"\xff\xfe",
        b"{",
        b"[" * 3000,
        b'{"alg":"HS256"' * 2,
    )
    for body in bodies:
        yield f"header {str(body)[:12]!r}", f"{encoded(body)}.{encoded({})}.{encoded(bytes(32))}"
        yield f"claims {str(body)[:12]!r}", signed_by_hand({"alg": "HS256"}, body)
    for text in ("", ".", "..", "...", "a.b", "a.b.c", "ey.ey.ey", "ключ.ключ.ключ", "A" * 9000, "a.b.c.d.e"):
        yield f"text {text[:10]!r}", text


def test_none_of_300_built_tokens_is_accepted_under_a_secret(shared: SessionTokens, clock: SetClock) -> None:
    forgeries = list(_forgeries(clock, kid="rsa-1"))
    refused = [name for name, token in forgeries if _is_refused(shared, token)]

    assert len(refused) == len(forgeries) >= 300, {name for name, _ in forgeries} - set(refused)


def test_none_of_300_built_tokens_is_accepted_under_listed_keys(
    listed: SessionTokens, clock: SetClock, jwks: Jwks
) -> None:
    forgeries = list(_forgeries(clock, kid="rsa-1"))
    refused = [name for name, token in forgeries if _is_refused(listed, token)]

    assert len(refused) == len(forgeries) >= 300, {name for name, _ in forgeries} - set(refused)
    assert jwks.asked <= 2, "unknown ids do not make us hammer the issuer"


def _is_refused(tokens: SessionTokens, token: str) -> bool:
    try:
        tokens.verify(token)
    except errors.NotAuthenticated as refusal:
        parts = [part for part in token.split(".") if len(part) > 8]
        return not any(part in refusal.message for part in parts)
    return False


def test_every_changed_character_of_a_genuine_token_is_refused(
    shared: SessionTokens, clock: SetClock
) -> None:
    token = jwt.encode(claims_at(clock), SECRET, algorithm="HS256")

    for at, letter in enumerate(token):
        for other in {"A", "B", "_", chr(ord(letter) ^ 1), chr(ord(letter) ^ 2)} - {letter}:
            assert _is_refused(shared, token[:at] + other + token[at + 1 :]), at


def test_a_token_of_another_environment_has_an_invalid_signature(
    shared: SessionTokens, listed: SessionTokens, clock: SetClock
) -> None:
    production = jwt.encode(claims_at(clock), "production" + SECRET, algorithm="HS256")
    elsewhere = jwt.encode(claims_at(clock), OTHER_RSA_KEY, algorithm="RS256", headers={"kid": "rsa-9"})

    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token signature$"):
        shared.verify(production)
    with pytest.raises(errors.NotAuthenticated, match=r"^Invalid token signature$"):
        listed.verify(elsewhere)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"secret": None}, "exactly one of JWT_SECRET and JWT_JWKS_URL"),
        ({"secret": ""}, "exactly one of JWT_SECRET and JWT_JWKS_URL"),
        ({"jwks_url": JWKS_URL}, "exactly one of JWT_SECRET and JWT_JWKS_URL"),
        ({"issuer": None}, "JWT_ISSUER is not set"),
        ({"issuer": ""}, "JWT_ISSUER is not set"),
        ({"audience": None}, "JWT_AUDIENCE is not set"),
        ({"secret": "short"}, "at least 32 bytes"),
        ({"secret": "-----BEGIN PUBLIC KEY-----\n" + "M" * 40}, "JWT_SECRET is a public key"),
        ({"secret": None, "jwks_url": "http://id.example.com/jwks.json"}, "must start with https://"),
        ({"secret": None, "jwks_url": "file:///etc/passwd"}, "must start with https://"),
        ({"secret": None, "jwks_url": "file:///etc/passwd", "allow_private": True}, "must start with https://"),
    ],
    ids=[
        "neither", "neither, empty", "both", "no issuer", "empty issuer", "no audience", "short secret",
        "public key as secret", "JWKS without TLS", "JWKS in a file", "JWKS in a file, one machine",
    ],
)  # fmt: skip
def test_contradictory_settings_are_refused_at_the_start(
    clock: SetClock, changes: dict[str, Any], sentence: str
) -> None:
    settings = {"secret": SECRET, "jwks_url": None, "issuer": ISSUER, "audience": AUDIENCE, **changes}

    with pytest.raises(errors.SettingsError, match=sentence):
        SessionTokens(clock=clock, **settings)


@pytest.mark.parametrize("header", [None, "", "  "], ids=["absent", "empty", "blank"])
def test_a_missing_header_says_so(header: str | None) -> None:
    with pytest.raises(errors.NotAuthenticated, match=r"^Authorization header missing$"):
        parse_bearer(header)


@pytest.mark.parametrize(
    "header", ["Basic a2V5OnRva2Vu", "Bearer", "Bearer a b", "abc", "Bearerabc", "Token abc"]
)
def test_another_header_says_what_it_must_be(header: str) -> None:
    with pytest.raises(errors.NotAuthenticated, match=r"^Authorization header must be 'Bearer <token>'$"):
        parse_bearer(header)


@pytest.mark.parametrize("header", ["Bearer abc", "bearer abc", "  Bearer   abc  "])
def test_a_bearer_header_gives_its_token(header: str) -> None:
    assert parse_bearer(header) == "abc"


def test_importing_sessions_imports_neither_pyjwt_nor_cryptography() -> None:
    check = (
        "import sys, banxway.security.sessions; sys.exit(bool({'jwt', 'cryptography'} & sys.modules.keys()))"
    )

    done = subprocess.run([sys.executable, "-c", check], env={"PYTHONPATH": str(LAYER)}, check=False)

    assert done.returncode == 0


def test_the_callable_that_reads_the_keys_gets_the_address_of_the_settings(
    listed: SessionTokens, jwks: Jwks, clock: SetClock
) -> None:
    sign: Callable[[], str] = lambda: jwt.encode(  # noqa: E731 -- made twice below
        claims_at(clock), RSA_KEY, algorithm="RS256", headers={"kid": "rsa-1"}
    )

    listed.verify(sign())
    listed.verify(sign())

    assert jwks.asked == 1
