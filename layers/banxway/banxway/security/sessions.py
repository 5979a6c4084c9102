"""Verifies session tokens: JWTs that another system issues.

One deployment accepts either HS256 under a shared secret, or RS256 and ES256 under the keys of a JWKS address. The
settings decide which, never the token.
"""

import base64
import binascii
import json
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NoReturn

from banxway import errors
from banxway.clock import Clock
from banxway.reasons import Reason
from banxway.security.signing_keys import FetchJwks, SigningKeys, fetch_jwks_over_https

if TYPE_CHECKING:
    from jwt import PyJWK

LEEWAY = timedelta(seconds=5)
"""How far the issuer's clock may differ from ours."""

MAX_LIFETIME = timedelta(days=31)
"""A token that is valid for longer is refused as a mistake or an attack; issuers' own limits are a week or less."""

_MAX_TOKEN_CHARS = 8192
_MAX_SUBJECT_CHARS = 255  # OpenID Connect Core, section 2
_MIN_SECRET_BYTES = 32  # RFC 7518, section 3.2
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)")
# Headers that bring their own key, or that a verifier must not ignore (RFC 7515, section 4.1).
_REFUSED_HEADERS = frozenset({"b64", "crit", "jku", "jwk", "x5c", "x5u"})


@dataclass(frozen=True, slots=True)
class SessionClaims:
    """What a genuine token proves: who it is, and until when. Role and organization come from the database.

    `email` is in lower case and without space around it. `phone_number` is there only if the issuer has verified it.
    """

    subject: str
    expires_at: datetime
    email: str | None = None
    is_email_verified: bool = False
    phone_number: str | None = None


def parse_bearer(header: str | None) -> str:
    """Return the token of an Authorization header. Raises NotAuthenticated, which states what is wrong with it."""
    if header is None or not header.strip():
        raise errors.NotAuthenticated("Authorization header missing", reason=Reason.NO_AUTHORIZATION_HEADER)
    words = header.split()
    if len(words) != 2 or words[0].lower() != "bearer":
        raise errors.NotAuthenticated(
            "Authorization header must be 'Bearer <token>'", reason=Reason.MALFORMED_AUTHORIZATION_HEADER
        )
    return words[1]


class SessionTokens:
    """Verifies session tokens; made once per process.

    Raises SettingsError unless exactly one of secret and JWKS address is set, with issuer and audience.
    `allow_private` allows a JWKS address without TLS, for one machine.
    """

    def __init__(
        self,
        *,
        secret: str | None,
        jwks_url: str | None,
        issuer: str | None,
        audience: str | None,
        clock: Clock,
        fetch_jwks: FetchJwks = fetch_jwks_over_https,
        allow_private: bool = False,
    ) -> None:
        if bool(secret) == bool(jwks_url):
            raise errors.SettingsError("Set exactly one of JWT_SECRET and JWT_JWKS_URL")
        if not issuer or not audience:
            raise errors.SettingsError(
                "JWT_ISSUER is not set" if not issuer else "JWT_AUDIENCE is not set",
                reason=Reason.SETTING_MISSING,
            )
        self._issuer = issuer
        self._audience = audience
        self._clock = clock
        self._find_key: Callable[[dict[str, Any]], tuple[Any, str]]
        if secret:
            self._find_key = _only_key(_checked_secret(secret))
        else:
            keys = SigningKeys(_checked_url(str(jwks_url), allow_private), clock=clock, fetch=fetch_jwks)
            self._find_key = _listed_key(keys)

    def verify(self, token: str) -> SessionClaims:
        """Return what a genuine token that has not expired proves.

        Raises NotAuthenticated with the reason but nothing of the token's content, or Unavailable if the
        JWKS address cannot be read.
        """
        key, algorithm = self._find_key(_header_of(token))
        claims = self._verified_claims(token, key, algorithm)
        return SessionClaims(
            subject=_subject_of(claims),
            expires_at=self._expiry_of(claims),
            email=(_text(claims, "email") or "").lower() or None,
            is_email_verified=_is_true(claims.get("email_verified")),
            phone_number=_text(claims, "phone_number")
            if _is_true(claims.get("phone_number_verified"))
            else None,
        )

    def _verified_claims(self, token: str, key: Any, algorithm: str) -> dict[str, Any]:
        import jwt

        try:
            return jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                issuer=self._issuer,
                audience=self._audience,
                options={
                    "require": ["exp", "iss", "aud", "sub"],
                    # _expiry_of checks the times, by our own clock.
                    "verify_exp": False,
                    "verify_nbf": False,
                    "verify_iat": False,
                },
            )
        except jwt.InvalidSignatureError as error:
            raise errors.NotAuthenticated("Invalid token signature", reason=Reason.WRONG_SIGNATURE) from error
        except jwt.InvalidIssuerError as error:
            raise errors.NotAuthenticated(
                "Invalid token: another issuer", reason=Reason.WRONG_ISSUER
            ) from error
        except jwt.InvalidAudienceError as error:
            raise errors.NotAuthenticated(
                "Invalid token: another audience", reason=Reason.WRONG_AUDIENCE
            ) from error
        except jwt.MissingRequiredClaimError as error:
            raise errors.NotAuthenticated(
                f"Invalid token: no {error.claim}", reason=Reason.TOKEN_REFUSED
            ) from error
        except jwt.PyJWTError as error:
            raise errors.NotAuthenticated(
                "Invalid token: unreadable", reason=Reason.TOKEN_UNREADABLE
            ) from error

    def _expiry_of(self, claims: dict[str, Any]) -> datetime:
        now = self._clock.now().timestamp()
        leeway = LEEWAY.total_seconds()
        expires = _instant(claims, "exp")
        if expires + leeway <= now:
            raise errors.NotAuthenticated("Session expired", reason=Reason.SESSION_EXPIRED)
        if expires > now + MAX_LIFETIME.total_seconds():
            raise errors.NotAuthenticated(
                "Invalid token: its lifetime is too long", reason=Reason.TOKEN_REFUSED
            )
        if any(_instant(claims, claim) > now + leeway for claim in ("nbf", "iat") if claim in claims):
            raise errors.NotAuthenticated("Invalid token: not valid yet", reason=Reason.TOKEN_REFUSED)
        return datetime.fromtimestamp(expires, UTC)


