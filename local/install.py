"""python -m local.install FOLDER LOCK: create a virtual environment with the locked packages, or say why not."""

import re
import subprocess
import sys
from pathlib import Path

_NO_CONNECTION = re.compile(
    r"connection broken by|Failed to establish a new connection|ProxyError|Max retries"
)
_MODULE = re.compile(r"ensurepip is not\s+available|No module named '?(venv|ensurepip|pip)")


def reason(output: str) -> str:
    """Return in one sentence why packages could not be installed, from the output of the installing programs."""
    if "No space left on device" in output or "Disk quota exceeded" in output:
        return "the disk is full; make room and start again"
    if "Read-only file system" in output:
        return "the folder for the packages is read-only; work in a folder that can be written"
    if _MODULE.search(output):
        return "this Python cannot create virtual environments; on Debian install python3-venv"
    if _NO_CONNECTION.search(output):
        return "there is no connection to the package index, and the packages are not installed yet"
    errors = [line for line in output.splitlines() if "error" in line.lower()] or output.splitlines()
    return errors[-1].strip() if errors else "the installing program ended without a message"


def main(arguments: list[str]) -> int:
    """Install; return 1 after one sentence on stderr if it cannot be done."""
    folder, lock = arguments
    pip = [str(Path(folder) / "bin" / "pip"), "install", "--quiet", "--disable-pip-version-check"]
    trouble = _run([sys.executable, "-m", "venv", folder]) or _run(
        [*pip, "--no-compile", "--no-deps", "--require-hashes", "-r", lock]
    )
    if trouble:
        print(f"cannot install: {trouble}", file=sys.stderr)
    return 1 if trouble else 0


def _run(command: list[str]) -> str | None:
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
    except OSError as error:
        return reason(f"{error.filename}: {error.strerror}")
    return reason(done.stdout) if done.returncode else None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
