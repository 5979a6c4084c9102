"""Which cause of the catalogue an answer of Exotel's stands for; an error tells its cause and fix from here."""

import re

from banxway.errors import (
    ProviderDenied,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderTimeout,
    WrongRegion,
)
from banxway.services.status.diagnosis.catalogue.exotel import CAUSES

# Our own sentences, from providers/exotel: each stands for one of Exotel's answers.
_REASONS = {
    "Account inactive": "exotel_suspended",
    "WhatsApp not enabled on account": "whatsapp_not_enabled",
    "Voice not enabled": "exotel_voice_not_enabled",
    "IP not whitelisted": "exotel_ip_not_whitelisted",
    "Invalid Account SID": "exotel_wrong_sid",
    "Virtual number not found": "exotel_number_not_found",
    "SMS number not found": "exotel_number_not_found",
    "SMS not enabled on this number": "exotel_sms_not_enabled",
    "WhatsApp number not verified": "whatsapp_number_not_verified",
    "Invalid WhatsApp number format": "whatsapp_number_format",
}
_WORDS = (
    (re.compile(r"\bsms\b", re.IGNORECASE), "exotel_sms_not_enabled"),
    (re.compile(r"access denied|not yours", re.IGNORECASE), "exotel_wrong_sid"),
)
_BY_CODE = {cause.code: cause for cause in CAUSES}


def explain(error: ProviderError) -> None:
    """Add `cause` and `fix` of the catalogue to an error of Exotel's, where the catalogue knows it.

    A refusal of one request, such as a number that cannot be dialled, says nothing of the account.
    """
    is_of_the_request = isinstance(error, ProviderRejected) and not isinstance(error, ProviderDenied)
    if error.provider != "exotel" or (is_of_the_request and error.message not in _REASONS):
        return
    cause = _BY_CODE[code_of(error)]
    error.details |= {"cause": cause.cause, "fix": cause.fix}


def wants_waba_id(error: ProviderError) -> bool:
    """Return whether Exotel says that it lists templates by the WhatsApp Business Account id only."""
    words = f"{error.message} {error.provider_message or ''}"
    return error.provider_status == 400 and (error.provider_code == "1001" or "waba" in words.lower())


def code_of(error: ProviderError) -> str:
    """Return the catalogue's code for what Exotel answered to a question about an account."""
    if isinstance(error, WrongRegion):
        return "exotel_wrong_region"
    if isinstance(error, ProviderTimeout):
        return "exotel_timeout"
    if isinstance(error, ProviderThrottled):
        return "exotel_rate_limited" if error.provider_status == 429 else "exotel_unavailable"
    if error.message in _REASONS:
        return _REASONS[error.message]
    if isinstance(error, ProviderDenied) and error.provider_status == 401:
        return "exotel_invalid_credentials"
    if isinstance(error, ProviderRejected):
        words = error.provider_message or ""
        return next((code for pattern, code in _WORDS if pattern.search(words)), "exotel_access_denied")
    if "certificate" in error.message:
        return "exotel_certificate"
    if "unreadable" in error.message:
        return "exotel_unreadable"
    return "exotel_unavailable" if error.provider_status else "exotel_connection_refused"