def _only_key(secret: bytes) -> Callable[[dict[str, Any]], tuple[bytes, str]]:
    def find(header: dict[str, Any]) -> tuple[bytes, str]:
        if header.get("alg") != "HS256":
            _refuse_algorithm()
        return secret, "HS256"

    return find


def _listed_key(keys: SigningKeys) -> "Callable[[dict[str, Any]], tuple[PyJWK, str]]":
    def find(header: dict[str, Any]) -> "tuple[PyJWK, str]":
        if header.get("alg") not in ("RS256", "ES256"):
            _refuse_algorithm()
        key = keys.find(header.get("kid"))
        # The listed key decides the algorithm; a token cannot choose another.
        if key.algorithm_name != header["alg"]:
            _refuse_algorithm()
        return key, key.algorithm_name

    return find


def _refuse_algorithm() -> NoReturn:
    raise errors.NotAuthenticated("Invalid token: algorithm not accepted", reason=Reason.TOKEN_REFUSED)


def _header_of(token: str) -> dict[str, Any]:
    match = _COMPACT.fullmatch(token) if len(token) <= _MAX_TOKEN_CHARS else None
    if match is None:
        raise errors.NotAuthenticated("Invalid token: unreadable", reason=Reason.TOKEN_UNREADABLE)
    try:
        encoded_header, *_ = (_decoded(segment) for segment in match.groups())
        header = json.loads(encoded_header)
    except (ValueError, RecursionError) as error:
        raise errors.NotAuthenticated("Invalid token: unreadable", reason=Reason.TOKEN_UNREADABLE) from error
    if not isinstance(header, dict) or _REFUSED_HEADERS & header.keys():
        raise errors.NotAuthenticated("Invalid token: header not accepted", reason=Reason.TOKEN_REFUSED)
    return header


def _decoded(segment: str) -> bytes:
    """Decode base64url. Raises binascii.Error if its unused bits differ: a token has only one valid spelling."""
    content = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(content).rstrip(b"=").decode() != segment:
        raise binascii.Error("not the canonical spelling")
    return content


def _subject_of(claims: dict[str, Any]) -> str:
    """Return the subject, unchanged: issuers compare it exactly (OpenID Connect Core, section 2)."""
    subject: str = claims["sub"]
    if not 1 <= len(subject) <= _MAX_SUBJECT_CHARS or not subject.isprintable():
        raise errors.NotAuthenticated(
            f"Invalid token: its subject must have 1 to {_MAX_SUBJECT_CHARS} printable characters",
            reason=Reason.TOKEN_REFUSED,
        )
    return subject


def _text(claims: dict[str, Any], claim: str) -> str | None:
    """Return an optional claim without space around it; None for what is no text that could be stored."""
    value = claims.get(claim)
    text = value.strip() if isinstance(value, str) else ""
    return text if text.isprintable() and text else None


def _is_true(claim: object) -> bool:
    """Return whether a claim is true; some issuers write it as a text."""
    return claim is True or claim == "true"


def _instant(claims: dict[str, Any], claim: str) -> float:
    value = claims[claim]
    # Above 2**53 a float cannot represent every second, and datetime's range ends long before.
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or not math.isfinite(min(value, 2**53)) or not 0 <= value <= 2**53:
        raise errors.NotAuthenticated(f"Invalid token: {claim} is not a time", reason=Reason.TOKEN_REFUSED)
    return float(value)


def _checked_secret(secret: str) -> bytes:
    if len(secret.encode()) < _MIN_SECRET_BYTES:
        raise errors.SettingsError(f"JWT_SECRET must have at least {_MIN_SECRET_BYTES} bytes")
    if secret.lstrip().startswith(("-----BEGIN", "ssh-", "ecdsa-")):
        raise errors.SettingsError("JWT_SECRET is a public key; set JWT_JWKS_URL instead")
    return secret.encode()


def _checked_url(url: str, allow_private: bool) -> str:
    if not url.startswith("https://") and not (allow_private and url.startswith("http://")):
        raise errors.SettingsError("JWT_JWKS_URL must start with https://")
    return url
