"""Folders that are gone or refused: the mailbox reports them, polls the others, and names a renamed one."""

from uuid import UUID

import pytest

from banxway import errors
from banxway.models.actors import Actor
from banxway.models.mail import FolderRole
from banxway.providers.mail.server_words import reason_of_refusal
from banxway.reasons import Reason
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product, a_mail
from tests.support.product.fake_mailbox import FakeFolder, FakeMailbox
from tests.support.product.fakes import refused

KIND = "mailbox_incomplete"


@pytest.fixture
def orders(product: Product, account: UUID, mailbox: FakeMailbox) -> FakeMailbox:
    """The mailbox, with a folder Orders that is synced beside the inbox."""
    mailbox.by_name["Orders"] = FakeFolder(FolderRole.OTHER)
    for number in (1, 2):
        mailbox.deliver(_letter(number), folder="Orders")
    product.database.rows("UPDATE email_accounts SET folders = '{INBOX,Orders}'")
    product.poll(account)
    return mailbox


def _letter(number: int) -> bytes:
    return a_mail(f"Body {number}", subject=f"Mail {number}", message_id=f"{number}@c.example")


def _refuse(mailbox: FakeMailbox, folder: str, words: str) -> None:
    def answer(name: str) -> None:
        if name == folder:
            reason = reason_of_refusal(words, "imap")
            raise refused(errors.ProviderRejected, words, provider="imap", operation="open", reason=reason)

    mailbox.opening.always(answer)


def _state(product: Product, account: UUID) -> tuple[str, str | None]:
    row = product.account(account)
    return row.state, row.last_poll_error


def _reported(product: Product, *, also_closed: bool = False) -> list[str]:
    rows = product.database.rows("SELECT * FROM notifications WHERE kind = %s ORDER BY created_at", (KIND,))
    return [row["sentence"] for row in rows if also_closed or row["closed_at"] is None]


def _rename(mailbox: FakeMailbox, old: str, new: str) -> None:
    mailbox.by_name[new] = mailbox.by_name.pop(old)


