"""The fakes keep what the capabilities promise, so that a service tested on them is tested."""

import socket
from collections.abc import Callable

import pytest

from banxway import errors
from banxway.models.outgoing import OutgoingWhatsApp, TextContent
from tests.banxway.providers.contracts.message_sender import MessageSenderContract
from tests.support.fakes import FakeMailbox, FakeWhatsApp, refused

_OUTCOMES = {
    "accepted": None,
    "rejected": refused(errors.ProviderRejected),
    "denied": refused(errors.ProviderDenied),
    "throttled": refused(errors.ProviderThrottled),
    "unreachable": refused(errors.ProviderUnavailable),
    "cut_off": refused(errors.OutcomeUnknown),
    "silent": refused(errors.OutcomeUnknown),
}


class TestFakeWhatsApp(MessageSenderContract):
    @pytest.fixture
    def sender_after(self) -> Callable[[str], FakeWhatsApp]:
        def sender_after(outcome: str) -> FakeWhatsApp:
            fake = FakeWhatsApp()
            fake.sending.then(_OUTCOMES[outcome])
            return fake

        return sender_after

    @pytest.fixture
    def message(self) -> OutgoingWhatsApp:
        return OutgoingWhatsApp(
            sender="+918047100100",
            recipient="+919876543210",
            content=TextContent("nobody else reads this"),
            status_callback="https://api.test/callback",
            reference="1",
        )


def test_a_fake_mailbox_numbers_and_keeps_what_it_is_given() -> None:
    mailbox = FakeMailbox()
    first, second = mailbox.deliver(b"one"), mailbox.deliver(b"second")

    assert mailbox.open("INBOX").uid_next == 3
    assert [(mail.uid, mail.size_bytes) for mail in mailbox.sizes(first_uid=2)] == [(second, 6)]
    assert [mail.raw for mail in mailbox.fetch([second, first])] == [b"one", b"second"]


def test_a_fake_dials_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "create_connection", None)
    fake = FakeWhatsApp()

    assert fake.check(whatsapp_number="+918047100100").account_verified
