"""Explains in one sentence, for the person who started the runner, why it cannot start or go on."""

import errno
import os
import pwd
import shutil
import sqlite3
from pathlib import Path

from local.space import NEEDED_BYTES, is_full

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_FULL = "the disk is full"


class CannotStart(RuntimeError):
    """Raised with a sentence that says why, and what to do."""


def sentence(error: Exception) -> str:
    """Return why something that the runner tried failed, with the path of the file concerned."""
    if isinstance(error, sqlite3.Error):
        return _of_database_file(error)
    if isinstance(error, OSError):
        return _of_file(error)
    return str(error).strip().partition("\n")[0]


def full_disk(folder: Path) -> str | None:
    """Return the sentence for a folder whose disk is full, or None while there is room."""
    if not is_full(folder):
        return None
    free_mb = shutil.disk_usage(folder).free // 1_000_000
    return f"{_FULL}: {free_mb} MB are free for {folder}, at least {NEEDED_BYTES // 1_000_000} MB are needed"


def _of_file(error: OSError) -> str:
    path = Path(os.fsdecode(error.filename)) if error.filename else None
    named = f"{path}: " if path else ""
    if error.errno in _NO_ROOM:
        return f"{named}{_FULL}; make room and start again"
    if error.errno == errno.EROFS:
        return f"{named}this folder is read-only; name a folder that can be written with STATE=…"
    if error.errno in (errno.EACCES, errno.EPERM):
        return f"{named}permission denied{_owner(path)}; name a folder of your own with STATE=…"
    return f"{named}{error.strerror or error}"


def _owner(path: Path | None) -> str:
    """Return who owns the nearest readable folder, if it is another user; else an empty text."""
    for each in (path, *path.parents) if path else ():
        try:
            uid = each.stat().st_uid
            return f" ({each} belongs to {pwd.getpwuid(uid).pw_name})" if uid != os.geteuid() else ""
        except (OSError, KeyError):
            continue
    return ""


def _of_database_file(error: sqlite3.Error) -> str:
    if error.sqlite_errorcode == sqlite3.SQLITE_FULL:
        return f"{_FULL}; make room and start again"
    return f"a file of the state folder cannot be used: {error}"
