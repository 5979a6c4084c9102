"""Checks whether a disk has room left."""

import shutil
from pathlib import Path

NEEDED_BYTES = 50_000_000
"""Below this PostgreSQL may fail at any moment, since it writes its log in pieces of 16 MB."""


def is_full(folder: Path) -> bool:
    """Return whether the disk of a folder, or of its nearest parent that exists, has less than NEEDED_BYTES free."""
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    return shutil.disk_usage(existing).free < NEEDED_BYTES
