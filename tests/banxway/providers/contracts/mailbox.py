"""What any Mailbox must do; `mailbox_of(mails)` makes one whose INBOX holds these mails by UID."""

from collections.abc import Callable

import pytest

from banxway.errors import ProviderRejected
from banxway.providers.base import Mailbox

MailboxOf = Callable[[dict[int, bytes]], Mailbox]

MAILS = {3: b"Subject: a\r\n\r\none\r\n", 5: b"Subject: b\r\n\r\n" + b"x" * 5000, 9: b"\r\n"}


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
