"""Measures how much memory of this machine or container is left for instances of functions."""

from pathlib import Path

import psutil

INSTANCE_BYTES = 50_000_000
"""What one instance needs (42 MB, measured with 60 of them), with a margin."""

RESERVE_BYTES = 400_000_000
"""The reserve for PostgreSQL, the sandbox and other programs."""

_CGROUP = Path("/sys/fs/cgroup")


def instances_that_fit() -> int:
    """Return how many more instances fit into the free memory; 0 if less than the reserve is free."""
    free = min(psutil.virtual_memory().available, _left_in_container(_CGROUP))
    return max(0, free - RESERVE_BYTES) // INSTANCE_BYTES


def _left_in_container(folder: Path) -> int:
    """Return the memory left below a container's limit (version 2 of control groups); unlimited without one."""
    endless = 2**62
    try:
        most = (folder / "memory.max").read_text().strip()
        used = int((folder / "memory.current").read_text())
        details = dict(line.split() for line in (folder / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):
        return endless
    # The kernel frees pages of files that were not used lately whenever memory is needed.
    return endless if most == "max" else int(most) - used + int(details.get("inactive_file", "0"))
