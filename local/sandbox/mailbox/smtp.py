"""SMTP: customers' mail in, our product's mail out, on aiosmtpd."""

import asyncio
import ssl
from types import SimpleNamespace
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from local.sandbox.mailbox.faults import SmtpFault
from local.sandbox.mailbox.post_office import PostOffice

LARGEST_MAIL = 60 * 1024 * 1024
_END = b"\r\n.\r\n"


class SmtpService:
    """The SMTP server over one post office."""

    def __init__(self, office: PostOffice, tls: ssl.SSLContext) -> None:
        self._office = office
        self._tls = tls
        self._open: set[SandboxSmtp] = set()

    def starttls(self) -> "SandboxSmtp":
        """Return the protocol of a connection that begins in the clear."""
        return SandboxSmtp(self._office, self._tls, implicit_tls=False, open_connections=self._open)

    def implicit_tls(self) -> "SandboxSmtp":
        """Return the protocol of a connection that is encrypted already."""
        return SandboxSmtp(self._office, self._tls, implicit_tls=True, open_connections=self._open)

    async def close(self) -> None:
        """Cut every connection and wait until that is done."""
        handlers = [each.hang_up() for each in tuple(self._open)]
        tasks = [each for each in handlers if each is not None]
        if tasks:
            await asyncio.wait(tasks, timeout=2)


class SandboxSmtp(SMTP):
    """One SMTP connection. Accepts any bytes and lines of any length, as large providers do."""

    line_length_limit = LARGEST_MAIL + 1024

    def __init__(
        self,
        office: PostOffice,
        tls: ssl.SSLContext,
        *,
        implicit_tls: bool,
        open_connections: set["SandboxSmtp"],
    ) -> None:
        rules = SimpleNamespace(
            handle_AUTH=self._before_login,
            handle_MAIL=self._sender,
            handle_RCPT=self._recipient,
            handle_DATA=self._content,
        )
        super().__init__(
            rules,
            data_size_limit=LARGEST_MAIL,
            hostname="localhost",
            ident="ESMTP sandbox",
            tls_context=None if implicit_tls else tls,
            auth_require_tls=not implicit_tls,
            authenticator=self._login,
            loop=asyncio.get_running_loop(),
        )
        self._office = office
        self._failed_login: str | None = None
        self._open_connections = open_connections

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Record the connection; called again once STARTTLS has succeeded."""
        is_new = self not in self._open_connections
        super().connection_made(transport)
        self._open_connections.add(self)
        if is_new and self._office.hangs_up():
            self.hang_up()

    def connection_lost(self, error: Exception | None) -> None:
        """Forget the connection."""
        self._open_connections.discard(self)
        super().connection_lost(error)

    def hang_up(self) -> "asyncio.Task[None] | None":
        """Cut the connection and return the task that served it."""
        transport: Any = self.transport
        if transport is not None:
            transport.abort()
        return self._handler_coroutine

    async def smtp_DATA(self, arg: str) -> None:  # noqa: N802  aiosmtpd finds commands by name
        """Read the mail in one piece; aiosmtpd's own way is line by line, and strict about their length."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope = self.envelope
        if envelope is None or not envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        if arg:
            await self.push("501 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = await self._read_content()
        if content is None:
            status = "552 5.3.4 Message size exceeds fixed maximum message size"
        else:
            envelope.content = content
            status = await self._call_handler_hook("DATA")
        self._set_post_data_state()  # type: ignore[no-untyped-call]  # aiosmtpd is typed in parts
        if status:
            await self.push(status)

    async def _read_content(self) -> bytes | None:
        """Return the mail without its dots, or None if it is too large; the connection stays usable."""
        reader: Any = self._reader
        # With a line end in front, a single dot on the first line is no special case.
        reader._buffer[:0] = b"\r\n"  # there is no public way to put bytes back
        too_large = False
        while True:
            try:
                raw: bytes = await reader.readuntil(_END)
                break
            except asyncio.LimitOverrunError as overrun:
                too_large = True
                await reader.readexactly(overrun.consumed)
        if too_large or len(raw) > LARGEST_MAIL:
            return None
        return raw[:-3].replace(b"\r\n..", b"\r\n.")[2:]

    def _login(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth: Any
    ) -> AuthResult:
        del server, session, envelope, mechanism
        if isinstance(auth, LoginPassword):
            email, password = auth.login.decode(errors="replace"), auth.password.decode(errors="replace")
            if self._office.opens(email, password):
                return AuthResult(success=True, auth_data=email.lower())
        return AuthResult(success=False, handled=False, message="535 Authentication Failed")

    async def _before_login(
        self, server: SMTP, session: Session, envelope: Envelope, words: list[str]
    ) -> Any:
        del server, session, envelope, words
        # Clients try one mechanism after the other: a failed login fails in all of them.
        self._failed_login = self._failed_login or await self._spoiled("auth")
        return self._failed_login or MISSING

    async def _sender(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session
        spoiled = await self._spoiled("mail")
        if spoiled is not None:
            return spoiled
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 Sender OK"

    async def _recipient(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server
        spoiled = await self._spoiled("rcpt")
        refusal = spoiled or self._office.refusal_of(address, account=session.auth_data)
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 Recipient OK"

    async def _content(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        del server
        fault = self._office.take_fault("data")
        if fault and fault.kind != "accept_then_close":
            spoiled = await self._play(fault)
            if spoiled is not None:
                return spoiled
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        answer = self._office.accept(
            content,
            account=session.auth_data,
            mail_from=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
        )
        if fault and fault.kind == "accept_then_close":
            return self._cut_off()
        return answer

    async def _spoiled(self, stage: str) -> str | None:
        fault = self._office.take_fault(stage)
        return await self._play(fault) if fault else None

    async def _play(self, fault: SmtpFault) -> str | None:
        """Return the fault's answer, or None if the usual one follows."""
        await asyncio.sleep(fault.seconds)
        if fault.kind == "delay":
            return None
        return fault.answer if fault.kind == "answer" else self._cut_off()

    def _cut_off(self) -> str:
        self.hang_up()
        return "421 4.3.2 nobody hears this answer"
