"""Submits mail by SMTP over TLS, and knows at each step what a failure proves (reference/mail.md, 9 and 10).

Until the dot that ends DATA has left, nothing was accepted; after the server's reply, all is known; between
the two lies OutcomeUnknown. All recipients or none: one that is refused ends the attempt before DATA, so that
a mail never reaches half of the people it names.

A connection is kept for a few seconds after a mail was taken, for the next one of the same mailbox. Before
that it must answer RSET; one that does not is replaced before anything is said of the mail, and from there on
a failure proves what it proves on a fresh one.
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
from banxway.providers.mail.mixups import Patience
from banxway.providers.mail.smtp.answers import SmtpAnswers, gravest
from banxway.providers.mail.smtp.compose.mail import (
    addresses_by_field,
    compose,
    envelope_address,
    require_ascii,
)
from banxway.providers.mail.smtp.session import SmtpSession
from banxway.providers.mail.transport import Connect, MailErrors, words_in_test

_KEPT_S = 20.0  # far below the five minutes that a server waits for a command (RFC 5321, 4.5.3.2.7)
_MAILS_PER_CONNECTION = 20
_LONGEST_S = 60.0  # from the first word to the last dot; then the server has its whole time to answer


class SmtpMailSender:
    """The MailSender of one mailbox; for one thread at a time."""

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
        """Log in and out. Never raises: `error` says what went wrong in the words of the guide's Test 5."""
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
            error=words_in_test(failure) if failure else None,
            may_pass=bool(failure and failure.retryable),
        )

    def send(self, mail: OutgoingMail) -> Accepted:
        """Submit the mail exactly once; `provider_sid` is its Message-ID, by which it can be found later.

        Raises ValidationFailed for a field that cannot be written, ProviderUnavailable and ProviderThrottled
        (4xx) when nothing was accepted, ProviderRejected (5xx, or larger than the server announced) with
        `details["advice"]`, ProviderBlocked when the account was stopped, ProviderDenied for the login, and
        OutcomeUnknown once the end of the mail may have left and no reply came.
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
            self._submit(session, content)
        return Accepted(provider_sid=mail.message_id)

    def close(self) -> None:
        """Log out of a kept connection; harmless when there is none."""
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

    def _submit(self, session: SmtpSession, content: bytes) -> None:
        # A dot at the start of a line is doubled, so that none of the mail's own ends it (RFC 5321, 4.5.2).
        # `content` begins with a header and has CRLF alone for line ends, and ends with one.
        session.send_in_pieces(content.replace(b"\r\n.", b"\r\n.."))
        session.deadline = None
        try:
            session.send(b".\r\n")
            code, answer = session.getreply()
        except OSError as error:
            raise self._answers.unknown("The mail server did not say whether it took the mail") from error
        if 400 <= code < 600:
            raise self._answers.refusal(code, answer, "send")
        if not 200 <= code < 300:
            raise self._answers.unknown("The mail server's answer is unreadable", answer)

    def _expect(self, reply: tuple[int, bytes], *codes: int) -> None:
        if reply[0] not in codes:
            raise self._answers.refusal(*reply, "send")

    @contextmanager
    def _logged_in(self, operation: str) -> Iterator[SmtpSession]:
        """Yield a session behind TLS and login; what breaks it before the mail's last dot is definite.

        It is kept if all went well, else it is left: after any refusal the next mail begins afresh.
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
            raise self._answers.translated(error, operation) from error
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
        if kept.may_serve_on() and kept.session.still_answers():
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
    """A connection between two mails; closed by itself when its owner is forgotten."""

    def __init__(self, session: SmtpSession, *, mails: int, owner: SmtpMailSender, clock: Clock) -> None:
        self._clock = clock
        self.session = session
        self.mails = mails
        self.finalizer = weakref.finalize(owner, session.close)
        self._kept_at = clock.monotonic()

    def may_serve_on(self) -> bool:
        return self.mails < _MAILS_PER_CONNECTION and self._clock.monotonic() - self._kept_at < _KEPT_S

    def quit(self) -> None:
        self.finalizer.detach()
        with suppress(OSError):
            self.session.quit()
        self.session.close()
