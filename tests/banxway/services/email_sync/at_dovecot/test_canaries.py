"""A test mail is removed from a real mail server, and nothing else is."""

from uuid import UUID

from banxway.providers.mail.smtp.compose.mail import compose
from tests.support.product.builders import SUPPORT, Product, a_mail
from tests.support.servers.dovecot import Dovecot
from tests.support.timing.clocks import SetClock


def test_a_test_mail_is_removed_and_what_a_person_marked_as_deleted_stays(
    product: Product, account: UUID, dovecot: Dovecot
) -> None:
    product.database.rows("UPDATE email_accounts SET sends_canary = true")
    product.poll(account)
    (mail,) = product.providers.mail_sender.sent
    raw = compose(mail, clock=SetClock(), utf8=False)
    dovecot.deliver(SUPPORT, a_mail(subject="Marked", message_id="1@c.example"))
    dovecot.deliver(SUPPORT, raw)
    dovecot.append(SUPPORT, raw, folder="Sent")
    (marked, _) = dovecot.uids(SUPPORT)
    dovecot.flag(SUPPORT, [marked], "\\Deleted")

    product.poll(account)

    assert dovecot.uids(SUPPORT) == [marked]
    assert dovecot.uids(SUPPORT, "Sent") == []
    assert product.subjects() == ["Marked"]
