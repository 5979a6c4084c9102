"""Mailboxes, folders and messages in one SQLite file: raw bytes, UIDs and UIDVALIDITY survive a restart."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# Zoho shows these attributes on a plain LIST although it does not announce SPECIAL-USE (reference/mail.md, 9).
FOLDERS = {"INBOX": "", "Drafts": "\\Drafts", "Sent": "\\Sent", "Spam": "\\Junk", "Trash": "\\Trash"}

_SCHEMA = """
CREATE TABLE IF NOT EXISTS folders (
  id INTEGER PRIMARY KEY, email TEXT NOT NULL, name TEXT NOT NULL, attribute TEXT NOT NULL,
  uid_validity INTEGER NOT NULL, uid_next INTEGER NOT NULL DEFAULT 1, modseq INTEGER NOT NULL DEFAULT 1,
  UNIQUE (email, name));
CREATE TABLE IF NOT EXISTS messages (
  folder_id INTEGER NOT NULL REFERENCES folders, uid INTEGER NOT NULL, arrived_at REAL NOT NULL,
  flags TEXT NOT NULL, modseq INTEGER NOT NULL, size INTEGER NOT NULL, raw BLOB NOT NULL,
  PRIMARY KEY (folder_id, uid));
CREATE TABLE IF NOT EXISTS sent (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, account TEXT NOT NULL, mail_from TEXT NOT NULL,
  recipients TEXT NOT NULL, raw BLOB NOT NULL);
"""


@dataclass(frozen=True)
class Folder:
    """One folder's state. `modseq` grows with every change (RFC 7162)."""

    id: int
    email: str
    name: str
    attribute: str
    uid_validity: int
    uid_next: int
    modseq: int


@dataclass(frozen=True)
class Stored:
    """One message without its bytes."""

    uid: int
    arrived_at: float
    flags: frozenset[str]
    modseq: int
    size: int


@dataclass(frozen=True)
class Submitted:
    """One mail that a mailbox's owner sent."""

    id: int
    at: str
    account: str
    mail_from: str
    recipients: list[str]
    raw: bytes


