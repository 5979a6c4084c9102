"""The organizations and users that every local database starts with."""

from dataclasses import dataclass
from uuid import UUID

import psycopg


@dataclass(frozen=True)
class DemoUser:
    """One user to sign in as; POST /local/token gives the token."""

    id: UUID
    email: str
    name: str
    role: str
    organization_id: UUID
    organization: str


_DEMO = UUID("d0000000-0000-4000-8000-000000000001")
_OTHER = UUID("d0000000-0000-4000-8000-000000000002")
USERS = (
    DemoUser(
        UUID("d0000000-0000-4000-8000-000000000011"),
        "admin@banxway.local",
        "Asha Admin",
        "admin",
        _DEMO,
        "Banxway Demo",
    ),
    DemoUser(
        UUID("d0000000-0000-4000-8000-000000000012"),
        "manager@banxway.local",
        "Mohan Manager",
        "manager",
        _DEMO,
        "Banxway Demo",
    ),
    DemoUser(
        UUID("d0000000-0000-4000-8000-000000000013"),
        "agent@banxway.local",
        "Anita Agent",
        "agent",
        _DEMO,
        "Banxway Demo",
    ),
    DemoUser(
        UUID("d0000000-0000-4000-8000-000000000021"),
        "admin@other.local",
        "Omar Other",
        "admin",
        _OTHER,
        "Other Co",
    ),
)


def seed(superuser_url: str) -> None:
    """Add the demo organizations and users that are missing. What users have changed stays changed."""
    with psycopg.connect(superuser_url) as connection:
        for user in USERS:
            connection.execute(
                "INSERT INTO organizations (id, name) VALUES (%s, %s) ON CONFLICT (id) DO NOTHING",
                (user.organization_id, user.organization),
            )
            connection.execute(
                "INSERT INTO users (id, organization_id, email, name, role, subject)"
                " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (id) DO NOTHING",
                (user.id, user.organization_id, user.email, user.name, user.role, str(user.id)),
            )
            if user.role != "admin":
                # Granted once; what an admin has changed since stays changed.
                connection.execute(
                    "INSERT INTO user_integration_permissions"
                    " (id, organization_id, user_id, integration_type, can_view, can_use)"
                    " SELECT gen_random_uuid(), %s, %s, type, true, true"
                    " FROM unnest(ARRAY['exotel_phone', 'exotel_whatsapp', 'exotel_sms', 'zoho_mail']) AS type"
                    " ON CONFLICT DO NOTHING",
                    (user.organization_id, user.id),
                )
