"""Submits mail by SMTP over TLS; each error states what the failure proves (reference/mail.md, 9 and 10).

Before the dot that ends DATA is sent, nothing is accepted. After the server's reply, the outcome is known. Between
the two, it is OutcomeUnknown. A mail goes to all recipients or none: one refused recipient ends the attempt before
DATA, so that a mail never reaches only some of the people it names.

A connection is kept for 20 seconds after a mail was accepted, for the next mail of the same mailbox. That one
starts with RSET; if the connection does not answer, it is replaced before the mail is mentioned. From there on a
failure proves the same as on a new connection.
"""

import ssl
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.errors import BanxwayError, HostRefused
from banxway.models.integrations.checks import SmtpCheck
from banxway.models.integrations.credentials import MailServer
from banxway.models.messages.outgoing import Accepted, OutgoingMail
from banxway.providers.base import Begin, unrecorded
from banxway.providers.mail.mixups import Patience
from banxway.providers.mail.smtp.answers import SmtpAnswers, gravest
from banxway.providers.mail.smtp.compose.mail import (
    addresses_by_field,
    compose,
    envelope_address,
    require_ascii,
)
from banxway.providers.mail.smtp.session import SmtpSession
from banxway.providers.mail.transport import Connect, MailErrors, message_for_test

_KEPT_S = 20.0  # far below the five minutes for which a server waits for a command (RFC 5321, 4.5.3.2.7)
_MAILS_PER_CONNECTION = 20
_LONGEST_S = 60.0  # from connecting to the final dot; then the server has its full time to reply


