"""The fakes behave as the capabilities promise, so that a service tested on them is tested."""

import socket
from collections.abc import Callable

import pytest

from banxway import errors
from banxway.models.integrations.checks import SmtpCheck
from banxway.models.messages.outgoing import OutgoingMail, OutgoingWhatsApp, TextContent
from tests.banxway.providers.contracts.mail_sender import MailSenderContract
from tests.banxway.providers.contracts.mailbox import MailboxContract
from tests.banxway.providers.contracts.whatsapp_sender import WhatsAppSenderContract
from tests.support.product.fakes import FakeMailbox, FakeMailSender, FakeWhatsApp, refused

_OUTCOMES = {
    "accepted": None,
    "rejected": refused(errors.ProviderRejected),
    "denied": refused(errors.ProviderDenied),
    "throttled": refused(errors.ProviderThrottled),
    "unreachable": refused(errors.ProviderUnavailable),
    "cut_off": refused(errors.OutcomeUnknown),
    "silent": refused(errors.OutcomeUnknown),
}


class TestFakeWhatsApp(WhatsAppSenderContract):
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


class TestFakeMailSender(MailSenderContract):
    @pytest.fixture
    def sender_after(self) -> Callable[[str], FakeMailSender]:
        def sender_after(outcome: str) -> FakeMailSender:
            fake = FakeMailSender()
            fake.sending.then(_OUTCOMES[outcome])
            if outcome != "accepted":
                failed = SmtpCheck(success=False, host="smtp.example.com", port=587, secure=True, error="No")
                fake.checking.then(failed)
            return fake

        return sender_after

    @pytest.fixture
    def mail(self) -> OutgoingMail:
        return OutgoingMail(
            message_id="<1@yourdomain.com>",
            sender="support@yourdomain.com",
            sender_name=None,
            to=("asha@customer.example",),
            subject="Parcel",
            text="nobody else reads this",
        )


class TestFakeMailbox(MailboxContract):
    @pytest.fixture
    def mailbox_of(self) -> Callable[[dict[int, bytes]], FakeMailbox]:
        def mailbox_of(mails: dict[int, bytes]) -> FakeMailbox:
            mailbox = FakeMailbox()
            for uid, raw in mails.items():
                mailbox.deliver(raw, uid=uid)
            return mailbox

        return mailbox_of


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
