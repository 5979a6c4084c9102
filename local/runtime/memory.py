"""How much memory of this machine, or of this container, is left for instances of functions."""

from pathlib import Path

import psutil

INSTANCE_BYTES = 50_000_000
"""What one instance takes of its own (42 MB were measured with 60 of them), and some more."""

RESERVE_BYTES = 400_000_000
"""What stays free for PostgreSQL, the sandbox and everybody else."""

_CGROUP = Path("/sys/fs/cgroup")


def instances_that_fit() -> int:
    """Return how many more instances the memory that is free now holds; none if less than the reserve is free."""
    free = min(psutil.virtual_memory().available, _left_in_container(_CGROUP))
    return max(0, free - RESERVE_BYTES) // INSTANCE_BYTES


def _left_in_container(folder: Path) -> int:
    """Return what a container's own limit leaves (version 2 of control groups); endless where there is none."""
    endless = 2**62
    try:
        most = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
        details = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return endless
    # Pages of files that nobody used lately are given up whenever somebody needs memory.
    return endless if most == "max" else int(most) - used + int(details.get("inactive_file", "0"))
