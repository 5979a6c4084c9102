"""The users of an organization: its members, and the people who are invited.

A row is a member once it has a subject. Until then it is an invitation: not active, and open while
`invitation_expires_at` is set, however long that may have passed.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from banxway.models.team import (
    AdminToAsk,
    AssignedNumber,
    MemberToInvite,
    NumberSource,
    Preferences,
    TeamMember,
)
from banxway.models.words import Role
from banxway.storage.database import Transaction
from banxway.storage.integrations import permissions as integration_permissions
from banxway.storage.storable_text import to_json

_LIFETIME_DAYS = 7
_COLUMNS = (
    "id, email, name, role, is_active, subject, invitation_expires_at, phone_number, phone_number_source"
)


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of the organization, or somebody who is invited."""

    id: UUID
    email: str
    name: str
    role: Role
    is_active: bool
    subject: str | None
    invitation_expires_at: datetime | None
    phone_number: str | None
    phone_number_source: NumberSource | None

    @property
    def is_invited(self) -> bool:
        """Whether nobody has accepted the invitation yet; it may have expired."""
        return self.invitation_expires_at is not None


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """An invitation that nobody has accepted, of whatever organization; it may have expired."""

    user_id: UUID
    organization_id: UUID
    is_expired: bool


def find(transaction: Transaction, user_id: UUID) -> MemberRow | None:
    """Return a member and lock the row until the commit; None for an unknown user or another organization's."""
    return transaction.one_of(
        MemberRow,
        f"SELECT {_COLUMNS} FROM users WHERE id = %s FOR NO KEY UPDATE",  # noqa: S608  # our own column names
        (user_id,),
    )


def list_admins(transaction: Transaction) -> list[AdminToAsk]:
    """Return the organization's active admins by name, at most ten."""
    rows = transaction.all(
        """SELECT id, coalesce(nullif(name, ''), email) AS name FROM users WHERE role = 'admin' AND is_active
           ORDER BY lower(coalesce(nullif(name, ''), email)), id LIMIT 10"""
    )
    return [AdminToAsk(**row) for row in rows]


def find_by_email(transaction: Transaction, email: str) -> MemberRow | None:
    """Return the member or invitation of an address in lower case, and lock the row; None if there is none."""
    return transaction.one_of(
        MemberRow,
        f"SELECT {_COLUMNS} FROM users WHERE email = %s FOR NO KEY UPDATE",  # noqa: S608  # the same
        (email,),
    )


def addresses(transaction: Transaction) -> frozenset[str]:
    """Return the e-mail addresses of the organization's active users in lower case."""
    rows = transaction.all("SELECT lower(email) AS email FROM users WHERE is_active")
    return frozenset(row["email"] for row in rows)


def list_members(transaction: Transaction) -> list[TeamMember]:
    """Return every user with their numbers and permissions, by name."""
    numbers: dict[UUID, list[AssignedNumber]] = {}
    for row in transaction.all(
        """SELECT id, phone_number, display_name, assigned_to_user_id FROM organization_phone_numbers
           WHERE assigned_to_user_id IS NOT NULL AND is_active ORDER BY phone_number"""
    ):
        numbers.setdefault(row.pop("assigned_to_user_id"), []).append(AssignedNumber(**row))
    granted = integration_permissions.list_by_user(transaction)
    rows = transaction.all(
        """SELECT id, name, email, role, is_active, invitation_expires_at, phone_number, phone_number_source,
                  CASE WHEN is_active THEN 'active' WHEN invitation_expires_at IS NULL THEN 'inactive'
                       WHEN invitation_expires_at > now() THEN 'invited' ELSE 'expired' END AS status
           FROM users ORDER BY name, email"""
    )
    return [
        TeamMember(**row, phone_numbers=numbers.get(row["id"], []), permissions=granted.get(row["id"], []))
        for row in rows
    ]


def get_member(transaction: Transaction, user_id: UUID) -> TeamMember:
    """Return a user who exists, as `list_members` does."""
    return next(member for member in list_members(transaction) if member.id == user_id)


