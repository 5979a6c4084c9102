"""Names the cause of a failed mail login, by its reason, its port and the mailbox's other half."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from banxway.models.integrations.credentials import MailServer
from banxway.reasons import Reason

TOO_SHORT_MS = 30_000
"""Below this interval the guide blames the interval when the provider limits us (issue 5)."""

_ZOHO = re.compile(r"(?:smtp|imap)(?:pro)?\.zoho\.([a-z.]+)$", re.IGNORECASE)
_REFUSED_LOGINS = (
    Reason.LOGIN_REFUSED,
    Reason.LOGIN_BLOCKED,
    Reason.APP_PASSWORD_REQUIRED,
    Reason.IMAP_SWITCHED_OFF,
)
_THROTTLED = (Reason.RATE_LIMITED, Reason.SERVER_BUSY, Reason.ACCOUNT_BLOCKED)
_CODES: dict[str | None, str] = {
    Reason.TOO_MANY_CONNECTIONS: "imap_too_many_connections",
    Reason.CERTIFICATE_REFUSED: "mail_certificate",
    Reason.TIMEOUT: "mail_timeout",
    Reason.CONNECTION_REFUSED: "mail_connection_refused",
    Reason.HOST_NOT_FOUND: "mail_host_not_found",
    Reason.NAME_SERVICE_DOWN: "mail_host_not_found",
    Reason.HOST_REFUSED: "mail_host_not_found",
    Reason.PORT_REFUSED: "mail_host_not_found",
    Reason.TLS_FAILED: "mail_tls_mismatch",
    Reason.PORT_MISMATCH: "mail_tls_mismatch",
    Reason.CONNECTION_CLOSED: "mail_connection_closed",
    Reason.ANSWER_UNREADABLE: "mail_connection_closed",
}
_IMPLICIT_PORTS, _STARTTLS_PORTS = (465, 993), (587, 143)


@dataclass(frozen=True, slots=True)
class Half:
    """One of a mailbox's two servers, and the result of a login to it.

    `protocol` is "smtp" or "imap"; `error` is None where the login worked, and `reason` what the error stands for.
    """

    protocol: str
    server: MailServer
    error: str | None = None
    reason: str | None = None


def code_of_half(
    failed: Half, other: Half | None, siblings: Iterable[Half], *, interval_ms: int, has_worked: bool
) -> str:
    """Return the catalogue's code for a half that failed.

    `other` is the mailbox's other half, where it was tried. `siblings` are all halves of the same mail domain:
    a login that works at another Zoho data centre shows that this one is at the wrong one.
    """
    if failed.reason in _REFUSED_LOGINS:
        return _why_refused(failed, other, siblings, has_worked=has_worked)
    if failed.server.port == 25:
        return "mail_port_25"
    if _is_mismatch(failed.server):
        return "mail_tls_mismatch"
    return code_of_reason(failed.reason, interval_ms=interval_ms)


def _why_refused(failed: Half, other: Half | None, siblings: Iterable[Half], *, has_worked: bool) -> str:
    if failed.reason == Reason.APP_PASSWORD_REQUIRED:
        return "mail_app_password_required"
    if failed.reason == Reason.IMAP_SWITCHED_OFF:
        return "imap_disabled_at_provider"
    if _belongs_elsewhere(failed.server, siblings):
        return "mail_wrong_data_centre"
    is_imap = failed.protocol == "imap"
    if is_imap and other is not None and other.error is None and _is_same_login(failed, other):
        return "imap_disabled_at_provider"
    return "mail_app_password_revoked" if has_worked else "mail_account_password"


def _belongs_elsewhere(server: MailServer, siblings: Iterable[Half]) -> bool:
    mine = zoho_region(server.host)
    if mine is None:
        return False
    working = (zoho_region(half.server.host) for half in siblings if half.error is None)
    return any(region not in (None, mine) for region in working)


def _is_same_login(one: Half, other: Half) -> bool:
    return (one.server.username, one.server.password) == (other.server.username, other.server.password)


def code_of_reason(reason: str | None, *, interval_ms: int) -> str:
    """Return the cause that the reason of anything but a refused login stands for."""
    if reason in _THROTTLED:
        return "poll_interval_too_short" if interval_ms < TOO_SHORT_MS else "mail_rate_limited"
    return _CODES.get(reason, "mail_refused")


def zoho_region(host: str) -> str | None:
    """Return the Zoho data centre that a host belongs to, such as "in" or "com.au"; None for any other host."""
    found = _ZOHO.search(host)
    return found[1].lower() if found else None


def _is_mismatch(server: MailServer) -> bool:
    is_implicit = server.tls == "implicit"
    return server.port in (_STARTTLS_PORTS if is_implicit else _IMPLICIT_PORTS)