class SmtpMailSender:
    """The MailSender of one mailbox; not thread-safe."""

    def __init__(
        self,
        server: MailServer,
        *,
        connect: Connect,
        tls: ssl.SSLContext,
        connect_timeout_s: float = 10,
        reply_timeout_s: float = 30,
        longest_s: float = _LONGEST_S,
        patience: Patience | None = None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> None:
        self._server = server
        self._connect = connect
        self._tls = tls
        self._timeouts_s = (connect_timeout_s, reply_timeout_s)
        self._longest_s = longest_s
        self._patience = patience or Patience()
        self._clock = clock
        self._answers = SmtpAnswers(MailErrors(server, "smtp"))
        self._kept: _KeptSession | None = None

    def check(self) -> SmtpCheck:
        """Log in and out. Never raises: `error` states what failed, worded as in the guide's Test 5."""
        failure: BanxwayError | None = None
        self.close()
        try:
            with self._logged_in("check"):
                pass
        except BanxwayError as error:
            failure = error
        self.close()
        server = self._server
        return SmtpCheck(
            success=failure is None,
            host=server.host,
            port=server.port,
            secure=server.tls == "implicit",
            error=message_for_test(failure) if failure else None,
            reason=failure.reason if failure else None,
            may_pass=bool(failure and failure.retryable),
        )

    def send(self, mail: OutgoingMail, /, *, begin: Begin = unrecorded) -> Accepted:
        """Submit the mail exactly once; `provider_sid` is its Message-ID, by which it can be found later.

        Raises ValidationFailed for a field that cannot be written, ProviderUnavailable and ProviderThrottled
        (4xx) when nothing was accepted, ProviderRejected (5xx, or larger than the server announced) with
        `details["advice"]`, ProviderBlocked when the provider blocked the account, ProviderDenied for the login,
        and OutcomeUnknown once the final dot may have been sent and no readable reply came.
        """
        named = list(addresses_by_field(mail))
        sender = envelope_address("sender", mail.sender)
        recipients = list(dict.fromkeys(one for field, one in named if field in ("to", "cc", "bcc")))
        needs_utf8 = not all(address.isascii() for _, address in named)
        content = compose(mail, clock=self._clock, utf8=needs_utf8)
        with self._logged_in("send") as session:
            self._require_room(session, content)
            options = [f"SIZE={len(content)}"] if session.has_extn("size") else []
            if needs_utf8:
                if not session.has_extn("smtputf8"):
                    require_ascii(mail)
                options += ["SMTPUTF8", "BODY=8BITMIME"]
            self._expect(session.mail(sender, options), 250)
            self._name_recipients(session, recipients)
            self._expect(session.docmd("DATA"), 354)
            self._submit(session, content, begin)
        return Accepted(provider_sid=mail.message_id)

    def close(self) -> None:
        """Log out of a kept connection; does nothing if there is none."""
        kept, self._kept = self._kept, None
        if kept:
            kept.quit()

    def _require_room(self, session: SmtpSession, content: bytes) -> None:
        largest = session.largest_mail
        if largest is not None and len(content) > largest:
            raise self._answers.too_large(len(content), largest)

    def _name_recipients(self, session: SmtpSession, recipients: Sequence[str]) -> None:
        refusals = []
        for address in recipients:
            code, answer = session.rcpt(address)
            if code not in (250, 251):
                about = address if len(recipients) > 1 else None
                refusals.append(self._answers.refusal(code, answer, "send", about=about))
            if code == 421:  # the server is closing the connection (RFC 5321, 4.2.1)
                break
        if refusals:
            raise gravest(refusals)

    def _submit(self, session: SmtpSession, content: bytes, begin: Begin) -> None:
        # A dot at the start of a line is doubled, so that no line of the mail itself ends it (RFC 5321, 4.5.2).
        # `content` begins with a header, has only CRLF line ends, and ends with one.
        session.send_in_pieces(content.replace(b"\r\n.", b"\r\n.."))
        session.deadline = None
        begin()
        try:
            session.send(b".\r\n")
            code, answer = session.getreply()
        except OSError as error:
            raise self._answers.unknown("The mail server did not confirm acceptance") from error
        if 400 <= code < 600:
            raise self._answers.refusal(code, answer, "send")
        if not 200 <= code < 300:
            raise self._answers.unknown("The mail server's answer is unreadable", answer)

    def _expect(self, reply: tuple[int, bytes], *codes: int) -> None:
        if reply[0] not in codes:
            raise self._answers.refusal(*reply, "send")

    @contextmanager
    def _logged_in(self, operation: str) -> Iterator[SmtpSession]:
        """Yield a session with TLS and login; raises the error of a failure before the mail's final dot.

        The session is kept if the block succeeds, and closed after any error, so that the next mail gets a new one.
        """
        kept = self._take_kept()
        session = kept.session if kept else self._new_session()
        session.deadline = self._clock.monotonic() + self._longest_s
        try:
            if kept is None:
                session.begin()
                self._log_in(session, operation)
            yield session
        except (HostRefused, OSError) as error:  # smtplib's exceptions are OSErrors, too
            session.close()
            raise self._answers.failure(error, operation) from error
        except BaseException:
            session.close()
            raise
        self._keep(session, mails=kept.mails + 1 if kept else 1)

    def _new_session(self) -> SmtpSession:
        return SmtpSession(
            self._server,
            connect=self._connect,
            tls=self._tls,
            timeouts_s=self._timeouts_s,
            patience=self._patience,
            clock=self._clock,
        )

    def _take_kept(self) -> "_KeptSession | None":
        kept, self._kept = self._kept, None
        if kept is None:
            return None
        if kept.is_reusable() and kept.session.still_answers():
            kept.finalizer.detach()
            return kept
        kept.quit()
        return None

    def _keep(self, session: SmtpSession, *, mails: int) -> None:
        self._kept = _KeptSession(session, mails=mails, owner=self, clock=self._clock)

    def _log_in(self, session: SmtpSession, operation: str) -> None:
        code, answer = session.authenticate(self._server.username, self._server.password)
        if 500 <= code < 600:
            raise self._answers.denied(code, answer, operation)
        if code != 235:
            raise self._answers.refusal(code, answer, operation)


class _KeptSession:
    """A connection between two mails; closed when its owner is garbage-collected."""

    def __init__(self, session: SmtpSession, *, mails: int, owner: SmtpMailSender, clock: Clock) -> None:
        self._clock = clock
        self.session = session
        self.mails = mails
        self.finalizer = weakref.finalize(owner, session.close)
        self._kept_at = clock.monotonic()

    def is_reusable(self) -> bool:
        return self.mails < _MAILS_PER_CONNECTION and self._clock.monotonic() - self._kept_at < _KEPT_S

    def quit(self) -> None:
        self.finalizer.detach()
        with suppress(OSError):
            self.session.quit()
        self.session.close()