def test_a_renamed_folder_needs_attention_and_is_named_with_its_new_name(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    _rename(orders, "Orders", "Orders 2027")
    orders.deliver(_letter(3))

    product.poll(account)

    state, said = _state(product, account)
    assert state == "needs_attention"
    assert "the folder Orders is gone from the server, and was most likely renamed to Orders 2027" in said
    assert _reported(product) == [said]
    assert "Mail 3" in product.subjects()


@pytest.mark.parametrize("uid_validity", [1, 7])
def test_the_new_name_stays_known_while_the_folder_goes_on(
    product: Product, account: UUID, orders: FakeMailbox, uid_validity: int
) -> None:
    """Servers give one UIDVALIDITY to many folders, or to each its own."""
    orders.by_name["Orders"].uid_validity = uid_validity
    product.poll(account)
    _rename(orders, "Orders", "Orders 2027")
    product.poll(account)
    orders.deliver(_letter(3), folder="Orders 2027")
    orders.by_name["Another"] = FakeFolder(FolderRole.OTHER, uid_validity=uid_validity)

    product.poll(account)

    assert "renamed to Orders 2027" in str(_state(product, account)[1])


def test_of_two_folders_that_appeared_the_one_with_the_lost_ones_counters_is_named(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    _rename(orders, "Orders", "Orders 2027")
    orders.by_name["Another"] = FakeFolder(FolderRole.OTHER, highest_uid=9)

    product.poll(account)

    assert "renamed to Orders 2027" in str(_state(product, account)[1])


@pytest.mark.parametrize(
    "other", [{"uid_validity": 9, "highest_uid": 2}, {"uid_validity": 1, "highest_uid": 1}]
)
def test_a_folder_that_cannot_be_the_lost_one_is_not_named(
    product: Product, account: UUID, orders: FakeMailbox, other: dict[str, int]
) -> None:
    """It has another UIDVALIDITY, or fewer UIDs than were taken in."""
    del orders.by_name["Orders"]
    orders.by_name["Another"] = FakeFolder(FolderRole.OTHER, **other)

    product.poll(account)

    assert "the folder Orders is gone from the server. Choose" in str(_state(product, account)[1])


@pytest.mark.parametrize("folder", ["Orders", "Spam"])
def test_a_folder_that_was_chosen_and_never_there_needs_attention(
    product: Product, account: UUID, mailbox: FakeMailbox, folder: str
) -> None:
    mailbox.by_name.pop("Spam")
    product.database.rows("UPDATE email_accounts SET folders = %s", (["INBOX", folder],))

    product.poll(account)

    assert _state(product, account)[0] == "needs_attention"
    assert f"the folder {folder} is gone" in _reported(product)[0]


def test_a_folder_that_was_synced_by_its_use_needs_attention_once_nothing_has_it(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    product.poll(account)
    assert _state(product, account) == ("ok", None)

    mailbox.by_name["Old mail"] = FakeFolder(FolderRole.OTHER)
    del mailbox.by_name["Sent"]
    product.poll(account)

    assert "the folder Sent is gone" in _reported(product)[0]


def test_a_folder_whose_use_has_moved_to_another_name_is_nothing_to_see_to(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    product.poll(account)
    _rename(mailbox, "Sent", "Gesendet")

    product.poll(account)

    assert _state(product, account) == ("ok", None)


def test_a_mailbox_without_spam_or_sent_is_whole(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for name in ("Sent", "Spam"):
        del mailbox.by_name[name]

    product.poll(account)

    assert _state(product, account) == ("ok", None)


def test_a_folder_that_is_not_listed_and_yet_can_be_opened_is_synced(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    folders = orders.folders
    orders.folders = lambda: [each for each in folders() if each.name != "Orders"]
    orders.deliver(_letter(3), folder="Orders")

    product.poll(account)

    assert "Mail 3" in product.subjects()
    assert _state(product, account) == ("ok", None)


def test_a_folder_refused_on_every_poll_needs_attention_and_keeps_none_waiting(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    _refuse(orders, "Orders", "[NOPERM] Permission denied")
    orders.deliver(_letter(3), folder="Orders")

    for number in (4, 5):
        orders.deliver(_letter(number))
        product.poll(account)

    state, said = _state(product, account)
    assert (state, _reported(product)) == ("needs_attention", [said])
    assert "the server refuses the folder Orders ([NOPERM] Permission denied)" in str(said)
    assert {"Mail 4", "Mail 5"} <= set(product.subjects())
    assert product.account(account).consecutive_failures == 0


def test_a_folder_that_is_refused_without_being_listed_is_refused_and_not_gone(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    """Servers list a folder without rights and give no counters for it."""
    folders = orders.folders
    orders.folders = lambda: [each for each in folders() if each.name != "Orders"]
    _refuse(orders, "Orders", "Permission denied")

    product.poll(account)

    assert "the server refuses the folder Orders" in _reported(product)[0]


def test_words_that_change_with_the_time_of_day_are_no_news(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    for second in (1, 2, 3):
        _refuse(orders, "Orders", f"[SERVERBUG] Internal error occurred [2026-11-30 16:51:0{second}]")
        orders.deliver(_letter(3), folder="Orders")
        product.poll(account)

    assert "16:51:01" in str(_state(product, account)[1])
    assert len(_reported(product, also_closed=True)) == 1


def test_a_refusal_for_the_moment_is_reported_once_it_lasts(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    _refuse(orders, "Orders", "[INUSE] Mailbox is locked, try again later")
    orders.deliver(_letter(3), folder="Orders")
    product.poll(account)
    assert _state(product, account) == ("ok", None)

    product.database.rows("UPDATE email_folders SET trouble_since = trouble_since - interval '11 minutes'")
    product.poll(account)

    assert _state(product, account)[0] == "needs_attention"


def test_an_inbox_that_is_refused_needs_attention_and_the_others_are_synced(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    _refuse(orders, "INBOX", "Permission denied")
    orders.deliver(_letter(3), folder="Orders")
    orders.deliver(_letter(4))

    product.poll(account)

    assert "Mail 3" in product.subjects()
    assert _state(product, account) == ("needs_attention", "Permission denied")
    (reported,) = product.database.rows("SELECT * FROM notifications")
    assert reported["kind"] == "mailbox_failing"


def test_what_is_well_again_is_ok_and_the_notification_closed(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    _rename(orders, "Orders", "Orders 2027")
    product.poll(account)
    _rename(orders, "Orders 2027", "Orders")

    product.poll(account)

    assert _state(product, account) == ("ok", None)
    assert _reported(product) == []
    assert product.database.rows("SELECT 1 AS one FROM email_folders WHERE trouble IS NOT NULL") == []


def test_what_is_left_out_from_now_on_is_nothing_to_see_to(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    _rename(orders, "Orders", "Orders 2027")
    product.poll(account)
    product.database.rows("UPDATE email_accounts SET folders = '{INBOX,Orders 2027}'")

    product.poll(account)

    assert _state(product, account) == ("ok", None)


def test_an_admin_is_reported_once_and_again_of_another_folder_alone(
    product: Product, organization: Organization, account: UUID, orders: FakeMailbox
) -> None:
    admin = product.actor(organization, "admin")
    del orders.by_name["Orders"]
    for _ in range(3):
        product.poll(account)
    (known,) = product.database.rows("SELECT id FROM notifications")
    product.app.status.notifications.dismiss(actor=admin, notification_id=known["id"])
    product.poll(account)
    orders.listing.then(refused(errors.ProviderUnavailable, "Connection closed"))
    for _ in range(2):
        product.poll(account)
    assert len(_reported(product, also_closed=True)) == 1

    product.database.rows("UPDATE email_accounts SET folders = folders || '{Letters}'")
    for _ in range(2):
        product.poll(account)

    assert len(_reported(product, also_closed=True)) == 2
    assert "Letters" in _reported(product)[0]


def test_the_comparison_with_a_lost_folder_is_incomplete_and_names_both(
    product: Product, organization: Organization, account: UUID, orders: FakeMailbox
) -> None:
    _rename(orders, "Orders", "Orders 2027")

    found = _compared(product, product.actor(organization, "admin"), account)

    assert not found.is_complete
    (lost,) = [each for each in found.folders if not each.is_complete]
    assert (lost.name, lost.renamed_to) == ("Orders", "Orders 2027")
    assert (
        lost.problem
        == "the folder Orders is gone from the server, and was most likely renamed to Orders 2027"
    )


@pytest.mark.parametrize("folder", ["Orders", "INBOX"])
def test_the_comparison_with_a_refused_folder_is_incomplete_and_names_it(
    product: Product, organization: Organization, account: UUID, orders: FakeMailbox, folder: str
) -> None:
    _refuse(orders, folder, "Permission denied")

    found = _compared(product, product.actor(organization, "admin"), account)

    assert [(each.name, each.problem) for each in found.folders if not each.is_complete] == [
        (folder, f"the server refuses the folder {folder} (Permission denied)")
    ]
    assert not found.is_complete


def _compared(product: Product, actor: Actor, account: UUID):
    return product.app.email_sync.sync.compare(actor=actor, account_id=account)


def test_idle_is_held_on_a_mailbox_that_needs_attention(
    product: Product, account: UUID, orders: FakeMailbox
) -> None:
    product.database.rows("UPDATE email_accounts SET uses_idle = true")
    del orders.by_name["Orders"]
    product.poll(account)
    product.database.rows("UPDATE email_accounts SET next_poll_at = now()")

    product.app.email_sync.sync.enqueue_due()

    assert len(product.queues["idle"].items) == 1


@pytest.mark.parametrize(
    ("failures", "reason", "state"),
    [
        (0, Reason.HOST_REFUSED, "needs_attention"),
        (0, None, "needs_attention"),
        (0, Reason.SERVER_BUSY, "ok"),
        (2, Reason.SERVER_BUSY, "needs_attention"),
    ],
)
def test_a_poll_that_is_refused_for_good_needs_attention(
    product: Product, account: UUID, mailbox: FakeMailbox, failures: int, reason: Reason | None, state: str
) -> None:
    product.database.rows("UPDATE email_accounts SET consecutive_failures = %s", (failures,))
    mailbox.listing.then(refused(errors.ProviderRejected, "No", reason=reason))

    product.poll(account)

    assert _state(product, account) == (state, "No")
    assert product.account(account).last_poll_reason == reason
