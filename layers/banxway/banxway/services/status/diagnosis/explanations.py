"""Finds the cause of an error of Exotel's in the catalogue, by its reason, and adds cause and fix to the error."""

from banxway.errors import ProviderDenied, ProviderError, ProviderRejected
from banxway.reasons import Reason
from banxway.services.status.diagnosis.catalogue.exotel import CAUSES

_CODES = {
    Reason.INVALID_CREDENTIALS: "exotel_invalid_credentials",
    Reason.WRONG_REGION: "exotel_wrong_region",
    Reason.WRONG_ACCOUNT_SID: "exotel_wrong_sid",
    Reason.ACCOUNT_INACTIVE: "exotel_suspended",
    Reason.ACCESS_DENIED: "exotel_access_denied",
    Reason.IP_NOT_WHITELISTED: "exotel_ip_not_whitelisted",
    Reason.VOICE_NOT_ENABLED: "exotel_voice_not_enabled",
    Reason.SMS_NOT_ENABLED: "exotel_sms_not_enabled",
    Reason.NUMBER_NOT_FOUND: "exotel_number_not_found",
    Reason.WHATSAPP_NOT_ENABLED: "whatsapp_not_enabled",
    Reason.WHATSAPP_NUMBER_NOT_VERIFIED: "whatsapp_number_not_verified",
    Reason.WHATSAPP_NUMBER_FORMAT: "whatsapp_number_format",
    Reason.RATE_LIMITED: "exotel_rate_limited",
    Reason.SERVER_BUSY: "exotel_unavailable",
    Reason.PROVIDER_FAULT: "exotel_unavailable",
    Reason.TIMEOUT: "exotel_timeout",
    Reason.UNREACHABLE: "exotel_connection_refused",
    Reason.CERTIFICATE_REFUSED: "exotel_certificate",
    Reason.ANSWER_UNREADABLE: "exotel_unreadable",
}
_BY_CODE = {cause.code: cause for cause in CAUSES}


def explain(error: ProviderError) -> None:
    """Add `cause` and `fix` of the catalogue to an error of Exotel's, where the catalogue knows its reason.

    A refusal of one request, such as a number that cannot be dialled, says nothing about the account.
    """
    is_of_the_request = isinstance(error, ProviderRejected) and not isinstance(error, ProviderDenied)
    if error.provider != "exotel" or (is_of_the_request and error.reason not in _CODES):
        return
    cause = _BY_CODE[code_of(error)]
    error.details |= {"cause": cause.cause, "fix": cause.fix}


def code_of(error: ProviderError) -> str:
    """Return the catalogue's code for what Exotel answered to a question about an account."""
    if error.reason in _CODES:
        return _CODES[error.reason]
    if isinstance(error, ProviderRejected):
        return "exotel_access_denied"
    return "exotel_unavailable" if error.provider_status else "exotel_connection_refused"
