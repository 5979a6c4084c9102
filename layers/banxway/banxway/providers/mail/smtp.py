"""Submits mail by SMTP over TLS, and knows at each step what a failure proves (mail.md, sections 9 and 10).

Until the dot that ends DATA has left, nothing was accepted; after the server's reply, all is known; between
the two lies OutcomeUnknown. One connection per mail: the provider's hourly limit is the bound, not speed.
"""

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from socket import socket
from typing import TYPE_CHECKING

from banxway.clock import Clock, utc_now
from banxway.errors import (
    BanxwayError,
    HostRefused,
    OutcomeUnknown,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    ValidationFailed,
)
from banxway.models.account_checks import SmtpCheck
from banxway.models.credentials import MailServer
from banxway.models.outgoing import Accepted, OutgoingMail
from banxway.providers.mail.compose import compose, envelope_address
from banxway.providers.mail.connection import (
    Budget,
    Connect,
    GuardedReader,
    MailErrors,
    refuse_control_characters,
)

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_MOST_REPLY_BYTES = 65536
_MOST_REPLY_LINES = 200
_LONGEST_REPLY_LINE = 8192

# What a person can do, by the enhanced code, else by the code (mail.md, section 9).
_ADVICE = {
    "5.4.6": "The mail provider noticed unusual sending and blocked it; unblock the account there.",
    "5.1.8": "The mail provider blocked this sender address; unblock the account there.",
    "5.1.1": "The recipient's address does not exist; correct it.",
    "5.3.4": "The mail is larger than the mail provider accepts.",
    "530": "The mail server demands a login; check the account's settings.",
    "541": "The recipient's domain refused the mail.",
    "550": "The recipient's side refused the mail; check the address and the domain's SPF, DKIM and DMARC.",
    "552": "The mail is too large, or its attachment was taken for a virus.",
    "553": "The sender address is neither this account's nor one of its aliases.",
    "554": "The mail provider's policy refused the mail.",
}


class SmtpMailSender:
    """The MailSender of one mailbox."""

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        connect_timeout_s: float = 10,
        reply_timeout_s: float = 30,
        clock: Clock = utc_now,
    ) -> None:
        self._server = server
        self._connect = connect
        self._tls = tls
        self._timeouts_s = (connect_timeout_s, reply_timeout_s)
        self._clock = clock
        self._errors = MailErrors(server, "smtp")

    def check(self) -> SmtpCheck:
        """Log in and out. Never raises: `error` says what went wrong in the words of the guide's Test 5."""
        error: str | None = None
        try:
            with self._logged_in("check"):
                pass
        except BanxwayError as failure:
            error = failure.message
        server = self._server
        is_implicit = server.tls == "implicit"
        return SmtpCheck(
            success=error is None, host=server.host, port=server.port, secure=is_implicit, error=error
        )

    def send(self, mail: OutgoingMail) -> Accepted:
        """Submit the mail exactly once; `provider_sid` is its Message-ID, by which it can be found later.

        Raises ValidationFailed for a field that cannot be written, ProviderUnavailable and ProviderThrottled
        (4xx) when nothing was accepted, ProviderRejected (5xx) with `details["advice"]`, ProviderDenied for
        the login, and OutcomeUnknown once the end of the mail may have left and no reply came.
        """
        sender = envelope_address("sender", mail.sender)
        recipient = envelope_address("recipient", mail.recipient)
        needs_utf8 = not (sender + recipient).isascii()
        content = compose(mail, clock=self._clock, utf8=needs_utf8)
        with self._logged_in("send") as session:
            options = [f"SIZE={len(content)}"] if session.has_extn("size") else []
            if needs_utf8:
                _require_smtputf8(session, "recipient" if sender.isascii() else "sender")
                options += ["SMTPUTF8", "BODY=8BITMIME"]
            self._expect(session.mail(sender, options), 250)
            self._expect(session.rcpt(recipient), 250, 251)
            self._expect(session.docmd("DATA"), 354)
            self._submit(session, content)
        return Accepted(provider_sid=mail.message_id)

    def _submit(self, session: "_Session", content: bytes) -> None:
        # A dot at the start of a line is doubled, so that none of the mail's own ends it (RFC 5321, 4.5.2).
        session.send(re.sub(rb"(?m)^\.", b"..", content).removesuffix(b"\r\n") + b"\r\n")
        try:
            session.send(b".\r\n")
            code, answer = session.getreply()
        except OSError as error:
            raise self._unknown("The mail server did not say whether it took the mail") from error
        if 400 <= code < 600:
            raise self._refusal(code, answer, "send")
        if not 200 <= code < 300:
            raise self._unknown("The mail server's answer is unreadable", answer)

    def _expect(self, reply: tuple[int, bytes], *codes: int) -> None:
        if reply[0] not in codes:
            raise self._refusal(*reply, "send")

    @contextmanager
    def _logged_in(self, operation: str) -> Iterator["_Session"]:
        """Yield a session behind TLS and login; what breaks it before the mail's last dot is definite."""
        session = _Session(self._server, connect=self._connect, tls=self._tls, timeouts_s=self._timeouts_s)
        try:
            session.begin()
            self._log_in(session, operation)
            yield session
            with suppress(OSError):
                session.quit()
        except (HostRefused, OSError) as error:  # smtplib's exceptions are OSErrors, too
            raise self._translated(error, operation) from error
        finally:
            session.close()

    def _log_in(self, session: "_Session", operation: str) -> None:
        code, answer = session.authenticate(self._server.username, self._server.password)
        if 500 <= code < 600:
            said = answer.decode("utf-8", "replace")
            raise self._errors.denied(f"{code} {said}", operation, status=code)
        if code != 235:
            raise self._refusal(code, answer, operation)

    def _translated(self, error: Exception, operation: str) -> ProviderError:
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return ProviderRejected(str(error), **self._errors.facts(operation))
        if isinstance(error, smtplib.SMTPResponseException):
            answer = error.smtp_error
            return self._refusal(error.smtp_code, answer if isinstance(answer, bytes) else b"", operation)
        # smtplib hides time-outs and resets behind "disconnected".
        hidden = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else None
        return self._errors.unreachable(hidden if isinstance(hidden, OSError) else error, operation)

    def _refusal(self, code: int, answer: bytes, operation: str) -> ProviderError:
        """Judge by class and enhanced code, never by text: servers word the same refusal in many ways."""
        said = self._errors.without_password(answer.decode("utf-8", "replace"))
        facts = {
            **self._errors.facts(operation),
            "provider_status": code,
            "provider_code": _enhanced_code(said),
            "provider_message": said,
        }
        if 500 <= code < 600 or (facts["provider_code"] or "").startswith("5"):
            advice = _ADVICE.get(facts["provider_code"] or "") or _ADVICE.get(str(code))
            return ProviderRejected(f"{code} {said}", advice=advice, **facts)
        if 400 <= code < 500:
            return ProviderThrottled(f"{code} {said}", **facts)
        return ProviderUnavailable("The mail server's answer is unreadable", **facts)

    def _unknown(self, message: str, answer: bytes = b"") -> OutcomeUnknown:
        said = self._errors.without_password(answer.decode("utf-8", "replace")) or None
        return OutcomeUnknown(message, provider_message=said, **self._errors.facts("send"))


