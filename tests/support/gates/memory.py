"""Files of tests in memory, where there is enough of it: databases and mailboxes by the thousand wait for no disk.

What a test kills keeps its files all the same; only a machine that stops would lose them.
"""

import os
import shutil
import tempfile
from pathlib import Path

_MEMORY = Path("/dev/shm")
_ENOUGH_BYTES = 4_000_000_000


def keep_files_in_memory() -> None:
    """Let temporary files of this process, and of those that it starts, be made in memory."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and shutil.disk_usage(_MEMORY).free > _ENOUGH_BYTES:
        tempfile.tempdir = os.environ["TMPDIR"] = str(_MEMORY)
