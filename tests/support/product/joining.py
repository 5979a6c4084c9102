"""Plays people who are invited: the invitation of an admin, and what a sign-in service's token says of them."""

from typing import Any
from uuid import UUID

from tests.support.product.app import Answer, Bundle, token

TEAM = "/api/v1/settings/team"
ME = f"{TEAM}/me"
RAVI = {"email": "ravi@customer.example", "name": "Ravi Rao", "role": "agent"}


def invited(bundle: Bundle, admin: UUID, **changes: Any) -> dict[str, Any]:
    """Invite a person, Ravi by default, and return the member of the answer."""
    member: dict[str, Any] = bundle.post(TEAM, admin, RAVI | changes).data["member"]
    return member


def arrive(
    bundle: Bundle, subject: str, *, email: object = RAVI["email"], path: str = ME, **claims: Any
) -> Answer:
    """Ask for a path with a token whose address is verified, unless the claims say otherwise."""
    said = {"email": email, "email_verified": True} | claims
    return bundle.request("GET", path, headers={"authorization": f"Bearer {token(subject, **said)}"})


def expire(bundle: Bundle, user_id: str) -> None:
    """Let an invitation have ended a second ago."""
    bundle.database.rows(
        "UPDATE users SET invitation_expires_at = now() - interval '1 second' WHERE id = %s", (user_id,)
    )


def audited(bundle: Bundle, organization_id: UUID) -> list[str]:
    """Return the actions of an organization's audit trail, the oldest first."""
    rows = bundle.database.rows(
        "SELECT action FROM integration_audit_logs WHERE organization_id = %s ORDER BY sequence",
        (organization_id,),
    )
    return [row["action"] for row in rows]
