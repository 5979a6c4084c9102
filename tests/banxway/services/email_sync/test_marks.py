"""Read marks: from the console to the server if the mailbox is set to do so, and from the server to here."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from banxway import errors
from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_mail
from tests.support.product.fake_mailbox import FakeFolder
from tests.support.product.fakes import FakeMailbox, refused

Twin = Callable[..., Product]


@pytest.fixture
def account(product: Product, organization: Organization) -> UUID:
    """A mailbox with `marks_seen`."""
    return product.add_mailbox(organization, marks_seen=True)


def _deliver(mailbox: FakeMailbox, *numbers: int, **more: Any) -> None:
    for number in numbers:
        mailbox.deliver(a_mail(f"Body {number}", message_id=f"{number}@c.example"), **more)


def _read_all(product: Product, agent: Actor) -> None:
    """Mark every thread as read in the console."""
    for row in product.database.rows("SELECT id FROM threads"):
        product.app.threads.read_state.mark_read(actor=agent, thread_id=row["id"])


def _wishes(product: Product) -> list[tuple[str, int, int]]:
    rows = product.database.rows("SELECT folder, uid_validity, uid FROM mailbox_messages WHERE seen_wanted")
    return [(row["folder"], row["uid_validity"], row["uid"]) for row in rows]


def _seen(product: Product) -> dict[str, bool]:
    return {row["body_text"].strip(): row["seen_at"] is not None for row in product.messages()}


# From here to there.


def test_what_is_read_in_the_console_is_marked_on_the_server(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    _deliver(mailbox, 1, 2)
    product.poll(account)
    _read_all(product, agent)
    wished = _wishes(product)

    product.poll(account)

    assert len(wished) == 2
    assert mailbox.marked == [("INBOX", (1, 2))]
    assert _wishes(product) == []
    (row, *_) = product.database.rows("SELECT is_seen FROM mailbox_messages")
    assert row["is_seen"]
    product.poll(account)
    assert len(mailbox.marked) == 1


def test_each_folder_is_reported_its_own(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    _deliver(mailbox, 1)
    _deliver(mailbox, 2, folder="Spam")
    product.poll(account)
    _read_all(product, agent)

    product.poll(account)

    assert mailbox.marked == [("INBOX", (1,)), ("Spam", (1,))]


def test_a_mailbox_that_does_not_ask_for_it_is_not_reported(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    product.database.rows("UPDATE email_accounts SET marks_seen = false")
    _deliver(mailbox, 1)
    product.poll(account)

    _read_all(product, agent)
    product.poll(account)

    assert (_seen(product), _wishes(product), mailbox.marked) == ({"Body 1": True}, [], [])


def test_a_mailbox_that_asks_for_it_no_longer_is_not_reported(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    _deliver(mailbox, 1)
    product.poll(account)
    _read_all(product, agent)
    product.database.rows("UPDATE email_accounts SET marks_seen = false")

    product.poll(account)

    assert (mailbox.marked, _wishes(product)) == ([], [])
    (row,) = product.database.rows("SELECT is_seen FROM mailbox_messages")
    assert not row["is_seen"]


@pytest.mark.parametrize("what", ["read there already", "vanished", "polling is off"])
def test_nothing_is_wished_for_what_the_server_need_not_or_cannot_be_reported(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox, what: str
) -> None:
    _deliver(mailbox, 1, flags=["\\Seen"] if what == "read there already" else ())
    product.poll(account)
    product.database.rows("UPDATE messages SET seen_at = NULL")
    if what == "vanished":
        mailbox.delete([1])
        product.poll(account)
    if what == "polling is off":
        product.database.rows("UPDATE email_accounts SET imap_enabled = false")

    _read_all(product, agent)

    assert _wishes(product) == []


def test_nothing_is_marked_in_a_folder_that_was_renumbered(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    """The same UID is another mail's now, which would be marked as read in the customer's own mailbox."""
    _deliver(mailbox, 1)
    product.poll(account)
    _read_all(product, agent)
    mailbox.delete([1])
    _deliver(mailbox, 2)
    mailbox.renumber(2)

    product.poll(account)

    assert mailbox.marked == []
    assert _wishes(product) == []
    assert "\\Seen" not in mailbox.mails[1].flags


def test_a_folder_that_is_gone_takes_its_marks_with_it_and_stops_nothing(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.by_name["Orders"] = FakeFolder(mailbox.by_name["INBOX"].role)
    product.database.rows("UPDATE email_accounts SET folders = '{INBOX,Orders}'")
    _deliver(mailbox, 1, folder="Orders")
    product.poll(account)
    _read_all(product, agent)
    del mailbox.by_name["Orders"]
    _deliver(mailbox, 2)

    product.poll(account)

    assert _wishes(product) == []
    assert _seen(product) == {"Body 1": True, "Body 2": False}
    (row,) = product.database.rows("SELECT is_seen FROM mailbox_messages WHERE folder = 'Orders'")
    assert not row["is_seen"]


def test_a_connection_that_breaks_keeps_the_wish(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    _deliver(mailbox, 1)
    product.poll(account)
    _read_all(product, agent)
    mailbox.opening.then(refused(errors.ProviderUnavailable, "Cut", provider="imap", operation="open"))

    product.poll(account)
    kept = _wishes(product)
    product.poll(account)

    assert kept == [("INBOX", 1, 1)]
    assert mailbox.marked == [("INBOX", (1,))]


# From there to here.


def test_what_becomes_read_and_unread_elsewhere_follows_here(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    _deliver(mailbox, 1, 2)
    product.poll(account)
    mailbox.flag([1])
    product.poll(account)
    read = _seen(product)
    product.queues["change"].clear()

    mailbox.flag([1], "-\\Seen")
    product.poll(account)

    assert (read, _seen(product)) == (
        {"Body 1": True, "Body 2": False},
        {"Body 1": False, "Body 2": False},
    )
    kinds = [row["kind"] for row in product.database.rows("SELECT kind FROM changes ORDER BY sequence")]
    assert kinds.count("message.seen") == 2
    assert product.queues["change"].items


def test_what_merely_stayed_unread_there_unmarks_nothing_here(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    product.database.rows("UPDATE email_accounts SET marks_seen = false")
    _deliver(mailbox, 1)
    product.poll(account)
    _read_all(product, agent)

    mailbox.flag([1], "\\Flagged")
    product.poll(account)

    assert _seen(product) == {"Body 1": True}
    (row,) = product.database.rows("SELECT flags FROM mailbox_messages")
    assert row["flags"] == ["\\Flagged"]


def test_a_wish_is_over_once_somebody_has_read_the_mail_there(
    product: Product, agent: Actor, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    _deliver(mailbox, 1)
    product.poll(account)
    # Read in the console after this poll read the marks to set, and on the server before it reads flags.
    mailbox.listing.then(lambda _: (_read_all(twin(), agent), mailbox.flag([1]))[1])

    product.poll(account)

    assert (_wishes(product), mailbox.marked) == ([], [])


def test_what_we_sent_is_never_unread(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    _deliver(mailbox, 1, folder="Sent")
    product.poll(account)

    mailbox.flag([1], folder="Sent")
    product.poll(account)

    (message,) = product.messages()
    assert (message["direction"], message["seen_at"]) == ("outbound", None)
    assert product.database.rows("SELECT 1 AS one FROM changes WHERE kind = 'message.seen'") == []
