"""The product's own mailbox client against the sandbox, which must serve everything that it asks for."""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing

import pytest

from banxway.models.integrations.credentials import MailServer
from banxway.models.mail import FolderRole
from banxway.providers.mail.imap.mailbox import ImapMailbox
from local.sandbox import Sandbox
from tests.support.running.sandbox import SUPPORT, SandboxClient, put_mail
from tests.support.servers.imap_server import PATIENT_LIMITS
from tests.support.servers.tcp_server import dial_loopback
from tests.support.timing.waiting import PATIENCE_S

MAILS = [f"Message-ID: <{one}@customer.example>\r\nSubject: {one}\r\n\r\nHi\r\n".encode() for one in range(5)]


@pytest.fixture
def mailbox(running: Sandbox, client: SandboxClient, trusted: ssl.SSLContext) -> Iterator[ImapMailbox]:
    server = MailServer(running.imap.host, running.imap.port, "implicit", *SUPPORT)
    connect = dial_loopback(running.imap.port)
    with closing(ImapMailbox(server, connect=connect, tls=trusted, limits=PATIENT_LIMITS)) as mailbox:
        yield mailbox


def test_folders_have_roles_and_counters(mailbox: ImapMailbox, client: SandboxClient) -> None:
    put_mail(client, MAILS[0])

    folders = {folder.role: folder for folder in mailbox.folders()}

    assert set(folders) >= {
        FolderRole.INBOX,
        FolderRole.SENT,
        FolderRole.DRAFTS,
        FolderRole.JUNK,
        FolderRole.TRASH,
    }
    assert folders[FolderRole.INBOX].messages == 1
    assert folders[FolderRole.INBOX].highest_modseq


def test_a_whole_poll_works(mailbox: ImapMailbox, client: SandboxClient) -> None:
    uids = [put_mail(client, raw) for raw in MAILS]
    state = mailbox.open("INBOX")

    sizes = mailbox.sizes(first_uid=uids[1])
    mails = list(mailbox.fetch(uids))
    mailbox.mark_seen("INBOX", uids[:1])
    changed = mailbox.flags(up_to_uid=uids[-1], changed_since=state.highest_modseq)

    assert [size.uid for size in sizes] == uids[1:]
    assert [(mail.uid, mail.raw) for mail in mails] == list(zip(uids, MAILS, strict=True))
    assert [(one.uid, one.is_seen) for one in changed] == [(uids[0], True)]
    assert mailbox.uids() == uids
    assert mailbox.fetch_headers(uids[2]) == MAILS[2].partition(b"Hi")[0]
    assert mailbox.find("INBOX", message_id="3@customer.example") == [uids[3]]


def test_a_mail_that_arrives_ends_the_waiting(mailbox: ImapMailbox, client: SandboxClient) -> None:
    mailbox.open("INBOX")
    assert not mailbox.wait_for_news(seconds=0.05)

    put_mail(client, MAILS[0])

    assert mailbox.wait_for_news(seconds=PATIENCE_S)


def test_a_mail_that_was_submitted_is_found_in_sent(mailbox: ImapMailbox, smtp: smtplib.SMTP) -> None:
    smtp.login(*SUPPORT)
    raw = f"Message-ID: <ours@banxway.local>\r\nFrom: {SUPPORT[0]}\r\n\r\nHi\r\n"

    smtp.sendmail(SUPPORT[0], ["asha@customer.example"], raw)

    assert len(mailbox.find("Sent", message_id="ours@banxway.local")) == 1
