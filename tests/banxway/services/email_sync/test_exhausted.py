"""Fault 43: a poll that runs out of memory, of file handles or of disk at any step leaves nothing half done.

New mail comes for each step of a poll, which fails there; another poll then makes the mailbox whole.
`make soak` limits real processes.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID

import pytest
from psycopg.pq import TransactionStatus

from tests.support.mailboxes.arrivals import Letter
from tests.support.mailboxes.shortages import Shortage
from tests.support.product.builders import SUPPORT, Product
from tests.support.product.fake_mailbox import FakeMailbox
from tests.support.timing.clocks import SetClock

ATTACHED = "\r\n".join(
    [
        'Content-Type: multipart/mixed; boundary="b"',
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "Where is {number}?",
        "--b",
        "Content-Type: text/csv",
        "Content-Disposition: attachment; filename=parcels.csv",
        "",
        "{number}",
        "--b--",
        "",
    ]
)


class Story:
    """A mailbox that gets new mail for each poll that fails."""

    def __init__(self, product: Product, account: UUID) -> None:
        self.product = product
        self.account = account
        self.mailbox: FakeMailbox = product.providers.mailbox(SUPPORT)
        self._mails = 0

    def mail_comes(self) -> None:
        """Add two mails with attachments, and let another mail program mark a known one."""
        for _ in range(2):
            self._mails += 1
            body = ATTACHED.format(number=f"parcel {self._mails}")
            letter = Letter("", mail_id=f"{self._mails}@c.example", subject=f"{self._mails}", body=body)
            self.mailbox.deliver(letter.raw, at=datetime.now(UTC))
        self.mailbox.flag([1])
        self.mailbox.flag([1], "-\\Seen")

    def fails_nowhere(self, shortage: Callable[[FakeMailbox], Shortage]) -> list[str]:
        """Poll without limits, once and once more; return the steps of the second poll."""
        self._poll()
        self.mail_comes()
        self.product.app.infrastructure.database.close()
        return shortage(self.mailbox).observe(self._poll)

    def fails_at(self, step: str, shortage: Callable[[FakeMailbox], Shortage]) -> None:
        """Add mail, and let a poll fail."""
        self.mail_comes()
        self.product.app.infrastructure.database.close()
        shortage(self.mailbox).strike(step, self._poll)

    def polls_again(self) -> None:
        """Poll without limits, once the lease is over."""
        self.product.database.rows("UPDATE email_accounts SET lease_until = NULL")
        self._poll()

    def _poll(self) -> None:
        self.product.poll(self.account)

    # ── what is there ────────────────────────────────────────────────────────────────────────

    def half_done(self) -> list[str]:
        """Return what was left open, and rows that name content which does not exist."""
        found = ["a transaction is open"] if self._is_in_a_transaction() else []
        found += [
            f"{row['folder']} {row['uid']} is passed over"
            for row in self._passed_over()
            if row["digest"] is None
        ]
        for row in self.product.database.rows(
            """SELECT organization_id, raw_blob AS key FROM mailbox_messages
               UNION SELECT organization_id, blob_key FROM attachments"""
        ):
            try:
                self.product.app.infrastructure.blobs.get(row["organization_id"], row["key"])
            except Exception as error:  # noqa: BLE001  # whatever it is, the content is not there
                found.append(f"{row['key']} is named and not stored ({type(error).__name__})")
        return found + [
            f"{row['body_text']} has no attachment" for row in self._messages() if not row["files"]
        ]

    def _is_in_a_transaction(self) -> bool:
        connection = self.product.app.infrastructure.database._connection
        is_open = connection is not None and not connection.closed
        return is_open and connection.info.transaction_status != TransactionStatus.IDLE

    def _passed_over(self) -> list[dict[str, object]]:
        """Return every UID that needs no more fetching, with what is stored of it."""
        return self.product.database.rows(
            """SELECT f.name AS folder, numbers.uid, m.raw_blob AS digest
               FROM email_folders f CROSS JOIN generate_series(1, f.last_uid) AS numbers (uid)
               LEFT JOIN mailbox_messages m ON m.folder = f.name AND m.uid = numbers.uid
               WHERE f.name = 'INBOX'"""
        )

    def _messages(self) -> list[dict[str, object]]:
        return self.product.database.rows(
            """SELECT body_text, (SELECT count(*) FROM attachments a WHERE a.message_id = m.id) AS files
               FROM messages m ORDER BY body_text"""
        )

    def missing(self) -> list[str]:
        """Return what this mailbox lacks or has twice, compared with a whole one."""
        on_server = Counter(
            ("INBOX", uid, hashlib.sha256(mail.raw).hexdigest()) for uid, mail in self.mailbox.mails.items()
        )
        stored = Counter(
            (row["folder"], row["uid"], row["digest"])
            for row in self.product.database.rows(
                """SELECT folder, uid, split_part(raw_blob, '/', 2) AS digest FROM mailbox_messages
                   WHERE is_visible AND message_id IS NOT NULL"""
            )
        )
        found = [f"stored differently: {place}" for place in (on_server - stored) + (stored - on_server)]
        texts = Counter(str(row["body_text"]).strip() for row in self._messages())
        expected = Counter(f"Where is parcel {number}?" for number in range(1, self._mails + 1))
        found += [f"shown differently: {text}" for text in (expected - texts) + (texts - expected)]
        (account,) = self.product.database.rows("SELECT last_poll_error, lease_until FROM email_accounts")
        return found + [f"{name} is {value}" for name, value in account.items() if value is not None]


@pytest.fixture
def story(product: Product, account: UUID) -> Iterator[Story]:
    """A process whose time never runs out, and its mailbox."""
    with closing(product.twin(clock=SetClock())) as process:
        yield Story(process, account)


@pytest.mark.parametrize(
    ("shortage", "least"),
    [(Shortage.of_memory, 25), (Shortage.of_handles, 5), (Shortage.of_disk, 12)],
    ids=["memory", "handles", "disk"],
)
def test_a_poller_without_memory_handles_or_disk_leaves_nothing_half_done(
    story: Story, shortage: Callable[[FakeMailbox], Shortage], least: int
) -> None:
    steps = story.fails_nowhere(shortage)
    assert len(steps) >= least
    assert story.missing() == []

    for step in steps:
        story.fails_at(step, shortage)
        assert story.half_done() == [], step
        story.polls_again()
        assert story.missing() == [], step
