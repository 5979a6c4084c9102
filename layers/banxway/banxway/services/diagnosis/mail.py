"""Logs in to every mailbox's servers, and names the cause of what fails (the guide's issues 4 and 5)."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

from banxway.models.account_checks import ImapCheck, SmtpCheck
from banxway.models.credentials import MailServer
from banxway.providers.base import Providers
from banxway.services.diagnosis.causes import Found, Outcome, Probe
from banxway.services.diagnosis.encryption import Opened
from banxway.storage.database import Row
from banxway.storage.diagnosis import Facts

MOST_MAILBOXES = 25
"""More are not asked in one diagnosis; the rest is named in a note."""

TOO_SHORT_MS = 30_000
"""Below this interval the guide blames the interval when the provider limits us (issue 5)."""

_ZOHO = re.compile(r"(?:smtp|imap)(?:pro)?\.zoho\.([a-z.]+)$", re.IGNORECASE)
_REFUSED_LOGIN = re.compile(r"^Invalid login", re.IGNORECASE)
_WANTS_APP_PASSWORD = re.compile(
    r"app(lication)?[ -]specific|app password|two.?factor|\b2fa\b", re.IGNORECASE
)
_IMAP_IS_OFF = re.compile(
    r"enable imap|imap (access )?(is |has been )?(disabled|not enabled|off)", re.IGNORECASE
)
_TOO_MANY = re.compile(r"too many (simultaneous )?connections|maximum connections|\[LIMIT\]", re.IGNORECASE)
_THROTTLED = re.compile(
    r"rate.?limit|too many|throttl|unusual|temporar|try again|\[UNAVAILABLE\]", re.IGNORECASE
)
_BY_WORDS = (
    (re.compile(r"certificate verify failed", re.IGNORECASE), "mail_certificate"),
    (re.compile(r"timeout|timed out", re.IGNORECASE), "mail_timeout"),
    (re.compile(r"connection refused", re.IGNORECASE), "mail_connection_refused"),
    (re.compile(r"host not found|host cannot be used|port cannot be used", re.IGNORECASE), "mail_host_not_found"),
    (re.compile(r"tls error", re.IGNORECASE), "mail_tls_mismatch"),
    (re.compile(r"connection closed|unreadable", re.IGNORECASE), "mail_connection_closed"),
)  # fmt: skip
_IMPLICIT_PORTS, _STARTTLS_PORTS = (465, 993), (587, 143)
_OF_THE_SERVER = ("mail_timeout", "mail_connection_refused", "mail_host_not_found", "mail_certificate")


@dataclass(frozen=True, slots=True)
class _Half:
    """One of a mailbox's two servers, and what logging in to it gave."""

    server: MailServer
    error: str | None = None


