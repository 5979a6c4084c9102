"""What every WhatsAppAccount must do; `account_with(number, **facts)` makes an account with that number."""

from collections.abc import Callable

import pytest

from banxway.errors import ProviderDenied, ProviderRejected
from banxway.providers.base import WhatsAppAccount

AccountWith = Callable[..., WhatsAppAccount]


class WhatsAppAccountContract:
    def test_an_account_that_has_the_number_is_proven(self, account_with: AccountWith):
        check = account_with("+918047100100").check(whatsapp_number="+918047100100")

        assert (check.account_verified, check.whatsapp_enabled) == (True, True)
        assert check.business_number_active in (True, None)

    def test_a_number_that_is_not_verified_is_refused(self, account_with: AccountWith):
        with pytest.raises(ProviderRejected, match="WhatsApp number not verified") as raised:
            account_with("+918047100100").check(whatsapp_number="+918047100199")

        assert raised.value.provider_status == 422
        assert raised.value.provider_message == "WhatsApp number not found in account"

    def test_wrong_credentials_are_named_as_such(self, account_with: AccountWith):
        with pytest.raises(ProviderDenied, match="Invalid credentials"):
            account_with("+918047100100", knows_us=False).check(whatsapp_number="+918047100100")

    def test_an_account_without_the_service_is_named_as_such(self, account_with: AccountWith):
        with pytest.raises(ProviderDenied, match="WhatsApp not enabled on account"):
            account_with("+918047100100", is_enabled=False).check(whatsapp_number="+918047100100")

    def test_templates_are_listed_whatever_their_status(self, account_with: AccountWith):
        templates = account_with("+918047100100").list_templates(waba_id="waba-1")

        assert {template.name: template.status for template in templates} == {
            "visit_reminder": "approved",
            "old_offer": "rejected",
        }
