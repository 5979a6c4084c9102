"""The users of an organization."""

from dataclasses import dataclass
from uuid import UUID

from banxway.models.team import AssignedNumber, TeamMember
from banxway.models.words import Role
from banxway.storage.database import Transaction
from banxway.storage.integrations import permissions as integration_permissions


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member of the organization."""

    id: UUID
    role: Role
    is_active: bool


def find(transaction: Transaction, user_id: UUID) -> MemberRow | None:
    """Return a member and lock the row until the commit; None for an unknown user or another organization's."""
    return transaction.one_of(
        MemberRow, "SELECT id, role, is_active FROM users WHERE id = %s FOR NO KEY UPDATE", (user_id,)
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
    rows = transaction.all("SELECT id, name, email, role, is_active FROM users ORDER BY name, email")
    return [
        TeamMember(**row, phone_numbers=numbers.get(row["id"], []), permissions=granted.get(row["id"], []))
        for row in rows
    ]


def lock_active_admins(transaction: Transaction) -> list[UUID]:
    """Lock the active admins until the commit and return their ids, so that two cannot remove each other at once."""
    rows = transaction.all(
        "SELECT id FROM users WHERE role = 'admin' AND is_active ORDER BY id FOR NO KEY UPDATE"
    )
    return [row["id"] for row in rows]


def change(transaction: Transaction, *, user_id: UUID, role: str, is_active: bool) -> None:
    """Change a user's role and whether they may sign in."""
    transaction.execute(
        "UPDATE users SET role = %s, is_active = %s WHERE id = %s", (role, is_active, user_id)
    )
