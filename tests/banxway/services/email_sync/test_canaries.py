"""Hourly test mails of a mailbox to itself: proof when they come back, removed from the mailbox, never filed."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from banxway import errors
from banxway.models.messages.outgoing import OutgoingMail
from banxway.providers.mail.smtp.compose.mail import compose
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_mail
from tests.support.product.fakes import FakeMailbox, refused
from tests.support.timing.clocks import SetClock


@pytest.fixture
def canary(product: Product, account: UUID, mailbox: FakeMailbox) -> bytes:
    """Return the first test mail of the mailbox, as it left."""
    product.database.rows("UPDATE email_accounts SET sends_canary = true")
    product.poll(account)
    return _raw(_sent(product)[0])


def _sent(product: Product) -> list[OutgoingMail]:
    return product.providers.mail_sender.sent


def _raw(mail: OutgoingMail) -> bytes:
    return compose(mail, clock=SetClock(), utf8=False)


def _let_hours_pass(product: Product, hours: float) -> None:
    product.database.rows(
        """UPDATE mailbox_canaries SET sent_at = sent_at - make_interval(secs => %(s)s),
                                       found_at = found_at - make_interval(secs => %(s)s)""",
        {"s": hours * 3600},
    )


def _proven(product: Product, account: UUID, organization: Organization) -> datetime | None:
    admin = product.actor(organization, "admin")
    return product.app.email_accounts.accounts.get(actor=admin, account_id=account).inbound_last_proven_at


def _reported(product: Product) -> list[str]:
    product.app.status.inbound_watch.watch()
    rows = product.database.rows(
        "SELECT sentence FROM notifications WHERE kind = 'inbound_silent' AND closed_at IS NULL"
    )
    return [row["sentence"] for row in rows]


def test_one_is_sent_an_hour_to_the_mailbox_itself_and_to_nobody_else(
    product: Product, account: UUID, canary: bytes
) -> None:
    for _ in range(3):
        product.poll(account)
    assert len(_sent(product)) == 1
    _let_hours_pass(product, 1.01)
    product.poll(account)

    first, second = _sent(product)
    address = product.account(account).email
    assert (first.sender, first.to, first.cc, first.bcc) == (address, (address,), (), ())
    assert first.message_id != second.message_id
    assert b"Auto-Submitted: auto-" in canary


@pytest.mark.parametrize(
    "columns", ["sends_canary = false", "smtp_enabled = false", "sending_stopped_at = now()"]
)
def test_none_is_sent_where_none_is_wanted_or_nothing_may_leave(
    product: Product, account: UUID, mailbox: FakeMailbox, columns: str
) -> None:
    product.database.rows("UPDATE email_accounts SET sends_canary = true")
    product.database.rows(f"UPDATE email_accounts SET {columns}")

    product.poll(account)

    assert _sent(product) == []


@pytest.mark.parametrize("folder", ["INBOX", "Spam"])
def test_one_that_comes_back_is_proof_and_leaves_no_trace(
    product: Product,
    organization: Organization,
    account: UUID,
    mailbox: FakeMailbox,
    canary: bytes,
    folder: str,
) -> None:
    assert _proven(product, account, organization) is None
    mailbox.deliver(a_mail(subject="Before"), folder=folder)
    mailbox.deliver(canary, folder=folder)
    mailbox.deliver(a_mail(subject="Behind", message_id="2@c.example"), folder=folder)

    product.poll(account)
    product.poll(account)

    assert product.subjects() == ["Before", "Behind"]
    assert sorted(mailbox.by_name[folder].mails) == [1, 3]
    assert mailbox.fetched == [1, 2, 3]
    proven = _proven(product, account, organization)
    assert proven is not None
    assert proven > datetime.now(UTC) - timedelta(hours=2)
    found = product.app.email_sync.sync.compare(
        actor=product.actor(organization, "admin"), account_id=account
    )
    assert found.is_complete


def test_the_copy_in_sent_is_removed_and_proves_nothing(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    mailbox.deliver(canary, folder="Sent")

    product.poll(account)

    assert mailbox.by_name["Sent"].mails == {}
    assert _proven(product, account, organization) is None
    assert product.messages() == []


def test_the_copy_in_a_sent_folder_that_is_not_synced_is_removed_too(
    product: Product, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    product.database.rows("UPDATE email_accounts SET folders = '{INBOX}'")
    mailbox.deliver(a_mail(), folder="Sent")
    mailbox.deliver(canary, folder="Sent")
    mailbox.deliver(canary)

    product.poll(account)

    assert sorted(mailbox.by_name["Sent"].mails) == [1]


def test_a_late_one_is_known_again_also_when_none_are_sent_any_more(
    product: Product, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    _let_hours_pass(product, 30)
    product.database.rows("UPDATE email_accounts SET sends_canary = false")
    mailbox.deliver(canary)

    product.poll(account)

    assert (mailbox.mails, product.messages()) == ({}, [])


def test_a_mail_that_says_that_it_is_one_is_filed(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    """A made-up token, the right one in the body, another mailbox's."""
    (row,) = product.database.rows("SELECT token FROM mailbox_canaries")
    token = row["token"].encode()
    mailbox.deliver(
        b"X-Banxway-Canary: " + b"a" * 32 + b"\r\n" + a_mail(subject="Made up", message_id="1@c.example")
    )
    mailbox.deliver(
        a_mail(f"X-Banxway-Canary: {row['token']}", subject="In the body", message_id="2@c.example")
    )
    other = product.add_mailbox(organization, "sales@yourdomain.com")
    product.providers.mailbox("sales@yourdomain.com").deliver(
        b"X-Banxway-Canary: " + token + b"\r\n" + a_mail(subject="Of another", message_id="3@c.example")
    )

    product.poll(account)
    product.poll(other)

    assert product.subjects() == ["In the body", "Made up", "Of another"]
    assert len(mailbox.mails) == 2


