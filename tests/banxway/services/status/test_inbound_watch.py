"""When something last arrived, and who is notified of a silence: once, and not in a storm."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.product.builders import SUPPORT, Product, a_mail, an_incoming, received
from tests.support.product.fakes import FakeMailbox

HOUR = timedelta(hours=1)


@pytest.fixture
def admin(product: Product, organization: Organization) -> Actor:
    return product.actor(organization, "admin")


def _give_history(
    product: Product, organization: Organization, subject: str, *, silent_for: timedelta
) -> None:
    """Add arrivals in every hour of six weeks, until some time ago."""
    product.database.rows(
        """INSERT INTO inbound_hours (organization_id, subject, hour, arrivals, last_at)
           SELECT %s, %s, date_trunc('hour', at, 'UTC'), 1, at
           FROM generate_series(now() - %s - interval '42 days', now() - %s, interval '1 hour') AS at
           ON CONFLICT DO NOTHING""",
        (organization.id, subject, silent_for, silent_for),
    )


def _reported(product: Product, *, also_closed: bool = False) -> list[tuple[str, str]]:
    rows = product.database.rows("SELECT * FROM notifications WHERE kind = 'inbound_silent' ORDER BY subject")
    return [(row["subject"], row["sentence"]) for row in rows if also_closed or row["closed_at"] is None]


def _proven(product: Product, admin: Actor, account: UUID) -> datetime | None:
    return product.app.email_accounts.accounts.get(actor=admin, account_id=account).inbound_last_proven_at


# What proves that something arrives.


def test_a_mail_proves_its_mailbox_at_the_instant_at_which_the_server_got_it(
    product: Product, account: UUID, admin: Actor, mailbox: FakeMailbox
) -> None:
    assert _proven(product, admin, account) is None
    came = datetime.now(UTC).replace(microsecond=0) - 3 * HOUR
    mailbox.deliver(a_mail(message_id="1@c.example"), at=came)
    mailbox.deliver(a_mail(message_id="2@c.example"), at=came - HOUR)

    product.poll(account)

    assert _proven(product, admin, account) == came


def test_a_mail_from_a_clock_that_is_ahead_proves_no_more_than_now(
    product: Product, account: UUID, admin: Actor, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail(), at=datetime.now(UTC) + timedelta(days=400))

    product.poll(account)

    proven = _proven(product, admin, account)
    assert proven is not None
    assert proven < datetime.now(UTC) + HOUR


def test_old_mail_proves_only_its_newest(
    product: Product, account: UUID, admin: Actor, mailbox: FakeMailbox
) -> None:
    newest = datetime.now(UTC).replace(microsecond=0) - timedelta(days=400)
    for number in range(3):
        mailbox.deliver(a_mail(message_id=f"{number}@c.example"), at=newest - number * timedelta(days=30))

    product.poll(account)

    assert _proven(product, admin, account) == newest
    assert len(product.database.rows("SELECT hour FROM inbound_hours")) == 1


@pytest.mark.parametrize(("folder", "sender"), [("Sent", "asha@c.example"), ("INBOX", SUPPORT)])
def test_what_we_wrote_ourselves_proves_nothing(
    product: Product, account: UUID, admin: Actor, mailbox: FakeMailbox, folder: str, sender: str
) -> None:
    mailbox.deliver(f"From: {sender}\r\nSubject: x\r\n\r\nText\r\n".encode(), folder=folder)

    product.poll(account)

    assert _proven(product, admin, account) is None


def test_a_mail_that_is_known_from_another_mailbox_proves_this_one_too(
    product: Product, organization: Organization, account: UUID, admin: Actor, mailbox: FakeMailbox
) -> None:
    other = product.add_mailbox(organization, "sales@yourdomain.com")
    for box in (mailbox, product.providers.mailbox("sales@yourdomain.com")):
        box.deliver(a_mail())
    product.poll(account)
    product.poll(other)

    assert len(product.messages()) == 1
    assert _proven(product, admin, other) is not None


def test_a_customers_message_proves_whatsapp_and_a_delivery_report_does_not(
    product: Product, organization: Organization, admin: Actor
) -> None:
    integration = product.add_whatsapp(organization)
    shown = product.app.integrations.read.get(actor=admin, integration_type="exotel_whatsapp")
    assert shown.inbound_last_proven_at is None

    callback = received(organization, an_incoming("Hello", sid="in-1"), integration=integration)
    product.apply(callback)

    (shown,) = product.app.integrations.read.list_all(actor=admin)
    assert shown.inbound_last_proven_at == callback.received_at


# Who is notified.


def test_a_mailbox_that_falls_silent_is_reported_once_however_often_it_is_looked_at(
    product: Product, organization: Organization, account: UUID
) -> None:
    _give_history(product, organization, str(account), silent_for=timedelta(days=2))

    found = [product.app.status.inbound_watch.watch() for _ in range(3)]

    assert [each.opened for each in found] == [1, 0, 0]
    ((subject, sentence),) = _reported(product)
    assert subject == str(account)
    assert sentence.startswith(f"{SUPPORT}: nothing has arrived since ")


def test_a_mailbox_with_its_usual_mail_is_no_news(
    product: Product, organization: Organization, account: UUID
) -> None:
    _give_history(product, organization, str(account), silent_for=HOUR)

    assert product.app.status.inbound_watch.watch().opened == 0


def test_after_a_dismissal_only_another_silence_is_reported(
    product: Product, organization: Organization, account: UUID, admin: Actor
) -> None:
    _give_history(product, organization, str(account), silent_for=timedelta(days=2))
    product.app.status.inbound_watch.watch()
    (reported,) = product.database.rows("SELECT id FROM notifications")
    product.app.status.notifications.dismiss(actor=admin, notification_id=reported["id"])

    assert product.app.status.inbound_watch.watch().opened == 0

    product.database.rows("UPDATE notifications SET created_at = created_at - interval '20 days'")
    assert product.app.status.inbound_watch.watch().opened == 1


def test_the_first_arrival_closes_it(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    _give_history(product, organization, str(account), silent_for=timedelta(days=2))
    product.app.status.inbound_watch.watch()
    mailbox.deliver(a_mail())
    product.poll(account)

    assert product.app.status.inbound_watch.watch().closed == 1
    assert _reported(product) == []


def test_many_that_fall_silent_together_are_one_notification(
    product: Product, organization: Organization, account: UUID
) -> None:
    others = [product.add_mailbox(organization, f"box{number}@yourdomain.com") for number in range(13)]
    for each in (account, *others):
        _give_history(product, organization, str(each), silent_for=timedelta(days=2))

    found = [product.app.status.inbound_watch.watch() for _ in range(2)]

    assert [each.opened for each in found] == [1, 0]
    ((subject, sentence),) = _reported(product)
    assert subject == "several"
    assert sentence.startswith("14 mailboxes and channels are silent")
    assert "and 4 more" in sentence


def test_what_falls_silent_later_is_reported_beside_the_others(
    product: Product, organization: Organization, account: UUID
) -> None:
    others = [product.add_mailbox(organization, f"box{number}@yourdomain.com") for number in range(3)]
    for each in (account, *others):
        _give_history(product, organization, str(each), silent_for=timedelta(days=9))
    product.app.status.inbound_watch.watch()
    product.database.rows("UPDATE notifications SET created_at = created_at - interval '5 days'")
    late = product.add_mailbox(organization, "late@yourdomain.com")
    _give_history(product, organization, str(late), silent_for=timedelta(days=2))

    product.app.status.inbound_watch.watch()

    assert sorted(subject for subject, _ in _reported(product)) == sorted(["several", str(late)])


def test_whatsapp_is_watched_by_its_name(product: Product, organization: Organization) -> None:
    product.add_whatsapp(organization)
    _give_history(product, organization, "exotel_whatsapp", silent_for=timedelta(days=2))

    product.app.status.inbound_watch.watch()

    ((subject, sentence),) = _reported(product)
    assert subject == "exotel_whatsapp"
    assert sentence.startswith("WhatsApp: nothing has arrived since ")
    assert "callback_url" in sentence


@pytest.mark.parametrize("change", ["imap_enabled = false", None])
def test_what_is_not_to_bring_anything_in_is_not_watched(
    product: Product, organization: Organization, account: UUID, admin: Actor, change: str | None
) -> None:
    _give_history(product, organization, str(account), silent_for=timedelta(days=2))
    product.app.status.inbound_watch.watch()
    if change:
        product.database.rows(f"UPDATE email_accounts SET {change}")
    else:
        product.app.email_accounts.accounts.delete(actor=admin, account_id=account)

    product.app.status.inbound_watch.watch()

    assert _reported(product) == []


def test_another_organizations_silence_is_nobody_elses(
    product: Product, organization: Organization, account: UUID
) -> None:
    other = product.database.add_organization("Other")
    _give_history(product, other, str(account), silent_for=timedelta(days=2))

    assert product.app.status.inbound_watch.watch().opened == 0


def test_what_is_long_ago_is_forgotten_but_for_the_newest(
    product: Product, organization: Organization, account: UUID
) -> None:
    _give_history(product, organization, str(account), silent_for=timedelta(days=200))
    product.database.rows(
        "UPDATE inbound_hours SET hour = hour - interval '30 days' WHERE hour < now() - interval '240 days'"
    )

    product.app.status.inbound_watch.watch()

    (kept,) = product.database.rows("SELECT max(hour) - min(hour) AS span FROM inbound_hours")
    assert kept["span"] <= timedelta(days=60)
    assert len(_reported(product)) == 1