class _Session(smtplib.SMTP):
    """smtplib's commands over a vetted socket, TLS from the first byte or before anything else."""

    def __init__(
        self, server: MailServer, *, connect: Connect, tls: ssl.SSLContext, timeouts_s: tuple[float, float]
    ) -> None:
        # A name of our own is not to be had behind NAT; an address literal is allowed (RFC 5321, 4.1.4).
        super().__init__(local_hostname="[127.0.0.1]", timeout=timeouts_s[0])
        self._server = server
        self._dial = connect
        self._tls_context = tls
        self._reply_timeout_s = timeouts_s[1]
        self._host = server.host  # the name that smtplib's STARTTLS verifies

    def begin(self) -> None:
        """Connect, secure the line, greet. Never speaks on without TLS."""
        code, answer = self.connect(self._server.host, self._server.port)
        if code != 220:
            raise smtplib.SMTPConnectError(code, answer)
        if self._server.tls != "implicit":
            self._start_tls()
        self.ehlo_or_helo_if_needed()

    def authenticate(self, username: str, password: str) -> tuple[int, bytes]:
        """Log in by PLAIN, else LOGIN, in UTF-8: smtplib's own login fails on a password beyond ASCII."""
        user = refuse_control_characters("username", username).encode()
        secret = refuse_control_characters("password", password).encode()
        offered = str(self.esmtp_features.get("auth", "")).upper().split()
        if "PLAIN" in offered:
            return self.docmd("AUTH", "PLAIN " + b64encode(b"\0" + user + b"\0" + secret).decode())
        if "LOGIN" not in offered:
            raise smtplib.SMTPNotSupportedError("The mail server offers neither PLAIN nor LOGIN")
        reply = self.docmd("AUTH", "LOGIN")
        for answer in (user, secret):
            if reply[0] != 334:
                break
            reply = self.docmd(b64encode(answer).decode())
        return reply

    def getreply(self) -> tuple[int, bytes]:
        """Read one reply within bounds of size and time."""
        if self.file is None and self.sock is not None:
            self.file = GuardedReader(
                self.sock, max_line_bytes=_LONGEST_REPLY_LINE, read_timeout_s=self._reply_timeout_s
            )
        if isinstance(self.file, GuardedReader):
            self.file.budget = Budget.fresh(
                max_bytes=_MOST_REPLY_BYTES, max_lines=_MOST_REPLY_LINES, seconds=self._reply_timeout_s
            )
        return super().getreply()

    def send(self, s: "ReadableBuffer | str") -> None:
        """Send, with the whole time-out: reading may have left a shorter one on the socket."""
        if self.sock is not None:
            self.sock.settimeout(self._reply_timeout_s)
        super().send(s)

    def _start_tls(self) -> None:
        try:
            self.starttls(context=self._tls_context)
        except smtplib.SMTPNotSupportedError as error:
            raise ssl.SSLError("the server does not offer STARTTLS") from error
        except smtplib.SMTPResponseException as error:
            raise ssl.SSLError("the server refused STARTTLS") from error

    def _get_socket(self, host: str, port: int, timeout: float) -> socket:
        sock = self._dial(host, port, timeout)
        sock.settimeout(timeout)
        if self._server.tls != "implicit":
            return sock
        return self._tls_context.wrap_socket(sock, server_hostname=host)


def _enhanced_code(said: str) -> str | None:
    found = re.match(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b", said)
    return found[0] if found else None


def _require_smtputf8(session: _Session, field: str) -> None:
    if not session.has_extn("smtputf8"):
        raise ValidationFailed(f"{field} has letters that this mail server cannot address", field=field)