def get_preferences(transaction: Transaction, user_id: UUID) -> Preferences:
    """Return a user's preferences; stored ones that the product no longer knows have their default."""
    stored = transaction.single("SELECT preferences FROM users WHERE id = %s", (user_id,))["preferences"]
    return Preferences(**{name: stored[name] for name in Preferences.model_fields if name in stored})


def set_preferences(transaction: Transaction, user_id: UUID, preferences: Preferences) -> None:
    """Replace a user's preferences."""
    transaction.execute(
        "UPDATE users SET preferences = %s WHERE id = %s", (to_json(preferences.model_dump()), user_id)
    )


def lock_active_admins(transaction: Transaction) -> list[UUID]:
    """Lock the active admins until the commit and return their ids, so that two cannot remove each other at once."""
    rows = transaction.all(
        "SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR NO KEY UPDATE"
    )
    return [row["id"] for row in rows]


def change(transaction: Transaction, member: MemberRow) -> bool:
    """Write a row's role, access, name and telephone.

    False if another member has the number: then the transaction must be rolled back.
    """
    from psycopg.errors import UniqueViolation

    try:
        transaction.execute(
            """UPDATE users SET role = %s, is_active = %s, name = %s, phone_number = %s, phone_number_source = %s
               WHERE id = %s""",
            (
                member.role,
                member.is_active,
                member.name,
                member.phone_number,
                member.phone_number_source,
                member.id,
            ),
        )
    except UniqueViolation:
        return False
    return True


def invite(
    transaction: Transaction, *, organization_id: UUID, person: MemberToInvite, invited_by: UUID | None
) -> UUID | None:
    """Add an invitation, open for seven days, and return its user id; None if the address or number is taken."""
    row = transaction.one(
        """INSERT INTO users (id, organization_id, email, name, role, is_active, phone_number, phone_number_source,
                              invited_at, invited_by, invitation_expires_at)
           VALUES (%s, %s, %s, %s, %s, false, %s, %s, now(), %s, now() + make_interval(days => %s))
           ON CONFLICT DO NOTHING RETURNING id""",
        (
            uuid4(),
            organization_id,
            person.email,
            person.name,
            person.role,
            person.phone_number,
            "admin" if person.phone_number else None,
            invited_by,
            _LIFETIME_DAYS,
        ),
    )
    return row["id"] if row else None


def renew_invitation(transaction: Transaction, user_id: UUID, *, invited_by: UUID | None) -> None:
    """Open an invitation for seven days from now."""
    transaction.execute(
        """UPDATE users SET invited_at = now(), invited_by = %s,
                            invitation_expires_at = now() + make_interval(days => %s)
           WHERE id = %s AND invitation_expires_at IS NOT NULL""",
        (invited_by, _LIFETIME_DAYS, user_id),
    )


def revoke_invitation(transaction: Transaction, user_id: UUID) -> None:
    """Delete an invitation that nobody has accepted, with the permissions that it was given."""
    transaction.execute("DELETE FROM user_integration_permissions WHERE user_id = %s", (user_id,))
    transaction.execute(
        "DELETE FROM users WHERE id = %s AND invitation_expires_at IS NOT NULL",
        (user_id,),
    )


def list_invitations(transaction: Transaction, email: str) -> list[OpenInvitation]:
    """Return the invitations of an address, in lower case, that nobody has accepted; of any organization."""
    return transaction.all_of(OpenInvitation, "SELECT * FROM find_invitations(%s)", (email,))


def accept_invitation(transaction: Transaction, user_id: UUID, *, subject: str) -> bool:
    """Make an open invitation a member who signs in as `subject`.

    False if it was accepted, revoked or expired meanwhile, or if the subject is a member already: then the
    transaction must be rolled back.
    """
    from psycopg.errors import UniqueViolation

    try:
        accepted = transaction.execute(
            """UPDATE users SET subject = %s, is_active = true, invitation_expires_at = NULL, accepted_at = now()
               WHERE id = %s AND invitation_expires_at > now()""",
            (subject, user_id),
        )
    except UniqueViolation:
        return False
    return accepted == 1
