"""Names the cause of a mail server's refusal, by the server's words, its port and its other half."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from banxway.models.integrations.credentials import MailServer

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


@dataclass(frozen=True, slots=True)
class Half:
    """One of a mailbox's two servers, and what a login to it gave.

    `protocol` is "smtp" or "imap"; `error` is None where the login worked.
    """

    protocol: str
    server: MailServer
    error: str | None = None


def code_of_half(
    failed: Half, other: Half | None, siblings: Iterable[Half], *, interval_ms: int, has_worked: bool
) -> str:
    """Return the catalogue's code for a half that failed.

    `other` is the mailbox's other half, where it was tried. `siblings` are all halves of the same mail domain:
    a login that works at another Zoho data centre tells that this one is at the wrong one.
    """
    error = failed.error or ""
    if _REFUSED_LOGIN.search(error):
        return _why_refused(failed, other, siblings, has_worked=has_worked)
    if failed.server.port == 25:
        return "mail_port_25"
    if _is_mismatch(failed.server):
        return "mail_tls_mismatch"
    return code_of_words(error, interval_ms=interval_ms)


def _why_refused(failed: Half, other: Half | None, siblings: Iterable[Half], *, has_worked: bool) -> str:
    error = failed.error or ""
    is_imap = failed.protocol == "imap"
    if _WANTS_APP_PASSWORD.search(error):
        return "mail_app_password_required"
    if is_imap and _IMAP_IS_OFF.search(error):
        return "imap_disabled_at_provider"
    if _belongs_elsewhere(failed.server, siblings):
        return "mail_wrong_data_centre"
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
