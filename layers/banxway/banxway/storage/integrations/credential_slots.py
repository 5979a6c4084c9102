"""The second slot: replaced credentials that stay usable for a while (migration 010)."""

from dataclasses import dataclass
from uuid import UUID

from banxway.storage.database import Transaction


def retire(
    transaction: Transaction,
    *,
    organization_id: UUID,
    integration_id: UUID,
    credentials_encrypted: str,
    retires_in_s: int,
) -> None:
    """Put replaced credentials into the second slot for `retires_in_s`; they replace what is there."""
    transaction.execute(
        """INSERT INTO retiring_credentials (organization_id, integration_id, credentials_encrypted, retires_at)
           VALUES (%s, %s, %s, now() + make_interval(secs => %s))
           ON CONFLICT (integration_id) DO UPDATE
           SET credentials_encrypted = excluded.credentials_encrypted, retires_at = excluded.retires_at""",
        (organization_id, integration_id, credentials_encrypted, retires_in_s),
    )


@dataclass(frozen=True, slots=True)
class RetiringRow:
    """The second slot of an integration; `id` is the integration's."""

    id: UUID
    credentials_encrypted: str


def find_retiring(transaction: Transaction, integration_id: UUID) -> RetiringRow | None:
    """Return the second slot of an integration, or None if it is empty or its time is over."""
    return transaction.one_of(
        RetiringRow,
        """SELECT integration_id AS id, credentials_encrypted FROM retiring_credentials
           WHERE integration_id = %s AND retires_at > now()""",
        (integration_id,),
    )


def prune(transaction: Transaction) -> int:
    """Delete the credentials whose time is over, of all organizations; needs the system scope."""
    return transaction.execute("DELETE FROM retiring_credentials WHERE retires_at < now()")
