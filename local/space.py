"""Whether a disk still takes what is written to it."""

import shutil
from pathlib import Path

NEEDED_BYTES = 50_000_000
"""Below this PostgreSQL may fail at any moment, since it writes its log in pieces of 16 MB."""


def is_full(folder: Path) -> bool:
    """Return whether next to nothing fits on the disk of a folder, or of its nearest parent that exists."""
    place = folder
    while not place.exists() and place != place.parent:
        place = place.parent
    return shutil.disk_usage(place).free < NEEDED_BYTES
