"""Maps a mail server's refusals to errors, by reply code and enhanced code, never by text (reference/mail.md, 9).

any 5xx at the login           ProviderDenied       suspend this mailbox, no retry: providers lock accounts
550 5.4.6 · 554 5.1.8          ProviderBlocked      the provider blocked the account; a person unblocks it there
any other 5xx                  ProviderRejected     with advice; `needs_admin` if only an admin can help
4xx with 5.x.x, 452 with 4.7.x ProviderRejected     a policy's permanent refusal with a temporary code
any other 4xx, 421             ProviderThrottled    nothing was accepted; it may be later
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
from banxway.providers.mail.server_words import reason_of_overload, reason_of_refusal
from banxway.providers.mail.transport import MailErrors
from banxway.reasons import Reason

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a person can do about a refusal, and whether that person must be an admin."""

    advice: str
    needs_admin: bool = False


# Looked up by "<code> <enhanced code>", else by the enhanced code, else by the code.
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
    """Makes errors from one mail server's replies."""

    def __init__(self, errors: MailErrors) -> None:
        self._errors = errors

    def refusal(self, code: int, answer: bytes, operation: str, *, about: str | None = None) -> ProviderError:
        """Return the error for a refusal; `about` is the refused recipient if the mail has several."""
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
            return kind(
                words,
                reason=Reason.ACCOUNT_BLOCKED if both in _BLOCKING else reason_of_refusal(words, "smtp"),
                advice=advice,
                needs_admin=bool(meaning and meaning.needs_admin),
                **facts,
            )
        if 400 <= code < 500:
            return ProviderThrottled(words, reason=reason_of_overload(words, "smtp"), **facts)
        message = "The mail server's answer is unreadable"
        return ProviderUnavailable(message, reason=Reason.ANSWER_UNREADABLE, **facts)

    def unknown(self, message: str, answer: bytes = b"") -> OutcomeUnknown:
        """Return the error of a mail that the server may or may not have accepted."""
        said = self._errors.without_password(answer.decode("utf-8", "replace")) or None
        return OutcomeUnknown(message, provider_message=said, **self._errors.facts("send"))

    def denied(self, code: int, answer: bytes, operation: str) -> ProviderError:
        """Return the error of a login that was refused permanently."""
        said = answer.decode("utf-8", "replace")
        return self._errors.denied(f"{code} {said}", operation, status=code)

    def too_large(self, size: int, largest: int) -> ProviderRejected:
        """Return the error of a mail above the server's announced limit (RFC 1870, 6.1); both sizes are in bytes."""
        return ProviderRejected(
            f"The mail has {size} bytes, and the mail server accepts at most {largest}",
            provider_code="5.3.4",
            advice="Send smaller or fewer attachments.",
            **self._errors.facts("send"),
        )

    def failure(self, error: Exception, operation: str) -> ProviderError:
        """Return the error of a failure before the mail's final dot: nothing was accepted by then."""
        if isinstance(error, smtplib.SMTPNotSupportedError):
            return ProviderRejected(str(error), reason=Reason.SERVER_REFUSED, **self._errors.facts(operation))
        if isinstance(error, smtplib.SMTPResponseException):
            answer = error.smtp_error
            return self.refusal(error.smtp_code, answer if isinstance(answer, bytes) else b"", operation)
        # smtplib hides timeouts and resets behind "disconnected".
        hidden = error.__context__ if isinstance(error, smtplib.SMTPServerDisconnected) else None
        return self._errors.unreachable(hidden if isinstance(hidden, OSError) else error, operation)


def gravest(refusals: Sequence[ProviderError]) -> ProviderError:
    """Return the gravest refusal, which decides for the whole mail; its message names the other permanent ones.

    A blocked account is graver than a refused address, and that is graver than a temporary refusal.
    """
    final: list[ProviderError] = [error for error in refusals if isinstance(error, ProviderRejected)]
    blocking = [error for error in final if isinstance(error, ProviderBlocked)]
    chosen = [*blocking, *final, *refusals][0]
    others = [error.message for error in final if error is not chosen][: _MOST_NAMED - 1]
    if others:
        chosen.message = chosen.provider_message = "; ".join([chosen.message, *others])
    return chosen


def _is_policy(code: int, enhanced: str | None) -> bool:
    """Return whether a 4xx is permanent: its enhanced code says so, or it is a 452 for a policy.

    x.7.x is "security or policy" (RFC 3463, 3.8). Other 4xx with x.7.x are greylisting, which is temporary.
    """
    return (enhanced or "").startswith("5.") or (code == 452 and (enhanced or "").startswith("4.7."))


def _enhanced_code(said: str) -> str | None:
    found = re.match(r"[245]\.[0-9]{1,3}\.[0-9]{1,3}\b", said)
    return found[0] if found else None
