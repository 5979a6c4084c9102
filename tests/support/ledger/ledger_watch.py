"""Watches the ledger from inside the database: every status that a message ever had, and what must be true of them.

A trigger of the database records each step, so that the product cannot leave one out. A watched database belongs to
one test: the trigger stays until the database is dropped.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from tests.support.databases.postgres import TestDatabase

_INSTALL = """
    CREATE TABLE ledger_history (
        id bigint GENERATED ALWAYS AS IDENTITY, message_id uuid, was text, became text, xid text, by text);
    CREATE FUNCTION note_status() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
        INSERT INTO ledger_history (message_id, was, became, xid, by)
        VALUES (NEW.id, CASE WHEN TG_OP = 'UPDATE' THEN OLD.status END, NEW.status,
                pg_current_xact_id()::xid::text, session_user);
        RETURN NEW;
    END $$;
    CREATE TRIGGER note_new AFTER INSERT ON messages FOR EACH ROW EXECUTE FUNCTION note_status();
    CREATE TRIGGER note_change AFTER UPDATE OF status ON messages
        FOR EACH ROW WHEN (OLD.status <> NEW.status) EXECUTE FUNCTION note_status();"""

LADDER = ("queued", "sending", "unknown", "accepted", "sent", "failed", "delivered", "read")
SETTLED = frozenset(LADDER[2:])
_LEFT = frozenset({"accepted", "sent", "delivered", "read"})
# Put back on proof that nothing was taken; and sent again because a person says so.
_BACK = frozenset({("sending", "queued"), ("failed", "queued"), ("unknown", "queued")})
# Browsers are not notified that a worker has begun, or that it will try again.
_SILENT = frozenset({("queued", "sending"), ("sending", "queued")})


class LedgerWatch:
    """Every step of one database's ledger since this was made."""

    def __init__(self, database: TestDatabase) -> None:
        self._database = database
        database.rows(_INSTALL)

    def problems(self, arrivals: Mapping[UUID, int]) -> list[str]:
        """Return a sentence for everything that is wrong, once nothing is on its way any more.

        `arrivals` says how often the provider took each message.
        """
        return [
            *self._wrong_messages(arrivals),
            *self._steps_back(),
            *self._changes_without_notice(),
            *self._messages_without_notice(),
            *self._gaps(),
        ]

    def figures(self) -> dict[str, int]:
        """Count the outbound messages by their status."""
        rows = self._database.rows(
            "SELECT status, count(*)::int AS n FROM messages WHERE direction = 'outbound' GROUP BY status ORDER BY 1"
        )
        return {row["status"]: row["n"] for row in rows}

    def claims(self) -> int:
        """Count how often a worker has taken a message."""
        (row,) = self._database.rows(
            "SELECT count(*)::int AS n FROM ledger_history WHERE was = 'queued' AND became = 'sending'"
        )
        return int(row["n"])

    def _wrong_messages(self, arrivals: Mapping[UUID, int]) -> Iterator[str]:
        rows = self._database.rows(
            "SELECT id, status, took_nothing FROM messages WHERE direction = 'outbound'"
        )
        for row in rows:
            count, status = arrivals.get(row["id"], 0), row["status"]
            if status not in SETTLED:
                yield f"{row['id']} is still {status}"
            if count > 1:
                yield f"{row['id']} arrived {count} times"
            if status in _LEFT and count == 0:
                yield f"{row['id']} is {status} and never arrived"
            if row["took_nothing"] and count:
                yield f"{row['id']} is said to have reached nobody, and it arrived"
        known = {row["id"] for row in rows}
        yield from (f"{message} arrived and is in no ledger" for message in arrivals if message not in known)

    def _steps_back(self) -> Iterator[str]:
        for row in self._history("was IS NOT NULL"):
            step = (row["was"], row["became"])
            if step not in _BACK and LADDER.index(step[1]) < LADDER.index(step[0]):
                yield f"{row['message_id']} went back from {step[0]} to {step[1]}"

    def _changes_without_notice(self) -> Iterator[str]:
        """Yield the visible steps without a change: each step records its change in the same transaction."""
        notified = self._notified("message.status")
        for row in self._history("was IS NOT NULL AND by = 'banxway_app'"):
            step = (row["was"], row["became"])
            if step not in _SILENT and (row["message_id"], row["xid"]) not in notified:
                yield f"nobody was notified that {row['message_id']} went from {step[0]} to {step[1]}"

    def _messages_without_notice(self) -> Iterator[str]:
        notified = self._notified("message.created")
        for row in self._history("was IS NULL AND by = 'banxway_app'"):
            if (row["message_id"], row["xid"]) not in notified:
                yield f"nobody was notified of {row['message_id']}"

    def _gaps(self) -> Iterator[str]:
        rows = self._database.rows(
            """SELECT s.organization_id, s.current, count(c.sequence)::int AS n, max(c.sequence) AS last
               FROM change_sequences s LEFT JOIN changes c USING (organization_id) GROUP BY 1, 2"""
        )
        for row in rows:
            if row["n"] != row["current"] or (row["last"] or 0) != row["current"]:
                yield f"{row['n']} changes of {row['current']} are there, the last is {row['last']}"

    def _history(self, where: str) -> list[dict[str, Any]]:
        return self._database.rows(f"SELECT * FROM ledger_history WHERE {where} ORDER BY id")

    def _notified(self, kind: str) -> Counter[tuple[UUID, str]]:
        rows = self._database.rows(
            "SELECT message_id, xmin::text AS xid FROM changes WHERE kind = %s", (kind,)
        )
        return Counter((row["message_id"], row["xid"]) for row in rows)
