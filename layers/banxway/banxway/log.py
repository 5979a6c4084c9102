"""The product's log: one JSON object a line, in UTC, every word of it through redaction.

get_logger().info("sent", message_id=message_id)
bind(organization_id=...) ... clear()             keys of every line between the two
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
    """Return the process's logger, made on first use; each line is safe to keep, whatever was logged."""
    from aws_lambda_powertools import Logger

    logger = Logger(service=SERVICE, logger_handler=_Lines(), logger_formatter=_new_formatter())
    # A root handler would write the record a second time, and not through redaction.
    logging.getLogger(SERVICE).propagate = False
    return logger


def bind(**context: Any) -> None:
    """Add these keys to every line until `clear`; a worker binds organization, function and request."""
    get_logger().append_keys(**context)


def clear() -> None:
    """Drop all bound keys, so that the next invocation's lines do not carry this one's."""
    get_logger().clear_state()


def cover_libraries() -> None:
    """Send what libraries log through redaction, too: for handlers that the root logger has by now."""
    for handler in logging.getLogger().handlers:
        handler.setFormatter(_new_formatter())


def _new_formatter() -> Any:
    from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter

    from banxway.security.redaction import mask

    class RedactingFormatter(LambdaPowertoolsFormatter):
        """The one way from a record to a line: message, extra keys, exception and stack trace are masked."""

        def serialize(self, log: Any) -> str:
            return super().serialize(mask(log))

    return RedactingFormatter(utc=True, use_rfc3339=True)


class _Lines(logging.StreamHandler[TextIO]):
    """Writes to what sys.stdout is at that moment."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]  # looked up late, as logging.lastResort does
        return sys.stdout

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 -- logging's name
        """Say that a line is lost; logging's own way prints the unmasked arguments."""
        where = f"{record.filename}:{record.lineno}"
        # Where the log goes to a disk that is full, the work that was logged goes on.
        with contextlib.suppress(OSError):
            sys.stdout.write(
                f'{{"level":"ERROR","service":"{SERVICE}","message":"unwritable log line at {where}"}}\n'
            )
