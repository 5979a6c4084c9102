"""Writes generated files, or checks that they are up to date."""

import sys
from collections.abc import Mapping
from pathlib import Path


def write_or_check(files: Mapping[Path, str], *, again: str) -> int:
    """Write these files; with --check on the command line write nothing and return 1 if any is stale."""
    stale = [path for path, text in files.items() if not is_fresh(path, text)]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path.name} is stale: run {again}", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[path], encoding="utf-8")
        print(f"wrote {path.name}")
    return 0


def is_fresh(path: Path, text: str) -> bool:
    """Return whether a file exists with exactly this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text
