"""Every mail of a server is stored once, whatever happens meanwhile.

20,000 mails arrive while pollers are killed, the server loses its numbers, and another mail program moves, marks
and deletes. In the end what is stored is what the server has, by content, and nothing is there twice.
"""

import random
from collections import Counter
from uuid import UUID

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.gates.chance import dice
from tests.support.gates.figures import Figures
from tests.support.mailboxes.poller import Poller
from tests.support.product.builders import SUPPORT, Product
from tests.support.servers.certificates import TestAuthority
from tests.support.servers.dovecot import Dovecot

MAILS = 20_000
WAVES = 50
BUMPED_AFTER_WAVES = (6, 14)
FOLDERS = ("INBOX", "Sent", "Spam")
SEED = 20261122

pytestmark = pytest.mark.timeout(3600)


@pytest.fixture
def admin(product: Product, organization: Organization) -> Actor:
    return product.actor(organization, "admin")


def test_everything_on_the_server_is_stored_once_whatever_happened_meanwhile(
    product: Product,
    admin: Actor,
    account: UUID,
    dovecot: Dovecot,
    authority: TestAuthority,
    figures: Figures,
) -> None:
    chance = dice(SEED)
    mails = _mails(chance)
    with Poller.ready(
        product, account, imap_port=dovecot.port, authority=authority.certificate_file
    ) as poller:
        _let_things_happen(chance, mails, poller=poller, account=account, dovecot=dovecot)
        poller.let_leases_end()
        assert _poll_until_quiet(product, poller, account) == 0

    on_server = {folder: dovecot.content_hashes(SUPPORT, folder) for folder in FOLDERS}
    stored = _stored(product.database)
    assert stored == on_server
    assert sum(map(Counter.total, on_server.values())) > MAILS * 0.9
    contents = product.database.rows("SELECT raw_blob, count(*) AS times FROM messages GROUP BY 1")
    assert [row for row in contents if row["times"] > 1] == []
    assert {row["raw_blob"].rpartition("/")[2] for row in contents} >= set().union(*on_server.values())
    assert product.app.email_sync.sync.compare(actor=admin, account_id=account).is_complete

    _delete_rows_by_hand(product, admin, account)
    assert _stored(product.database) == on_server
    assert len(product.messages()) == len(contents)
    figures.show(
        delivered=MAILS,
        killed_pollers=WAVES * 2,
        renumbered=len(BUMPED_AFTER_WAVES),
        on_the_server=sum(map(Counter.total, on_server.values())),
        messages=len(contents),
        lost=sum((on_server[folder] - stored[folder]).total() for folder in FOLDERS),
        stored_twice=sum(row["times"] > 1 for row in contents),
    )


def _let_things_happen(
    chance: random.Random, mails: list[bytes], *, poller: Poller, account: UUID, dovecot: Dovecot
) -> None:
    """Deliver in waves, with two pollers killed in each, and somebody else at work in the mailbox."""
    for wave in range(WAVES):
        arriving = mails[wave * MAILS // WAVES : (wave + 1) * MAILS // WAVES]
        half = len(arriving) // 2
        for part in (arriving[:half], arriving[half:]):
            pid = poller.start(account)
            dovecot.deliver_all(SUPPORT, part)
            SYSTEM_CLOCK.sleep(chance.uniform(0, 0.6))
            poller.kill(pid)
        if wave in BUMPED_AFTER_WAVES:
            dovecot.bump_uid_validity(SUPPORT)
        if wave % 10 == 5:
            _somebody_else(chance, dovecot)


def _somebody_else(chance: random.Random, dovecot: Dovecot) -> None:
    """Move some mails to Spam and to a folder that is not synced, mark some, delete some, bring some back."""
    uids = chance.sample(dovecot.uids(SUPPORT), 120)
    dovecot.move(SUPPORT, uids[:30], "Spam")
    dovecot.move(SUPPORT, uids[30:50], "Trash")
    dovecot.flag(SUPPORT, uids[50:100])
    dovecot.delete(SUPPORT, uids[100:])
    back = dovecot.uids(SUPPORT, "Spam")[:10]
    dovecot.move(SUPPORT, back, "INBOX", folder="Spam")


def _delete_rows_by_hand(product: Product, admin: Actor, account: UUID) -> None:
    """Take rows out of the database behind the product's back: the comparison names them, a poll brings them back."""
    gone = product.database.rows(
        """DELETE FROM mailbox_messages WHERE (account_id, folder, uid_validity, uid) IN (
               SELECT account_id, folder, uid_validity, uid FROM mailbox_messages
               WHERE folder = 'INBOX' AND is_visible ORDER BY md5(uid::text) LIMIT 7)
           RETURNING uid"""
    )

    found = product.app.email_sync.sync.compare(actor=admin, account_id=account)

    (inbox,) = [folder for folder in found.folders if folder.name == "INBOX"]
    assert (inbox.missing, inbox.missing_uids) == (7, sorted(row["uid"] for row in gone))
    assert not found.is_complete
    product.app.email_sync.sync.poll_now(actor=admin, account_id=account)
    assert product.app.email_sync.sync.compare(actor=admin, account_id=account).is_complete


def _mails(chance: random.Random) -> list[bytes]:
    """Small mails, all different: a tenth without a Message-ID, one in fifty with another mail's."""
    mails = []
    for number in range(MAILS):
        kind = chance.random()
        message_id = f"Message-ID: <{number}@sender.example>\r\n"
        if kind < 0.1:
            message_id = ""
        elif kind < 0.12 and number:
            message_id = f"Message-ID: <{chance.randrange(number)}@sender.example>\r\n"
        mails.append(
            f"From: Customer {number % 311} <c{number % 311}@customer.example>\r\nTo: {SUPPORT}\r\n"
            f"Subject: Parcel {number}\r\nDate: Thu, 15 Jan 2026 15:00:00 +0530\r\n{message_id}\r\n"
            f"Where is parcel {number}?\r\n{'On its way. ' * chance.randrange(30)}\r\n".encode()
        )
    return mails


def _poll_until_quiet(product: Product, poller: Poller, account: UUID) -> int:
    """Poll until everything is filed and nothing more waits; returns how the last poll ended."""
    while True:
        status = poller.poll(account)
        (row,) = product.database.rows(
            "SELECT next_poll_at > now() AS is_quiet, last_poll_error FROM email_accounts"
        )
        assert row["last_poll_error"] is None
        if row["is_quiet"] or status:
            return status


def _stored(database: TestDatabase) -> dict[str, Counter[str]]:
    """Count what is stored and visible, by folder and content; each row has become a message."""
    rows = database.rows(
        """SELECT folder, split_part(raw_blob, '/', 2) AS digest, message_id FROM mailbox_messages
           WHERE is_visible"""
    )
    assert all(row["message_id"] for row in rows)
    stored: dict[str, Counter[str]] = {folder: Counter() for folder in FOLDERS}
    for row in rows:
        stored[row["folder"]][row["digest"]] += 1
    return stored
