"""The rows of mails and folders: each statement touches only rows of its own folder, and returns what it promises.

Each folder has neighbours that differ from it in one thing alone: the mailbox, the name, or the UIDVALIDITY.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from banxway.models.mail import FolderRole, FolderState, MailFlags
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import mailbox_messages, read_state
from banxway.storage.email_sync.mailbox_messages import FolderKey, MailState, StoredMail, TakenMail
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.product.stored import row_of
from tests.support.timing.database_clock import NOW

pytestmark = pytest.mark.usefixtures("database_clock")

INBOX = ("mine", "INBOX", 7)
PLACES = [
    (whose, folder, number)
    for whose in ("mine", "other")
    for folder in ("INBOX", "Spam")
    for number in (5, 7)
]
UIDS = (1, 2, 3)


class Rows:
    """Three mails in each of eight places: the first visible and read, the second hidden, the third filed."""

    def __init__(self, product: Product, organization: Organization) -> None:
        self.product = product
        self.organization = organization
        self.accounts = {
            "mine": product.add_mailbox(organization),
            "other": product.add_mailbox(organization, "other@yourdomain.com", marks_seen=True),
        }
        self.message = product.add_message(
            organization, product.add_thread(organization), channel="EMAIL", direction="inbound"
        )
        for whose, folder, number in PLACES:
            self._add_folder(whose, folder)
            for uid in UIDS:
                self.product.database.rows(
                    """INSERT INTO mailbox_messages (organization_id, account_id, folder, uid_validity, uid,
                           size_bytes, raw_blob, is_visible, is_seen, message_id)
                       VALUES (%s, %s, %s, %s, %s, 1, %s, %s, %s, %s)""",
                    (
                        organization.id, self.accounts[whose], folder, number, uid, f"blob {uid}",
                        uid != 2, uid == 1, self.message if uid == 3 else None,
                    ),
                )  # fmt: skip

    def _add_folder(self, whose: str, name: str) -> None:
        self.product.database.rows(
            """INSERT INTO email_folders (organization_id, account_id, name, role, uid_validity, last_uid)
               VALUES (%s, %s, %s, %s, 7, 3) ON CONFLICT DO NOTHING""",
            (self.organization.id, self.accounts[whose], name, "junk" if name == "Spam" else "inbox"),
        )

    def place(self, whose: str = "mine", folder: str = "INBOX", number: int = 7) -> FolderKey:
        return FolderKey(self.organization.id, self.accounts[whose], folder, number)

    def do(self, act: Any, *given: Any, **named: Any) -> Any:
        with self.product.app.infrastructure.database.organization(self.organization.id) as transaction:
            return act(transaction, *given, **named)

    def changes(self, act: Any, *given: Any, **named: Any) -> dict[tuple[str, str, int, int], dict[str, Any]]:
        """Return what an act changes, by place and UID as they were."""
        before = self._all()
        self.do(act, *given, **named)
        after = self._all()
        changed = {}
        for key, row in before.items():
            now = after.get(key, {})
            if now != row:
                (whose,) = [name for name, account in self.accounts.items() if account == row["account_id"]]
                differing = {name: value for name, value in now.items() if value != row[name]}
                changed[(whose, row["folder"], row["uid_validity"], row["uid"])] = differing
        return changed

    def _all(self) -> dict[Any, dict[str, Any]]:
        """Return every row, by what identifies it whatever its UID is."""
        rows = self.product.database.rows("SELECT x.*, x.ctid FROM mailbox_messages x")
        kept = [{name: value for name, value in row.items() if name != "ctid"} for row in rows]
        return {(row["account_id"], row["folder"], row["created_at"], row["size_bytes"]): row for row in kept}

    def folders(self) -> dict[tuple[str, str], dict[str, Any]]:
        rows = self.product.database.rows("SELECT * FROM email_folders")
        names = {account: whose for whose, account in self.accounts.items()}
        return {(names[row["account_id"]], row["name"]): row for row in rows}

    def folder_changes(self, act: Any, **named: Any) -> dict[tuple[str, str], dict[str, Any]]:
        before = self.folders()
        self.do(act, account_id=self.accounts["mine"], **named)
        changed = {}
        for key, now in self.folders().items():
            differing = {name: value for name, value in now.items() if value != before.get(key, {}).get(name)}
            if differing:
                changed[key] = differing
        return changed


@pytest.fixture
def rows(product: Product, organization: Organization) -> Rows:
    made = Rows(product, organization)
    # Every row differs from every other by its size, which identifies it under another UID.
    product.database.rows(
        """UPDATE mailbox_messages m SET size_bytes = o.place FROM (
               SELECT ctid, row_number() OVER (ORDER BY account_id, folder, uid_validity, uid) AS place
               FROM mailbox_messages) o WHERE m.ctid = o.ctid"""
    )
    return made


# What is there.


def test_what_is_counted_and_listed_is_that_of_one_place(rows: Rows) -> None:
    place = rows.place()
    rows.product.database.rows(
        "DELETE FROM mailbox_messages WHERE account_id = %s AND folder = 'INBOX' AND uid_validity = 7 AND uid = 3",
        (rows.accounts["mine"],),
    )

    assert rows.do(mailbox_messages.count_visible, place) == 1
    assert rows.do(mailbox_messages.list_uids, place) == {1: True, 2: False}
    assert rows.do(mailbox_messages.list_uids, place, above_uid=1) == {2: False}
    assert rows.do(mailbox_messages.list_states, place) == [
        MailState(uid=1, is_filed=False, is_short=False),
        MailState(uid=2, is_filed=False, is_short=False),
    ]
    assert rows.do(mailbox_messages.list_states, rows.place(number=5))[2] == MailState(
        uid=3, is_filed=True, is_short=False
    )


def test_what_is_stored_and_not_filed_is_one_mailboxs_with_what_its_folder_is_for(rows: Rows) -> None:
    rows.product.database.rows("DELETE FROM email_folders WHERE name = 'INBOX'")

    found = rows.do(mailbox_messages.list_unfiled, account_id=rows.accounts["mine"], limit=100)

    assert {row.account_id for row in found} == {rows.accounts["mine"]}
    assert {(row.folder, row.role) for row in found} == {("INBOX", "other"), ("Spam", "junk")}
    assert sorted(row.uid for row in found) == [1] * 4 + [2] * 4
    assert len(rows.do(mailbox_messages.list_unfiled, account_id=rows.accounts["mine"], limit=3)) == 3


def test_what_is_noted_again_leaves_what_is_there(rows: Rows) -> None:
    mails = [TakenMail(uid, 10, f"new {uid}", None, NOW, ("\\Seen", "x")) for uid in (3, 4)]

    new = rows.do(mailbox_messages.add_all, rows.place(), mails)

    assert [row.uid for row in new] == [4]
    (stored,) = rows.product.database.rows("SELECT * FROM mailbox_messages WHERE uid = 4")
    assert (stored["raw_blob"], stored["is_seen"], stored["flags"]) == ("new 4", True, ["\\Seen", "x"])
    assert (stored["account_id"], stored["folder"], stored["uid_validity"]) == (
        rows.accounts["mine"],
        "INBOX",
        7,
    )


def test_mails_become_messages_by_their_whole_place(rows: Rows) -> None:
    filed = [(row_of(StoredMail, folder="INBOX", uid_validity=7, uid=1), rows.message)]

    changed = rows.changes(mailbox_messages.mark_all_filed, account_id=rows.accounts["mine"], filed=filed)

    assert changed == {(*INBOX, 1): {"message_id": rows.message}}


@pytest.mark.parametrize(("is_visible", "uid"), [(False, 1), (True, 2)])
def test_what_vanished_or_came_back_is_one_places(rows: Rows, is_visible: bool, uid: int) -> None:
    changed = rows.changes(mailbox_messages.set_visible, rows.place(), [1, 2], is_visible=is_visible)

    assert changed == {(*INBOX, uid): {"is_visible": is_visible}}


def test_a_folder_that_was_removed_hides_what_lay_in_it_alone(rows: Rows) -> None:
    changed = rows.changes(
        mailbox_messages.hide_folders, account_id=rows.accounts["mine"], folders=["INBOX", "Gone"]
    )

    assert set(changed) == {("mine", "INBOX", number, uid) for number in (5, 7) for uid in (1, 3)}


# New UIDs.


def test_a_folders_mails_lose_their_numbers_and_wait(rows: Rows) -> None:
    changed = rows.changes(mailbox_messages.forget_numbers, rows.place())

    assert set(changed) == {("mine", "INBOX", number, uid) for number in (5, 7) for uid in UIDS}
    numbers = [
        (row["uid_validity"], row["uid"], row["is_visible"])
        for row in rows.product.database.rows(
            "SELECT * FROM mailbox_messages WHERE uid_validity = 0 ORDER BY uid"
        )
    ]
    assert numbers == [(0, number, False) for number in range(1, 7)]
    assert rows.do(mailbox_messages.count_unfound, rows.place()) == 6
    assert rows.do(mailbox_messages.count_unfound, rows.place("other")) == 0
    assert rows.do(mailbox_messages.count_unfound, rows.place(folder="Spam")) == 0


def test_a_folder_that_is_renumbered_twice_keeps_them_all(rows: Rows) -> None:
    rows.do(mailbox_messages.forget_numbers, rows.place())
    rows.do(mailbox_messages.add_all, rows.place(number=9), [TakenMail(1, 10, "new", None, None, ())])

    rows.do(mailbox_messages.forget_numbers, rows.place(number=11))

    assert rows.do(mailbox_messages.count_unfound, rows.place()) == 7


def test_mails_are_found_again_by_their_bytes_in_their_own_folder(rows: Rows) -> None:
    for place in (rows.place(), rows.place("other"), rows.place(folder="Spam")):
        rows.do(mailbox_messages.forget_numbers, place)

    found = rows.do(mailbox_messages.find_unfound, rows.place(number=9), ["blob 1", "blob 9"])
    changed = rows.changes(mailbox_messages.give_numbers, rows.place(number=9), [(found[0].uid, 41)])

    assert [row.blob for row in found] == ["blob 1", "blob 1"]
    (((whose, folder, number, _), new),) = changed.items()
    assert (whose, folder, number) == ("mine", "INBOX", 0)
    assert new == {"uid_validity": 9, "uid": 41, "is_visible": True}


def test_a_mail_without_its_bytes_is_found_by_its_header(rows: Rows) -> None:
    rows.product.database.rows(
        "UPDATE mailbox_messages SET raw_blob = NULL, header_blob = 'header' WHERE uid = 1"
    )
    rows.do(mailbox_messages.forget_numbers, rows.place())

    assert len(rows.do(mailbox_messages.find_unfound, rows.place(number=9), ["header"])) == 2


# Folders.


def _state(name: str = "INBOX", **values: Any) -> FolderState:
    usual = {
        "uid_validity": 7,
        "uid_next": 40,
        "messages": 30,
        "highest_modseq": 20,
        "role": FolderRole.INBOX,
    }
    return FolderState(name, **(usual | values))


def _note(rows: Rows, folders: Sequence[FolderState]) -> dict[tuple[str, str], dict[str, Any]]:
    return rows.folder_changes(
        email_folders.record_listed, organization_id=rows.organization.id, folders=folders
    )


def test_the_folders_that_a_server_lists_are_noted_and_those_that_it_leaves_out(rows: Rows) -> None:
    changed = _note(rows, [_state(), _state("Sent", uid_validity=3, role=FolderRole.SENT)])

    new = changed.pop(("mine", "Sent"))
    assert (new["role"], new["uid_validity"], new["last_uid"], new["is_listed"]) == ("sent", 3, 0, True)
    assert new["messages"] == 30, "so long is its first sync"
    assert changed == {("mine", "Spam"): {"is_listed": False}}


def test_a_folders_use_and_no_number_follows_the_list(rows: Rows) -> None:
    changed = _note(
        rows, [_state(uid_validity=99, role=FolderRole.ARCHIVE), _state("Spam", role=FolderRole.JUNK)]
    )

    assert changed == {("mine", "INBOX"): {"role": "archive"}}


def test_a_folder_that_is_listed_again_is_compared_in_whole(rows: Rows) -> None:
    rows.product.database.rows("UPDATE email_folders SET compared_at = %s", (NOW,))
    both = [_state(), _state("Spam", role=FolderRole.JUNK)]
    assert _note(rows, both) == {}
    rows.product.database.rows("UPDATE email_folders SET is_listed = false WHERE name = 'Spam'")

    changed = _note(rows, both)

    assert changed == {("mine", "Spam"): {"is_listed": True, "compared_at": None}}


def test_the_place_in_a_folder_moves_forward_only_and_in_one_folder(rows: Rows) -> None:
    assert rows.folder_changes(email_folders.advance, folder="INBOX", last_uid=2) == {}
    assert rows.folder_changes(email_folders.advance, folder="INBOX", last_uid=8) == {
        ("mine", "INBOX"): {"last_uid": 8}
    }


def test_a_renumbered_folder_begins_from_nothing(rows: Rows) -> None:
    rows.product.database.rows(
        """UPDATE email_folders SET uid_next = 9, messages = 9, highest_modseq = 9, flags_read_at = now(),
               compared_at = now(), stuck_uid = 2, stuck_polls = 2"""
    )

    changed = rows.folder_changes(email_folders.renumber, folder="INBOX", uid_validity=11)

    nothing = dict.fromkeys(
        ("uid_next", "messages", "highest_modseq", "flags_read_at", "compared_at", "stuck_uid")
    )
    assert changed == {("mine", "INBOX"): {"uid_validity": 11, "last_uid": 0, "stuck_polls": 0, **nothing}}


@pytest.mark.parametrize("flags", [True, False], ids=["flags read", "flags not read"])
@pytest.mark.parametrize("compared", [True, False], ids=["compared", "not compared"])
@pytest.mark.parametrize("stuck", [True, False], ids=["one mail left", "everything came"])
def test_a_folder_that_was_taken_in_is_noted_as_it_was_stated(
    rows: Rows, flags: bool, compared: bool, stuck: bool
) -> None:
    rows.product.database.rows("UPDATE email_folders SET stuck_uid = 2, stuck_polls = 2")

    changed = rows.folder_changes(
        email_folders.record_synced,
        state=_state(),
        has_read_flags=flags,
        has_compared=compared,
        is_stuck=stuck,
    )

    expected = {"highest_modseq": 20, "synced_at": NOW}
    expected |= {} if stuck else {"uid_next": 40, "messages": 30, "stuck_uid": None, "stuck_polls": 0}
    expected |= {"flags_read_at": NOW} if flags else {}
    expected |= {"compared_at": NOW} if compared and not stuck else {}
    assert changed == {("mine", "INBOX"): expected}


@pytest.mark.parametrize(
    ("before", "after"),
    [((None, 0), (5, 1)), ((5, 1), (5, 2)), ((4, 2), (5, 1))],
    ids=["the first time", "again", "another"],
)
def test_a_mail_that_does_not_come_is_counted(
    rows: Rows, before: tuple[int | None, int], after: tuple[int, int]
) -> None:
    rows.product.database.rows("UPDATE email_folders SET stuck_uid = %s, stuck_polls = %s", before)

    rows.do(email_folders.record_stuck, account_id=rows.accounts["mine"], folder="INBOX", uid=5)

    stuck = {key: (row["stuck_uid"], row["stuck_polls"]) for key, row in rows.folders().items()}
    assert stuck.pop(("mine", "INBOX")) == after
    assert set(stuck.values()) == {before}


def test_how_long_ago_a_folder_was_compared_and_its_flags_were_read(rows: Rows) -> None:
    rows.product.database.rows(
        "UPDATE email_folders SET compared_at = %s WHERE name = 'INBOX'", (NOW - timedelta(seconds=50),)
    )
    rows.product.database.rows(
        "UPDATE email_folders SET flags_read_at = %s WHERE name = 'Spam'", (NOW - timedelta(seconds=9),)
    )

    inbox, spam = rows.do(email_folders.list_of, rows.accounts["mine"])

    assert [(row.name, row.compared_s, row.flags_read_s) for row in (inbox, spam)] == [
        ("INBOX", 50, None),
        ("Spam", None, 9),
    ]


# Marks.


def test_flags_are_noted_in_one_place_and_only_where_they_changed(rows: Rows) -> None:
    said = [MailFlags(1, ("\\Seen",)), MailFlags(2, ("x",)), MailFlags(3, ()), MailFlags(9, ("\\Seen",))]
    rows.product.database.rows("UPDATE mailbox_messages SET flags = '{\\\\Seen}' WHERE uid = 1")

    changed = rows.changes(read_state.apply_flags, rows.place(), said)

    assert changed == {(*INBOX, 2): {"flags": ["x"]}}


def test_what_was_read_stays_read_since_then(rows: Rows) -> None:
    long_ago = NOW - timedelta(days=9)
    rows.product.database.rows("UPDATE messages SET seen_at = %s", (long_ago,))

    news = rows.do(read_state.apply_flags, rows.place(), [MailFlags(3, ("\\Seen",))])

    assert news == []
    assert rows.product.row(rows.message)["seen_at"] == long_ago


def test_a_mail_that_is_in_no_thread_yet_is_news_to_nobody(rows: Rows) -> None:
    assert rows.do(read_state.apply_flags, rows.place(), [MailFlags(2, ("\\Seen",))]) == []


def test_what_the_server_was_reported_is_noted_in_one_place(rows: Rows) -> None:
    rows.product.database.rows("UPDATE mailbox_messages SET seen_wanted = true")

    reported = rows.changes(read_state.clear_wanted, rows.place(), [2, 3], is_seen=True)
    refused = rows.changes(read_state.clear_wanted, rows.place(number=5), [1, 2], is_seen=False)

    assert reported == {(*INBOX, uid): {"seen_wanted": False, "is_seen": True} for uid in (2, 3)}
    assert refused == {("mine", "INBOX", 5, uid): {"seen_wanted": False} for uid in (1, 2)}


def test_the_wishes_of_a_mailbox_are_its_own_in_their_order(rows: Rows) -> None:
    rows.product.database.rows("UPDATE mailbox_messages SET seen_wanted = uid < 3")

    found = rows.do(read_state.list_wanted, rows.accounts["mine"], limit=5)

    places = [(row.folder, row.uid_validity, row.uid) for row in found]
    assert places == [("INBOX", 5, 1), ("INBOX", 5, 2), ("INBOX", 7, 1), ("INBOX", 7, 2), ("Spam", 5, 1)]


def _want(rows: Rows) -> list[UUID]:
    found: list[UUID] = rows.do(read_state.want_seen, rows.product.row(rows.message)["thread_id"])
    return found


def test_a_mail_is_wished_to_be_marked_wherever_it_lies_unread(rows: Rows) -> None:
    rows.product.database.rows("UPDATE mailbox_messages SET is_seen = true WHERE folder = 'Spam'")

    assert _want(rows) == [rows.accounts["other"]]
    wanted = rows.product.database.rows(
        "SELECT account_id, folder, uid_validity, uid FROM mailbox_messages WHERE seen_wanted ORDER BY uid_validity"
    )
    assert [tuple(row.values()) for row in wanted] == [
        (rows.accounts["other"], "INBOX", n, 3) for n in (5, 7)
    ]
    assert _want(rows) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE email_accounts SET marks_seen = false",
        "UPDATE email_accounts SET imap_enabled = false",
        "UPDATE mailbox_messages SET is_visible = false",
        "UPDATE mailbox_messages SET is_seen = true",
        "UPDATE messages SET direction = 'outbound'",
    ],
)
def test_nothing_is_wished_where_it_makes_no_sense(rows: Rows, change: str) -> None:
    rows.product.database.rows(change)

    assert _want(rows) == []
