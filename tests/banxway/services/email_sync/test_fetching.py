"""Batches are fetched one ahead of their filing, and no failure on the way loses or doubles a mail."""

import gc
import threading
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.models.mail import FetchedMail, ParsedMail
from banxway.providers.mail.parse import parser
from banxway.services.email_sync.fetching import Fetching
from tests.support.product.builders import Product, a_mail
from tests.support.product.fakes import FakeMailbox, refused
from tests.support.timing.waiting import PATIENCE_S, eventually

LIMITS = "banxway.services.email_sync.fetching"
LENGTH = len(a_mail(subject="Mail 1", message_id="1@customer.example"))


@pytest.fixture(autouse=True)
def _two_mails(mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Add two mails, each a batch."""
    monkeypatch.setattr(f"{LIMITS}.BATCH_MESSAGES", 1)
    for number in (1, 2):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))


def test_the_next_batch_is_on_its_way_while_one_is_filed(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    second_is_asked_for = threading.Event()
    mailbox.fetching.then(None, lambda _: second_is_asked_for.set())
    met: list[bool] = []

    def parse(raw: bytes) -> ParsedMail:
        met.append(second_is_asked_for.wait(PATIENCE_S))
        return parser.parse(raw)

    product.providers.parse_mail = parse
    product.poll(account)

    assert met == [True, True]
    assert product.subjects() == ["Mail 1", "Mail 2"]


def test_a_mail_that_is_a_batch_alone_waits_for_the_one_before_it(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{LIMITS}.BATCH_BYTES", 10)
    fetched: list[list[int]] = []

    def parse(raw: bytes) -> ParsedMail:
        fetched.append(list(mailbox.fetched))
        return parser.parse(raw)

    product.providers.parse_mail = parse
    product.poll(account)

    assert fetched == [[1], [1, 2]]


def test_a_mail_that_is_a_batch_alone_is_let_go_before_the_next_comes(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{LIMITS}.BATCH_BYTES", 10)
    mark = uuid4().bytes.hex()
    for number in (3, 4):
        mailbox.deliver(a_mail(mark, message_id=f"{number}@customer.example"))
    held: list[int] = []

    def count(_: int) -> None:
        mails = (each for each in gc.get_objects() if isinstance(each, FetchedMail))
        held.append(sum(mark.encode() in mail.raw for mail in mails))

    mailbox.fetching.then(None, None, count, count)
    product.poll(account)

    # The one that is just being fetched, and no other.
    assert held == [1, 1]


def test_mails_whose_bytes_never_come_are_shown_one_after_the_other(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may answer OK and leave out the body; two such mails must not reset each other's counter."""
    monkeypatch.setattr(mailbox, "fetch", lambda uids: iter(()))

    for _ in range(8):
        product.poll(account)
        product.database.rows("UPDATE email_accounts SET next_poll_at = now()")

    assert product.subjects() == ["Mail 1", "Mail 2"]
    assert all("breaks off" in message["problems"][0] for message in product.messages())


def test_a_connection_that_breaks_in_the_batch_ahead_keeps_nothing_from_being_filed(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.fetching.then(None, refused(errors.ProviderUnavailable, provider="imap", operation="fetch"))

    product.poll(account)

    assert product.subjects() == ["Mail 1"]
    (folder,) = product.database.rows("SELECT last_uid, stuck_uid FROM email_folders WHERE name = 'INBOX'")
    assert folder == {"last_uid": 1, "stuck_uid": 2}
    product.database.rows("UPDATE email_accounts SET next_poll_at = now()")
    product.poll(account)
    assert product.subjects() == ["Mail 1", "Mail 2"]


def test_a_filing_that_broke_off_does_not_wait_for_all_that_is_on_its_way(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(f"{LIMITS}.BATCH_MESSAGES", 2)
    for number in (3, 4):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    made: list[Fetching] = []
    usual = Fetching.batches
    monkeypatch.setattr(
        Fetching, "batches", lambda self, *given, **named: made.append(self) or usual(self, *given, **named)
    )
    third_is_coming = threading.Event()

    def breaks_off(**_: object) -> None:
        assert third_is_coming.wait(PATIENCE_S)
        raise errors.Unavailable("The database does not answer")

    def comes(_: int) -> None:
        third_is_coming.set()
        eventually(lambda: made[0]._is_abandoned)

    monkeypatch.setattr(product.app.email_sync.filing, "file_batch", breaks_off)
    mailbox.fetching.then(None, None, comes)

    product.poll(account)

    assert mailbox.fetched == [1, 2, 3]


def test_what_was_fetched_ahead_of_a_filing_that_broke_off_is_fetched_again(
    product: Product, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks_off(**_: object) -> None:
        raise errors.Unavailable("The database does not answer")

    with monkeypatch.context() as patched:
        patched.setattr(product.app.email_sync.filing, "file_batch", breaks_off)
        product.poll(account)
    assert product.messages() == []
    product.database.rows("UPDATE email_accounts SET next_poll_at = now(), lease_until = NULL")

    product.poll(account)

    assert product.subjects() == ["Mail 1", "Mail 2"]
    assert mailbox.fetched.count(1) == 1


@pytest.mark.parametrize(
    ("most_mails", "most_bytes", "batches"),
    [
        (2, 10_000, [[1, 2], [3, 4], [5]]),
        (9, 2 * LENGTH, [[1, 2], [3, 4], [5]]),
        (9, 3 * LENGTH - 1, [[1, 2], [3, 4], [5]]),
        (9, LENGTH - 1, [[1], [2], [3], [4], [5]]),
    ],
    ids=["by count", "by bytes", "a byte too much", "larger than a batch"],
)
def test_a_batch_is_bounded_by_its_count_and_its_bytes(
    product: Product,
    account: UUID,
    mailbox: FakeMailbox,
    monkeypatch: pytest.MonkeyPatch,
    most_mails: int,
    most_bytes: int,
    batches: list[list[int]],
) -> None:
    monkeypatch.setattr(f"{LIMITS}.BATCH_MESSAGES", most_mails)
    monkeypatch.setattr(f"{LIMITS}.BATCH_BYTES", most_bytes)
    for number in (3, 4, 5):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    asked: list[list[int]] = []
    fetch = FakeMailbox.fetch
    monkeypatch.setattr(mailbox, "fetch", lambda uids: (asked.append(uids), fetch(mailbox, uids))[1])

    product.poll(account)

    assert asked == batches
    assert len(product.messages()) == 5
