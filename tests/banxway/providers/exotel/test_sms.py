"""An SMS account is tested by listing one call, and by a number of its own that may send SMS."""

from collections.abc import Callable

import pytest

from banxway.errors import ProviderRejected
from banxway.providers.exotel.sms import ExotelSms
from tests.banxway.providers.contracts.sms_account import SmsAccountContract
from tests.support.servers.scripted_http import Reply, Request, answer

Scripted = Callable[..., tuple]

CALLS = answer(200, {"Metadata": {"Total": 0}, "Calls": []}, then="keep")


def numbers(*spelled: str, sms: bool = True) -> Reply:
    items = [
        {"sid": f"sid-{each}", "phone_number": each, "capabilities": {"voice": True, "sms": sms}}
        for each in spelled
    ]
    return answer(200, {"incoming_phone_numbers": items}, then="keep")


class TestContract(SmsAccountContract):
    @pytest.fixture
    def account_owning(self, scripted: Scripted):
        def make(number: str, *, sms: bool = True, knows_us: bool = True) -> ExotelSms:
            def reply(request: Request) -> Reply:
                if not knows_us:
                    return answer(401, {"RestException": {"Status": 401, "Message": "Authentication failed"}})
                return CALLS if "/Calls.json" in request.target else numbers(number, sms=sms)

            return ExotelSms(scripted(reply)[0])

        return make


def test_the_check_sends_no_sms(scripted: Scripted):
    client, server = scripted(CALLS, numbers("01141169368"))

    ExotelSms(client).check(sms_number="01141169368")

    assert [(r.method, r.target) for r in server.requests] == [
        ("GET", "/v1/Accounts/acme1/Calls.json?PageSize=1"),
        ("GET", "/v2_beta/Accounts/acme1/IncomingPhoneNumbers"),
    ]


def test_a_number_whose_capabilities_are_not_stated_sends_no_sms(scripted: Scripted):
    silent = answer(
        200, {"incoming_phone_numbers": [{"sid": "s", "phone_number": "01141169368"}]}, then="keep"
    )
    client, _ = scripted(CALLS, silent)

    with pytest.raises(ProviderRejected, match="SMS not enabled on this number"):
        ExotelSms(client).check(sms_number="01141169368")
