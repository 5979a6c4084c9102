"""What an error of the server inside a transaction means: nothing was changed, and why."""

from typing import TYPE_CHECKING, NamedTuple

from banxway.errors import Unavailable
from banxway.reasons import Reason

if TYPE_CHECKING:
    import psycopg


class Failure(NamedTuple):
    """What to raise, and whether the connection is of no more use."""

    error: Unavailable
    is_final: bool


def failure_of(error: "psycopg.Error") -> Failure | None:
    """Return what an error of the server means; None for a fault of the statement itself."""
    from psycopg import errors

    if isinstance(error, errors.ReadOnlySqlTransaction):
        # After a failover the connection may lead to a server that is now a standby; the next connection resolves the
        # host again.
        return _final(
            "The database is read-only at the moment; nothing was changed", Reason.DATABASE_READ_ONLY
        )
    if isinstance(error, errors.QueryCanceled):
        return _passing("The database took too long; try again shortly", Reason.DATABASE_SLOW)
    if isinstance(error, errors.LockNotAvailable):
        return _passing(
            "Other work on the same rows took too long, and nothing was changed; try again shortly",
            Reason.DATABASE_LOCKED,
        )
    if isinstance(error, errors.DiskFull):
        return _passing("The disk of the database is full; nothing was changed", Reason.DATABASE_DISK_FULL)
    if isinstance(error, errors.IdleInTransactionSessionTimeout):
        return stood_still()
    if isinstance(error, errors.OperationalError):
        return _final("The database connection broke; nothing was changed", Reason.DATABASE_UNREACHABLE)
    return None


def stood_still() -> Failure:
    """Return what it means that the server ended a transaction in which nothing happened for too long."""
    return _final(
        "The transaction stood still for too long and was ended; nothing was changed", Reason.DATABASE_IDLE
    )


def _final(sentence: str, reason: Reason) -> Failure:
    return Failure(Unavailable(sentence, reason=reason), is_final=True)


def _passing(sentence: str, reason: Reason) -> Failure:
    return Failure(Unavailable(sentence, reason=reason), is_final=False)