class MailExamination:
    """The live half of looking at mailboxes: `probes` to run in threads, then `conclude` in one."""

    def __init__(self, facts: Facts, opened: Opened, providers: Providers) -> None:
        self._providers = providers
        self._rows = [row for row in facts.mailboxes if row["id"] in opened.mailboxes]
        self._servers = opened.mailboxes
        self._halves: dict[tuple[UUID, str], _Half] = {}

    def probes(self) -> list[Probe]:
        """Return one probe per server of each mailbox, of the halves that are switched on."""
        return list(self._make_probes())

    def conclude(self) -> list[Found]:
        """Put into words what the probes saw; a probe that never came back was a timeout."""
        return [
            found for row in self._rows[:MOST_MAILBOXES] for found in self._explain(row)
        ] + self._left_out()

    def _make_probes(self) -> Iterator[Probe]:
        for row in self._rows[:MOST_MAILBOXES]:
            smtp, imap = self._servers[row["id"]]
            if row["smtp_enabled"]:
                check_smtp = self._providers.mail_sender(smtp).check
                yield self._probe(row, "smtp", smtp, check_smtp)
            if row["imap_enabled"]:
                check_imap = self._providers.mailbox(imap).check
                yield self._probe(row, "imap", imap, check_imap)

    def _probe(
        self, row: Row, protocol: str, server: MailServer, check: Callable[[], SmtpCheck | ImapCheck]
    ) -> Probe:
        place = (row["id"], protocol)
        self._halves[place] = _Half(server, "Connection timeout: no answer in time")

        def ask() -> Outcome:
            result = check()
            self._halves[place] = _Half(server, None if result.success else result.error or "refused")
            return Outcome(ok=result.success)

        return Probe(protocol, row["email"], ask)

    def _explain(self, row: Row) -> Iterator[Found]:
        halves = {
            name: self._halves[(row["id"], name)]
            for name in ("smtp", "imap")
            if (row["id"], name) in self._halves
        }
        codes: dict[str, list[str]] = {}
        servers: dict[str, MailServer] = {}
        for protocol, half in halves.items():
            if half.error is None:
                continue
            code = self._code_of(row, protocol, half, halves)
            server = half.server
            codes.setdefault(code, []).append(f"{protocol} {server.host}:{server.port} → {half.error}")
            servers.setdefault(code, server)
        for code, evidence in codes.items():
            yield Found(code, row["email"], "; ".join(evidence), _root(code, row, servers[code]))

    def _code_of(self, row: Row, protocol: str, half: _Half, halves: dict[str, _Half]) -> str:
        error, server = half.error or "", half.server
        if _REFUSED_LOGIN.search(error):
            return self._why_refused(row, protocol, half, halves)
        if server.port == 25:
            return "mail_port_25"
        if _is_mismatch(server):
            return "mail_tls_mismatch"
        return code_of_words(error, interval_ms=row["poll_interval_ms"])

    def _why_refused(self, row: Row, protocol: str, half: _Half, halves: dict[str, _Half]) -> str:
        error = half.error or ""
        if _WANTS_APP_PASSWORD.search(error):
            return "mail_app_password_required"
        if protocol == "imap" and _IMAP_IS_OFF.search(error):
            return "imap_disabled_at_provider"
        if self._belongs_elsewhere(row, half.server):
            return "mail_wrong_data_centre"
        other = halves.get("smtp")
        same_login_works = (
            protocol == "imap"
            and other is not None
            and other.error is None
            and (other.server.username, other.server.password) == (half.server.username, half.server.password)
        )
        if same_login_works:
            return "imap_disabled_at_provider"
        has_worked = row["last_verified_at"] or row["last_polled_at"]
        return "mail_app_password_revoked" if has_worked else "mail_account_password"

    def _belongs_elsewhere(self, row: Row, server: MailServer) -> bool:
        """Whether a login of the same mail domain works at, or its other half names, another data centre."""
        mine = zoho_region(server.host)
        if mine is None:
            return False
        domain = row["email"].rpartition("@")[2]
        siblings = {each["id"] for each in self._rows if each["email"].rpartition("@")[2] == domain}
        elsewhere = [
            half
            for (account, _), half in self._halves.items()
            if account in siblings
            and half.error is None
            and zoho_region(half.server.host) not in (None, mine)
        ]
        return bool(elsewhere)

    def _left_out(self) -> list[Found]:
        count = len(self._rows) - MOST_MAILBOXES
        if count <= 0:
            return []
        return [Found("diagnosis_incomplete", "mailboxes", f"{count} mailboxes were not asked")]


def code_of_words(error: str, *, interval_ms: int) -> str:
    """Return the cause that a mail server's words, or ours on the connection, stand for."""
    if _TOO_MANY.search(error):
        return "imap_too_many_connections"
    if _THROTTLED.search(error):
        return "poll_interval_too_short" if interval_ms < TOO_SHORT_MS else "mail_rate_limited"
    return next((code for pattern, code in _BY_WORDS if pattern.search(error)), "mail_refused")


def zoho_region(host: str) -> str | None:
    """Return the Zoho data centre that a host belongs to, such as "in" or "com.au"; None for another's."""
    found = _ZOHO.search(host)
    return found[1].lower() if found else None


def _is_mismatch(server: MailServer) -> bool:
    is_implicit = server.tls == "implicit"
    return server.port in (_STARTTLS_PORTS if is_implicit else _IMPLICIT_PORTS)


def _root(code: str, row: Row, server: MailServer) -> object:
    return (code, server.host, server.port) if code in _OF_THE_SERVER else (code, row["id"])
