"""The connection to Postgres, and the scope that every statement runs in.

Row-level security decides what a statement sees, from settings that are local to the transaction (so that a
transaction-mode pooler may give the connection to another client between two transactions):

    organization(id)   one organization's rows
    as_actor(actor)    the same, for a signed-in user; the user's own row says which organization and role
    nobody()           no organization's rows
    system()           as the role banxway_system, those rows of all organizations that dispatchers and sweepers need

No statement runs outside a scope. A database role that bypasses row-level security is refused. Time limits are local
to the transaction, too (models/time_limits.py).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from banxway.errors import NotAuthenticated, SettingsError, Unavailable, UnknownSubject
from banxway.log import get_logger
from banxway.models.actors import Actor
from banxway.models.time_limits import WORKER, TimeLimits
from banxway.reasons import Reason
from banxway.storage.server.checks import MAY_NOT_BE_SYSTEM, refuse_unbound_role, refuse_unsafe_server
from banxway.storage.server.failures import failure_of, stood_still
from banxway.storage.server.refusals import refusal_of
from banxway.storage.storable_text import store_any_text

if TYPE_CHECKING:
    import psycopg

Row = dict[str, Any]
Parameters = Sequence[Any] | Mapping[str, Any]
T = TypeVar("T")


class CommitUncertain(Unavailable):
    """Raised when the connection broke during COMMIT: the work may be done or not. Check before repeating it."""

    code = "commit_uncertain"


class Transaction:
    """One open transaction; made by Database, handed to the functions of `storage/`."""

    def __init__(self, connection: "psycopg.Connection[Row]") -> None:
        self._connection = connection

    def execute(self, statement: str, parameters: Parameters = ()) -> int:
        """Run a statement and return how many rows it touched."""
        return self._connection.execute(statement, parameters).rowcount

    @contextmanager
    def rehearsal(self, *, is_rehearsal: bool = True) -> Iterator[None]:
        """Undo every change of the block at its end if it is a rehearsal; locks stay until the commit."""
        if is_rehearsal:
            self.execute("SAVEPOINT rehearsal")
        yield
        if is_rehearsal:
            self.execute("ROLLBACK TO SAVEPOINT rehearsal")

    def one(self, statement: str, parameters: Parameters = ()) -> Row | None:
        """Run a statement and return its first row, or None."""
        return self._connection.execute(statement, parameters).fetchone()

    def one_of(self, kind: type[T], statement: str, parameters: Parameters = ()) -> T | None:
        """Run a statement and return its first row as an object of `kind`, or None.

        The statement's columns must be the fields of `kind`, in any order.
        """
        return self._cursor_of(kind).execute(statement, parameters).fetchone()

    def all_of(self, kind: type[T], statement: str, parameters: Parameters = ()) -> list[T]:
        """Run a statement and return all its rows as objects of `kind`, as `one_of` does."""
        return self._cursor_of(kind).execute(statement, parameters).fetchall()

    def single_of(self, kind: type[T], statement: str, parameters: Parameters = ()) -> T:
        """Run a statement that always yields a row, and return it as an object of `kind`, as `one_of` does."""
        row = self.one_of(kind, statement, parameters)
        if row is None:
            raise LookupError("a statement that always yields a row yielded none")
        return row

    def _cursor_of(self, kind: type[T]) -> "psycopg.Cursor[T]":
        from psycopg.rows import class_row

        return self._connection.cursor(row_factory=class_row(kind))

    def now(self) -> datetime:
        """Return the time at which the transaction began, by the database's clock, in UTC."""
        at: datetime = self.single("SELECT now() AS at")["at"]
        return at.astimezone(UTC)

    @contextmanager
    def undoing(self) -> Iterator[None]:
        """Take back what is written inside; the transaction goes on. An error inside ends the transaction."""
        self.execute("SAVEPOINT undoing")
        yield
        self.execute("ROLLBACK TO SAVEPOINT undoing")

    def single(self, statement: str, parameters: Parameters = ()) -> Row:
        """Run a statement that always yields a row, and return it."""
        row = self.one(statement, parameters)
        if row is None:
            raise LookupError("a statement that always yields a row yielded none")
        return row

    def all(self, statement: str, parameters: Parameters = ()) -> list[Row]:
        """Run a statement and return all its rows."""
        return self._connection.execute(statement, parameters).fetchall()


