"""Exotel's SMS service: tests the account and its SMS number (reference/exotel.md, 4 and 11.1)."""

from banxway.models.integrations.checks import SmsAccountCheck
from banxway.providers.exotel.answers import number_refused
from banxway.providers.exotel.client import ExotelClient
from banxway.providers.exotel.numbers import same_number
from banxway.providers.exotel.voice import ExotelVoice
from banxway.reasons import Reason


class ExotelSms:
    """The SmsAccount of one Exotel account."""

    def __init__(self, client: ExotelClient) -> None:
        self._client = client

    def check(self, *, sms_number: str) -> SmsAccountCheck:
        """Test credentials and host by listing one call, then that the number is the account's and may send SMS.

        Raises ProviderRejected("SMS number not found") or ProviderRejected("SMS not enabled on this number").
        """
        self._client.ask("v1/Accounts/{sid}/Calls.json", operation="check_account", params={"PageSize": "1"})
        owned = [
            n for n in ExotelVoice(self._client).list_numbers() if same_number(n.phone_number, sms_number)
        ]
        if not owned:
            raise number_refused(
                "SMS number not found", "SMS number not found in account", Reason.NUMBER_NOT_FOUND
            )
        if not any(number.can_sms for number in owned):
            raise number_refused(
                "SMS not enabled on this number",
                "The number's capabilities do not include SMS",
                Reason.SMS_NOT_ENABLED,
            )
        return SmsAccountCheck(account_verified=True, sms_enabled=True, sms_number_active=True)
