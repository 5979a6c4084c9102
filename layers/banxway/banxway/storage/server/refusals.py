"""Why PostgreSQL, or a pooler in front of it, refuses a connection: what an operator must correct, in one sentence.

libpq gives its caller no SQLSTATE for a failed sign-in, so the error's English text is matched, as PostgreSQL,
PgBouncer and Supavisor word it. A text in another language is reported as "does not answer", which says less.
"""

import re
from typing import ClassVar

from banxway.errors import SettingsError, Unavailable
from banxway.reasons import Reason


class DatabaseRefused(Unavailable):
    """Raised when the database answers and refuses the connection. Correct what the sentence names."""

    code: ClassVar[str] = "database_refused"


_UNPROVEN = (
    "password authentication failed|SASL authentication failed|no password supplied|[Ww]rong password"
    "|empty password"
)
_SIGN_IN = (
    r'role "[^"]*" does not exist|is not permitted to log in|pg_hba\.conf|no such user'
    "|Tenant or user not found"
)
_REFUSALS = (
    (_UNPROVEN, "The database refuses the password in {variable}", Reason.DATABASE_WRONG_PASSWORD),
    (_SIGN_IN, "The database does not let the role in {variable} sign in", Reason.DATABASE_SIGN_IN_REFUSED),
    (
        r'database "[^"]*" does not exist|no such database',
        "There is no database of the name in {variable}",
        Reason.DATABASE_NOT_FOUND,
    ),
    (
        r"too many (?:clients|connections)|remaining connection slots|no more connections allowed|[Mm]ax client",
        "The database takes no more connections",
        Reason.DATABASE_FULL,
    ),
    (
        r"could not translate host name|failed to resolve host|[Nn]ame or service not known",
        "The host in {variable} is not found; in a password, @, :, / and # are written %40, %3A, %2F and %23",
        Reason.DATABASE_HOST_NOT_FOUND,
    ),
)


def refusal_of(error: BaseException, *, variable: str) -> DatabaseRefused | None:
    """Return the refusal that a failed connection means, or None if the database merely did not answer.

    The sentence names the variable that contains the address.
    """
    words = str(error)
    for pattern, sentence, reason in _REFUSALS:
        if re.search(pattern, words):
            return DatabaseRefused(sentence.format(variable=variable), reason=reason)
    return None


def require_address(url: str, *, variable: str) -> None:
    """Raise SettingsError, naming the variable, unless a text is a connection address of PostgreSQL."""
    import psycopg

    try:
        psycopg.conninfo.conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # The error's text quotes the address, and the password in it.
        raise SettingsError(
            f"{variable} is not a connection address of PostgreSQL",
            reason=Reason.DATABASE_ADDRESS_UNREADABLE,
        ) from None
