"""Key rotations: one row per organization records the progress; every table with envelopes is listed here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args
from uuid import UUID

from banxway.models.maintenance.rotations import PartName, RotationPart, RotationProgress
from banxway.storage.database import Transaction

TABLES = ("integration_credentials", "email_accounts", "retiring_credentials")
"""Every table with a column credentials_encrypted, in the order in which a rotation goes through them."""

# A retiring credential is read by its integration's id: its envelope is bound to that row.
_READ = {
    "integration_credentials": """SELECT id, credentials_encrypted AS sealed FROM integration_credentials
        WHERE id > %s ORDER BY id LIMIT %s""",
    "email_accounts": """SELECT id, credentials_encrypted AS sealed FROM email_accounts
        WHERE id > %s ORDER BY id LIMIT %s""",
    "retiring_credentials": """SELECT integration_id AS id, credentials_encrypted AS sealed
        FROM retiring_credentials WHERE integration_id > %s ORDER BY integration_id LIMIT %s""",
}
# An envelope that was saved meanwhile stays; the next pass reads it again. `updated_at` stays as it is, since
# nothing has changed for an admin.
_REPLACE = {
    "integration_credentials": """UPDATE integration_credentials SET credentials_encrypted = %s
        WHERE id = %s AND credentials_encrypted = %s""",
    "email_accounts": """UPDATE email_accounts SET credentials_encrypted = %s
        WHERE id = %s AND credentials_encrypted = %s""",
    "retiring_credentials": """UPDATE retiring_credentials SET credentials_encrypted = %s
        WHERE integration_id = %s AND credentials_encrypted = %s""",
}
_AT_MOST_NAMED = 50


def start(transaction: Transaction, *, organization_id: UUID, started_by: UUID | None) -> bool:
    """Start a rotation; False, with nothing changed, while another one runs."""
    return bool(
        transaction.execute(
            """INSERT INTO key_rotations AS r (organization_id, started_by) VALUES (%s, %s)
               ON CONFLICT (organization_id) DO UPDATE
               SET started_at = clock_timestamp(), started_by = excluded.started_by, finished_at = NULL,
                   key_id = NULL, total = 0, rewrapped = 0, unreadable = 0, unreadable_rows = '[]',
                   counts = '{}', last_error = NULL, stage = '', done_through = '', pass = 1, moved_in_pass = 0,
                   progressed_at = now()
               WHERE r.finished_at IS NOT NULL""",
            (organization_id, started_by),
        )
    )


@dataclass(frozen=True, slots=True)
class RotationRow:
    """A rotation: its key, its progress, and what it could not read."""

    organization_id: UUID
    started_at: datetime
    started_by: UUID | None
    finished_at: datetime | None
    total: int
    rewrapped: int
    unreadable: int
    last_error: str | None
    key_id: str | None
    stage: str
    done_through: str
    pass_number: int
    moved_in_pass: int
    unreadable_rows: list[str]
    counts: dict[str, dict[str, int]]
    progressed_at: datetime


_COLUMNS = ", ".join(RotationRow.__slots__).replace("pass_number", "pass AS pass_number")


def find_unfinished(transaction: Transaction) -> RotationRow | None:
    """Return the rotation that runs, or None."""
    statement = f"SELECT {_COLUMNS} FROM key_rotations WHERE finished_at IS NULL"  # noqa: S608  # our own column names
    return transaction.one_of(RotationRow, statement)


def progress(transaction: Transaction) -> RotationProgress:
    """Return the latest rotation, or an empty one if there never was one."""
    row = transaction.one_of(RotationRow, f"SELECT {_COLUMNS} FROM key_rotations")  # noqa: S608  # our own column names
    if row is None:
        return RotationProgress()
    named = {name: getattr(row, name) for name in RotationProgress.model_fields if name != "parts"}
    parts = [RotationPart(name=name, **row.counts[name]) for name in get_args(PartName) if name in row.counts]
    return RotationProgress(**named, parts=parts)


def begin(
    transaction: Transaction, row: RotationRow, *, key_id: str, totals: Mapping[str, int]
) -> RotationRow | None:
    """Set a rotation's key and totals by stage, and go to the first; None if another worker has changed the key."""
    counts = {stage: {"total": total, "rewrapped": 0, "unreadable": 0} for stage, total in totals.items()}
    return transaction.one_of(
        RotationRow,
        f"""UPDATE key_rotations
           SET key_id = %s, total = %s, counts = %s, stage = %s, done_through = '', pass = 1, moved_in_pass = 0,
               rewrapped = 0, unreadable = 0, unreadable_rows = '[]', last_error = NULL, progressed_at = now()
           WHERE started_at = %s AND finished_at IS NULL AND key_id IS NOT DISTINCT FROM %s RETURNING {_COLUMNS}""",  # noqa: S608  # our own column names
        (key_id, sum(totals.values()), json.dumps(counts), next(iter(totals)), row.started_at, row.key_id),
    )


