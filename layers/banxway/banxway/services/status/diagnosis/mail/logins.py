"""Logs in to every mailbox's servers, and names the cause of what fails (the guide's issues 4 and 5)."""

from collections.abc import Callable, Iterator
from uuid import UUID

from banxway.models.integrations.checks import ImapCheck, SmtpCheck
from banxway.models.integrations.credentials import MailServer
from banxway.providers.base import Providers
from banxway.reasons import Reason
from banxway.services.status.diagnosis.causes import Found, Probe, ProbeResult
from banxway.services.status.diagnosis.encryption import Opened
from banxway.services.status.diagnosis.mail.causes import Half, code_of_half
from banxway.storage.status.diagnosis import ExaminedAccount, Facts

MOST_MAILBOXES = 25
"""One diagnosis asks no more than these; a note counts the rest."""

_OF_THE_SERVER = ("mail_timeout", "mail_connection_refused", "mail_host_not_found", "mail_certificate")


class MailExamination:
    """Checks mailboxes at their servers: run `probes` in threads, then `conclude` in one."""

    def __init__(self, facts: Facts, opened: Opened, providers: Providers) -> None:
        self._providers = providers
        self._rows = [row for row in facts.mailboxes if row.id in opened.mailboxes]
        self._servers = opened.mailboxes
        self._halves: dict[tuple[UUID, str], Half] = {}

    def probes(self) -> list[Probe]:
        """Return one probe per server of each mailbox, of the halves that are switched on."""
        return list(self._make_probes())

    def conclude(self) -> list[Found]:
        """Return what the probes found; a probe that never came back is a timeout."""
        return [
            found for row in self._rows[:MOST_MAILBOXES] for found in self._explain(row)
        ] + self._left_out()

    def _make_probes(self) -> Iterator[Probe]:
        for row in self._rows[:MOST_MAILBOXES]:
            smtp, imap = self._servers[row.id]
            if row.smtp_enabled:
                check_smtp = self._providers.mail_sender(smtp).check
                yield self._probe(row, "smtp", smtp, check_smtp)
            if row.imap_enabled:
                check_imap = self._providers.mailbox(imap).check
                yield self._probe(row, "imap", imap, check_imap)

    def _probe(
        self,
        row: ExaminedAccount,
        protocol: str,
        server: MailServer,
        check: Callable[[], SmtpCheck | ImapCheck],
    ) -> Probe:
        key = (row.id, protocol)
        self._halves[key] = Half(protocol, server, "Connection timeout: no answer in time", Reason.TIMEOUT)

        def ask() -> ProbeResult:
            result = check()
            self._halves[key] = Half(
                protocol, server, None if result.success else result.error or "refused", result.reason
            )
            return ProbeResult(ok=result.success)

        return Probe(protocol, row.email, ask)

    def _explain(self, row: ExaminedAccount) -> Iterator[Found]:
        halves = {
            name: self._halves[(row.id, name)] for name in ("smtp", "imap") if (row.id, name) in self._halves
        }
        codes: dict[str, list[str]] = {}
        servers: dict[str, MailServer] = {}
        for protocol, half in halves.items():
            if half.error is None:
                continue
            code = self._code_of(row, half, halves.get("imap" if protocol == "smtp" else "smtp"))
            server = half.server
            codes.setdefault(code, []).append(f"{protocol} {server.host}:{server.port} → {half.error}")
            servers.setdefault(code, server)
        for code, evidence in codes.items():
            yield Found(code, row.email, "; ".join(evidence), _root(code, row, servers[code]))

    def _code_of(self, row: ExaminedAccount, half: Half, other: Half | None) -> str:
        return code_of_half(
            half,
            other,
            self._siblings(row),
            interval_ms=row.poll_interval_ms,
            has_worked=bool(row.last_verified_at or row.last_polled_at),
        )

    def _siblings(self, row: ExaminedAccount) -> list[Half]:
        domain = _domain(row)
        siblings = {each.id for each in self._rows if _domain(each) == domain}
        return [half for (account, _), half in self._halves.items() if account in siblings]

    def _left_out(self) -> list[Found]:
        count = len(self._rows) - MOST_MAILBOXES
        if count <= 0:
            return []
        return [Found("diagnosis_incomplete", "mailboxes", f"{count} mailboxes were not asked")]


def _domain(row: ExaminedAccount) -> str:
    return str(row.email.rpartition("@")[2])


def _root(code: str, row: ExaminedAccount, server: MailServer) -> object:
    return (code, server.host, server.port) if code in _OF_THE_SERVER else (code, row.id)
