"""Fault 43: a poller that runs out of memory, of file handles or of disk dies, and leaves nothing half done."""

from uuid import UUID

import pytest

from tests.support.gates.figures import Figures
from tests.support.mailboxes.poller import Poller
from tests.support.product.builders import SUPPORT, Product
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.dovecot import Dovecot

pytestmark = pytest.mark.timeout(3600)

MEGABYTE = 1024 * 1024
BACKLOG = 100
NEW_MAILS = 2
MEMORY_STEPS = (*range(0, 184, 16), *range(184, 240), *range(240, 512, 32))
# While a backlog waits, from so little that nothing begins to so much that a poll gets all the way; then the others.
LIMITS = [
    *[{"RLIMIT_NOFILE": handles} for handles in range(3, 9)],
    {"RLIMIT_FSIZE": 0},
    *[{"RLIMIT_AS": step * MEGABYTE // 8} for step in MEMORY_STEPS],
    *[{"RLIMIT_NOFILE": handles} for handles in range(9, 16)],
    {"RLIMIT_FSIZE": MEGABYTE // 5},
]


def a_mail(number: int) -> bytes:
    file = bytes(range(65, 91)).decode() * 20
    attached = "".join(f"{file}{number}\r\n" for _ in range(400))
    return (
        f"From: c{number}@customer.example\r\nTo: {SUPPORT}\r\nSubject: Parcel {number}\r\n"
        f"Message-ID: <{number}@customer.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain\r\n\r\nWhere is it?\r\n--b\r\nContent-Type: text/csv\r\n"
        f"Content-Disposition: attachment; filename=a.csv\r\n\r\n{attached}\r\n--b--\r\n"
    ).encode()


def test_a_poller_that_dies_of_any_limit_leaves_nothing_half_done(
    product: Product, account: UUID, dovecot: Dovecot, authority: TestAuthority, figures: Figures
) -> None:
    ended: list[int] = []
    with Poller.ready(
        product, account, imap_port=dovecot.port, authority=authority.certificate_file
    ) as poller:
        dovecot.deliver_all(SUPPORT, [a_mail(number) for number in range(BACKLOG)])
        for number, limits in enumerate(LIMITS):
            first = BACKLOG + number * NEW_MAILS
            dovecot.deliver_all(SUPPORT, [a_mail(first + each) for each in range(NEW_MAILS)])
            poller.let_leases_end()
            ended.append(poller.poll(account, **limits))
            assert_nothing_is_half_done(product)
        poller.let_leases_end()
        assert poller.poll(account) == 0

    on_server = dovecot.content_hashes(SUPPORT)
    rows = product.database.rows("SELECT raw_blob FROM mailbox_messages WHERE message_id IS NOT NULL")
    assert {row["raw_blob"].rpartition("/")[2] for row in rows} == set(on_server)
    assert len(product.messages()) == len(rows) == on_server.total()
    (mailbox,) = product.database.rows("SELECT last_poll_error, lease_until FROM email_accounts")
    assert mailbox == {"last_poll_error": None, "lease_until": None}
    assert any(ended), "no limit was low enough to be met"
    figures.show(limits=len(LIMITS), polls_that_died=sum(map(bool, ended)), messages=len(rows), half_done=0)


def assert_nothing_is_half_done(product: Product) -> None:
    """What is noted can be read, and what is filed is whole."""
    organization, rows = (
        None,
        product.database.rows("SELECT organization_id, raw_blob, message_id FROM mailbox_messages"),
    )
    for row in rows:
        organization = row["organization_id"]
        assert product.app.infrastructure.blobs.get(organization, row["raw_blob"])
    attachments = product.database.rows("SELECT organization_id, blob_key FROM attachments")
    for row in attachments:
        assert product.app.infrastructure.blobs.get(row["organization_id"], row["blob_key"])
    assert len(attachments) == len(product.messages())
