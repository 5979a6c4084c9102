"""Folders: which are synced, and how mail that other clients move, delete, mark or renumber is followed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from banxway import errors
from banxway.models.actors import Actor
from banxway.models.mail import FolderRole
from tests.support.product.builders import Product, a_mail
from tests.support.product.fake_mailbox import FakeFolder
from tests.support.product.fakes import FakeMailbox, refused
from tests.support.timing.clocks import SetClock

Twin = Callable[..., Product]


def _letter(number: int, *, folder_note: str = "") -> bytes:
    return a_mail(f"Body {number}{folder_note}", subject=f"Mail {number}", message_id=f"{number}@c.example")


def _stored(product: Product) -> dict[tuple[str, int], bool]:
    """Return folder and UID of the mails under the folder's present UIDVALIDITY, and whether each is visible."""
    rows = product.database.rows(
        "SELECT folder, uid, is_visible FROM mailbox_messages WHERE uid_validity <> 0 ORDER BY folder, uid"
    )
    return {(row["folder"], row["uid"]): row["is_visible"] for row in rows}


def _let_time_pass(product: Product, seconds: int) -> None:
    product.database.rows(
        """UPDATE email_folders SET compared_at = compared_at - make_interval(secs => %(s)s),
                                    flags_read_at = flags_read_at - make_interval(secs => %(s)s)""",
        {"s": seconds},
    )


def _count_calls(mailbox: FakeMailbox, method: str) -> list[None]:
    """Return a list that grows with each call of a method."""
    calls: list[None] = []
    real = getattr(mailbox, method)
    setattr(mailbox, method, lambda *given, **named: (calls.append(None), real(*given, **named))[1])
    return calls


def _choose(product: Product, *folders: str) -> None:
    product.database.rows("UPDATE email_accounts SET folders = %s", (list(folders),))


# Which.


