"""Merges of customers: the rows that move to the surviving customer, and what is needed to move each of them back.

    lock_shared     taken before looking up a customer to add rows for; many transactions at once
    lock_exclusive  taken by a merge and by its un-merge; excludes the others and each other

So no row is added for a customer while their rows are moved.
"""

from dataclasses import dataclass
from uuid import UUID

from banxway.models.customers import MergedCustomer
from banxway.storage.database import Transaction

TABLES = ("customer_addresses", "threads", "messages")
"""Every table whose rows belong to a customer; each has the columns `id` and `customer_id`."""

# The first number distinguishes this lock from others.
_LOCK = "(7002, hashtext(scope_organization()::text))"

_LONGEST_STATEMENT_MS = 20_000

# A row that the survivor got after the merge: it was neither there before it, nor moved by this or another merge.
_SINCE = """
    NOT EXISTS (SELECT FROM customer_merges m, jsonb_array_elements_text(m.moved -> '{table}') AS one
                WHERE m.survivor_id = %(survivor)s AND one::uuid = t.id)
    AND NOT EXISTS (SELECT FROM customer_merges m, jsonb_array_elements_text(m.kept -> '{table}') AS one
                    WHERE m.id = %(merge)s AND one::uuid = t.id)"""
_CORRESPONDENT = "CASE WHEN t.direction = 'inbound' THEN t.sender ELSE t.recipient END"


def lock_shared(transaction: Transaction) -> None:
    """Wait for a running merge, and make the next one wait until the commit."""
    transaction.execute(f"SELECT pg_advisory_xact_lock_shared{_LOCK}")


def lock_exclusive(transaction: Transaction) -> None:
    """Wait until no transaction adds rows for customers, and make all others wait until the commit.

    Call `lock_filing` (storage/messages/filed.py) first, as the filing of mail does, or the two may deadlock.
    The statement timeout is raised to at least 20 s, enough to move the messages of a customer who wrote for years.
    """
    transaction.execute(f"SELECT pg_advisory_xact_lock{_LOCK}")
    transaction.execute(
        """SELECT set_config('statement_timeout', greatest(
               %s, extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::int::text, true)""",
        (_LONGEST_STATEMENT_MS,),
    )


def survivor_of(transaction: Transaction, customer_id: UUID) -> UUID | None:
    """Return the customer who now has a merged customer's rows; None for a customer who is not merged."""
    row = transaction.one(
        """WITH RECURSIVE above AS (
               SELECT survivor_id FROM customer_merges WHERE merged_id = %s
               UNION SELECT m.survivor_id FROM customer_merges m JOIN above ON m.merged_id = above.survivor_id)
           SELECT survivor_id FROM above
           WHERE NOT EXISTS (SELECT FROM customer_merges m WHERE m.merged_id = above.survivor_id)""",
        (customer_id,),
    )
    return row["survivor_id"] if row else None


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge, and the customer who got the rows."""

    id: UUID
    survivor_id: UUID


def find(transaction: Transaction, *, merged_id: UUID) -> MergeRow | None:
    """Return the merge that a customer was merged by, or None."""
    return transaction.one_of(
        MergeRow, "SELECT id, survivor_id FROM customer_merges WHERE merged_id = %s", (merged_id,)
    )


def list_into(transaction: Transaction, customer_id: UUID) -> list[MergedCustomer]:
    """Return the customers that were merged directly into this one, the latest first."""
    rows = transaction.all(
        """SELECT c.id, c.name, m.merged_by, m.merged_at
           FROM customer_merges m JOIN customers c ON c.id = m.merged_id
           WHERE m.survivor_id = %s ORDER BY m.merged_at DESC, c.id""",
        (customer_id,),
    )
    return [MergedCustomer(**row) for row in rows]


def merge(
    transaction: Transaction,
    *,
    merge_id: UUID,
    organization_id: UUID,
    survivor_id: UUID,
    merged_id: UUID,
    merged_by: UUID,
) -> dict[str, int]:
    """Move every row of one customer to another and record which ones; returns how many, by table."""
    names = {"merge": merge_id, "survivor": survivor_id, "merged": merged_id}
    transaction.execute(
        f"""INSERT INTO customer_merges (id, organization_id, survivor_id, merged_id, merged_by, kept)
            SELECT %(merge)s, %(organization)s, %(survivor)s, %(merged)s, %(by)s, jsonb_build_object(
                'threads', (SELECT coalesce(jsonb_agg(id), '[]') FROM threads WHERE customer_id = %(survivor)s),
                'messages', (SELECT coalesce(jsonb_agg(id), '[]') FROM messages t
                             WHERE customer_id = %(survivor)s AND {_CORRESPONDENT} IN (
                                 SELECT address FROM customer_addresses WHERE customer_id = %(merged)s)))""",  # noqa: S608  # our own words
        {**names, "organization": organization_id, "by": merged_by},
    )
    return {table: _move(transaction, table, names) for table in TABLES}


def _move(transaction: Transaction, table: str, names: dict[str, UUID]) -> int:
    row = transaction.single(
        f"""WITH given AS (UPDATE {table} SET customer_id = %(survivor)s WHERE customer_id = %(merged)s
                           RETURNING id),
                 kept AS (UPDATE customer_merges
                           SET moved = moved || jsonb_build_object(
                               '{table}', (SELECT coalesce(jsonb_agg(id), '[]') FROM given))
                           WHERE id = %(merge)s)
            SELECT count(*) AS moved FROM given""",  # noqa: S608  # our own table names
        names,
    )
    return int(row["moved"])


def unmerge(
    transaction: Transaction, *, merge_id: UUID, survivor_id: UUID, merged_id: UUID
) -> dict[str, int]:
    """Move back what a merge moved, and what came since for an address that moves back; returns how many, by table.

    A thread that began since moves back if its first message does. The merge's row is deleted.
    """
    names = {"merge": merge_id, "survivor": survivor_id, "merged": merged_id}
    returned = {table: _give_back(transaction, table, names) for table in TABLES}
    returned["messages"] += transaction.execute(
        f"""UPDATE messages t SET customer_id = %(merged)s
            WHERE t.customer_id = %(survivor)s AND {_CORRESPONDENT} IN (
                SELECT address FROM customer_addresses WHERE customer_id = %(merged)s)
              AND {_SINCE.format(table="messages")}""",  # noqa: S608  # our own words
        names,
    )
    returned["threads"] += transaction.execute(
        f"""UPDATE threads t SET customer_id = %(merged)s
            WHERE t.customer_id = %(survivor)s AND {_SINCE.format(table="threads")}
              AND (SELECT m.customer_id FROM messages m WHERE m.thread_id = t.id
                   ORDER BY m.occurred_at, m.ordered_at, m.arrival LIMIT 1) = %(merged)s""",  # noqa: S608  # our own words
        names,
    )
    transaction.execute("DELETE FROM customer_merges WHERE id = %(merge)s", names)
    return returned


def _give_back(transaction: Transaction, table: str, names: dict[str, UUID]) -> int:
    return transaction.execute(
        f"""UPDATE {table} SET customer_id = %(merged)s
            WHERE customer_id = %(survivor)s AND id IN (
                SELECT one::uuid FROM customer_merges m, jsonb_array_elements_text(m.moved -> '{table}') AS one
                WHERE m.id = %(merge)s)""",  # noqa: S608  # our own table names
        names,
    )
