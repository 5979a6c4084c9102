"""What every SmsAccount must do; `account_owning(number, **facts)` makes an account with that one number."""

from collections.abc import Callable

import pytest

from banxway.errors import ProviderDenied, ProviderRejected
from banxway.providers.base import SmsAccount

AccountOwning = Callable[..., SmsAccount]


class SmsAccountContract:
    def test_an_account_whose_number_sends_sms_is_proven(self, account_owning: AccountOwning):
        check = account_owning("01141169368").check(sms_number="+911141169368")

        assert (check.account_verified, check.sms_enabled, check.sms_number_active) == (True, True, True)

    @pytest.mark.parametrize(
        ("number", "sms", "why"),
        [
            ("01141169369", True, "SMS number not found"),
            ("01141169368", False, "SMS not enabled on this number"),
        ],
        ids=["somebody else's", "voice only"],
    )
    def test_a_number_that_cannot_send_is_refused(
        self, account_owning: AccountOwning, number: str, sms: bool, why: str
    ):
        with pytest.raises(ProviderRejected, match=why) as raised:
            account_owning("01141169368", sms=sms).check(sms_number=number)

        assert raised.value.provider_status == 422

    def test_wrong_credentials_are_named_as_such(self, account_owning: AccountOwning):
        with pytest.raises(ProviderDenied, match="Invalid credentials"):
            account_owning("01141169368", knows_us=False).check(sms_number="01141169368")
