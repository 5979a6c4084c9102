"""What every VoiceAccount must do; `account_owning(number, **facts)` makes an account with that one number."""

from collections.abc import Callable

import pytest

from banxway.errors import ProviderDenied, ProviderRejected
from banxway.providers.base import VoiceAccount

AccountOwning = Callable[..., VoiceAccount]


class VoiceAccountContract:
    def test_an_account_that_owns_the_number_is_proven(self, account_owning: AccountOwning):
        check = account_owning("08047100100").check(virtual_number="08047100100")

        assert (check.account_verified, check.voice_enabled, check.virtual_number_active) == (
            True,
            True,
            True,
        )

    def test_a_number_of_somebody_else_is_refused(self, account_owning: AccountOwning):
        with pytest.raises(ProviderRejected, match="Virtual number not found") as raised:
            account_owning("08047100100").check(virtual_number="08047100199")

        assert raised.value.provider_status == 422

    def test_wrong_credentials_are_named_as_such(self, account_owning: AccountOwning):
        with pytest.raises(ProviderDenied, match="Invalid credentials"):
            account_owning("08047100100", knows_us=False).check(virtual_number="08047100100")

    def test_the_numbers_are_listed_with_the_providers_spelling_and_e164(self, account_owning: AccountOwning):
        (number,) = account_owning("08047100100").list_numbers()

        assert (number.phone_number, number.e164) == ("08047100100", "+918047100100")
        assert number.provider_sid