def advance(
    transaction: Transaction,
    row: RotationRow,
    *,
    done_through: str,
    moved: int,
    current: int,
    unreadable: Sequence[str],
) -> RotationRow | None:
    """Record progress within a stage; None if another worker has advanced the rotation since `row` was read.

    The first pass counts envelopes; later passes only look for those that were saved meanwhile.
    """
    return transaction.one_of(
        RotationRow,
        f"""UPDATE key_rotations
           SET done_through = %(done_through)s, moved_in_pass = moved_in_pass + %(moved)s, progressed_at = now(),
               rewrapped = rewrapped + CASE WHEN pass = 1 THEN %(current)s ELSE 0 END,
               unreadable = unreadable + CASE WHEN pass = 1 THEN %(unreadable)s ELSE 0 END,
               counts = CASE WHEN pass = 1 THEN counts || jsonb_build_object(stage, jsonb_build_object(
                            'total', counts -> stage -> 'total',
                            'rewrapped', (counts -> stage ->> 'rewrapped')::int + %(current)s,
                            'unreadable', (counts -> stage ->> 'unreadable')::int + %(unreadable)s))
                        ELSE counts END,
               unreadable_rows = CASE WHEN pass = 1 AND jsonb_array_length(unreadable_rows) < %(most)s
                                      THEN unreadable_rows || %(names)s::jsonb ELSE unreadable_rows END
           WHERE started_at = %(started_at)s AND key_id = %(key_id)s AND pass = %(pass)s AND stage = %(stage)s
             AND done_through = %(was_through)s AND finished_at IS NULL RETURNING {_COLUMNS}""",  # noqa: S608  # our own column names
        {
            **_as_read(row),
            "done_through": done_through,
            "moved": moved,
            "current": current,
            "unreadable": len(unreadable),
            "names": json.dumps(unreadable[:_AT_MOST_NAMED]),
            "most": _AT_MOST_NAMED,
        },
    )


def enter_stage(
    transaction: Transaction, row: RotationRow, *, stage: str, is_next_pass: bool
) -> RotationRow | None:
    """Go to the start of another stage; None if another worker has advanced the rotation since `row` was read."""
    return transaction.one_of(
        RotationRow,
        f"""UPDATE key_rotations
           SET stage = %(next_stage)s, done_through = '', progressed_at = now(),
               pass = pass + %(next_pass)s::integer,
               moved_in_pass = CASE WHEN %(is_next_pass)s THEN 0 ELSE moved_in_pass END
           WHERE started_at = %(started_at)s AND key_id = %(key_id)s AND pass = %(pass)s AND stage = %(stage)s
             AND done_through = %(was_through)s AND finished_at IS NULL RETURNING {_COLUMNS}""",  # noqa: S608  # our own column names
        {**_as_read(row), "next_stage": stage, "next_pass": int(is_next_pass), "is_next_pass": is_next_pass},
    )


def finish(transaction: Transaction, row: RotationRow) -> RotationRow | None:
    """Finish the rotation; None if another worker has advanced it since `row` was read."""
    return transaction.one_of(
        RotationRow,
        f"""UPDATE key_rotations
           SET finished_at = now(), progressed_at = now(), last_error = CASE WHEN unreadable > 0 THEN last_error END
           WHERE started_at = %(started_at)s AND key_id = %(key_id)s AND pass = %(pass)s AND stage = %(stage)s
             AND done_through = %(was_through)s AND finished_at IS NULL RETURNING {_COLUMNS}""",  # noqa: S608  # our own column names
        _as_read(row),
    )


def record_error(transaction: Transaction, sentence: str) -> None:
    """Record in a sentence why the running rotation stopped, or what it could not open."""
    transaction.execute(
        "UPDATE key_rotations SET last_error = %s, progressed_at = now() WHERE finished_at IS NULL",
        (sentence,),
    )


def stalled(transaction: Transaction, *, idle_s: int, limit: int) -> list[UUID]:
    """Return organizations whose rotation runs and made no progress for `idle_s`. Needs the system scope."""
    rows = transaction.all(
        """SELECT organization_id FROM key_rotations
           WHERE finished_at IS NULL AND progressed_at < now() - make_interval(secs => %s)
           ORDER BY progressed_at LIMIT %s""",
        (idle_s, limit),
    )
    return [row["organization_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class EnvelopeRow:
    """A row's id and its envelope."""

    id: UUID
    sealed: str


def envelopes(transaction: Transaction, table: str, *, after: str, limit: int) -> list[EnvelopeRow]:
    """Return the next rows of a table after an id, each with its envelope; an empty `after` is the start."""
    return transaction.all_of(EnvelopeRow, _READ[table], (UUID(after) if after else UUID(int=0), limit))


def replace_envelope(
    transaction: Transaction, table: str, *, row_id: Any, sealed: str, previous: str
) -> bool:
    """Replace the envelope that was read; False if it has been replaced or removed meanwhile."""
    return bool(transaction.execute(_REPLACE[table], (sealed, row_id, previous)))


def count_envelopes(transaction: Transaction) -> dict[str, int]:
    """Return how many envelopes each of the organization's tables contains, in the order of TABLES."""
    row = transaction.single(
        """SELECT (SELECT count(*) FROM integration_credentials) AS integration_credentials,
                  (SELECT count(*) FROM email_accounts) AS email_accounts,
                  (SELECT count(*) FROM retiring_credentials) AS retiring_credentials"""
    )
    return {table: int(row[table]) for table in TABLES}


def _as_read(row: RotationRow) -> dict[str, Any]:
    """Return the values that must be unchanged since the row was read, for an update to apply."""
    return {
        "started_at": row.started_at,
        "key_id": row.key_id,
        "pass": row.pass_number,
        "stage": row.stage,
        "was_through": row.done_through,
    }
