"""The state folder: everything that survives a restart, and the secrets that the first start makes."""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import IO

from local.refusal import CannotStart, full_disk


@dataclass(frozen=True)
class Secrets:
    """Random values made once per state folder, each a base64 text of 32 bytes unless a comment says otherwise."""

    jwt_secret: str
    webhook_secret: str
    encryption_master_key: str
    superuser_password: str  # passwords are URL-safe, since they are part of connection URLs
    owner_password: str
    app_password: str
    # Written into the file by hand, to change the key (docs/operations.md).
    encryption_previous_master_key: str = ""

    @classmethod
    def made_now(cls) -> "Secrets":
        """Return a fresh set."""
        values = {
            each.name: secrets.token_urlsafe(24)
            if each.name.endswith("password")
            else base64.b64encode(secrets.token_bytes(32)).decode()
            for each in fields(cls)
            if each.default is MISSING
        }
        return cls(**values)


class State:
    """One state folder, locked for one runner from `lock` to the process's end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.logs = self.folder / "logs"
        self.blobs = self.folder / "blobs"
        self.home = self.folder / "home"
        self.postgres = self.folder / "postgres"
        self.queues = self.folder / "queues.db"
        self.certificate_authority = self.folder / "tls" / "ca.pem"
        self._lock: IO[str] | None = None
        for each in (self.folder, self.logs, self.blobs, self.home):
            _make_folder(each)

    def lock(self) -> None:
        """Lock the folder. Raises CannotStart if another runner has it or it cannot be written to."""
        if problem := full_disk(self.folder):
            raise CannotStart(problem)
        self._lock = (self.folder / "runner.lock").open("a")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise CannotStart(
                f"another runner uses {self.folder}: stop it, or name another folder with STATE=…"
            ) from error

    def trim_logs(self, *, max_bytes: int = 20_000_000) -> None:
        """Empty those logs of earlier runs that are longer than `max_bytes`."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > max_bytes:
                log.write_bytes(b"")

    def secrets(self) -> Secrets:
        """Return this folder's secrets, making them at the first call; only the user can read the file."""
        file = self.folder / "secrets.json"
        if file.exists():
            return _read_secrets(file)
        made = Secrets.made_now()
        draft = file.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as opened:
            json.dump(asdict(made), opened, indent=2)
        draft.rename(file)
        return made


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise CannotStart(f"{folder} cannot be the state folder, since a file is in the way") from error


def _read_secrets(file: Path) -> Secrets:
    try:
        return Secrets(**json.loads(file.read_text()))
    except (ValueError, TypeError) as error:
        raise CannotStart(f"{file} cannot be read ({error}): restore it from a backup") from error
