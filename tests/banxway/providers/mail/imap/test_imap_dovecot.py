"""The client with a real Dovecot that announces what Zoho does, or little: directly, in pieces, and cut off."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import partial
from itertools import count

import pytest

from banxway.errors import ProviderDenied, ProviderRejected, ProviderUnavailable
from banxway.models.mail import FolderRole
from banxway.providers.mail.imap.mailbox import ImapMailbox
from tests.banxway.providers.contracts.mailbox import MAILS, MailboxContract
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.dovecot import HOST, Dovecot, as_served
from tests.support.servers.imap_server import PATIENT_LIMITS
from tests.support.servers.mail_relay import MailRelay
from tests.support.servers.tcp_server import dial_loopback
from tests.support.timing.waiting import PATIENCE_S, eventually

_NUMBERS = count()
Open = Callable[..., ImapMailbox]


@pytest.fixture
def user(dovecot: Dovecot) -> str:
    return add_user(dovecot)


def add_user(dovecot: Dovecot) -> str:
    name = f"user{next(_NUMBERS)}@example.test"
    dovecot.add_user(name)
    return name


@pytest.fixture
def mailbox_of_user(dovecot: Dovecot, trusting: ssl.SSLContext) -> Iterator[Open]:
    """Return a function that makes a user's mailbox, directly or through a relay."""
    with ExitStack() as stack:
        yield partial(open_mailbox, dovecot, trusting, stack)


def open_mailbox(
    dovecot: Dovecot,
    trusting: ssl.SSLContext,
    stack: ExitStack,
    user: str,
    *,
    port: int | None = None,
    tls: str = "implicit",
    **limits: int,
) -> ImapMailbox:
    server = dovecot.mail_server(user, tls=tls)
    connect = dial_loopback(port or server.port)
    mailbox = ImapMailbox(server, connect=connect, tls=trusting, limits=replace(PATIENT_LIMITS, **limits))
    return stack.enter_context(closing(mailbox))


