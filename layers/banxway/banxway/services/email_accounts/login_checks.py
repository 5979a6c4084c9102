"""Tests a mailbox's SMTP and IMAP logins before they are saved; refuses hosts that must not be dialled."""

import threading
from collections.abc import Callable, Collection, Mapping
from typing import Any, Protocol, TypeVar

from banxway.clock import Clock
from banxway.errors import BanxwayError, Conflict, ValidationFailed
from banxway.models.integrations.checks import EmailAccountCheck, ImapCheck, SmtpCheck
from banxway.models.integrations.credentials import MailServer
from banxway.providers.base import Providers
from banxway.reasons import Reason
from banxway.security.hosts import HostGuard
from banxway.services.integrations.credentials import imap_server, smtp_server
from banxway.services.status.diagnosis.catalogue import CAUSES
from banxway.services.status.diagnosis.mail.causes import TOO_SHORT_MS, Half, code_of_half

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

HALVES = ("smtp", "imap")
_SECURITY = {"smtp": "smtp_secure", "imap": "imap_tls"}
# By RFC 8314 and IANA's registry these ports begin with TLS, the others in plain text.
_TLS_PORTS = {"smtp": 465, "imap": 993}
_CLEAR_PORTS = {"smtp": (25, 587), "imap": (143,)}
# The field of a half that the error names, by the reason of the failure; for any other reason it is the host.
_FIELDS: dict[str | None, str] = {
    Reason.LOGIN_REFUSED: "password",
    Reason.LOGIN_BLOCKED: "password",
    Reason.APP_PASSWORD_REQUIRED: "password",
    Reason.IMAP_SWITCHED_OFF: "password",
    Reason.PORT_MISMATCH: "port",
    Reason.PORT_REFUSED: "port",
    Reason.TLS_FAILED: "port",
}


class MailboxRefused(Conflict):
    """Raised when a mailbox does not work as typed. Correct the half that `details.check` names."""

    code, status = "mailbox_check_failed", 422

    def __init__(
        self, check: EmailAccountCheck, halves: Collection[str] = HALVES, *, consequence: str = ""
    ) -> None:
        """Name the halves that failed; `consequence` ends the sentence, such as ": nothing was saved"."""
        failed = [half for half in HALVES if half in halves and not getattr(check, half).success]
        names = " and ".join(half.upper() for half in failed)
        first = getattr(check, failed[0]) if failed else None
        super().__init__(
            f"{names} did not work{consequence}",
            reason=first and first.reason,
            check=check.model_dump(),
            **(_first_failure(failed[0], first) if first else {}),
        )
        self.check = check


class MailboxUnreachable(MailboxRefused):
    """Raised when a mailbox could not be tested at all, so that nothing is known of its login. Try later."""

    retryable = True


class MailboxChecks:
    """Tests the logins at a mailbox's two servers; sends no mail and changes nothing."""

    def __init__(
        self, *, providers: Providers, hosts: HostGuard, clock: Clock, patience_s: float = 20.0
    ) -> None:
        """`patience_s` is how long to wait for both answers: less than the 30 s that the HTTP API itself waits."""
        self._providers = providers
        self._hosts = hosts
        self._clock = clock
        self._patience_s = patience_s

    def run(self, login: Mapping[str, Any]) -> EmailAccountCheck:
        """Test both logins at once and return a result for each half. Never raises for a login that fails.

        A half that failed has the catalogue's cause and fix. A server that has not answered within `patience_s`
        counts as timed out. A server is not dialled if its port contradicts its encryption, or if its host is not
        found or must not be dialled.
        """
        smtp, imap = smtp_server(login, login["smtp_password"]), imap_server(login, login["imap_password"])
        refusals = {half: self._refusal(half, login) for half in HALVES}
        smtp_check = self._begin(SmtpCheck, smtp, refusals["smtp"], self._providers.mail_sender)
        imap_check = self._begin(ImapCheck, imap, refusals["imap"], self._providers.mailbox)
        deadline = self._clock.monotonic() + self._patience_s
        found = EmailAccountCheck(
            smtp=smtp_check(self._left_s(deadline)), imap=imap_check(self._left_s(deadline))
        )
        return _explained(found, smtp, imap)

    def _begin(
        self,
        kind: Callable[..., T],
        server: MailServer,
        refusal: BanxwayError | None,
        connection_to: Callable[[MailServer], "_Checkable[T]"],
    ) -> Callable[[float], T]:
        """Begin to test one server; the returned function waits for its result, at most the given seconds."""
        if refusal is not None:
            refused = kind(**_failed(server, refusal.message, refusal.reason, may_pass=refusal.retryable))
            return lambda _: refused
        unanswered = kind(**_failed(server, "Connection timeout", Reason.TIMEOUT, may_pass=True))
        return begun(connection_to(server).check, unanswered)

    def _left_s(self, deadline: float) -> float:
        return max(0.0, deadline - self._clock.monotonic())

    def require(self, login: Mapping[str, Any], *, halves: Collection[str]) -> EmailAccountCheck:
        """Do as `run` does before something is saved, and raise MailboxRefused if one of `halves` fails."""
        check = self.run(login)
        if not all(getattr(check, half).success for half in halves):
            raise MailboxRefused(check, halves, consequence=": nothing was saved")
        return check

    def _refusal(self, half: str, login: Mapping[str, Any]) -> BanxwayError | None:
        """Return the error for a half that must not be dialled, or None."""
        try:
            _refuse_mismatch(half, login)
            self._hosts.vet(login[f"{half}_host"], login[f"{half}_port"], field=f"{half}_host")
        except BanxwayError as error:
            return error
        return None


