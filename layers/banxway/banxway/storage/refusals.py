"""Why PostgreSQL, or a pooler before it, takes no connection: what an operator must correct, in one sentence.

libpq hands no SQLSTATE of a failed sign-in to its caller; the words are all there is. Those of PostgreSQL, PgBouncer
and Supavisor are known here. In another language they read as "does not answer", which says less.
"""

import re
from typing import ClassVar

from banxway.errors import Unavailable


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
    (_UNPROVEN, "The database refuses the password in {variable}"),
    (_SIGN_IN, "The database does not let the role in {variable} sign in"),
    (r'database "[^"]*" does not exist|no such database', "There is no database of the name in {variable}"),
    (
        r"too many (?:clients|connections)|remaining connection slots|no more connections allowed|[Mm]ax client",
        "The database takes no more connections",
    ),
    (
        r"could not translate host name|failed to resolve host|[Nn]ame or service not known",
        "The host in {variable} is not found; in a password, @, :, / and # are written %40, %3A, %2F and %23",
    ),
)


def refusal_of(error: BaseException, *, variable: str) -> DatabaseRefused | None:
    """Return what a failed connection means, naming the variable that holds the address; None for no answer."""
    words = str(error)
    for pattern, sentence in _REFUSALS:
        if re.search(pattern, words):
            return DatabaseRefused(sentence.format(variable=variable))
    return None
