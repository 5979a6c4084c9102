"""Processes that poll a mailbox with the product's own services, and may be killed at any moment.

    with Poller.ready(product, account, imap_port=…, authority=…) as poller:
        pid = poller.start(account)      # a process that polls again and again, and has begun to
        poller.kill(pid)
        poller.poll(account)             # one that polls once and ends

Importing the product takes most of a second, so one process does it once and forks the others: each has its own
connections to Postgres and to the mail server, as a worker process has.
"""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from banxway.clock import SYSTEM_CLOCK
from tests.support.databases.postgres import TestDatabase
from tests.support.gates.tree import LAYER, ROOT
from tests.support.product.builders import Product
from tests.support.timing.waiting import PATIENCE_S, eventually

_ANSWERS = 1
"""The descriptor that answers go to; logs would go there, too, and go to nowhere instead."""


class Poller:
    """The process that forks pollers; made by `ready`."""

    def __init__(self, process: "subprocess.Popen[str]", database: TestDatabase) -> None:
        self._process = process
        self._database = database

    @classmethod
    @contextmanager
    def ready(cls, product: Product, account: UUID, *, imap_port: int, authority: Path) -> "Iterator[Poller]":
        """Start the process, wait until it has polled once itself, and end it with all that it started."""
        deployment = {
            "database": asdict(product.database),
            "folder": str(product.folder),
            "imap_port": imap_port,
            "authority": str(authority),
            "account": str(account),
        }
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mailboxes.poller", json.dumps(deployment)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), str(LAYER)))},
        )
        poller = cls(process, product.database)
        try:
            assert poller._hear() == "ready"
            yield poller
        finally:
            assert process.stdin is not None
            process.stdin.close()
            process.wait(timeout=PATIENCE_S)
            process.stdout.close()

    def start(self, account: UUID) -> int:
        """Start a process that polls the mailbox again and again; returns its id once it has the lease."""
        fence = self._fence(account)
        pid = int(self._ask({"account": str(account), "again": True, "limits": {}}))
        eventually(lambda: self._fence(account) != fence)
        return pid

    def kill(self, pid: int) -> None:
        """Kill a process and let its lease end, as if its time had passed."""
        os.kill(pid, signal.SIGKILL)
        self._ask({"wait": pid})
        self.let_leases_end()

    def poll(self, account: UUID, **limits: int) -> int:
        """Poll once in a process of its own; returns how it ended, as waitpid says.

        `limits` are resource limits by their names, such as RLIMIT_NOFILE; RLIMIT_AS is beyond what it has already.
        """
        pid = int(self._ask({"account": str(account), "again": False, "limits": limits}))
        return int(self._ask({"wait": pid}))

    def let_leases_end(self) -> None:
        """Let the time of every lease pass, and every mailbox fall due."""
        self._database.rows("UPDATE email_accounts SET lease_until = NULL, next_poll_at = now()")

    def _fence(self, account: UUID) -> int:
        (row,) = self._database.rows("SELECT fence FROM email_accounts WHERE id = %s", (account,))
        return int(row["fence"])

    def _ask(self, request: dict[str, Any]) -> str:
        assert self._process.stdin
        print(json.dumps(request), file=self._process.stdin, flush=True)
        return self._hear()

    def _hear(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()


def _serve(deployment: dict[str, Any]) -> None:
    """Fork a poller for each request that comes, and tell how each ended when asked."""
    # So that no child has to import anything again.
    product = _product(deployment)
    product.poll(UUID(deployment["account"]))
    product.close()
    started: set[int] = set()
    _say("ready")
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            started.discard(request["wait"])
            _say(status)
            continue
        pid = os.fork()
        if pid == 0:
            _be_a_poller(deployment, request)
        started.add(pid)
        _say(pid)
    for pid in started:
        os.kill(pid, signal.SIGKILL)


def _say(answer: object) -> None:
    os.write(_ANSWERS, f"{answer}\n".encode())


def _be_a_poller(deployment: dict[str, Any], request: dict[str, Any]) -> None:
    status = 1
    try:
        product = _product(deployment)
        for name, limit in request["limits"].items():
            most = limit + (_address_space() if name == "RLIMIT_AS" else 0)
            resource.setrlimit(getattr(resource, name), (most, most))
        account = UUID(request["account"])
        product.poll(account)
        while request["again"]:
            SYSTEM_CLOCK.sleep(0.01)
            product.poll(account)
        status = 0
    finally:
        # Not the parent's exit handlers.
        os._exit(status)


def _address_space() -> int:
    """Return how many bytes this process has mapped."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _product(deployment: dict[str, Any]) -> Product:
    import ssl

    from banxway.models.integrations.credentials import MailServer
    from banxway.providers.mail.imap.mailbox import ImapMailbox
    from tests.support.servers.tcp_server import dial_loopback

    database = TestDatabase(**deployment["database"])
    product = Product(database, Path(deployment["folder"]))
    tls = ssl.create_default_context(cafile=deployment["authority"])

    def mailbox(server: MailServer) -> ImapMailbox:
        return ImapMailbox(server, connect=dial_loopback(deployment["imap_port"]), tls=tls)

    product.app.infrastructure.providers = replace(product.app.infrastructure.providers, mailbox=mailbox)
    return product


if __name__ == "__main__":
    sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # for as long as the process lives
    _serve(json.loads(sys.argv[1]))
