"""What every MessageSender must do, for all implementations and fakes.

An implementation's test class inherits it and provides two fixtures: `sender_after(outcome)` returns a sender whose
next message has that outcome, and `message` is one that it can send.
"""

import logging
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
from banxway.models.messages.outgoing import OutgoingWhatsApp
from banxway.providers.base import MessageSender

SenderAfter = Callable[[str], MessageSender]


class MessageSenderContract:
    """Outcomes: accepted, rejected, denied, throttled, unreachable, cut_off, silent."""

    def test_an_accepted_message_returns_the_providers_name_for_it(
        self, sender_after: SenderAfter, message: OutgoingWhatsApp
    ):
        assert sender_after("accepted").send(message).provider_sid

    @pytest.mark.parametrize(
        ("outcome", "error"),
        [
            ("rejected", ProviderRejected),
            ("denied", ProviderDenied),
            ("throttled", ProviderThrottled),
            ("unreachable", ProviderUnavailable),
            ("cut_off", OutcomeUnknown),
            ("silent", OutcomeUnknown),
        ],
    )
    def test_each_failure_says_what_it_proves(
        self, sender_after: SenderAfter, message: OutgoingWhatsApp, outcome: str, error: type[ProviderError]
    ):
        with pytest.raises(error) as raised:
            sender_after(outcome).send(message)

        assert type(raised.value) is error
        assert raised.value.provider
        assert raised.value.operation
        assert raised.value.retryable == (outcome in ("throttled", "unreachable"))

    def test_neither_success_nor_failure_logs_what_was_written(
        self, sender_after: SenderAfter, message: OutgoingWhatsApp, caplog: pytest.LogCaptureFixture
    ):
        caplog.set_level(logging.DEBUG)

        sender_after("accepted").send(message)
        with pytest.raises(ProviderRejected) as raised:
            sender_after("rejected").send(message)

        assert message.content.body not in caplog.text
        assert message.content.body not in repr(raised.value) + repr(raised.value.details)
