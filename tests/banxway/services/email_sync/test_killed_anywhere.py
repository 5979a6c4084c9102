"""A poll that is killed anywhere loses no mail, doubles none, and leaves nothing half done.

Every transaction and every write of stored content is a step of a poll. A mailbox in which much has happened since
the last poll is polled again and again from the same state: each time the process dies before or after one step, and
another process polls once. The result must be what an undisturbed poll gives.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

import pytest

from banxway.models.mail import FolderRole
from tests.support.databases.postgres import Organization
from tests.support.ledger.delivery_reports import report
from tests.support.mailboxes.arrivals import ASHA, BINA, RAVI, Letter
from tests.support.mailboxes.filed import Post
from tests.support.product.builders import SUPPORT, Product
from tests.support.product.fake_mailbox import FakeFolder
from tests.support.product.fakes import FakeMailbox
from tests.support.timing.clocks import SetClock
from tests.support.timing.failpoints import Failpoints
from tests.support.timing.inline import InlineExecutor
from tests.support.timing.kept_state import KeptState

FOLDERS = ("INBOX", "Sent", "Spam", "Orders", "Old")

UNKNOWN, BOUNCED, NEVER_FOUND = ("unknown@yourdomain.com", "bounced@yourdomain.com", "never@yourdomain.com")


@pytest.fixture(autouse=True)
def _small_batches_one_step_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("banxway.services.email_sync.fetching.BATCH_MESSAGES", 3)
    monkeypatch.setattr("banxway.services.email_sync.fetching.ThreadPoolExecutor", InlineExecutor)


# The mails on the server.


def _inbox_at_first() -> FakeMailbox:
    mailbox = FakeMailbox()
    _deliver(mailbox, "first", mail_id="first@c.example")
    for name in ("goes to spam", "is read elsewhere", "is deleted"):
        _deliver(mailbox, name, mail_id=f"{name.replace(' ', '-')}@c.example")
    _deliver(mailbox, "has no id")
    _deliver(mailbox, "is marked as unread", flags=["\\Seen"])
    _deliver(mailbox, "goes to the trash")
    _deliver(mailbox, "from another client", folder="Sent", sender=SUPPORT, to=[BINA])
    for name in ("spam", "twin in spam", "twin in spam", "comes back from spam"):
        _deliver(mailbox, name, folder="Spam")
    mailbox.by_name["Old"] = FakeFolder(FolderRole.OTHER)
    _deliver(mailbox, "in a folder that is removed", folder="Old")
    return mailbox


def _let_things_happen(mailbox: FakeMailbox) -> None:
    """Let mail come, move, change and vanish; one folder gets new UIDs, one is new, and one is removed."""
    del mailbox.by_name["Old"]
    mailbox.renumber(7, first_uid=31, folder="Spam")
    mailbox.move([34], "INBOX", folder="Spam")
    mailbox.move([2], "Spam")
    mailbox.move([7], "Trash")
    mailbox.flag([3])
    mailbox.flag([6], "-\\Seen")
    mailbox.delete([4])
    _deliver(mailbox, "answers", references=["first@c.example"])
    _deliver(mailbox, "has the id of the first", mail_id="first@c.example")
    _deliver(mailbox, "first", mail_id="first@c.example")
    for name in ("twin without an id", "twin without an id", "was read before it was polled"):
        _deliver(mailbox, name, flags=["\\Seen"] if "read" in name else ())
    _deliver(mailbox, "with an attachment", body=WITH_ATTACHMENT)
    mailbox.deliver(report(RAVI, about=BOUNCED).raw, at=_just_now())
    _deliver(mailbox, "is answered and forwarded", sender=BINA, subject="Forward this")
    _deliver(mailbox, "ours", folder="Sent", sender=SUPPORT, to=[ASHA], subject="Unknown", mail_id=UNKNOWN)
    _deliver(mailbox, "from another client, too", folder="Sent", sender=SUPPORT, to=[ASHA])
    _deliver(mailbox, "more spam", folder="Spam")
    mailbox.by_name["Orders"] = FakeFolder(FolderRole.OTHER)
    for name in ("an order", "another order"):
        _deliver(mailbox, name, folder="Orders")
    _deliver(mailbox, "first", mail_id="first@c.example", folder="Orders")


@cache
def _just_now() -> datetime:
    """Return when all mail of a story arrives: older mail is neither answered nor forwarded."""
    return datetime.now(UTC).replace(microsecond=0)


def _deliver(
    mailbox: FakeMailbox, text: str, *, folder: str = "INBOX", flags: Any = (), **letter: Any
) -> None:
    mailbox.deliver(Letter(text, **letter).raw, at=_just_now(), folder=folder, flags=flags)


WITH_ATTACHMENT = "\r\n".join(
    [
        'Content-Type: multipart/mixed; boundary="b"',
        "MIME-Version: 1.0",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "with an attachment",
        "--b",
        "Content-Type: text/csv",
        'Content-Disposition: attachment; filename="parcels.csv"',
        "",
        "4711,lost",
        "--b--",
        "",
    ]
)


# The runs.


class Story:
    """A mailbox that was polled once and in which much has happened since; `begin` restores that moment."""

    def __init__(self, product: Product, account: UUID, kept: KeptState) -> None:
        self.product = product
        self.account = account
        self.mailbox = FakeMailbox()
        self._kept = kept

    def begin(self) -> None:
        self._kept.restore()
        self.mailbox = _inbox_at_first()
        _let_things_happen(self.mailbox)
        self.product.providers.mailboxes[SUPPORT] = self.mailbox

    def process(self) -> Any:
        """A process whose time never runs out."""
        return closing(self.product.twin(clock=SetClock()))

    def steps(self) -> list[str]:
        self.begin()
        with self.process() as process:
            return Failpoints.observe(process.app, lambda: process.poll(self.account))

    def die_at(self, step: str) -> None:
        self.begin()
        with self.process() as doomed, Failpoints.killing(doomed.app, step):
            doomed.poll(self.account)

    def poll_again(self) -> None:
        """Poll in another process, as if the lease had ended."""
        self.product.database.rows("UPDATE email_accounts SET lease_until = NULL")
        with self.process() as process:
            process.poll(self.account)


@pytest.fixture
def story(product: Product, organization: Organization, account: UUID) -> Iterator[Story]:
    _just_now.cache_clear()
    product.database.rows("UPDATE email_accounts SET marks_seen = true, folders = %s", ([*FOLDERS],))
    post = Post(product, organization, account)
    post.is_away()
    post.has_rule(
        {"type": "forward", "address": "orders@partner.example"},
        conditions=[{"field": "subject", "operator": "contains", "value": "forward this"}],
    )
    product.providers.mailboxes[SUPPORT] = _inbox_at_first()
    product.poll(account)
    _add_mails_of_ours(product, organization)
    # Read in the console, and not yet on the server.
    product.database.rows("UPDATE mailbox_messages SET seen_wanted = true WHERE folder = 'INBOX' AND uid = 1")
    product.database.rows("UPDATE messages SET seen_at = now() WHERE mail_message_id = 'first@c.example'")
    product.close()
    with KeptState.of(product.database, product.folder) as kept:
        yield Story(product, account, kept)


def _add_mails_of_ours(product: Product, organization: Organization) -> None:
    """Add mails that we sent: two whose outcome is unknown, and one that will bounce."""
    thread = product.add_thread(organization, phone=None)
    (account,) = product.database.rows("SELECT id FROM email_accounts")
    for mail_id, recipient, status in (
        (UNKNOWN, ASHA, "unknown"),
        (BOUNCED, RAVI, "sent"),
        (NEVER_FOUND, ASHA, "unknown"),
    ):
        product.add_message(
            organization,
            thread,
            channel="EMAIL",
            status=status,
            sender=SUPPORT,
            recipient=recipient,
            mail_to=[recipient],
            subject=mail_id.partition("@")[0].title(),
            body_text="ours",
            mail_message_id=mail_id,
            email_account_id=account["id"],
        )


# What anybody can see.


def _digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _on_server(mailbox: FakeMailbox) -> Counter[tuple[str, int, int, str]]:
    return Counter(
        (name, folder.uid_validity, uid, _digest(mail.raw))
        for name, folder in mailbox.by_name.items()
        if name in FOLDERS
        for uid, mail in folder.mails.items()
    )


def _stored(product: Product) -> list[dict[str, Any]]:
    return product.database.rows(
        """SELECT x.folder, x.uid_validity, x.uid, split_part(x.raw_blob, '/', 2) AS digest, x.is_visible,
                  x.is_seen, ARRAY(SELECT unnest(x.flags) ORDER BY 1) AS flags, m.body_text
           FROM mailbox_messages x LEFT JOIN messages m ON m.id = x.message_id ORDER BY 1, 2, 3"""
    )


def _messages(product: Product) -> list[dict[str, Any]]:
    """Return every message with its attachments, its thread (by the texts in it) and its changes for browsers."""
    return product.database.rows(
        """SELECT m.direction, m.status, m.sender, m.recipient, m.subject, m.body_text, m.is_spam, m.automatic,
                  m.seen_at IS NOT NULL AS is_seen, m.mail_message_id IS NULL AS has_no_id, m.raw_blob,
                  ARRAY(SELECT filename || ' ' || blob_key FROM attachments a WHERE a.message_id = m.id) AS files,
                  ARRAY(SELECT o.body_text || coalesce(o.automatic, '') FROM messages o
                        WHERE o.thread_id = m.thread_id ORDER BY 1) AS thread,
                  ARRAY(SELECT DISTINCT kind FROM changes c WHERE c.message_id = m.id ORDER BY 1) AS reported,
                  (SELECT count(*) FROM automatic_mails a WHERE a.message_id = m.id) AS counted
           FROM messages m ORDER BY m.body_text, m.raw_blob, m.automatic, m.subject"""
    )


def _seen_on_server(mailbox: FakeMailbox) -> set[tuple[str, int]]:
    return {
        (name, uid)
        for name, folder in mailbox.by_name.items()
        for uid, mail in folder.mails.items()
        if "\\Seen" in mail.flags
    }


def _whole(story: Story) -> list[Any]:
    """Return everything that anybody can see in the end."""
    return [_stored(story.product), _messages(story.product), _seen_on_server(story.mailbox)]


def _half_done(story: Story) -> list[str]:
    """Return rows of a dead process that name content which does not exist."""
    product, found = story.product, []
    on_server = _on_server(story.mailbox)
    stored = {(row["folder"], row["uid_validity"], row["uid"], row["digest"]) for row in _stored(product)}
    for folder in product.database.rows("SELECT name, uid_validity, last_uid FROM email_folders"):
        passed_over = [
            place
            for place in on_server
            if place[:2] == (folder["name"], folder["uid_validity"]) and place[2] <= folder["last_uid"]
        ]
        found += [f"passed over and not stored: {place}" for place in passed_over if place not in stored]
    with closing(product.twin()) as reader:
        named = product.database.rows(
            """SELECT organization_id, raw_blob AS key FROM mailbox_messages WHERE raw_blob IS NOT NULL
               UNION SELECT organization_id, blob_key FROM attachments"""
        )
        for blob in named:
            try:
                reader.app.infrastructure.blobs.get(blob["organization_id"], blob["key"])
            except Exception as error:  # noqa: BLE001  # whatever it is, the content is not there
                found.append(f"named and not stored: {blob['key']} ({type(error).__name__})")
    return found


def test_an_unharmed_poll_stores_everything_once(story: Story) -> None:
    steps = story.steps()
    story.poll_again()

    assert len(steps) > 60
    visible = [row for row in _stored(story.product) if row["is_visible"]]
    places = Counter((row["folder"], row["uid_validity"], row["uid"], row["digest"]) for row in visible)
    assert places == _on_server(story.mailbox)
    assert all(row["body_text"] is not None for row in _stored(story.product))
    _assert_messages_as_expected(story)


def _assert_messages_as_expected(story: Story) -> None:
    messages = _messages(story.product)
    contents = Counter(row["raw_blob"].partition("/")[2] for row in messages if row["raw_blob"])
    (ours,) = [
        mail.raw for mail in story.mailbox.by_name["Sent"].mails.values() if mail.message_id == UNKNOWN
    ]
    known = _on_server(story.mailbox) + _on_server(_inbox_at_first())
    assert contents == Counter({digest for _, _, _, digest in known} - {_digest(ours)})
    assert {row["subject"]: row["status"] for row in messages if row["body_text"] == "ours"} == {
        "Unknown": "sent",
        "Bounced": "failed",
        "Never": "unknown",
    }
    assert Counter(row["automatic"] for row in messages if row["automatic"]) == {"forward": 1, "vacation": 2}
    assert ("INBOX", 1) in _seen_on_server(story.mailbox)


def test_a_poll_killed_at_any_step_leaves_nothing_half_done_and_the_next_makes_it_whole(story: Story) -> None:
    steps = story.steps()
    story.poll_again()
    expected = _whole(story)

    wrong = {}
    for step in steps:
        story.die_at(step)
        left = _half_done(story)
        story.poll_again()
        if left or _whole(story) != expected:
            wrong[step] = left or _first_difference(_whole(story), expected)

    assert wrong == {}


def _first_difference(seen: list[Any], expected: list[Any]) -> str:
    for one, other in zip(seen, expected, strict=True):
        odd = [each for each in one if each not in other] + [each for each in other if each not in one]
        if odd:
            return f"{odd[:2]}"
    return "something is there another number of times"