def test_one_that_cannot_be_removed_is_the_last(
    product: Product, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    mailbox.removing.always(refused(errors.ProviderRejected, "The mail server offers no UIDPLUS"))
    mailbox.deliver(canary)
    product.poll(account)
    _let_hours_pass(product, 1.01)
    product.poll(account)

    assert len(_sent(product)) == 1
    assert product.account(account).canary_problem == (
        "No more test mails are sent, since they cannot be removed: The mail server offers no UIDPLUS"
    )
    assert product.messages() == []


def test_one_that_is_refused_by_smtp_says_why_and_waits_an_hour(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    product.database.rows("UPDATE email_accounts SET sends_canary = true")
    product.providers.mail_sender.sending.then(refused(errors.ProviderDenied, "Invalid login: 535 no"))
    for _ in range(2):
        product.poll(account)
    assert len(_sent(product)) == 1
    assert product.account(account).canary_problem == "The test mail could not be sent: Invalid login: 535 no"
    assert product.account(account).state == "ok"

    _let_hours_pass(product, 1.01)
    product.poll(account)

    assert len(_sent(product)) == 2
    assert product.account(account).canary_problem is None


# Silence is proof.


def test_one_that_does_not_come_back_in_two_hours_is_reported_once(
    product: Product, account: UUID, canary: bytes
) -> None:
    _let_hours_pass(product, 1.01)
    product.poll(account)
    assert _reported(product) == []
    _let_hours_pass(product, 1.01)
    product.poll(account)

    ((sentence),) = _reported(product)
    assert "mail does not arrive" in sentence
    _let_hours_pass(product, 1.01)
    product.poll(account)
    assert len(_reported(product)) == 1


def test_the_first_that_comes_back_takes_those_before_it_along(
    product: Product, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    for _ in range(3):
        _let_hours_pass(product, 1.01)
        product.poll(account)
    assert len(_reported(product)) == 1

    mailbox.deliver(_raw(_sent(product)[-1]))
    product.poll(account)

    assert _reported(product) == []


def test_one_that_never_left_proves_nothing(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    product.database.rows("UPDATE email_accounts SET sends_canary = true")
    product.providers.mail_sender.sending.always(refused(errors.ProviderUnavailable, "Connection refused"))
    for _ in range(4):
        product.poll(account)
        _let_hours_pass(product, 1.01)
    product.poll(account)

    assert _reported(product) == []


def test_a_mailbox_that_is_not_polled_proves_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    _let_hours_pass(product, 5)
    mailbox.listing.then(refused(errors.ProviderUnavailable, "Connection closed"))
    product.poll(account)

    assert _reported(product) == []


def test_canaries_turn_a_silence_that_would_be_reported_into_proof(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, canary: bytes
) -> None:
    product.database.rows(
        """INSERT INTO inbound_hours (organization_id, subject, hour, arrivals, last_at)
           SELECT %s, %s, date_trunc('hour', at, 'UTC'), 1, at
           FROM generate_series(now() - interval '40 days', now() - interval '2 days', interval '1 hour') AS at""",
        (organization.id, str(account)),
    )
    assert len(_reported(product)) == 1

    mailbox.deliver(canary)
    product.poll(account)

    assert _reported(product) == []
