"""The product's log: one JSON object per line, in UTC, with every text redacted.

get_logger().info("sent", message_id=message_id)
bind(organization_id=...) ... clear()             every line between the two has these keys
"""

import contextlib
import logging
import sys
from functools import cache
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from aws_lambda_powertools import Logger

SERVICE = "banxway"


@cache
def get_logger() -> "Logger":
    """Return the process's logger, made on first use. It redacts each line, so every line is safe to keep."""
    from aws_lambda_powertools import Logger

    logger = Logger(service=SERVICE, logger_handler=_Lines(), logger_formatter=_new_formatter())
    # A root handler would write the record a second time, without redaction.
    logging.getLogger(SERVICE).propagate = False
    return logger


def bind(**context: Any) -> None:
    """Add these keys to every line until `clear`; a worker binds organization, function and request."""
    get_logger().append_keys(**context)


def clear() -> None:
    """Drop all bound keys, so that the next invocation's lines do not carry this one's."""
    get_logger().clear_state()


def cover_libraries() -> None:
    """Redact what libraries log, too: covers the handlers that the root logger has at this time."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_new_formatter())


def _new_formatter() -> Any:
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    from banxway.security.redaction import mask

    class RedactingFormatter(LambdaPowertoolsFormatter):
        """Formats every line of the log: message, extra keys, exception and stack trace are masked."""

        def serialize(self, log: Any) -> str:
            return super().serialize(mask(log))

    return RedactingFormatter(utc=True, use_rfc3339=True)


class _Lines(logging.StreamHandler[TextIO]):
    """Writes to the present sys.stdout, looked up for each line."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # looked up late, as logging.lastResort does
        return sys.stdout

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """Write that a line could not be written; logging's own method would print the unmasked arguments."""
        where = f"{record.filename}:{record.lineno}"
        # If the log is on a full disk, the work that was to be logged continues.
        with contextlib.suppress(OSError):
            sys.stdout.write(
                f'{{"level":"ERROR","service":"{SERVICE}","message":"unwritable log line at {where}"}}\n'
            )
