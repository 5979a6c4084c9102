"""The same client against an IMAP server that somebody else wrote (pymap), by STARTTLS."""

import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from banxway.errors import ProviderDenied, ProviderRejected
from banxway.models.credentials import MailServer
from banxway.models.mail import FolderRole
from banxway.providers.mail.imap import ImapMailbox
from tests.support.certificates import TestAuthority
from tests.support.tcp_server import dial_loopback, refused_port

HOST = "mail.example.test"


@pytest.fixture(scope="module")
def pymap_port(authority: TestAuthority) -> Iterator[int]:
    """A pymap with its demonstration mails, in a process of its own."""
    port = refused_port()
    certificate = str(authority.server_file(HOST))
    command = [Path(sys.executable).with_name("pymap"), "--host", "127.0.0.1", "--port", str(port)]
    command += ["--cert", certificate, "--key", certificate, "dict", "--demo-data"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_until_it_listens(process, port)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def _wait_until_it_listens(process: subprocess.Popen, port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("pymap did not start")


@pytest.fixture
def mailbox(pymap_port: int, trusting: ssl.SSLContext) -> Iterator[ImapMailbox]:
    mailbox = _mailbox(pymap_port, trusting)
    yield mailbox
    mailbox.close()


def _mailbox(port: int, tls: ssl.SSLContext, password: str = "demopass") -> ImapMailbox:
    server = MailServer(HOST, port, "starttls", "demouser", password)
    return ImapMailbox(server, connect=dial_loopback(port), tls=tls)


def test_the_mailbox_is_checked(mailbox: ImapMailbox):
    check = mailbox.check()

    assert (check.success, check.error, check.secure) == (True, None, False)
    assert check.mailbox_count >= 3


def test_every_mail_has_the_size_that_was_announced(mailbox: ImapMailbox):
    state = mailbox.open("INBOX")

    sizes = mailbox.sizes(first_uid=1)
    mails = list(mailbox.fetch([size.uid for size in sizes]))

    assert len(sizes) == state.messages > 0
    assert [(mail.uid, len(mail.raw)) for mail in mails] == [(size.uid, size.size_bytes) for size in sizes]
    assert all(mail.internal_date for mail in mails)
    assert max(mail.uid for mail in mails) < state.uid_next


def test_reading_leaves_every_mail_unread(mailbox: ImapMailbox):
    unread_before = mailbox.check().unread_count
    mailbox.open("INBOX")

    list(mailbox.fetch([size.uid for size in mailbox.sizes(first_uid=1)]))

    assert mailbox.check().unread_count == unread_before


def test_a_wrong_password_and_a_missing_folder_are_told_apart(
    mailbox: ImapMailbox, pymap_port: int, trusting: ssl.SSLContext
):
    with pytest.raises(ProviderRejected) as missing:
        mailbox.open("Nowhere")
    with pytest.raises(ProviderDenied, match="Invalid login"):
        _mailbox(pymap_port, trusting, password="wrong").open("INBOX")

    assert type(missing.value) is ProviderRejected


def test_a_server_without_condstore_or_special_use_serves_all_the_same(mailbox: ImapMailbox):
    folders = {folder.name: folder for folder in mailbox.folders()}
    state = mailbox.open("INBOX")
    uids = mailbox.uids()

    mailbox.mark_seen("INBOX", uids[:1])

    flags = mailbox.flags(up_to_uid=state.uid_next, changed_since=5)
    assert folders["INBOX"].role is FolderRole.INBOX
    assert folders["Sent"].role is FolderRole.SENT
    assert folders["INBOX"].highest_modseq is None
    assert [one.uid for one in flags] == uids
    assert uids[0] in [one.uid for one in flags if one.is_seen]
    assert not mailbox.wait_for_news(seconds=0.1)
    assert mailbox.is_alive()
