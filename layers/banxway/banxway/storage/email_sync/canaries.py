"""The test mails that mailboxes send to themselves: which were sent, and which came back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from banxway.storage.database import Transaction

EVERY_S = 3600
_LOST_AFTER_S = 2 * EVERY_S
_KEPT_DAYS = 14


def begin(transaction: Transaction, *, organization_id: UUID, account_id: UUID, token: str) -> bool:
    """Record that a test mail is about to be sent. False if the last one is not an hour old: then send none."""
    transaction.execute(
        "DELETE FROM mailbox_canaries WHERE account_id = %s AND sent_at < now() - make_interval(days => %s)",
        (account_id, _KEPT_DAYS),
    )
    return bool(
        transaction.execute(
            """INSERT INTO mailbox_canaries (organization_id, account_id, token)
               SELECT %(organization)s, %(account)s, %(token)s
               WHERE NOT EXISTS (
                   SELECT FROM mailbox_canaries
                   WHERE account_id = %(account)s AND sent_at > now() - make_interval(secs => %(every)s))""",
            {"organization": organization_id, "account": account_id, "token": token, "every": EVERY_S},
        )
    )


def mark_failed(transaction: Transaction, account_id: UUID, token: str) -> None:
    """Mark a test mail as never sent."""
    transaction.execute(
        "UPDATE mailbox_canaries SET has_failed = true WHERE account_id = %s AND token = %s",
        (account_id, token),
    )


def record_problem(
    transaction: Transaction, account_id: UUID, problem: str | None, *, is_stuck: bool
) -> None:
    """Record why no test mail can be sent or removed; None clears the problem, after one was sent."""
    transaction.execute(
        """UPDATE email_accounts SET canary_problem = %s, canary_is_stuck = %s
           WHERE id = %s AND (canary_problem, canary_is_stuck) IS DISTINCT FROM (%s, %s)""",
        (problem, is_stuck, account_id, problem, is_stuck),
    )


def tokens(transaction: Transaction, account_id: UUID) -> frozenset[str]:
    """Return the tokens of a mailbox's test mails of the last two weeks."""
    rows = transaction.all("SELECT token FROM mailbox_canaries WHERE account_id = %s", (account_id,))
    return frozenset(row["token"] for row in rows)


def mark_found(transaction: Transaction, account_id: UUID, found: Sequence[str]) -> None:
    """Mark test mails, by their tokens, as come back."""
    transaction.execute(
        """UPDATE mailbox_canaries SET found_at = coalesce(found_at, now())
           WHERE account_id = %s AND token = ANY(%s)""",
        (account_id, list(found)),
    )


def list_lost(transaction: Transaction) -> dict[str, datetime]:
    """Return, by mailbox id, since when its test mails have not come back, although it is polled.

    For the scope of one organization. Test mails sent before one that came back do not count: mail may overtake mail.
    """
    rows = transaction.all(
        """SELECT a.id::text AS subject, min(c.sent_at) AS since
           FROM email_accounts a JOIN mailbox_canaries c ON c.account_id = a.id
           WHERE a.imap_enabled AND a.sends_canary AND a.consecutive_failures = 0
             AND c.found_at IS NULL AND NOT c.has_failed
             AND c.sent_at > coalesce((SELECT max(b.sent_at) FROM mailbox_canaries b
                                       WHERE b.account_id = a.id AND b.found_at IS NOT NULL), '-infinity')
           GROUP BY a.id, a.last_polled_at
           HAVING min(c.sent_at) < now() - make_interval(secs => %s)
              AND a.last_polled_at > min(c.sent_at) + make_interval(secs => %s)""",
        (_LOST_AFTER_S, EVERY_S),
    )
    return {row["subject"]: row["since"] for row in rows}
