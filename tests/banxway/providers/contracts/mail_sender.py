"""What every MailSender must do; `sender_after(outcome)` returns one whose next mail has that outcome."""

from collections.abc import Callable

import pytest

from banxway.errors import (
    OutcomeUnknown,
    ProviderDenied,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
)
from banxway.models.messages.outgoing import OutgoingMail
from banxway.providers.base import MailSender

SenderAfter = Callable[[str], MailSender]


class MailSenderContract:
    """Outcomes: accepted, rejected, denied, throttled, unreachable, cut_off."""

    def test_an_accepted_mail_is_known_by_its_message_id(self, sender_after: SenderAfter, mail: OutgoingMail):
        assert sender_after("accepted").send(mail).provider_sid == mail.message_id

    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            ("rejected", ProviderRejected),
            ("denied", ProviderDenied),
            ("throttled", ProviderThrottled),
            ("unreachable", ProviderUnavailable),
            ("cut_off", OutcomeUnknown),
        ],
    )
    def test_each_failure_says_what_it_proves(
        self, sender_after: SenderAfter, mail: OutgoingMail, outcome: str, error: type[ProviderError]
    ):
        with pytest.raises(error) as raised:
            sender_after(outcome).send(mail)

        assert type(raised.value) is error
        assert raised.value.retryable == (outcome in ("throttled", "unreachable"))

    @pytest.mark.parametrize("outcome", ["accepted", "denied", "unreachable"])
    def test_the_check_never_raises(self, sender_after: SenderAfter, outcome: str):
        check = sender_after(outcome).check()

        assert check.success == (outcome == "accepted")
        assert bool(check.error) == (outcome != "accepted")
