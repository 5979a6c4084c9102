"""Starts and stops the sandbox: one thread, one event loop, five listening ports."""

import asyncio
import logging
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Literal

import uvicorn
from starlette.types import ASGIApp

from local.sandbox.bridge import OnLoop
from local.sandbox.exotel.app import InRegion, make_app, make_control
from local.sandbox.exotel.kept import Kept
from local.sandbox.exotel.transport import BreakableProtocol
from local.sandbox.exotel.world import World
from local.sandbox.mailbox.certificates import server_tls
from local.sandbox.mailbox.control import mail_routes
from local.sandbox.mailbox.imap.server import ImapService
from local.sandbox.mailbox.imap.wire import LONGEST_LINE
from local.sandbox.mailbox.post_office import Mailbox, PostOffice
from local.sandbox.mailbox.smtp import SmtpService
from local.sandbox.mailbox.store import MailStore
from local.sandbox.page import page_routes
from local.sandbox.ports import Ports

# App passwords as Zoho makes them; public on purpose.
DEMO_MAILBOXES = [
    Mailbox("support@banxway.local", "sandboxsupport"),
    Mailbox("sales@other.local", "sandboxsales"),
]


@dataclass(frozen=True)
class MailServerAddress:
    """Where a mail server listens, and how TLS begins there."""

    host: str
    port: int
    tls: Literal["starttls", "implicit"]


@dataclass
class Sandbox:
    """A running sandbox. `api` is its control API as an ASGI application that may run on any event loop."""

    exotel_url: str
    exotel_mumbai_url: str
    smtp: MailServerAddress
    smtps: MailServerAddress
    imap: MailServerAddress
    ca_file: Path
    mailboxes: list[dict[str, str]]
    exotel_accounts: list[dict[str, Any]]
    api: ASGIApp = field(repr=False)
    _stop: Callable[[], None] = field(repr=False)

    def stop(self) -> None:
        """Stop everything; returns when the ports are free."""
        self._stop()

    def addresses(self) -> dict[str, Any]:
        """Return everything that a client needs to connect, as JSON."""
        return {
            "exotel_url": self.exotel_url,
            "exotel_mumbai_url": self.exotel_mumbai_url,
            "smtp": asdict(self.smtp),
            "smtps": asdict(self.smtps),
            "imap": asdict(self.imap),
            "ca_file": str(self.ca_file),
            "mailboxes": self.mailboxes,
            "exotel_accounts": self.exotel_accounts,
        }


def start(state: Path, *, webhook_base_url: str) -> Sandbox:
    """Start the sandbox and return once it listens.

    Mail, ports, certificates and what the simulated Exotel saw are kept under `state`.
    `webhook_base_url` is where our product listens; the page shows it. Raises the error that kept it from starting.
    """
    started: Future[Sandbox] = Future()
    thread = threading.Thread(
        target=lambda: asyncio.run(_serve(state, webhook_base_url, started)), name="sandbox", daemon=True
    )
    thread.start()
    sandbox = started.result()
    ask_to_stop = sandbox._stop

    def stop() -> None:
        if thread.is_alive():
            ask_to_stop()
            thread.join(timeout=60)

    sandbox._stop = stop
    return sandbox


async def _serve(state: Path, webhook_base_url: str, started: "Future[Sandbox]") -> None:
    """Serve until `stop` is called; `started` gets the running sandbox, or the error."""
    async with AsyncExitStack() as closing:
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        try:
            sandbox = await _open(state, webhook_base_url, closing)
        except BaseException as error:  # noqa: BLE001 -- the caller raises it, in its own thread
            started.set_exception(error)
            return
        sandbox._stop = partial(_set_on_loop, loop, stopped)
        started.set_result(sandbox)
        await stopped.wait()


def _set_on_loop(loop: asyncio.AbstractEventLoop, event: asyncio.Event) -> None:
    loop.call_soon_threadsafe(event.set)


async def _open(state: Path, webhook_base_url: str, closing: AsyncExitStack) -> Sandbox:
    ports = Ports(state / "sandbox" / "ports.json")
    tls, ca_file = server_tls(state / "tls")
    store = MailStore(state / "sandbox" / "mail" / "mail.db")
    closing.callback(store.close)
    office = PostOffice(store, DEMO_MAILBOXES)
    kept = Kept(state / "sandbox" / "exotel.db")
    closing.callback(kept.close)
    world = World(kept)
    closing.callback(world.close)
    smtp, smtps, imap = await _open_mail(office, tls, ports, closing)
    facts: dict[str, Any] = {"webhook_base_url": webhook_base_url}
    control = make_control(world, more=[*mail_routes(office), *page_routes(world, office, facts)])
    app = make_app(world, control=control)
    url = await _open_web(InRegion(app, "singapore"), ports.listen("exotel"), closing)
    mumbai_url = await _open_web(InRegion(app, "mumbai"), ports.listen("exotel_mumbai"), closing)
    sandbox = Sandbox(
        exotel_url=url,
        exotel_mumbai_url=mumbai_url,
        smtp=smtp,
        smtps=smtps,
        imap=imap,
        ca_file=ca_file,
        mailboxes=[asdict(each) for each in DEMO_MAILBOXES],
        exotel_accounts=[each.to_connect() for each in world.accounts],
        api=OnLoop(control, asyncio.get_running_loop()),
        _stop=lambda: None,
    )
    facts |= sandbox.addresses()
    world.resume()
    return sandbox


async def _open_mail(
    office: PostOffice, tls: ssl.SSLContext, ports: Ports, closing: AsyncExitStack
) -> tuple[MailServerAddress, MailServerAddress, MailServerAddress]:
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # aiosmtpd warns of its own deprecations
    loop = asyncio.get_running_loop()
    imap, smtp = ImapService(office), SmtpService(office, tls)
    sockets = {name: ports.listen(name) for name in ("smtp", "smtps", "imap")}
    servers = [
        await loop.create_server(smtp.starttls, sock=sockets["smtp"]),
        await loop.create_server(smtp.implicit_tls, sock=sockets["smtps"], ssl=tls),
        await asyncio.start_server(imap.serve, sock=sockets["imap"], ssl=tls, limit=LONGEST_LINE),
    ]
    for server in servers:
        closing.callback(server.close)
    closing.push_async_callback(imap.close)
    closing.push_async_callback(smtp.close)
    where = {name: sock.getsockname()[1] for name, sock in sockets.items()}
    return (
        MailServerAddress("127.0.0.1", where["smtp"], "starttls"),
        MailServerAddress("127.0.0.1", where["smtps"], "implicit"),
        MailServerAddress("127.0.0.1", where["imap"], "implicit"),
    )


async def _open_web(app: ASGIApp, listening: socket.socket, closing: AsyncExitStack) -> str:
    """Serve HTTP on a socket and return its address."""
    config = uvicorn.Config(
        app,
        http=BreakableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server.serve(sockets=[listening]))

    async def close() -> None:
        server.should_exit = True
        await serving

    closing.push_async_callback(close)
    while not server.started:  # noqa: ASYNC110  uvicorn offers no event to wait for
        await asyncio.sleep(0.005)
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
