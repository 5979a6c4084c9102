"""Maps a mail server's own words to reasons; the only module that reads them.

Dovecot, Zoho and others say in prose why they refuse; RFC 5530's response codes say it for those that send them.
"""

import re

from banxway.reasons import Reason

_BLOCKED = re.compile(
    r"unusual activity|imap (access )?(is |has been )?blocked"
    r"|account (is |has been )?(temporarily )?(blocked|locked|suspended)",
    re.IGNORECASE,
)
_WANTS_APP_PASSWORD = re.compile(
    r"app(lication)?[ -]specific|app password|two.?factor|\b2fa\b", re.IGNORECASE
)
_IMAP_IS_OFF = re.compile(
    r"enable imap|imap (access )?(is |has been )?(disabled|not enabled|off)", re.IGNORECASE
)
_LIMIT = re.compile(r"too many|rate|limit|maximum|\blater\b|^421\b|\b4\.7\.0\b|throttl", re.IGNORECASE)
# In this order: the first that matches decides.
_OF_LOAD = (
    (
        re.compile(r"too many (simultaneous )?connections|maximum connections|\[LIMIT\]", re.IGNORECASE),
        Reason.TOO_MANY_CONNECTIONS,
    ),
    (re.compile(r"rate.?limit|too many|throttl", re.IGNORECASE), Reason.RATE_LIMITED),
    (re.compile(r"\[UNAVAILABLE\]|temporar|try again|unusual", re.IGNORECASE), Reason.SERVER_BUSY),
)
_OF_FOLDERS = (
    (re.compile(r"\[INUSE\]|locked|in use|busy", re.IGNORECASE), Reason.FOLDER_BUSY),
    (
        re.compile(
            r"\[(NOPERM|SERVERBUG|CORRUPTION)\]|permission|denied|access|not allowed|forbidden|rights|internal error",
            re.IGNORECASE,
        ),
        Reason.FOLDER_DENIED,
    ),
)
_OF_TIME = (re.compile(r"timeout|timed out", re.IGNORECASE), Reason.TIMEOUT)
_SMTP = (*_OF_LOAD, _OF_TIME)
_IMAP = ((_BLOCKED, Reason.ACCOUNT_BLOCKED), *_OF_LOAD, *_OF_FOLDERS, _OF_TIME)


def reason_of_refusal(said: str, protocol: str) -> Reason:
    """Return the reason of a command that was refused over "smtp" or "imap".

    Over SMTP, words such as "account is locked" may be about a recipient, so that they stand for nothing of ours.
    """
    patterns = _IMAP if protocol == "imap" else _SMTP
    return next((reason for pattern, reason in patterns if pattern.search(said)), Reason.SERVER_REFUSED)


def reason_of_overload(said: str, protocol: str) -> Reason:
    """Return the reason of a refusal that is known to be for load: then more words stand for a limit."""
    reason = reason_of_refusal(said, protocol)
    is_decided = reason in (Reason.ACCOUNT_BLOCKED, Reason.TOO_MANY_CONNECTIONS)
    return Reason.RATE_LIMITED if not is_decided and _LIMIT.search(said) else reason


def reason_of_farewell(said: str) -> Reason:
    """Return the reason of a connection that the server ended with these words."""
    return Reason.ACCOUNT_BLOCKED if _BLOCKED.search(said) else Reason.CONNECTION_CLOSED


def reason_of_denial(said: str, protocol: str) -> Reason:
    """Return the reason of a refused login over "smtp" or "imap"."""
    if _BLOCKED.search(said):
        return Reason.LOGIN_BLOCKED
    if _WANTS_APP_PASSWORD.search(said):
        return Reason.APP_PASSWORD_REQUIRED
    if protocol == "imap" and _IMAP_IS_OFF.search(said):
        return Reason.IMAP_SWITCHED_OFF
    return Reason.LOGIN_REFUSED