def _explained(check: EmailAccountCheck, smtp: MailServer, imap: MailServer) -> EmailAccountCheck:
    """Add cause, fix and the field to correct to the halves that failed."""
    halves = [
        Half("smtp", smtp, check.smtp.error, check.smtp.reason),
        Half("imap", imap, check.imap.error, check.imap.reason),
    ]
    explained = {}
    for half, other in (halves, halves[::-1]):
        if half.error is not None:
            code = code_of_half(half, other, halves, interval_ms=TOO_SHORT_MS, has_worked=False)
            field = f"{half.protocol}_{_FIELDS.get(half.reason, 'host')}"
            words = {"cause": CAUSES[code].cause, "fix": CAUSES[code].fix, "field": field}
            explained[half.protocol] = getattr(check, half.protocol).model_copy(update=words)
    return check.model_copy(update=explained)


class _Checkable(Protocol[T_co]):
    def check(self) -> T_co: ...


def _failed(server: MailServer, error: str, reason: Reason | None, *, may_pass: bool) -> dict[str, Any]:
    result = {"success": False, "error": error, "reason": reason, "may_pass": may_pass}
    return {"host": server.host, "port": server.port, "secure": server.tls == "implicit", **result}


def begun(check: Callable[[], T], unanswered: T) -> Callable[[float], T]:
    """Begin a check in a thread; the returned function waits for its result, at most the given seconds."""
    results: list[T | BaseException] = []

    def run() -> None:
        try:
            results.append(check())
        except BaseException as error:  # noqa: BLE001  # raised again in the thread that asked
            results.append(error)

    # A server that answers byte by byte keeps the thread until its connection times out, long after the result.
    thread = threading.Thread(target=run, daemon=True)
    thread.start()

    def result(seconds: float) -> T:
        thread.join(seconds)
        found = results[0] if results else unanswered
        if isinstance(found, BaseException):
            raise found
        return found

    return result


def with_default_security(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns with `smtp_secure`; if it was left out, port 465 means TLS, any other port STARTTLS."""
    if columns["smtp_secure"] is not None:
        return dict(columns)
    return {**columns, "smtp_secure": columns["smtp_port"] == _TLS_PORTS["smtp"]}


def _refuse_mismatch(half: str, login: Mapping[str, Any]) -> None:
    port, security = login[f"{half}_port"], _SECURITY[half]
    tls_port, clear_port = _TLS_PORTS[half], _CLEAR_PORTS[half][-1]
    is_wrong = port in _CLEAR_PORTS[half] if login[security] else port == tls_port
    if is_wrong:
        raise ValidationFailed(
            f"TLS Error: port mismatch, since {half}_port={port} and {security}={str(login[security]).lower()} "
            f"contradict each other (use {clear_port} for STARTTLS, {tls_port} for SSL)",
            field=f"{half}_port",
            reason=Reason.PORT_MISMATCH,
        )


def _first_failure(half: str, failed: SmtpCheck | ImapCheck) -> dict[str, str]:
    """Return the field to correct first, with cause and fix if they are known."""
    known = {name: getattr(failed, name) for name in ("cause", "fix")}
    given = {name: words for name, words in known.items() if words is not None}
    return {"field": failed.field or f"{half}_host", **given}
