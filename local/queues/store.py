"""Keeps queues and messages in one SQLite file, so that no crash loses any.

All calls are made from one thread and take about a millisecond, whatever the queues' length: each uses an index.
Receiving costs more, the more message groups wait. On a full disk they raise sqlite3.OperationalError and change
nothing. Times are milliseconds since 1970, from `clock_ms`; if that clock was set back since the file was written,
time goes on from the last one in the file.
"""

import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from local.addresses import queue_arn
from local.clock import steady_ms
from local.queues.attributes import QueueSettings, validate
from local.queues.messages import NewMessage, read_handle, sequence_number
from local.queues.refusals import (
    InvalidParameterValue,
    MessageNotInflight,
    QueueDoesNotExist,
    QueueNameExists,
)
from local.queues.schema import NEXT, NEXT_IN_GROUPS, SCHEMA

DEDUPLICATION_MS = 5 * 60 * 1000


Message = dict[str, Any]
"""A received message: the row's columns by name."""


class Store:
    """Every queue of one runner."""

    def __init__(self, file: Path, *, clock_ms: Callable[[], int] = steady_ms) -> None:
        self._db = sqlite3.connect(file, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = NORMAL")
        self._db.executescript(SCHEMA)
        self._clock_ms = clock_ms
        self._behind_ms = max(0, self._last_ms() - clock_ms())
        rows = self._db.execute("SELECT name, attributes FROM queues")
        self._settings = {
            row["name"]: QueueSettings.read(row["name"], json.loads(row["attributes"])) for row in rows
        }

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def now_ms(self) -> int:
        """Return the present time of these queues."""
        return self._clock_ms() + self._behind_ms

    # Queues ---------------------------------------------------------------------------------------

    def names(self) -> list[str]:
        """Return the names of all queues."""
        return sorted(self._settings)

    def settings(self, queue: str) -> QueueSettings:
        """Return a queue's settings. Raises QueueDoesNotExist."""
        if queue not in self._settings:
            raise QueueDoesNotExist("The specified queue does not exist.")
        return self._settings[queue]

    def create(self, queue: str, attributes: dict[str, str]) -> None:
        """Create a queue; repeating it with the same attributes changes nothing. Raises QueueNameExists."""
        validate(attributes)
        known = self._settings.get(queue)
        if known:
            if any(known.attributes.get(name) != value for name, value in attributes.items()):
                raise QueueNameExists(
                    "A queue already exists with the same name and a different value for attribute."
                )
            return
        if (attributes.get("FifoQueue") == "true") != queue.endswith(".fifo"):
            raise InvalidParameterValue("The name of a FIFO queue can only end with '.fifo'.")
        text = json.dumps(attributes)
        self._db.execute("INSERT INTO queues VALUES (?, ?, ?)", (queue, text, self.now_ms()))
        self._settings[queue] = QueueSettings.read(queue, attributes)

    def ensure(self, queue: str, attributes: dict[str, str]) -> None:
        """Create a queue, or give an existing one exactly these attributes; its messages stay."""
        if queue in self._settings:
            self._write_attributes(queue, attributes)
        else:
            self.create(queue, attributes)

    def change(self, queue: str, attributes: dict[str, str]) -> None:
        """Change some of a queue's attributes."""
        self._write_attributes(queue, {**self.settings(queue).attributes, **attributes})

    def counts(self, queue: str) -> dict[str, int]:
        """Return how many messages wait, are in flight, and are delayed."""
        self.settings(queue)
        row = self._db.execute(
            "SELECT count(*) FILTER (WHERE visible_ms <= :now) AS waiting,"
            " count(*) FILTER (WHERE visible_ms > :now AND receipt IS NOT NULL) AS in_flight,"
            " count(*) FILTER (WHERE visible_ms > :now AND receipt IS NULL) AS delayed"
            " FROM messages WHERE queue = :queue",
            {"now": self.now_ms(), "queue": queue},
        ).fetchone()
        return dict(row)

    def created_ms(self, queue: str) -> int:
        """Return when a queue was created."""
        row = self._db.execute("SELECT created_ms FROM queues WHERE name = ?", (queue,)).fetchone()
        return int(row[0])

    # Messages -------------------------------------------------------------------------------------

    def send(self, queue: str, message: NewMessage) -> tuple[str, str | None]:
        """Add a message and return its id, and its sequence number on a FIFO queue.

        For a deduplication id seen within five minutes, return the first message's numbers and add nothing.
        """
        settings = self.settings(queue)
        now = self.now_ms()
        delay_s = settings.delay_s if message.delay_s is None else message.delay_s
        with self._transaction():
            known = self._seen(settings, message, now)
            if known:
                return known
            message_id = str(uuid.uuid4())
            cursor = self._db.execute(
                "INSERT INTO messages (queue, message_id, body, body_md5, attributes, attributes_md5,"
                " group_id, dedup_id, trace, sent_ms, visible_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(queue, message_id, message.body, message.body_md5),
                    *(json.dumps(message.attributes), message.attributes_md5, message.group_id),
                    *(message.dedup_id, message.trace, now, now + delay_s * 1000),
                ),
            )
            if not settings.fifo:
                return message_id, None
            number = int(cursor.lastrowid or 0)
            values = (queue, message.dedup_id, message_id, number, now + DEDUPLICATION_MS)
            self._db.execute("INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)", values)
            return message_id, sequence_number(number)

    def receive(self, queue: str, *, limit: int, visibility_s: int | None = None) -> list[Message]:
        """Hide up to `limit` messages and return their rows, each with a fresh receipt.

        A standard queue serves its message groups fairly, as SQS does: those with the fewest in flight first.
        A message that was received too often moves to the dead letters instead; one past its retention is deleted.
        """
        settings = self.settings(queue)
        now = self.now_ms()
        until = now + 1000 * (settings.visibility_s if visibility_s is None else visibility_s)
        taken: list[Message] = []
        with self._transaction():
            oldest = now - settings.retention_s * 1000
            self._db.execute("DELETE FROM messages WHERE queue = ? AND sent_ms < ?", (queue, oldest))
            while len(taken) < limit:
                rows = self._next(settings, now, limit, taken)
                spent = [
                    row for row in rows if settings.dead_letters and row["received"] >= settings.max_receives
                ]
                for row in spent:
                    self._bury(settings, row, now)
                taken += [self._take(row, now, until) for row in rows if row not in spent]
                if not rows or (settings.fifo and not spent):
                    break
        return taken

    def delete(self, queue: str, handle: str) -> None:
        """Delete a receipt's message. An older receipt deletes nothing, without an error."""
        settings = self.settings(queue)
        number, receipt = read_handle(handle)
        if settings.fifo:
            row = self._held(queue, number, receipt)
            if row and row["visible_ms"] <= self.now_ms():
                raise InvalidParameterValue(
                    f"Value {handle} for parameter ReceiptHandle is invalid."
                    " Reason: The receipt handle has expired."
                )
        self._db.execute(
            "DELETE FROM messages WHERE id = ? AND queue = ? AND receipt = ?", (number, queue, receipt)
        )

    def change_visibility(self, queue: str, handle: str, visibility_s: int) -> None:
        """Make a message in flight visible `visibility_s` seconds from now. Raises MessageNotInflight."""
        self.settings(queue)
        number, receipt = read_handle(handle)
        row = self._held(queue, number, receipt)
        now = self.now_ms()
        if not row or row["visible_ms"] <= now:
            raise MessageNotInflight("The message referred to is not in flight.")
        self._db.execute(
            "UPDATE messages SET visible_ms = ?, held = 0 WHERE id = ?", (now + visibility_s * 1000, number)
        )

    def purge(self, queue: str) -> None:
        """Delete every message of a queue."""
        self.settings(queue)
        self._db.execute("DELETE FROM messages WHERE queue = ?", (queue,))

    def next_visible_ms(self, queue: str) -> int | None:
        """Return when the next hidden message of a queue becomes visible, or None."""
        row = self._db.execute(
            "SELECT min(visible_ms) FROM messages WHERE queue = ? AND visible_ms > ?",
            (queue, self.now_ms()),
        ).fetchone()
        return None if row[0] is None else int(row[0])

    def release_held(self) -> None:
        """Make every message visible at once that a receiver took and did not finish.

        Called at start: the receivers of the last run are dead, and nobody needs to wait for their time-outs.
        """
        self._db.execute("UPDATE messages SET visible_ms = ?, held = 0 WHERE held = 1", (self.now_ms(),))

    def _last_ms(self) -> int:
        """Return the latest time at which something certainly happened."""
        row = self._db.execute(
            "SELECT max(max(sent_ms, coalesce(first_received_ms, 0))) FROM messages"
        ).fetchone()
        return int(row[0] or 0)

    def _write_attributes(self, queue: str, attributes: dict[str, str]) -> None:
        validate(attributes)
        self._db.execute("UPDATE queues SET attributes = ? WHERE name = ?", (json.dumps(attributes), queue))
        self._settings[queue] = QueueSettings.read(queue, attributes)

    def _next(self, settings: QueueSettings, now: int, limit: int, taken: list[Message]) -> list[sqlite3.Row]:
        """Return the next messages of a FIFO queue, or the next one of a standard queue: each changes who follows."""
        if settings.fifo:
            values = {"queue": settings.name, "now": now, "limit": limit - len(taken)}
            return self._db.execute(NEXT_IN_GROUPS, values).fetchall()
        ids = json.dumps([message["id"] for message in taken])
        return self._db.execute(NEXT, {"queue": settings.name, "now": now, "taken": ids}).fetchall()

    def _take(self, row: sqlite3.Row, now: int, until: int) -> Message:
        taken = self._db.execute(
            "UPDATE messages SET visible_ms = ?, received = received + 1, receipt = ?, held = 1,"
            " first_received_ms = coalesce(first_received_ms, ?) WHERE id = ? RETURNING *",
            (until, uuid.uuid4().hex, now, row["id"]),
        ).fetchone()
        return dict(taken)

    def _bury(self, settings: QueueSettings, row: sqlite3.Row, now: int) -> None:
        self._db.execute(
            "UPDATE messages SET queue = ?, visible_ms = ?, receipt = NULL, held = 0, source_arn = ?"
            " WHERE id = ?",
            (settings.dead_letters, now, queue_arn(settings.name), row["id"]),
        )

    def _seen(self, settings: QueueSettings, message: NewMessage, now: int) -> tuple[str, str] | None:
        if not settings.fifo:
            return None
        self._db.execute("DELETE FROM seen WHERE until_ms <= ?", (now,))
        row = self._db.execute(
            "SELECT message_id, sequence FROM seen WHERE queue = ? AND dedup_id = ?",
            (settings.name, message.dedup_id),
        ).fetchone()
        return (row["message_id"], sequence_number(row["sequence"])) if row else None

    def _held(self, queue: str, number: int, receipt: str) -> sqlite3.Row | None:
        row: sqlite3.Row | None = self._db.execute(
            "SELECT * FROM messages WHERE id = ? AND queue = ? AND receipt = ?", (number, queue, receipt)
        ).fetchone()
        return row

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            # Often only COMMIT notices a full disk, and by then SQLite may already have rolled back.
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
