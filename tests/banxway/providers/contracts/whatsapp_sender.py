"""What any sender of WhatsApp messages must do, besides what every Sender must."""

import logging

import pytest

from banxway.errors import OutcomeUnknown, ProviderRejected
from banxway.models.messages.outgoing import OutgoingWhatsApp
from tests.banxway.providers.contracts.sender import SenderAfter, SenderContract


class WhatsAppSenderContract(SenderContract):
    """Another outcome: silent, a provider that took the message and never answers."""

    def test_silence_proves_nothing(self, sender_after: SenderAfter, message: OutgoingWhatsApp):
        with pytest.raises(OutcomeUnknown) as raised:
            sender_after("silent").send(message)

        assert type(raised.value) is OutcomeUnknown
        assert not raised.value.retryable

    def test_neither_success_nor_failure_logs_what_was_written(
        self, sender_after: SenderAfter, message: OutgoingWhatsApp, caplog: pytest.LogCaptureFixture
    ):
        caplog.set_level(logging.DEBUG)

        sender_after("accepted").send(message)
        with pytest.raises(ProviderRejected) as raised:
            sender_after("rejected").send(message)

        assert message.content.body not in caplog.text
        assert message.content.body not in repr(raised.value) + repr(raised.value.details)
