"""A sign-in service by OpenID Connect that signs people in at the local product, instead of the demo people.

SIGN_IN_ISSUER and SIGN_IN_CLIENT_ID name it. Its keys are at SIGN_IN_JWKS_URL.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from local.refusal import CannotStart

_NAMES = ("SIGN_IN_ISSUER", "SIGN_IN_CLIENT_ID", "SIGN_IN_JWKS_URL")


@dataclass(frozen=True)
class SignInService:
    """What must be known of a sign-in service."""

    issuer: str
    client_id: str
    jwks_url: str

    def parameters(self) -> dict[str, str]:
        """Return the template's parameters that name this service."""
        return {
            "JwtJwksUrl": self.jwks_url,
            "JwtIssuer": self.issuer,
            "JwtAudience": self.client_id,
            "SignInOrigins": self.issuer,
        }

    def for_console(self) -> dict[str, str]:
        """Return what the console must know to send people there."""
        return {"issuer": self.issuer, "client_id": self.client_id, "scope": "openid email profile"}


def sign_in_service(environment: Mapping[str, str]) -> SignInService | None:
    """Return the service that the environment names, if it does. Raises CannotStart if it names only a part."""
    given = [environment.get(name, "") for name in _NAMES]
    if not any(given):
        return None
    missing = [name for name, value in zip(_NAMES, given, strict=True) if not value]
    if missing:
        raise CannotStart(f"a sign-in service needs {', '.join(_NAMES)}: {missing[0]} is missing")
    return SignInService(*given)
