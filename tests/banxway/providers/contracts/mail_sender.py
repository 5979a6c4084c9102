"""What every MailSender must do; `sender_after(outcome)` returns one whose next mail has that outcome."""

from collections.abc import Callable

import pytest

from banxway.models.messages.outgoing import OutgoingMail
from banxway.providers.base import MailSender
from tests.banxway.providers.contracts.sender import SenderContract

MailSenderAfter = Callable[[str], MailSender]


class MailSenderContract(SenderContract):
    """A test class gives the fixture `mail` in place of `message`."""

    @pytest.fixture
    def message(self, mail: OutgoingMail) -> OutgoingMail:
        return mail

    def test_an_accepted_mail_is_known_by_its_message_id(
        self, sender_after: MailSenderAfter, mail: OutgoingMail
    ):
        assert sender_after("accepted").send(mail).provider_sid == mail.message_id

    @pytest.mark.parametrize("outcome", ["accepted", "denied", "unreachable"])
    def test_the_check_never_raises(self, sender_after: MailSenderAfter, outcome: str):
        check = sender_after(outcome).check()

        assert check.success == (outcome == "accepted")
        assert bool(check.error) == (outcome != "accepted")
