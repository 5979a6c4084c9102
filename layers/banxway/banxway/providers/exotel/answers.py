"""Parses Exotel's answers and maps its two error envelopes to our errors (reference/exotel.md, 1.2, 1.3)."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from banxway.errors import (
    ProviderDenied,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
)
from banxway.reasons import Reason

LONGEST_WAIT_S = 300.0
_LONGEST_WORDS = 500

_REFUSALS_OF_ACCOUNT = (
    (
        re.compile(r"inactive|suspend|deactivat|blocked|expired", re.IGNORECASE),
        "Account inactive",
        Reason.ACCOUNT_INACTIVE,
    ),
    (
        re.compile(r"whats\s?app", re.IGNORECASE),
        "WhatsApp not enabled on account",
        Reason.WHATSAPP_NOT_ENABLED,
    ),
    (re.compile(r"voice", re.IGNORECASE), "Voice not enabled", Reason.VOICE_NOT_ENABLED),
    (
        re.compile(r"\bip\b|whitelist|allow.?list", re.IGNORECASE),
        "IP not whitelisted",
        Reason.IP_NOT_WHITELISTED,
    ),
    (re.compile(r"\bsms\b", re.IGNORECASE), "Access denied", Reason.SMS_NOT_ENABLED),
    (re.compile(r"access denied|not yours", re.IGNORECASE), "Access denied", Reason.WRONG_ACCOUNT_SID),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """One parsed answer. `status` is the higher of HTTP's status and those stated in the envelope."""

    status: int
    payload: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ExotelError:
    """What Exotel states as the error; None for what is missing. `description` is more precise than `words`."""

    code: str | None = None
    words: str | None = None
    description: str | None = None

    @property
    def all_words(self) -> str:
        """Both texts in one, to search in."""
        return f"{self.words or ''} {self.description or ''}"

    def rewritten(self, rewrite: Callable[[str], str]) -> "ExotelError":
        """Return the same error with its texts rewritten, then cut to 500 characters."""
        words, description = (bounded(rewrite(text or "")) for text in (self.words, self.description))
        return ExotelError(self.code, words, description)


def read_answer(status: int, body: bytes) -> Answer | None:
    """Parse a JSON object; None for any other body.

    A failure that only the envelope states counts: it can come with HTTP 200 (reference/exotel.md, 1.2).
    """
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(payload, dict):
        return None
    return Answer(max([status, *_inner_statuses(payload)]), payload)


def _inner_statuses(payload: dict[str, Any]) -> list[int]:
    stated = [
        payload.get("http_code"),
        mapping(payload.get("response")).get("code"),
        mapping(payload.get("RestException")).get("Status"),
    ]
    codes = [as_int(code) for code in stated]
    return [code for code in codes if code is not None and 400 <= code <= 599]


def stated_error(payload: Mapping[str, Any]) -> ExotelError:
    """Return the error that a v1 `RestException`, a v2/v3 envelope, or one item of a collection states."""
    exception = mapping(payload.get("RestException"))
    if exception:
        return ExotelError(_word(exception.get("Code")), _text(exception.get("Message")))
    error = mapping(mapping(payload.get("response")).get("error_data")) or mapping(payload.get("error_data"))
    message, description = _text(error.get("message")), _text(error.get("description"))
    return ExotelError(_word(error.get("code")), message or description, description or message)


def refusal(
    status: int, error: ExotelError, *, operation: str, retry_after_s: float | None = None, **details: Any
) -> ProviderError:
    """Return the error for a definite answer of 4xx or 5xx.

    429 and 503 mean load (SMS answers 503: reference/exotel.md, 9); 401 and 403 concern the account; any other 4xx
    refuses the request itself; the rest are failures on Exotel's side.
    """
    words: dict[str, Any] = {
        "provider": "exotel",
        "operation": operation,
        "provider_status": status,
        "provider_code": error.code,
        "provider_message": bounded(error.words),
        **details,
    }
    if status in (429, 503):
        reason = Reason.RATE_LIMITED if status == 429 else Reason.SERVER_BUSY
        return ProviderThrottled(
            "Exotel is limiting requests", retry_after_s=retry_after_s, reason=reason, **words
        )
    if status == 401:
        return ProviderDenied("Invalid credentials", reason=Reason.INVALID_CREDENTIALS, **words)
    if status == 403:
        sentence, reason = _refusal_of_account(error.all_words)
        return ProviderDenied(sentence, reason=reason, **words)
    if status == 404:
        sentence, reason = _not_found(error)
        return ProviderRejected(sentence, reason=reason, **words)
    if 400 <= status < 500:
        return ProviderRejected(
            bounded(error.description) or bounded(error.words) or f"Exotel refused the request with {status}",
            reason=Reason.WABA_ID_MISSING if _wants_waba_id(status, error) else None,
            **words,
        )
    return ProviderUnavailable(f"Exotel answered {status}", reason=Reason.PROVIDER_FAULT, **words)


def number_refused(message: str, words: str | None, reason: Reason) -> ProviderRejected:
    """Return the error for a number that a test of the account refuses."""
    return ProviderRejected(
        message,
        provider="exotel",
        operation="check_number",
        provider_status=422,
        provider_message=words,
        reason=reason,
    )


def is_definite_refusal(status: int) -> bool:
    """Return whether a status proves that Exotel accepted nothing: 4xx, or 503 for load."""
    # Proxies answer 408, too, for requests that may have arrived.
    return status == 503 or (400 <= status < 500 and status != 408)


def _refusal_of_account(words: str) -> tuple[str, Reason]:
    found = (
        (sentence, reason) for pattern, sentence, reason in _REFUSALS_OF_ACCOUNT if pattern.search(words)
    )
    return next(found, ("Access denied", Reason.ACCESS_DENIED))


def _not_found(error: ExotelError) -> tuple[str, Reason]:
    if error.code == "10716":
        return "Virtual number not found", Reason.NUMBER_NOT_FOUND
    return "Invalid Account SID", Reason.WRONG_ACCOUNT_SID


def _wants_waba_id(status: int, error: ExotelError) -> bool:
    """Return whether Exotel says that it lists templates by the WhatsApp Business Account id only."""
    return status == 400 and (error.code == "1001" or "waba" in error.all_words.lower())


def retry_after_s(header: str | None, *, now: datetime) -> float | None:
    """Parse `Retry-After`, in seconds or as a date (RFC 9110, 10.2.3): 0 to 300 seconds, or None if unreadable."""
    if header is None:
        return None
    text = header.strip()
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text):
        return min(float(text), LONGEST_WAIT_S)
    wait_s = _seconds_until(text, now)
    return None if wait_s is None else min(max(wait_s, 0.0), LONGEST_WAIT_S)


def _seconds_until(http_date: str, now: datetime) -> float | None:
    from email.utils import parsedate_to_datetime

    try:
        return (parsedate_to_datetime(http_date) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return None


def bounded(words: str | None) -> str | None:
    """Return the provider's words, cut to 500 characters; None if there are none."""
    return (words or "").strip()[:_LONGEST_WORDS] or None


def mapping(value: object) -> dict[str, Any]:
    """Return the value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_int(value: object) -> int | None:
    """Return an integer, which Exotel sometimes writes as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,9}", text) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value).strip() or None


def _word(value: object) -> str | None:
    return str(value)[:64] if isinstance(value, int | str) and not isinstance(value, bool) else None
