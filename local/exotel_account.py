"""Reads the environment's Exotel account: the variables that `make run` passes on to the functions."""

from collections.abc import Mapping

from local.demo import USERS

_PARAMETERS = {
    "EXOTEL_SID": "ExotelSid",
    "EXOTEL_API_KEY": "ExotelApiKey",
    "EXOTEL_TOKEN": "ExotelToken",
    "EXOTEL_PHONE_NUMBER": "ExotelPhoneNumber",
    "EXOTEL_WHATSAPP_NUMBER": "ExotelWhatsAppNumber",
    "EXOTEL_WABA_ID": "ExotelWabaId",
    "EXOTEL_SMS_NUMBER": "ExotelSmsNumber",
    "EXOTEL_SIGNATURE_SECRET": "ExotelSignatureSecret",
    "EXOTEL_FALLBACK_ORGANIZATION_ID": "ExotelFallbackOrganizationId",
}


def exotel_account(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the template's parameters that these variables stand for; what is not set is left out.

    An account without a fallback organization is used for the demo organization.
    """
    given = {
        parameter: environment[variable]
        for variable, parameter in _PARAMETERS.items()
        if environment.get(variable)
    }
    if "ExotelSid" in given:
        given.setdefault("ExotelFallbackOrganizationId", str(USERS[0].organization_id))
    return given
