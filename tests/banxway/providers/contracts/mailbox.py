"""What every Mailbox must do; `mailbox_of(mails)` makes one whose INBOX contains these mails by UID."""

from collections.abc import Callable

import pytest

from banxway.errors import ProviderRejected
from banxway.models.mail import FolderRole
from banxway.providers.base import Mailbox

MailboxOf = Callable[[dict[int, bytes]], Mailbox]

MAILS = {3: b"Subject: a\r\n\r\none\r\n", 5: b"Subject: b\r\n\r\n" + b"x" * 5000, 9: b"\r\n"}

IDENTIFIED = {
    1: b"message-id: <a@x.test>\r\nSubject: a\r\n\r\none\r\n",
    2: b"Message-ID: <aa@x.test>\r\n\r\ntwo\r\n",
    3: b"Subject: c\r\n\r\nMessage-ID: <a@x.test>\r\n",
}


class MailboxContract:
    def test_the_check_counts_folders_and_unread_mail(self, mailbox_of: MailboxOf):
        check = mailbox_of(MAILS).check()

        assert (check.success, check.error) == (True, None)
        assert check.mailbox_count >= 1
        assert check.unread_count == 3

    def test_an_open_folder_states_what_sync_needs(self, mailbox_of: MailboxOf):
        state = mailbox_of(MAILS).open("INBOX")

        assert (state.name, state.messages) == ("INBOX", 3)
        assert state.uid_validity > 0
        assert state.uid_next == 10

    @pytest.mark.parametrize(
        ("first_uid", "uids"), [(1, [3, 5, 9]), (4, [5, 9]), (9, [9]), (10, []), (0, [3, 5, 9])]
    )
    def test_sizes_begin_at_the_asked_uid_and_never_before(
        self, mailbox_of: MailboxOf, first_uid: int, uids: list[int]
    ):
        mailbox = mailbox_of(MAILS)
        mailbox.open("INBOX")

        sizes = mailbox.sizes(first_uid=first_uid)

        assert [(size.uid, size.size_bytes) for size in sizes] == [(uid, len(MAILS[uid])) for uid in uids]

    def test_mails_come_byte_for_byte_in_ascending_order_without_the_vanished(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)
        mailbox.open("INBOX")

        mails = list(mailbox.fetch([9, 4, 5, 3, 5]))

        assert [(mail.uid, mail.raw) for mail in mails] == sorted(MAILS.items())

    def test_an_empty_folder_is_no_failure(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of({})

        assert mailbox.open("INBOX").messages == 0
        assert mailbox.sizes(first_uid=1) == []
        assert list(mailbox.fetch([])) == []

    def test_closing_twice_and_opening_again_works(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)

        mailbox.close()
        mailbox.open("INBOX")
        mailbox.close()
        mailbox.close()

        assert mailbox.open("INBOX").messages == 3

    def test_a_folder_that_is_not_there_is_refused(self, mailbox_of: MailboxOf):
        with pytest.raises(ProviderRejected):
            mailbox_of(MAILS).open("Nowhere")

    def test_folders_say_their_role_and_what_they_hold(self, mailbox_of: MailboxOf):
        folders = mailbox_of(MAILS).folders()

        inbox = next(folder for folder in folders if folder.role is FolderRole.INBOX)
        assert (inbox.name, inbox.messages, inbox.uid_next) == ("INBOX", 3, 10)
        assert any(folder.role is FolderRole.SENT for folder in folders)

    def test_uids_and_flags_name_every_mail(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)
        mailbox.open("INBOX")

        flags = mailbox.flags(up_to_uid=5, changed_since=None)

        assert mailbox.uids() == [3, 5, 9]
        assert [(one.uid, one.is_seen) for one in flags] == [(3, False), (5, False)]
        assert mailbox.flags(up_to_uid=0, changed_since=None) == []

    def test_a_mail_is_seen_only_once_it_was_marked(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)
        mailbox.open("INBOX")
        list(mailbox.fetch([3, 5]))
        mailbox.fetch_headers(9)

        mailbox.mark_seen("INBOX", [5, 4])

        flags = mailbox.flags(up_to_uid=9, changed_since=None)
        assert [one.uid for one in flags if one.is_seen] == [5]
        assert mailbox.open("INBOX").messages == 3

    def test_what_is_removed_is_gone_and_nothing_else(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)
        mailbox.open("INBOX")

        mailbox.remove("INBOX", [5, 4])

        mailbox.open("INBOX")
        assert mailbox.uids() == [3, 9]

    def test_a_header_is_read_without_its_mail(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)
        mailbox.open("INBOX")

        assert mailbox.fetch_headers(3) == b"Subject: a\r\n\r\n"
        assert mailbox.fetch_headers(4) is None

    @pytest.mark.parametrize(
        ("message_id", "uids"), [("a@x.test", [1]), ("aa@x.test", [2]), ("x.test", []), ("b@x.test", [])]
    )
    def test_only_the_exact_id_is_found(self, mailbox_of: MailboxOf, message_id: str, uids: list[int]):
        assert mailbox_of(IDENTIFIED).find("INBOX", message_id=message_id) == uids

    def test_waiting_ends_when_the_time_is_up(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)
        mailbox.open("INBOX")

        assert not mailbox.wait_for_news(seconds=0.05)

        assert mailbox.uids() == [3, 5, 9]

    def test_a_connection_lives_from_opening_to_closing(self, mailbox_of: MailboxOf):
        mailbox = mailbox_of(MAILS)

        lived = [mailbox.is_alive()]
        mailbox.open("INBOX")
        lived.append(mailbox.is_alive())
        mailbox.close()
        lived.append(mailbox.is_alive())

        assert lived == [False, True, False]
