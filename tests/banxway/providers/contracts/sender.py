"""What any Sender must do, whatever its channel, stated once for every implementation and every fake.

A channel's contract inherits it. A test class gives fixtures: `sender_after(outcome)` returns a sender whose next
message meets that outcome, and `message` is one it can send.
"""

from collections.abc import Callable
from typing import Any

import pytest

from banxway.errors import (
    OutcomeUnknown,
    ProviderDenied,
    ProviderError,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
)
from banxway.providers.base import Sender

SenderAfter = Callable[[str], Sender[Any]]


class SenderContract:
    """Outcomes: accepted, rejected, denied, throttled, unreachable, cut_off."""

    def test_an_accepted_message_returns_the_providers_name_for_it(
        self, sender_after: SenderAfter, message: Any
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
        ],
    )
    def test_each_failure_says_what_it_proves(
        self, sender_after: SenderAfter, message: Any, outcome: str, error: type[ProviderError]
    ):
        with pytest.raises(error) as raised:
            sender_after(outcome).send(message)

        assert type(raised.value) is error
        assert raised.value.provider
        assert raised.value.operation
        assert raised.value.retryable == (outcome in ("throttled", "unreachable"))
