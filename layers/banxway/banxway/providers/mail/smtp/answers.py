"""What a mail server's refusal means, judged by its class and codes, never by its text (reference/mail.md, 9).

535 at the login               ProviderDenied       stop this mailbox, no retry: providers lock accounts
550 5.4.6 · 554 5.1.8          ProviderBlocked      the account was stopped; a person unblocks it there
any other 5xx                  ProviderRejected     with advice; `needs_admin` where nobody else can help
4xx with 5.x.x, 452 with x.7.x ProviderRejected     a policy's no in a temporary's clothes
any other 4xx, 421             ProviderThrottled    nothing was taken; later it may be
"""

import re
import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from banxway.errors import (
    OutcomeUnknown,
    ProviderBlocked,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
)
from banxway.providers.mail.transport import MailErrors

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a person can do about a refusal, and whether it must be an admin."""

    advice: str
    needs_admin: bool = False


# By "<code> <enhanced code>", else by the enhanced code, else by the code.
_MEANINGS = {
    "550 5.4.6": _Meaning(
        "The mail provider noticed unusual sending and blocked it; unblock the account there."
    ),
    "554 5.1.8": _Meaning("The mail provider blocked this sender address; unblock the account there."),
    "552 5.7.1": _Meaning("An attachment was taken for a virus; send the mail without it."),
    "550 5.7.1": _Meaning(
        "The recipient's side refused the mail by its policy; check the domain's SPF, DKIM and DMARC.",
        needs_admin=True,
    ),
    "5.1.1": _Meaning("The recipient's address does not exist; correct it."),
    "5.3.4": _Meaning("The mail is larger than the mail provider accepts."),
    "530": _Meaning("The mail server demands a login; check the account's settings.", needs_admin=True),
    "541": _Meaning("The recipient's domain refused the mail."),
    "452": _Meaning("A policy of the mail provider or the recipient's domain forbids this mail."),
    "550": _Meaning(
        "The recipient's side refused the mail; check the address and the domain's SPF, DKIM and DMARC."
    ),
    "552": _Meaning("The mail is too large, or its attachment was taken for a virus."),
    "553": _Meaning("The sender address is neither this account's nor one of its aliases.", needs_admin=True),
    "554": _Meaning("The mail provider's policy refused the mail."),
}
_BLOCKING = frozenset({"550 5.4.6", "554 5.1.8"})


class SmtpAnswers:
    """Makes errors of what one mail server answers."""

    def __init__(self, errors: MailErrors) -> None:
        self._errors = errors

    def refusal(self, code: int, answer: bytes, operation: str, *, about: str | None = None) -> ProviderError:
        """Return the error that a refusal is; `about` is the recipient that it concerns, if only one."""
        said = self._errors.without_password(answer.decode("utf-8", "replace"))
        enhanced = _enhanced_code(said)
        words = f"{about}: {code} {said}" if about else f"{code} {said}"
        facts: dict[str, Any] = {
            **self._errors.facts(operation),
            "provider_status": code,
            "provider_code": enhanced,
            "provider_message": words if about else said,
        }
        if 500 <= code < 600 or (400 <= code < 500 and _is_policy(code, enhanced)):
            both = f"{code} {enhanced}"
            meaning = _MEANINGS.get(both) or _MEANINGS.get(enhanced or "") or _MEANINGS.get(str(code))
            kind = ProviderBlocked if both in _BLOCKING else ProviderRejected
            advice = meaning.advice if meaning else None
            return kind(words, advice=advice, needs_admin=bool(meaning and meaning.needs_admin), **facts)
        if 400 <= code < 500:
            return ProviderThrottled(words, **facts)
        return ProviderUnavailable("The mail server's answer is unreadable", **facts)

    def unknown(self, message: str, answer: bytes = b"") -> OutcomeUnknown:
        """Return the error of a mail that may or may not have been taken."""
        said = self._errors.without_password(answer.decode("utf-8", "replace")) or None
        return OutcomeUnknown(message, provider_message=said, **self._errors.facts("send"))

    def denied(self, code: int, answer: bytes, operation: str) -> ProviderError:
        """Return the error of a login that was refused for good."""
        said = answer.decode("utf-8", "replace")
        return self._errors.denied(f"{code} {said}", operation, status=code)

    def too_large(self, size: int, largest: int) -> ProviderRejected:
        """Return the refusal that a server's announced limit is (RFC 1870, 6.1), before anything is offered."""
        return ProviderRejected(
            f"The mail has {size} bytes, and the mail server takes at most {largest}",
            provider_code="5.3.4",
            advice="Send smaller or fewer attachments.",
            **self._errors.facts("send"),
        )

    def translated(self, error: Exception, operation: str) -> ProviderError:
        """Return what a failure before the mail's last dot is: always a definite one."""
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return ProviderRejected(str(error), **self._errors.facts(operation))
        if isinstance(error, smtplib.SMTPResponseException):
            answer = error.smtp_error
            return self.refusal(error.smtp_code, answer if isinstance(answer, bytes) else b"", operation)
        # smtplib hides time-outs and resets behind "disconnected".
        hidden = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else None
        return self._errors.unreachable(hidden if isinstance(hidden, OSError) else error, operation)


def gravest(refusals: Sequence[ProviderError]) -> ProviderError:
    """Return the refusal that decides over the whole mail, naming the others that are for good.

    One that blocks the account comes before one that concerns an address, and that before a temporary one.
    """
    final: list[ProviderError] = [error for error in refusals if isinstance(error, ProviderRejected)]
    blocking = [error for error in final if isinstance(error, ProviderBlocked)]
    chosen = [*blocking, *final, *refusals][0]
    others = [error.message for error in final if error is not chosen][: _MOST_NAMED - 1]
    if others:
        chosen.message = chosen.provider_message = "; ".join([chosen.message, *others])
    return chosen


def _is_policy(code: int, enhanced: str | None) -> bool:
    """Whether a 4xx will never become a yes: its enhanced code says permanent, or it is a policy's 452.

    x.7.x is "security or policy" (RFC 3463, 3.8). Other 4xx of that kind are greylisting, and do change.
    """
    return (enhanced or "").startswith("5.") or (code == 452 and (enhanced or "").startswith("4.7."))


def _enhanced_code(said: str) -> str | None:
    found = re.match(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b", said)
    return found[0] if found else None
