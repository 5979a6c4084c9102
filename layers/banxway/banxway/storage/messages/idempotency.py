"""Idempotency keys: a key identifies one request of one user on one route, and its first answer is repeated."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from banxway.models.actors import Actor
from banxway.models.messages.messages import IdempotencyKey
from banxway.storage.database import Transaction
from banxway.storage.storable_text import to_json


def reserve(
    transaction: Transaction, once: IdempotencyKey, *, actor: Actor, request_sha256: str, message_id: UUID
) -> None:
    """Reserve a user's key for the message that is queued in the same transaction."""
    transaction.execute(
        """INSERT INTO idempotency_keys (organization_id, user_id, route, key, request_sha256, message_id)
           VALUES (%s, %s, %s, %s, %s, %s)""",
        (actor.organization_id, actor.user_id, once.route, once.key, request_sha256, message_id),
    )


@dataclass(frozen=True, slots=True)
class RepeatedRequest:
    """The earlier request with an Idempotency-Key: its message, and its first answer, None while there is none."""

    request_sha256: str
    message_id: UUID
    answer: dict[str, Any] | None


def find(transaction: Transaction, *, user_id: UUID, route: str, key: str) -> RepeatedRequest | None:
    """Lock a key until the commit and return the earlier request that reserved it, or None.

    Of two requests at once the second waits for the first one's commit.
    """
    transaction.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (f"{user_id}\n{route}\n{key}",)
    )
    return transaction.one_of(
        RepeatedRequest,
        """SELECT request_sha256, message_id, answer FROM idempotency_keys
           WHERE user_id = %s AND route = %s AND key = %s""",
        (user_id, route, key),
    )


def keep_answer(
    transaction: Transaction, *, user_id: UUID, route: str, key: str, answer: dict[str, Any]
) -> None:
    """Record the first answer of a key, to be returned again; later answers change nothing."""
    transaction.execute(
        """UPDATE idempotency_keys SET answer = %s
           WHERE user_id = %s AND route = %s AND key = %s AND answer IS NULL""",
        (to_json(answer), user_id, route, key),
    )