def mails(number: int, *, size: int = 200) -> list[bytes]:
    return [
        f"Message-ID: <{one}@x.test>\r\nSubject: {one}\r\n\r\n".encode() + b"line of text\r\n" * (size // 14)
        for one in range(number)
    ]


def fill(dovecot: Dovecot, user: str, raws: dict[int, bytes]) -> None:
    """Deliver mails so that they get these UIDs."""
    last = max(raws, default=0)
    dovecot.deliver_all(user, [raws.get(uid, b"gone\r\n") for uid in range(1, last + 1)])
    if missing := [uid for uid in range(1, last) if uid not in raws]:
        dovecot.delete(user, missing)


class TestContract(MailboxContract):
    @pytest.fixture
    def mailbox_of(self, dovecot: Dovecot, user: str, mailbox_of_user: Open):
        def mailbox_of(raws: dict[int, bytes]) -> ImapMailbox:
            fill(dovecot, user, raws)
            return mailbox_of_user(user)

        return mailbox_of


@pytest.fixture(scope="module")
def lesser(authority: TestAuthority) -> Iterator[Dovecot]:
    with Dovecot.running(authority, capability="IMAP4rev1 IDLE") as dovecot:
        yield dovecot


class TestContractOfAServerThatOffersLittle(MailboxContract):
    """No CONDSTORE, no LIST-STATUS, no ESEARCH, no SASL-IR; and by STARTTLS."""

    @pytest.fixture
    def mailbox_of(self, lesser: Dovecot, trusting: ssl.SSLContext):
        with ExitStack() as stack:

            def mailbox_of(raws: dict[int, bytes]) -> ImapMailbox:
                user = add_user(lesser)
                fill(lesser, user, raws)
                return open_mailbox(lesser, trusting, stack, user, tls="starttls")

            yield mailbox_of

    def test_a_flag_is_reported_whatever_was_known(self, mailbox_of):
        mailbox = mailbox_of({1: b"Subject: a\r\n\r\n", 2: b"Subject: b\r\n\r\n"})
        state = mailbox.open("INBOX")
        mailbox.mark_seen("INBOX", [1])

        flags = mailbox.flags(up_to_uid=2, changed_since=5)

        assert state.highest_modseq is None
        assert [(one.uid, one.is_seen) for one in flags] == [(1, True), (2, False)]

    def test_what_is_removed_is_gone_and_nothing_else(self, mailbox_of):
        """Without UIDPLUS nothing is removed, since that might delete other mails, too."""
        mailbox = mailbox_of(MAILS)

        with pytest.raises(ProviderRejected, match="UIDPLUS"):
            mailbox.remove("INBOX", [5])

        mailbox.open("INBOX")
        assert mailbox.uids() == [3, 5, 9]


@pytest.mark.parametrize("tls", ["implicit", "starttls"])
def test_every_folder_has_its_role_with_either_kind_of_tls(user: str, mailbox_of_user: Open, tls: str):
    roles = {one.name: one.role for one in mailbox_of_user(user, tls=tls).folders()}

    assert roles == {
        "INBOX": FolderRole.INBOX,
        "Sent": FolderRole.SENT,
        "Drafts": FolderRole.DRAFTS,
        "Spam": FolderRole.JUNK,
        "Trash": FolderRole.TRASH,
        "Templates": FolderRole.OTHER,
    }


def test_what_another_client_does_is_seen_by_the_next_look(
    dovecot: Dovecot, user: str, mailbox_of_user: Open
):
    dovecot.deliver_all(user, mails(6))
    mailbox = mailbox_of_user(user)
    before = mailbox.open("INBOX")

    dovecot.flag(user, [2])
    dovecot.move(user, [3], "Trash")
    dovecot.delete(user, [4])
    changed = mailbox.open("INBOX")

    assert (before.messages, changed.messages) == (6, 4)
    assert mailbox.uids() == [1, 2, 5, 6]
    seen = mailbox.flags(up_to_uid=6, changed_since=before.highest_modseq)
    assert (2, True) in [(one.uid, one.is_seen) for one in seen]
    assert [one.messages for one in mailbox.folders() if one.role is FolderRole.TRASH] == [1]


def test_a_renumbered_folder_says_so_and_its_mails_can_be_recognised(
    dovecot: Dovecot, user: str, mailbox_of_user: Open
):
    dovecot.deliver_all(user, mails(8))
    mailbox = mailbox_of_user(user)
    before, mails_before = mailbox.open("INBOX"), _by_uid(mailbox)

    dovecot.bump_uid_validity(user)
    after, mails_after = mailbox.open("INBOX"), _by_uid(mailbox)

    assert after.uid_validity != before.uid_validity
    assert sorted(mails_after.values()) == sorted(mails_before.values())
    assert mails_after != mails_before


def _by_uid(mailbox: ImapMailbox) -> dict[int, bytes]:
    return {mail.uid: mail.raw for mail in mailbox.fetch(mailbox.uids())}


def test_a_renamed_folder_keeps_its_mails(dovecot: Dovecot, user: str, mailbox_of_user: Open):
    dovecot.create_folder(user, "Kunden/S&APw-d")
    dovecot.append(user, mails(1)[0], folder="Kunden/S&APw-d")
    mailbox = mailbox_of_user(user)
    before = {one.name: one for one in mailbox.folders()}["Kunden/Süd"]

    dovecot.rename_folder(user, "Kunden/S&APw-d", "Kunden/Nord")
    after = {one.name: one for one in mailbox.folders()}["Kunden/Nord"]

    assert (after.uid_validity, after.messages) == (before.uid_validity, 1)
    with pytest.raises(ProviderRejected):
        mailbox.open("Kunden/Süd")


def test_a_mail_that_arrives_ends_the_waiting(dovecot: Dovecot, user: str, mailbox_of_user: Open):
    mailbox = mailbox_of_user(user)
    mailbox.open("INBOX")
    assert not mailbox.wait_for_news(seconds=0.05)

    dovecot.deliver(user, mails(1)[0])

    assert mailbox.wait_for_news(seconds=PATIENCE_S)
    assert mailbox.open("INBOX").messages == 1
    assert not mailbox.wait_for_news(seconds=0.1)


def test_a_wrong_password_differs_from_a_server_that_is_gone(
    dovecot: Dovecot, user: str, mailbox_of_user: Open
):
    mailbox = mailbox_of_user(user, trusted_for_s=0)
    mailbox.open("INBOX")

    dovecot.kick(user)
    lived = mailbox.is_alive()
    dovecot.add_user(user, "another password")

    assert not lived
    with pytest.raises(ProviderDenied, match="AUTHENTICATIONFAILED"):
        mailbox.open("INBOX")


def test_a_mail_without_crlf_is_fetched_as_the_server_serves_it(
    dovecot: Dovecot, user: str, mailbox_of_user: Open
):
    raw = b"Subject: x\n\nbare\nlines\n"
    dovecot.deliver(user, raw)
    mailbox = mailbox_of_user(user)
    mailbox.open("INBOX")

    assert [mail.raw for mail in mailbox.fetch([1])] == [as_served(raw)]


def test_a_mailbox_is_read_in_pieces_of_lines(
    dovecot: Dovecot, user: str, authority: TestAuthority, mailbox_of_user: Open
):
    sent = mails(12)
    dovecot.deliver_all(user, sent)
    context = authority.server_context(HOST)

    with MailRelay(dovecot.plain_port, tls=context, piece_bytes=7) as relay:
        mailbox = mailbox_of_user(user, port=relay.port)
        assert mailbox.check().unread_count == 12
        folders = mailbox.folders()
        mailbox.open("INBOX")
        found = [mail.raw for mail in mailbox.fetch(mailbox.uids())]
        is_news = mailbox.wait_for_news(seconds=0.1)

    assert len(folders) == 6
    assert found == sent
    assert not is_news


def test_a_connection_cut_at_any_block_of_bytes_neither_loses_nor_doubles_a_mail(
    dovecot: Dovecot, user: str, authority: TestAuthority, mailbox_of_user: Open
):
    sent = mails(30, size=600)
    dovecot.deliver_all(user, sent)
    context = authority.server_context(HOST)
    with MailRelay(dovecot.plain_port, tls=context) as relay:
        read_whole(mailbox_of_user(user, port=relay.port, batch_messages=10))
        whole = relay.bytes_to_client

    for first_cut in range(500, whole, whole // 20):
        cuts = (first_cut, first_cut // 2 + 700)
        with MailRelay(dovecot.plain_port, tls=context, cuts=cuts) as relay:
            mailbox = mailbox_of_user(user, port=relay.port, batch_messages=10)
            found = read_whole(mailbox)

        assert found == sent, first_cut


def read_whole(mailbox: ImapMailbox) -> list[bytes]:
    """Read like a poll that runs again after a failure: it keeps the mails that came and requests only the others."""
    found: dict[int, bytes] = {}
    for _ in range(4):
        try:
            mailbox.open("INBOX")
            missing = [one.uid for one in mailbox.sizes(first_uid=1) if one.uid not in found]
            for mail in mailbox.fetch(missing):
                assert mail.uid not in found
                found[mail.uid] = mail.raw
        except ProviderUnavailable:
            continue
        break
    mailbox.close()
    return [found[uid] for uid in sorted(found)]


def test_one_connection_serves_everything(dovecot: Dovecot, user: str, mailbox_of_user: Open):
    dovecot.deliver_all(user, mails(3))
    before = dovecot.logins(user)
    mailbox = mailbox_of_user(user)

    mailbox.folders()
    mailbox.open("INBOX")
    list(mailbox.fetch(mailbox.uids()))
    mailbox.mark_seen("INBOX", [1])
    mailbox.find("Sent", message_id="1@x.test")
    mailbox.open("INBOX")
    mailbox.wait_for_news(seconds=0.05)
    mailbox.folders()

    eventually(lambda: dovecot.logins(user) > before)
    assert dovecot.logins(user) - before == 1
