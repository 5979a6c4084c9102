"""Stores the simulated Exotel's state in a file: a restart loses no window, no message and no record."""

import json
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from local.sandbox.exotel.accounts import Account
from local.sandbox.exotel.courier import Attempt
from local.sandbox.exotel.messages import SentMessage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS kept (
  position INTEGER PRIMARY KEY, kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, UNIQUE (kind, key));
"""
_KEEP = """
INSERT INTO kept (kind, key, value) VALUES (?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET value = excluded.value
"""


class Kept:
    """Values by kind and key, each kind in the order in which its keys were first stored."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def keep(self, kind: str, key: Any, value: Any) -> None:
        """Store a value, and replace the key's former one."""
        self._db.execute(_KEEP, (kind, json.dumps(key), json.dumps(value)))

    def all(self, kind: str) -> list[tuple[Any, Any]]:
        """Return every key of a kind with its value."""
        rows = self._db.execute("SELECT key, value FROM kept WHERE kind = ? ORDER BY position", (kind,))
        return [(json.loads(key), json.loads(value)) for key, value in rows]

    def accounts(self) -> list[Account]:
        """Return the accounts that were added or changed."""
        return [Account(**value) for _, value in self.all("account")]

    def keep_account(self, account: Account) -> None:
        """Store an account's present state."""
        self.keep("account", account.account_sid, asdict(account))

    def messages(self) -> dict[str, SentMessage]:
        """Return the accepted messages by their ids."""
        return {sid: SentMessage(**value) for sid, value in self.all("message")}

    def attempts(self) -> list[Attempt]:
        """Return every attempt to post a callback."""
        return [Attempt(**value) for _, value in self.all("attempt")]

    def forget(self) -> None:
        """Forget everything."""
        self._db.execute("DELETE FROM kept")

    def close(self) -> None:
        """Close the file."""
        self._db.close()