class MailStore:
    """The mail of every mailbox, for one thread at a time. `watchers` are called with the id of a changed folder."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
        self.watchers: set[Callable[[int], None]] = set()

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def ensure_mailbox(self, email: str) -> None:
        """Create a mailbox's usual folders where they are missing."""
        for name, attribute in FOLDERS.items():
            self.create(email, name, attribute=attribute)

    def create(self, email: str, name: str, *, attribute: str = "") -> None:
        """Create a folder; harmless if it exists."""
        self._db.execute(
            "INSERT OR IGNORE INTO folders (email, name, attribute, uid_validity) VALUES (?, ?, ?, ?)",
            (email, name, attribute, int(time.time())),
        )

    def folders(self, email: str) -> list[Folder]:
        """Return a mailbox's folders, oldest first."""
        rows = self._db.execute("SELECT * FROM folders WHERE email = ? ORDER BY id", (email,))
        return [Folder(*row) for row in rows]

    def find(self, email: str, name: str) -> Folder | None:
        """Return a folder, or None. INBOX is found in any case (RFC 3501, section 5.1)."""
        name = "INBOX" if name.upper() == "INBOX" else name
        row = self._db.execute("SELECT * FROM folders WHERE email = ? AND name = ?", (email, name)).fetchone()
        return Folder(*row) if row else None

    def rename(self, folder: Folder, name: str) -> None:
        """Rename a folder; its UIDVALIDITY and its mails' UIDs stay."""
        self._db.execute("UPDATE folders SET name = ? WHERE id = ?", (name, folder.id))

    def get(self, folder_id: int) -> Folder:
        """Return a folder's present state."""
        return Folder(*self._db.execute("SELECT * FROM folders WHERE id = ?", (folder_id,)).fetchone())

    def append(
        self, folder: Folder, raw: bytes, *, flags: Iterable[str] = (), arrived_at: float | None = None
    ) -> int:
        """Store a message unchanged and return its UID."""
        uid, modseq = self._db.execute(
            "UPDATE folders SET uid_next = uid_next + 1, modseq = modseq + 1 WHERE id = ?"
            " RETURNING uid_next - 1, modseq",
            (folder.id,),
        ).fetchone()
        moment = time.time() if arrived_at is None else arrived_at
        self._db.execute(
            "INSERT INTO messages (folder_id, uid, arrived_at, flags, modseq, size, raw)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (folder.id, uid, moment, " ".join(sorted(flags)), modseq, len(raw), raw),
        )
        self._changed(folder.id)
        return int(uid)

    def messages(self, folder_id: int, *, changed_since: int = 0) -> list[Stored]:
        """Return a folder's messages by UID; with `changed_since` only those changed after that modseq."""
        rows = self._db.execute(
            "SELECT uid, arrived_at, flags, modseq, size FROM messages WHERE folder_id = ? AND modseq > ?"
            " ORDER BY uid",
            (folder_id, changed_since),
        )
        return [
            Stored(uid, at, frozenset(flags.split()), modseq, size) for uid, at, flags, modseq, size in rows
        ]

    def raw(self, folder_id: int, uid: int) -> bytes | None:
        """Return a message's bytes, or None once it is gone."""
        row = self._db.execute(
            "SELECT raw FROM messages WHERE folder_id = ? AND uid = ?", (folder_id, uid)
        ).fetchone()
        return row[0] if row else None

    def set_flags(self, folder_id: int, uid: int, flags: Iterable[str]) -> int:
        """Replace a message's flags and return its new modseq."""
        modseq = self._next_modseq(folder_id)
        self._db.execute(
            "UPDATE messages SET flags = ?, modseq = ? WHERE folder_id = ? AND uid = ?",
            (" ".join(sorted(flags)), modseq, folder_id, uid),
        )
        self._changed(folder_id)
        return modseq

    def expunge(self, folder_id: int, uids: Iterable[int]) -> None:
        """Remove messages for good."""
        self._db.executemany(
            "DELETE FROM messages WHERE folder_id = ? AND uid = ?", [(folder_id, uid) for uid in uids]
        )
        self._next_modseq(folder_id)
        self._changed(folder_id)

    def renumber(self, folder_id: int) -> Folder:
        """Give a folder a new UIDVALIDITY and its messages new UIDs, as after a server's repair."""
        old = [(row.uid, row.arrived_at, row.flags) for row in self.messages(folder_id)]
        raws = [self.raw(folder_id, uid) or b"" for uid, _, _ in old]
        self._db.execute("DELETE FROM messages WHERE folder_id = ?", (folder_id,))
        self._db.execute(
            "UPDATE folders SET uid_validity = uid_validity + 1, uid_next = 1 WHERE id = ?", (folder_id,)
        )
        for (_, arrived_at, flags), raw in zip(old, raws, strict=True):
            self.append(self.get(folder_id), raw, flags=flags, arrived_at=arrived_at)
        return self.get(folder_id)

    def record_sent(self, *, account: str, mail_from: str, recipients: list[str], raw: bytes) -> None:
        """Store what a mailbox's owner submitted, and to whom."""
        self._db.execute(
            "INSERT INTO sent (at, account, mail_from, recipients, raw) VALUES (?, ?, ?, ?, ?)",
            (datetime.now(UTC).isoformat(), account, mail_from, json.dumps(recipients), raw),
        )

    def sent(self, *, only: int | None = None, last: int = -1) -> list[Submitted]:
        """Return what was submitted, oldest first; with `only` just that one, with `last` the newest ones."""
        rows: Iterable[tuple[Any, ...]] = self._db.execute(
            "SELECT id, at, account, mail_from, recipients, raw FROM sent"
            " WHERE ?1 IS NULL OR id = ?1 ORDER BY id DESC LIMIT ?2",
            (only, last),
        )
        return [
            Submitted(sent_id, at, account, mail_from, json.loads(recipients), raw)
            for sent_id, at, account, mail_from, recipients, raw in rows
        ][::-1]

    def clear(self) -> None:
        """Remove all mail; folders and their UID counters stay, so that no UID is ever used twice."""
        self._db.executescript(
            "DELETE FROM sent; DELETE FROM messages; UPDATE folders SET modseq = modseq + 1;"
        )
        for (folder_id,) in self._db.execute("SELECT id FROM folders").fetchall():
            self._changed(folder_id)

    def _next_modseq(self, folder_id: int) -> int:
        query = "UPDATE folders SET modseq = modseq + 1 WHERE id = ? RETURNING modseq"
        return int(self._db.execute(query, (folder_id,)).fetchone()[0])

    def _changed(self, folder_id: int) -> None:
        for watcher in tuple(self.watchers):
            watcher(folder_id)