def test_inbox_sent_and_spam_are_synced_by_their_use_whatever_their_names(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.by_name["Enviados"] = mailbox.by_name.pop("Sent")
    for number, folder in enumerate(("INBOX", "Enviados", "Spam", "Trash", "Drafts")):
        mailbox.deliver(_letter(number), folder=folder)

    product.poll(account)

    assert _stored(product) == {("INBOX", 1): True, ("Enviados", 1): True, ("Spam", 1): True}


def test_a_mailbox_that_names_folders_is_synced_in_those_alone(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.by_name["Orders"] = FakeFolder(FolderRole.OTHER)
    for number, folder in enumerate(("INBOX", "Orders", "Spam")):
        mailbox.deliver(_letter(number), folder=folder)
    _choose(product, "INBOX", "Orders", "Gone")

    product.poll(account)

    assert _stored(product) == {("INBOX", 1): True, ("Orders", 1): True}


def test_the_inbox_comes_first_where_the_time_does_not_last_for_all(
    account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    """People wait for it, whatever other folders are called."""
    mailbox.by_name["Archive"] = FakeFolder(FolderRole.OTHER)
    mailbox.deliver(_letter(1), folder="Archive")
    mailbox.deliver(_letter(2))
    clock = SetClock()
    process = twin(clock=clock)
    _choose(process, "Archive", "INBOX")
    mailbox.fetching.always(lambda _: clock.advance(seconds=60))

    process.poll(account)

    assert _stored(process) == {("INBOX", 1): True}


def test_a_folder_that_cannot_be_opened_does_not_keep_the_others_waiting(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1), folder="Spam")
    mailbox.deliver(_letter(2), folder="Sent")
    gone = refused(errors.ProviderRejected, "No such folder", provider="imap", operation="open")
    mailbox.opening.then(None, gone)

    product.poll(account)
    assert _stored(product) == {("Spam", 1): True}
    product.poll(account)

    assert _stored(product) == {("Sent", 1): True, ("Spam", 1): True}


def test_an_inbox_that_cannot_be_opened_is_a_failure(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1))
    mailbox.opening.then(refused(errors.ProviderRejected, "No access", provider="imap", operation="open"))

    product.poll(account)

    (row,) = product.database.rows("SELECT last_poll_error FROM email_accounts")
    assert row["last_poll_error"] == "No access"


# What others do.


def test_what_vanished_is_hidden_and_never_deleted(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in range(3):
        mailbox.deliver(_letter(number))
    product.poll(account)

    mailbox.delete([2])
    product.poll(account)

    assert _stored(product) == {("INBOX", 1): True, ("INBOX", 2): False, ("INBOX", 3): True}
    assert product.subjects() == ["Mail 0", "Mail 1", "Mail 2"]


def test_what_comes_back_under_its_number_is_seen_again(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """Zoho hides archived mail, and shows it again when a person says so (reference/mail.md, 1.7)."""
    for number in range(3):
        mailbox.deliver(_letter(number))
    product.poll(account)
    archived = mailbox.mails.pop(2)
    product.poll(account)
    hidden = _stored(product)

    mailbox.mails[2] = archived
    product.poll(account)

    assert hidden[("INBOX", 2)] is False
    assert _stored(product)[("INBOX", 2)] is True
    assert len(product.messages()) == 3


def test_a_moved_mail_is_the_same_message_in_another_folder(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1))
    product.poll(account)

    mailbox.move([1], "Spam")
    product.poll(account)

    assert _stored(product) == {("INBOX", 1): False, ("Spam", 1): True}
    (message,) = product.messages()
    assert message["is_spam"]


def test_a_folder_that_was_removed_hides_what_lay_in_it(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.by_name["Orders"] = FakeFolder(FolderRole.OTHER)
    mailbox.deliver(_letter(1), folder="Orders")
    _choose(product, "INBOX", "Orders")
    product.poll(account)

    del mailbox.by_name["Orders"]
    product.poll(account)

    assert _stored(product) == {("Orders", 1): False}
    assert len(product.messages()) == 1


def test_what_is_missing_though_the_counters_agree_is_found_within_the_hour(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in range(3):
        mailbox.deliver(_letter(number))
    product.poll(account)
    product.database.rows("DELETE FROM mailbox_messages WHERE uid = 2")

    product.poll(account)
    before = len(_stored(product))
    _let_time_pass(product, 3601)
    product.poll(account)

    assert (before, len(_stored(product))) == (2, 3)
    assert len(product.messages()) == 3


def test_polling_now_finds_what_is_missing_at_once(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in range(3):
        mailbox.deliver(_letter(number))
    product.poll(account)
    product.database.rows("DELETE FROM mailbox_messages WHERE uid = 2")

    product.app.email_sync.sync.poll_now(actor=admin, account_id=account)

    assert _stored(product) == {("INBOX", uid): True for uid in (1, 2, 3)}


def test_a_folder_in_which_no_flag_changed_is_asked_for_none(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1))
    product.poll(account)
    asked = _count_calls(mailbox, "flags")

    product.app.email_sync.sync.poll_now(actor=admin, account_id=account)

    assert asked == []


def test_a_folder_that_is_put_to_another_use_is_known_by_it(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.by_name["Orders"] = FakeFolder(FolderRole.OTHER)
    _choose(product, "INBOX", "Orders")
    product.poll(account)

    mailbox.by_name["Orders"].role = FolderRole.JUNK
    mailbox.deliver(_letter(1), folder="Orders")
    product.poll(account)

    assert [message["is_spam"] for message in product.messages()] == [True]


@pytest.mark.parametrize("has_condstore", [True, False])
def test_reading_elsewhere_is_noticed_with_and_without_condstore(
    product: Product, account: UUID, mailbox: FakeMailbox, has_condstore: bool
) -> None:
    mailbox.has_condstore = has_condstore
    mailbox.deliver(_letter(1))
    mailbox.deliver(_letter(2))
    product.poll(account)

    mailbox.flag([2])
    _let_time_pass(product, 301)
    product.poll(account)

    seen = {row["subject"]: row["seen_at"] is not None for row in product.messages()}
    assert seen == {"Mail 1": False, "Mail 2": True}


def test_nothing_is_asked_of_folders_in_which_nothing_changed(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1))
    product.poll(account)
    opened = mailbox.opened

    for _ in range(5):
        product.poll(account)

    assert mailbox.opened == opened


def test_one_new_mail_costs_no_comparison(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    mailbox.deliver(_letter(1))
    product.poll(account)
    compared = _count_calls(mailbox, "uids")

    mailbox.deliver(_letter(2))
    product.poll(account)

    assert product.subjects() == ["Mail 1", "Mail 2"]
    assert compared == []


def test_a_server_whose_changes_count_from_lower_again_is_asked_for_all_flags(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """A restored mailbox: since a modseq that it never gave, nothing has changed."""
    mailbox.deliver(_letter(1))
    mailbox.deliver(_letter(2))
    product.poll(account)
    folder = mailbox.by_name["INBOX"]
    folder.modseq = folder.mails[1].modseq = 1
    folder.mails[1].flags.add("\\Seen")

    _let_time_pass(product, 301)
    product.poll(account)

    seen = {row["subject"]: row["seen_at"] is not None for row in product.messages()}
    assert seen == {"Mail 1": True, "Mail 2": False}


def test_a_mail_that_vanished_while_it_was_fetched_is_not_asked_for_again(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1))
    mailbox.deliver(_letter(2))
    mailbox.fetching.then(lambda _: mailbox.delete([2]))

    product.poll(account)

    (folder,) = product.database.rows("SELECT last_uid, stuck_uid FROM email_folders WHERE name = 'INBOX'")
    assert folder["last_uid"] == 2
    assert _stored(product) == {("INBOX", 1): True}


# New UIDs.


def test_two_equal_mails_are_found_again_without_being_fetched_twice(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for _ in range(2):
        mailbox.deliver(_letter(1))
    product.poll(account)
    mailbox.fetched.clear()

    mailbox.renumber(77, first_uid=11)
    product.poll(account)

    assert _stored(product) == {("INBOX", 11): True, ("INBOX", 12): True}
    assert mailbox.fetched == [11, 12]


def test_a_mail_that_was_too_large_to_fetch_is_found_again_by_its_header(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1), claimed_size=60_000_000)
    product.poll(account)

    mailbox.renumber(77, first_uid=11)
    product.poll(account)

    assert len(product.database.rows("SELECT uid FROM mailbox_messages")) == 1
    assert _stored(product) == {("INBOX", 11): True}
    (inbox, *_) = product.app.email_sync.sync.compare(actor=admin, account_id=account).folders
    assert (inbox.not_visible, inbox.missing) == (0, 0)


def test_the_flags_of_a_renumbered_folder_are_all_read(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(_letter(1))
    mailbox.deliver(_letter(2))
    product.poll(account)
    mailbox.renumber(77, first_uid=11)
    # Read elsewhere before the numbers changed, so that it is no change since.
    mailbox.mails[11].flags.add("\\Seen")

    product.poll(account)

    seen = {row["subject"]: row["seen_at"] is not None for row in product.messages()}
    assert seen == {"Mail 1": True, "Mail 2": False}


def test_renumbered_mails_are_found_again_and_new_ones_among_them_taken_in(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in range(5):
        mailbox.deliver(_letter(number))
    product.poll(account)

    mailbox.delete([1])
    mailbox.deliver(_letter(9))
    mailbox.renumber(77, first_uid=11)
    product.poll(account)

    rows = product.database.rows(
        "SELECT uid_validity, uid, is_visible FROM mailbox_messages ORDER BY uid_validity, uid"
    )
    found = [(row["uid_validity"], row["uid"]) for row in rows if row["is_visible"]]
    assert found == [(77, uid) for uid in (11, 12, 13, 14, 15)]
    assert len(rows) == 6
    assert len(product.messages()) == 6


def test_a_mail_is_no_other_mail_though_id_and_size_are_the_same(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """Programs reuse Message-IDs: a mail that replaced the first one must not count as it."""
    mailbox.deliver(_letter(1, folder_note="A"))
    product.poll(account)

    mailbox.delete([1])
    mailbox.deliver(_letter(1, folder_note="B"))
    mailbox.renumber(77)
    product.poll(account)

    assert [message["body_text"].strip() for message in product.messages()] == ["Body 1A", "Body 1B"]


def test_a_poll_killed_while_it_finds_them_again_goes_on(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.email_sync.fetching.BATCH_MESSAGES", 2)
    for number in range(5):
        mailbox.deliver(_letter(number))
    product.poll(account)
    mailbox.renumber(77, first_uid=101)
    mailbox.fetching.then(None, None, None, KeyboardInterrupt())

    with pytest.raises(KeyboardInterrupt):
        product.poll(account)
    product.database.rows("UPDATE email_accounts SET lease_until = NULL")
    product.poll(account)

    assert _stored(product) == {("INBOX", uid): True for uid in range(101, 106)}
    assert len(product.messages()) == 5


def test_a_server_whose_next_number_went_back_is_not_believed(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """A restored server may keep its UIDVALIDITY and give the same UIDs again."""
    for number in range(3):
        mailbox.deliver(_letter(number))
    product.poll(account)
    folder = mailbox.by_name["INBOX"]
    folder.mails, folder.highest_uid = {1: folder.mails[1]}, 1
    mailbox.deliver(_letter(7), uid=2)

    product.poll(account)

    assert product.subjects() == ["Mail 0", "Mail 1", "Mail 2", "Mail 7"]


# Mails that cannot be fetched.


def _never_comes(monkeypatch: pytest.MonkeyPatch, mailbox: FakeMailbox, *uids: int) -> None:
    """Let the server answer a fetch without the bodies of these mails."""
    fetch = FakeMailbox.fetch
    monkeypatch.setattr(
        mailbox, "fetch", lambda asked: fetch(mailbox, [uid for uid in asked if uid not in uids])
    )


def test_a_second_mail_that_cannot_be_fetched_does_not_begin_the_firsts_count_again(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        mailbox.deliver(_letter(number))
    _never_comes(monkeypatch, mailbox, 2)
    for _ in range(2):
        product.poll(account)
    product.database.rows("DELETE FROM mailbox_messages WHERE uid = 1")

    _never_comes(monkeypatch, mailbox, 1, 2)
    product.poll(account)

    (folder,) = product.database.rows("SELECT stuck_uid, stuck_polls FROM email_folders WHERE name = 'INBOX'")
    assert folder == {"stuck_uid": 2, "stuck_polls": 3}


def test_what_was_missed_in_one_folder_is_not_held_against_the_next(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.deliver(_letter(1))
    mailbox.deliver(_letter(2), folder="Sent", uid=9)
    monkeypatch.setattr(mailbox, "fetch", _only_in(mailbox, "Sent"))

    product.poll(account)

    rows = product.database.rows("SELECT name, stuck_uid FROM email_folders WHERE name IN ('INBOX', 'Sent')")
    assert {row["name"]: row["stuck_uid"] for row in rows} == {"INBOX": 1, "Sent": None}


def _only_in(mailbox: FakeMailbox, folder: str) -> Any:
    fetch = FakeMailbox.fetch
    return lambda asked: fetch(mailbox, asked if mailbox._open == folder else [])


def test_a_mail_that_always_breaks_the_connection_is_left_out_after_three_polls(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in range(3):
        mailbox.deliver(_letter(number), at=datetime(2026, 1, 15, tzinfo=UTC))

    def break_at_the_second(uid: int) -> Any:
        if uid == 2:
            raise refused(errors.ProviderUnavailable, "Connection closed by the server", provider="imap")
        return None

    mailbox.fetching.always(break_at_the_second)
    for _ in range(5):
        product.poll(account)

    messages = {message["subject"]: message["problems"] for message in product.messages()}
    assert sorted(messages) == ["Mail 0", "Mail 1", "Mail 2"]
    assert messages["Mail 0"] == messages["Mail 2"] == []
    assert messages["Mail 1"] == [
        "The mail server breaks off whenever this mail (1 KB) is fetched: read it in the mailbox itself"
    ]
    assert product.app.email_sync.sync.compare(actor=admin, account_id=account).is_complete


def test_a_mail_that_is_left_out_keeps_its_mates_from_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    product.poll(account)
    for number in range(4):
        mailbox.deliver(_letter(number))

    def break_at_the_second(uid: int) -> Any:
        if uid == 2:
            raise refused(errors.ProviderUnavailable, "Connection closed by the server", provider="imap")
        return None

    mailbox.fetching.always(break_at_the_second)
    for _ in range(3):
        product.poll(account)
    before = len(product.messages())
    compared = _count_calls(mailbox, "uids")

    product.poll(account)

    assert (before, len(product.messages())) == (1, 4)
    assert compared == []


def test_a_mail_whose_header_breaks_the_connection_too_is_shown_without_either(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbox.deliver(_letter(1))
    mailbox.deliver(_letter(2))

    def break_off(*_: object) -> Any:
        raise refused(errors.ProviderUnavailable, "Connection closed by the server", provider="imap")

    mailbox.fetching.always(lambda uid: break_off() if uid == 1 else None)
    monkeypatch.setattr(mailbox, "fetch_headers", break_off)
    for _ in range(4):
        product.poll(account)
    before = product.messages()

    product.poll(account)

    assert before == []
    assert product.subjects() == ["A mail of 1 KB", "Mail 2"]