class Database:
    """The process's one connection, opened on first use and reopened when it has died."""

    def __init__(
        self,
        url: str,
        *,
        application_name: str = "banxway",
        limits: Callable[[], TimeLimits] = lambda: WORKER,
        connect: "Callable[..., psycopg.Connection[Row]] | None" = None,
    ) -> None:
        """`limits` is asked when a transaction begins, since one process may serve functions of several kinds."""
        self._url = url
        self._limits = limits
        self._application_name = application_name
        self._connect = connect
        self._connection: psycopg.Connection[Row] | None = None
        self._signed_in: Actor | None = None

    def sign_in(self, subject: str, *, timeout_ms: int = 5000) -> Actor:
        """Return the user of a token's subject as an actor, and leave the transaction open for the work that follows.

        The next `as_actor` of the same user continues it, so the role is checked and used in one transaction.
        `release` ends it if no work follows. Raises UnknownSubject for a subject that is nobody's, and
        NotAuthenticated for a user who is no longer active.
        """
        return self._enter("SELECT * FROM enter_subject_scope(%s, %s)", (subject, timeout_ms))

    def _enter(self, statement: str, parameters: Parameters) -> Actor:
        row = self._begin(statement, parameters).fetchone()
        if row is None or not row["is_active"]:
            self._roll_back()
        if row is None:
            raise UnknownSubject(
                "You are not a member yet, and nobody has invited you: ask an admin for an invitation",
                reason=Reason.NO_INVITATION,
            )
        if not row["is_active"]:
            raise _deactivated()
        self._signed_in = Actor(
            user_id=row["id"], organization_id=row["organization_id"], role=row["role"], email=row["email"]
        )
        return self._signed_in

    def release(self) -> None:
        """End the transaction that `sign_in` left open, unless `as_actor` has continued it."""
        if self._signed_in is not None:
            self._signed_in = None
            self._roll_back()

    @contextmanager
    def as_actor(self, actor: Actor, *, timeout_ms: int = 5000) -> Iterator[Transaction]:
        """Run a transaction as a signed-in user. Commits at the end, rolls back on any exception.

        Raises NotAuthenticated if the user has been deactivated meanwhile.
        """
        if self._signed_in is None or self._signed_in.user_id != actor.user_id:
            self.release()
            try:
                self._enter("SELECT * FROM enter_user_scope(%s, %s)", (actor.user_id, timeout_ms))
            except UnknownSubject:
                raise _deactivated() from None  # enter_user_scope returns no row of a user who is not active
        self._signed_in = None
        with self._finishing() as transaction:
            yield transaction

    @contextmanager
    def nobody(self, *, timeout_ms: int = 5000) -> Iterator[Transaction]:
        """Run a transaction in which no organization's rows are seen: for somebody who is not a member yet.

        Commits at the end, rolls back on any exception.
        """
        self.release()
        self._begin("SELECT enter_scope('nobody', NULL, %s)", (timeout_ms,))
        with self._finishing() as transaction:
            yield transaction

    @contextmanager
    def organization(self, organization_id: UUID, *, timeout_ms: int | None = None) -> Iterator[Transaction]:
        """Run a transaction in one organization's scope, without a user. Commits at the end, else rolls back.

        A statement may take `timeout_ms`, else as long as the function's kind allows.
        """
        self.release()
        statement_ms = timeout_ms or self._limits().statement_ms
        self._begin("SELECT enter_scope('organization', %s, %s)", (organization_id, statement_ms))
        with self._finishing() as transaction:
            yield transaction

    @contextmanager
    def system(self, *, timeout_ms: int | None = None) -> Iterator[Transaction]:
        """Run a transaction across organizations as banxway_system, which sees only what a policy shows to that role.

        Commits at the end, rolls back on any exception.
        """
        self.release()
        self._begin("SELECT enter_scope('system', NULL, %s)", (timeout_ms or self._limits().statement_ms,))
        with self._finishing() as transaction:
            yield transaction

    def close(self) -> None:
        """Close the connection; the next scope opens another one."""
        self._signed_in = None
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _begin(self, statement: str, parameters: Parameters) -> "psycopg.Cursor[Row]":
        """Begin a transaction in its scope, over a new connection if the present one is dead.

        A frozen Lambda instance may wake with a dead socket. Nothing was done yet, so a second attempt is safe.
        """
        import psycopg

        for attempt in (1, 2):
            try:
                connection = self._live_connection()
                connection.execute(self._limits().beginning)
                return connection.execute(statement, parameters)
            except psycopg.errors.UndefinedFunction as error:
                self.close()
                raise Unavailable(
                    "The database has no tables of this product: run the migrations",
                    reason=Reason.SCHEMA_MISSING,
                ) from error
            except psycopg.errors.InsufficientPrivilege as error:
                self.close()
                raise SettingsError(MAY_NOT_BE_SYSTEM, reason=Reason.DATABASE_WRONG_ROLE) from error
            except psycopg.OperationalError as error:
                self.close()
                if attempt == 2:
                    raise Unavailable(
                        "The database does not answer; try again shortly",
                        reason=Reason.DATABASE_UNREACHABLE,
                    ) from error
                get_logger().info("the database connection is gone and is opened again", error=str(error))
        raise LookupError("two attempts end in a return or an error")

    @contextmanager
    def _finishing(self) -> Iterator[Transaction]:
        import psycopg

        connection = self._live_connection()
        try:
            yield Transaction(connection)
        except psycopg.Error as error:
            failure = failure_of(error)
            if failure and failure.is_final:
                self.close()
            else:
                self._roll_back()
            if failure:
                raise failure.error from error
            raise
        except BaseException:
            self._roll_back()
            raise
        self._commit(connection)

    def _commit(self, connection: "psycopg.Connection[Row]") -> None:
        import psycopg

        try:
            connection.execute("COMMIT")
        except psycopg.errors.IdleInTransactionSessionTimeout as error:
            self.close()
            raise stood_still().error from error
        except psycopg.OperationalError as error:
            self.close()
            # What a deferred trigger cannot do, such as to get its lock, ends the transaction before its commit.
            if error.diag.severity_nonlocalized == "ERROR" and (failure := failure_of(error)):
                raise failure.error from error
            raise CommitUncertain(
                "The database connection broke while saving; check before repeating"
            ) from error
        except BaseException:
            # An open transaction would keep its locks until the next one begins, and be committed with it.
            self._roll_back()
            raise

    def _roll_back(self) -> None:
        import psycopg

        try:
            if self._connection is not None:
                self._connection.execute("ROLLBACK")
        except psycopg.Error:
            self.close()

    def _live_connection(self) -> "psycopg.Connection[Row]":
        if self._connection is None or self._connection.closed:
            self._connection = self._open()
        return self._connection

    def _open(self) -> "psycopg.Connection[Row]":
        import psycopg

        try:
            connection = self._connected()
        except psycopg.ProgrammingError:
            # The error's text quotes the address, and the password in it.
            raise SettingsError(
                "DATABASE_URL is not a connection address of PostgreSQL",
                reason=Reason.DATABASE_ADDRESS_UNREADABLE,
            ) from None
        except psycopg.OperationalError as error:
            if (refused := refusal_of(error, variable="DATABASE_URL")) is not None:
                raise refused from error
            raise
        try:
            refuse_unsafe_server(connection.info.server_version)
            store_any_text(connection)
            refuse_unbound_role(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _connected(self) -> "psycopg.Connection[Row]":
        import psycopg
        from psycopg.rows import dict_row

        connect = self._connect or psycopg.connect
        # prepare_threshold=None: behind a transaction-mode pooler a prepared statement is gone the next time.
        return connect(
            self._url,
            autocommit=True,
            prepare_threshold=None,
            row_factory=dict_row,
            connect_timeout=5,
            keepalives=1,
            keepalives_idle=30,
            keepalives_interval=10,
            keepalives_count=3,
            # For a peer that vanished while a statement was being sent: keepalives do not watch unacknowledged data.
            tcp_user_timeout=15_000,
            application_name=self._application_name,
        )


def _deactivated() -> NotAuthenticated:
    return NotAuthenticated(
        "Your access was ended: ask an admin to activate you again", reason=Reason.USER_DEACTIVATED
    )
