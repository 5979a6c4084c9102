"""Inbound mail: every mail becomes visible once, whatever the server, the worker or the mail itself does."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import BanxwayError, Conflict, NotConfigured, NotFound, ProviderDenied, Unavailable
from banxway.models.actors import Actor
from banxway.models.email_accounts import PollResult
from banxway.models.mail import FetchedMail
from tests.support.builders import SUPPORT, Product, a_mail
from tests.support.fakes import FakeMailbox, refused
from tests.support.postgres import Organization

Twin = Callable[..., Product]
SALES = "sales@yourdomain.com"


@pytest.fixture
def account(product: Product, organization: Organization) -> UUID:
    return product.add_mailbox(organization)


@pytest.fixture
def mailbox(product: Product, account: UUID) -> FakeMailbox:
    """What lies on the mail server."""
    return product.providers.mailbox(SUPPORT)


def _poll(product: Product, account: UUID) -> None:
    """Poll as the queue's worker does, when the mailbox is due."""
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() WHERE id = %s", (account,))
    (row,) = product.database.rows("SELECT organization_id FROM email_accounts WHERE id = %s", (account,))
    product.app.email_sync.poll_due(organization_id=row["organization_id"], account_id=account)


def _poll_now(product: Product, actor: Actor, account: UUID) -> PollResult:
    return product.app.email_sync.poll_now(actor=actor, account_id=account)


def _messages(product: Product) -> list[dict[str, Any]]:
    return product.database.rows("SELECT * FROM messages ORDER BY occurred_at, created_at")


def _subjects(product: Product) -> list[str]:
    return sorted(message["subject"] for message in _messages(product))


def _account(product: Product, account: UUID) -> dict[str, Any]:
    return product.database.rows("SELECT * FROM email_accounts WHERE id = %s", (account,))[0]


def _unfiled(product: Product) -> int:
    return len(product.database.rows("SELECT 1 AS one FROM mailbox_messages WHERE message_id IS NULL"))


# One mail.


def test_a_mail_becomes_a_customer_a_thread_and_a_message(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    arrived = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    raw = a_mail("Where is it?")
    mailbox.deliver(raw, at=arrived)

    result = _poll_now(product, admin, account)

    assert (result.new_messages, result.new_threads) == (1, 1)
    (message,) = _messages(product)
    assert (message["sender"], message["recipient"], message["subject"]) == (
        "asha@customer.example",
        SUPPORT,
        "Parcel",
    )
    assert (message["body_text"].strip(), message["occurred_at"]) == ("Where is it?", arrived)
    assert product.app.blobs.get(admin.organization_id, message["raw_blob"]) == raw
    (customer,) = product.database.rows("SELECT name FROM customers")
    assert customer == {"name": "Asha"}
    assert [item.organization_id for item in product.change_queue.items] == [admin.organization_id]
    assert mailbox.closed >= 1


def test_a_second_poll_finds_nothing(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail())
    _poll_now(product, admin, account)
    product.change_queue.clear()

    again = _poll_now(product, admin, account)

    assert (again.new_messages, again.new_threads) == (0, 0)
    assert mailbox.fetched == [1]
    assert product.change_queue.items == []


def test_only_what_is_new_is_fetched(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
        _poll(product, account)

    assert mailbox.fetched == [1, 2, 3]
    assert len(_messages(product)) == 3


# The same mail.


def test_the_same_mail_twice_in_a_mailbox_is_one_message(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for _ in range(2):
        mailbox.deliver(a_mail())
    _poll(product, account)
    mailbox.deliver(a_mail())
    _poll(product, account)

    assert len(_messages(product)) == 1
    assert _unfiled(product) == 0


def test_the_same_mail_in_two_mailboxes_is_one_message(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    other = product.add_mailbox(organization, SALES)
    mailbox.deliver(a_mail(headers=["Delivered-To: support@yourdomain.com", "X-Relay: one"]))
    product.providers.mailbox(SALES).deliver(a_mail(headers=["Delivered-To: sales@yourdomain.com"]))

    _poll(product, account)
    _poll(product, other)

    assert len(_messages(product)) == 1
    assert _unfiled(product) == 0


def test_two_mails_with_the_same_message_id_and_other_words_are_two(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    """Some programs give every mail the same id."""
    mailbox.deliver(a_mail("First"))
    mailbox.deliver(a_mail("Second"))

    _poll(product, account)

    assert len(_messages(product)) == 2


def test_mails_without_any_message_id_are_told_apart_by_their_bytes(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for text in ("First", "Second", "First"):
        mailbox.deliver(a_mail(text, message_id=None))

    _poll(product, account)

    assert len(_messages(product)) == 2


def test_another_uidvalidity_makes_no_duplicates(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    for number in range(4):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    _poll(product, account)

    mailbox.renumber(2, first_uid=100)
    mailbox.deliver(a_mail(subject="New", message_id="new@customer.example"))
    _poll(product, account)

    assert len(_messages(product)) == 5
    assert _unfiled(product) == 0
    (folder,) = product.database.rows("SELECT uid_validity, last_uid FROM email_folders")
    assert folder == {"uid_validity": 2, "last_uid": 104}


def test_the_same_mail_polled_from_two_mailboxes_at_once_is_one_message(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    accounts = [account, *(product.add_mailbox(organization, f"box{n}@yourdomain.com") for n in range(3))]
    boxes = [mailbox, *(product.providers.mailbox(f"box{n}@yourdomain.com") for n in range(3))]
    for box in boxes:
        for number in range(5):
            box.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    workers = [twin() for _ in accounts]
    at_once = threading.Barrier(len(workers))

    def work(worker: Product, one: UUID) -> None:
        at_once.wait()
        _poll(worker, one)

    threads = [threading.Thread(target=work, args=pair) for pair in zip(workers, accounts, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for one in accounts:
        _poll(product, one)

    assert len(_messages(product)) == 5
    assert _unfiled(product) == 0


# Killed, or taken over, in between.


def test_a_poll_killed_between_storing_and_filing_is_finished_by_the_next(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    dying = twin()
    dying.app.email_sync._filing.file = _die
    with pytest.raises(SystemExit):
        _poll(dying, account)
    assert (_unfiled(product), _messages(product)) == (3, [])
    product.database.rows("UPDATE email_accounts SET lease_until = now()")

    _poll(product, account)

    assert _subjects(product) == ["Mail 0", "Mail 1", "Mail 2"]
    assert mailbox.fetched == [1, 2, 3]


def _die(**_: Any) -> None:
    raise SystemExit("killed")


def test_a_poll_killed_while_it_fetches_is_begun_again_by_the_next(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    mailbox.fetching.then(None, lambda _: _die())
    with pytest.raises(SystemExit):
        _poll(twin(), account)
    assert _unfiled(product) == 0
    product.database.rows("UPDATE email_accounts SET lease_until = now()")

    _poll(product, account)

    assert _subjects(product) == ["Mail 0", "Mail 1", "Mail 2"]


def test_a_poller_that_lost_its_lease_writes_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())

    def take_over(_: int) -> None:
        product.database.rows(
            "UPDATE email_accounts SET fence = fence + 1, last_poll_error = 'the other one'"
        )

    mailbox.fetching.then(take_over)
    before = _account(product, account)["last_polled_at"]

    _poll(twin(), account)

    row = _account(product, account)
    assert (_messages(product), _unfiled(product)) == ([], 0)
    assert (row["last_poll_error"], row["last_polled_at"], row["consecutive_failures"]) == (
        "the other one",
        before,
        0,
    )
    assert row["lease_until"] is not None
    assert product.database.rows("SELECT action FROM integration_audit_logs") == []


def test_a_mailbox_has_one_poller_at_a_time(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    second = twin()
    mailbox.deliver(a_mail())
    mailbox.fetching.then(lambda _: _poll(second, account))

    _poll(product, account)

    assert mailbox.opened == 1
    assert len(_messages(product)) == 1


def test_a_lease_that_nobody_gave_back_ends_by_itself(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail())
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '80 seconds', fence = 7")
    _poll(product, account)
    assert mailbox.opened == 0

    product.database.rows("UPDATE email_accounts SET lease_until = now() - interval '1 second'")
    _poll(product, account)

    assert len(_messages(product)) == 1
    assert _account(product, account)["fence"] == 8


def test_a_database_that_breaks_in_a_poll_loses_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())
    broken = twin()

    def cut(_: int) -> None:
        product.database.rows(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'banxway_app'"
        )

    mailbox.fetching.then(cut)
    _poll(broken, account)
    product.database.rows("UPDATE email_accounts SET lease_until = NULL")
    _poll(product, account)

    assert len(_messages(product)) == 1


# Mails that cannot be read.


def test_a_mail_too_large_to_fetch_is_a_visible_stub(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(b"never fetched", claimed_size=60_000_000)
    mailbox.deliver(a_mail(subject="Behind it"))

    _poll(product, account)

    assert _subjects(product) == ["A mail of 60 MB", "Behind it"]
    stub = next(message for message in _messages(product) if "60 MB" in message["subject"])
    assert "50 MB limit" in stub["problems"][0]
    assert mailbox.fetched == [2]


def test_a_mail_whose_bytes_are_gone_is_a_visible_stub(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())
    mailbox.deliver(a_mail(subject="Behind it", message_id="second@customer.example"))
    dying = twin()
    dying.app.email_sync._filing.file = _die
    with pytest.raises(SystemExit):
        _poll(dying, account)
    (row,) = product.database.rows("SELECT raw_blob FROM mailbox_messages WHERE uid = 1")
    (product.folder / "blobs" / row["raw_blob"]).unlink()
    product.database.rows("UPDATE email_accounts SET lease_until = NULL")

    _poll(product, account)

    assert _subjects(product) == ["A mail whose stored bytes cannot be read", "Behind it"]


@pytest.mark.parametrize(
    "failure",
    [
        RecursionError("too deep"),
        ValueError("not a mail"),
        KeyError("charset"),
        MemoryError(),
        AssertionError(),
    ],
    ids=lambda failure: type(failure).__name__,
)
def test_a_mail_that_the_parser_trips_over_does_not_block_the_one_behind_it(
    product: Product, account: UUID, mailbox: FakeMailbox, failure: Exception
) -> None:
    """The parser promises never to raise; a mailbox must not stand still for ever if it does."""
    from banxway.providers.mail.parser import parse

    def trip(raw: bytes) -> Any:
        if b"poison" in raw:
            raise failure
        return parse(raw)

    product.providers.parse_mail = trip
    mailbox.deliver(a_mail(subject="poison"))
    mailbox.deliver(a_mail(subject="Behind it", message_id="second@customer.example"))

    _poll(product, account)

    assert "Behind it" in _subjects(product)
    assert len(_messages(product)) == 2
    assert _unfiled(product) == 0
    stub = next(message for message in _messages(product) if message["subject"] != "Behind it")
    assert stub["problems"]
    assert stub["raw_blob"]


# Characters that no index entry can hold in their thousands, and that do not compress.
_WIDE = "".join(chr(0x4E00 + (number * 7919) % 20_000) for number in range(990))


@pytest.mark.parametrize(
    "raw",
    [
        a_mail(message_id=f"{_WIDE[:950]}@customer.example"),
        a_mail(references=[f"{_WIDE[:950]}@customer.example"]),
        a_mail(sender=f"{_WIDE[:900]}@customer.example"),
        a_mail(headers=[f"Cc: {_WIDE[:900]}@customer.example"]),
        a_mail(headers=["Cc: " + ", ".join(f"person{n}@customer.example" for n in range(3000))]),
        a_mail(subject="NUL \x00 and half \\ud83d"),
        a_mail(text="\x00" * 50),
        b"",
        b"\r\n\r\n",
        b"\xff\xfe" * 100,
    ],
    ids=[
        "wide message id",
        "wide reference",
        "wide sender",
        "wide cc",
        "3000 recipients",
        "NUL in subject",
        "NUL in text",
        "empty",
        "no headers",
        "no mail",
    ],
)
def test_whatever_bytes_arrive_are_visible_and_do_not_block_the_mail_behind(
    product: Product, account: UUID, mailbox: FakeMailbox, raw: bytes
) -> None:
    mailbox.deliver(raw)
    mailbox.deliver(a_mail(subject="Behind it", message_id="second@customer.example"))

    _poll(product, account)

    assert len(_messages(product)) == 2
    assert "Behind it" in _subjects(product)
    assert _unfiled(product) == 0
    assert _account(product, account)["last_poll_error"] is None


def test_an_attachment_is_stored_and_named(product: Product, account: UUID, mailbox: FakeMailbox) -> None:
    raw = (
        b"From: asha@customer.example\r\nTo: support@yourdomain.com\r\nSubject: Photo\r\n"
        b"Message-ID: <p@customer.example>\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSee it\r\n'
        b'--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment; filename="a.png"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n--b--\r\n"
    )
    mailbox.deliver(raw)

    _poll(product, account)

    (attachment,) = product.database.rows("SELECT * FROM attachments")
    assert (attachment["filename"], attachment["content_type"], attachment["size_bytes"]) == (
        "a.png",
        "image/png",
        8,
    )
    assert product.app.blobs.get(attachment["organization_id"], attachment["blob_key"]).startswith(b"\x89PNG")


# Into which thread.


def _threads(product: Product) -> list[set[str]]:
    rows = product.database.rows(
        "SELECT array_agg(subject) AS subjects FROM messages GROUP BY thread_id ORDER BY min(created_at)"
    )
    return [set(row["subjects"]) for row in rows]


def _exchange(*steps: dict[str, Any]) -> list[bytes]:
    return [a_mail(**step) for step in steps]


_FIRST = {"subject": "Parcel", "message_id": "first@customer.example"}
_REPLY = {
    "subject": "Re: Parcel",
    "message_id": "second@customer.example",
    "references": ["first@customer.example"],
}
_STRANGER = "Mallory <mallory@elsewhere.example>"


@pytest.mark.parametrize(
    ("mails", "threads"),
    [
        (_exchange(_FIRST, _REPLY), [{"Parcel", "Re: Parcel"}]),
        (_exchange(_REPLY, _FIRST), [{"Parcel", "Re: Parcel"}]),
        (_exchange(_FIRST, _REPLY | {"sender": _STRANGER}), [{"Parcel"}, {"Re: Parcel"}]),
        (_exchange(_FIRST, _REPLY | {"references": []}), [{"Parcel"}, {"Re: Parcel"}]),
        (
            _exchange(_FIRST, {"subject": "Parcel", "message_id": "x@customer.example"}),
            [{"Parcel"}, {"Parcel"}],
        ),
        (
            _exchange(_FIRST, _REPLY | {"references": ["invented@customer.example"]}),
            [{"Parcel"}, {"Re: Parcel"}],
        ),
    ],
    ids=[
        "a reply joins by its references",
        "child before parent",
        "a stranger who quotes the id",
        "a reply without references",
        "the same subject",
        "an id nobody sent",
    ],
)
def test_a_mail_joins_by_evidence_alone(
    product: Product, account: UUID, mailbox: FakeMailbox, mails: list[bytes], threads: list[set[str]]
) -> None:
    for raw in mails:
        mailbox.deliver(raw)

    _poll(product, account)

    assert _threads(product) == threads


def test_somebody_in_copy_may_reply_into_the_thread(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.deliver(a_mail(**_FIRST, headers=["Cc: ravi@customer.example"]))
    mailbox.deliver(a_mail(**_REPLY, sender="ravi@customer.example"))

    _poll(product, account)

    assert _threads(product) == [{"Parcel", "Re: Parcel"}]


def test_an_answer_to_our_own_mail_joins_its_thread(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    thread = product.add_thread(organization, email="asha@customer.example")
    ours = product.add_message(
        organization,
        thread,
        channel="EMAIL",
        status="sent",
        sender=SUPPORT,
        recipient="asha@customer.example",
        subject="Your parcel",
        mail_message_id="ours@yourdomain.com",
    )
    product.database.rows(
        "INSERT INTO thread_participants VALUES (%s, %s, 'asha@customer.example')", (organization.id, thread)
    )
    mailbox.deliver(a_mail(subject="Re: Your parcel", references=["ours@yourdomain.com"]))

    _poll(product, account)

    reply = next(message for message in _messages(product) if message["id"] != ours)
    assert (reply["thread_id"], reply["join_rule"]) == (thread, "references")
    assert reply["join_evidence"] == "ours@yourdomain.com"


def test_another_organizations_mail_with_the_same_ids_joins_nothing(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    stranger = product.database.add_organization("Other")
    other = product.add_mailbox(stranger, "support@other.example")
    mailbox.deliver(a_mail(**_FIRST))
    product.providers.mailbox("support@other.example").deliver(a_mail(**_REPLY))

    _poll(product, account)
    _poll(product, other)

    assert len(_threads(product)) == 2


# Failures, noted.


def test_a_refused_login_is_noted_backed_off_from_and_audited_once(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.opening.always(refused(ProviderDenied, "Login refused", provider="imap", operation="login"))
    waits = []
    for _ in range(7):
        _poll(product, account)
        row = _account(product, account)
        waits.append((row["next_poll_at"] - datetime.now(UTC)).total_seconds())
        assert row["last_poll_error"] == "Login refused"

    assert row["consecutive_failures"] == 7
    assert waits == pytest.approx([30, 60, 120, 240, 480, 900, 900], abs=3)
    assert [entry["action"] for entry in product.audit(organization)] == ["mailbox.poll"]
    assert product.audit(organization)[0]["status"] == "failed"

    mailbox.opening.always(None)
    _poll(product, account)
    row = _account(product, account)
    assert (row["last_poll_error"], row["consecutive_failures"]) == (None, 0)


def test_a_manager_who_polls_now_is_told_what_went_wrong(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox
) -> None:
    mailbox.opening.then(refused(ProviderDenied, "Login refused"))

    with pytest.raises(ProviderDenied, match="Login refused"):
        _poll_now(product, admin, account)

    assert _account(product, account)["lease_until"] is None


@pytest.mark.parametrize(
    "failure",
    [
        refused(errors.ProviderTimeout, "No answer"),
        refused(errors.ProviderUnavailable, "No connection"),
        Unavailable("The blob store is not available"),
    ],
    ids=["timeout", "no connection", "no blob store"],
)
def test_a_failure_in_the_middle_keeps_what_was_done_and_resumes(
    product: Product, account: UUID, mailbox: FakeMailbox, failure: BanxwayError
) -> None:
    mailbox.deliver(a_mail(subject="First"))
    _poll(product, account)
    mailbox.deliver(a_mail(subject="Second", message_id="second@customer.example"))
    mailbox.fetching.then(failure)

    _poll(product, account)
    assert _subjects(product) == ["First"]
    _poll(product, account)

    assert _subjects(product) == ["First", "Second"]


def test_credentials_that_do_not_open_are_noted_with_what_to_do(
    product: Product, account: UUID, mailbox: FakeMailbox, twin: Twin
) -> None:
    mailbox.deliver(a_mail())

    _poll(twin(encryption_master_key="c" * 43 + "="), account)

    assert "key" in _account(product, account)["last_poll_error"]
    _poll(product, account)
    assert len(_messages(product)) == 1


def test_polling_now_what_is_being_polled_is_a_conflict(
    product: Product, admin: Actor, account: UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '1 minute'")
    moments = iter(range(0, 1000, 5))
    monkeypatch.setattr("banxway.services.email_sync.time.monotonic", lambda: next(moments))

    with pytest.raises(Conflict, match="being polled"):
        _poll_now(product, admin, account)


def test_polling_now_needs_a_mailbox_that_is_polled_at_all(
    product: Product, organization: Organization, admin: Actor
) -> None:
    off = product.add_mailbox(organization, imap_enabled=False)
    theirs = product.add_mailbox(product.database.add_organization("Other"))

    with pytest.raises(NotConfigured, match="imap_enabled"):
        _poll_now(product, admin, off)
    for unknown in (theirs, uuid4()):
        with pytest.raises(NotFound):
            _poll_now(product, admin, unknown)


@pytest.mark.parametrize("due", [False, True])
def test_an_item_that_comes_early_does_nothing(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox, due: bool
) -> None:
    product.database.rows(
        "UPDATE email_accounts SET next_poll_at = now() + make_interval(secs => %s)", (0 if due else 10,)
    )

    product.app.email_sync.poll_due(organization_id=organization.id, account_id=account)

    assert mailbox.opened == (1 if due else 0)


def test_an_item_of_a_mailbox_that_is_gone_or_anothers_does_nothing(
    product: Product, organization: Organization, account: UUID, mailbox: FakeMailbox
) -> None:
    stranger = product.database.add_organization("Other")

    product.app.email_sync.poll_due(organization_id=organization.id, account_id=uuid4())
    product.app.email_sync.poll_due(organization_id=stranger.id, account_id=account)

    assert mailbox.opened == 0


# When.


@pytest.mark.parametrize(
    ("interval_s", "due_in_s", "moments"),
    [
        (10, 0, [0, 10, 20, 30, 40, 50]),
        (10, 7, [7, 17, 27, 37, 47, 57]),
        (30, 0, [0, 30]),
        (30, 29, [29, 59]),
        (30, -500, [0, 30]),
        (300, 5, [5]),
        (300, 250, []),
    ],
)
def test_the_tick_enqueues_a_mailbox_for_each_moment_of_the_minute(
    product: Product, organization: Organization, interval_s: int, due_in_s: int, moments: list[int]
) -> None:
    account = product.add_mailbox(organization, poll_interval_ms=interval_s * 1000)
    product.database.rows(
        "UPDATE email_accounts SET next_poll_at = now() + make_interval(secs => %s)", (due_in_s,)
    )

    enqueued = product.app.email_sync.enqueue_due()

    assert enqueued == len(moments)
    assert product.mailbox_queue.delays == pytest.approx(moments, abs=1)
    assert {item.account_id for item in product.mailbox_queue.items} <= {account}


def test_the_tick_sees_every_organization_and_no_mailbox_that_is_switched_off(
    product: Product, organization: Organization, account: UUID
) -> None:
    stranger = product.database.add_organization("Other")
    theirs = product.add_mailbox(stranger)
    product.add_mailbox(organization, "off@yourdomain.com", imap_enabled=False)

    product.app.email_sync.enqueue_due()

    assert {(item.organization_id, item.account_id) for item in product.mailbox_queue.items} == {
        (organization.id, account),
        (stranger.id, theirs),
    }


@pytest.mark.parametrize("interval_s", [10, 30, 300])
@pytest.mark.parametrize("poll_takes_s", [0, 4, 9])
def test_an_interval_holds_however_long_a_poll_takes(
    product: Product, organization: Organization, interval_s: int, poll_takes_s: int
) -> None:
    """The next poll is counted from when this one was due, or a mailbox would miss every other moment."""
    account = product.add_mailbox(organization, poll_interval_ms=interval_s * 1000)

    def poll_slowly(_: str) -> None:
        # As if the poll had begun so long ago: its due time and everything else lie further back.
        product.database.rows(
            "UPDATE email_accounts SET next_poll_at = next_poll_at - make_interval(secs => %s)",
            (poll_takes_s,),
        )

    product.providers.mailbox(SUPPORT).opening.then(poll_slowly)

    _poll(product, account)

    wait = (_account(product, account)["next_poll_at"] - datetime.now(UTC)).total_seconds()
    assert wait == pytest.approx(interval_s - poll_takes_s, abs=2)


def test_a_mailbox_long_overdue_is_polled_now_and_then_at_its_interval(
    product: Product, account: UUID
) -> None:
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() - interval '3 hours'")
    (row,) = product.database.rows("SELECT organization_id FROM email_accounts")
    product.app.email_sync.poll_due(organization_id=row["organization_id"], account_id=account)

    wait = _account(product, account)["next_poll_at"] - datetime.now(UTC)
    assert timedelta(seconds=-3) <= wait <= timedelta(seconds=30)


def test_polling_now_does_not_put_the_next_poll_off(product: Product, admin: Actor, account: UUID) -> None:
    product.database.rows("UPDATE email_accounts SET next_poll_at = now() + interval '20 seconds'")

    _poll_now(product, admin, account)

    wait = _account(product, account)["next_poll_at"] - datetime.now(UTC)
    assert wait <= timedelta(seconds=30)


def test_a_mailbox_that_is_being_polled_at_the_tick_is_enqueued_for_later_in_the_minute(
    product: Product, account: UUID
) -> None:
    product.database.rows("UPDATE email_accounts SET lease_until = now() + interval '85 seconds'")

    product.app.email_sync.enqueue_due()

    assert 30 in product.mailbox_queue.delays


def test_a_poll_that_runs_out_of_time_goes_on_at_once(
    product: Product, admin: Actor, account: UUID, mailbox: FakeMailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("banxway.services.email_sync._BATCH_MESSAGES", 1)
    for number in range(3):
        mailbox.deliver(a_mail(subject=f"Mail {number}", message_id=f"{number}@customer.example"))
    clock = iter([0.0, 1.0, 1000.0, 1001.0, 1002.0, 1003.0])
    with monkeypatch.context() as patch:
        patch.setattr("banxway.services.email_sync.time.monotonic", lambda: next(clock))
        product.app.email_sync._poll(_leased(product, account), budget_s=15)

    assert 0 < len(_messages(product)) < 3
    assert _account(product, account)["next_poll_at"] <= datetime.now(UTC) + timedelta(seconds=1)
    _poll(product, account)
    assert len(_messages(product)) == 3


def _leased(product: Product, account: UUID) -> dict[str, Any]:
    (row,) = product.database.rows("SELECT organization_id FROM email_accounts WHERE id = %s", (account,))
    leased = product.app.email_sync._take_lease(row["organization_id"], account, only_if_due=False)
    assert leased is not None
    return leased


def test_a_dead_change_queue_does_not_fail_a_poll(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    product.change_queue.is_down = True
    mailbox.deliver(a_mail())

    _poll(product, account)

    assert _account(product, account)["last_poll_error"] is None
    assert len(_messages(product)) == 1


def test_a_server_that_sends_another_size_than_it_said_is_believed_by_its_bytes(
    product: Product, account: UUID, mailbox: FakeMailbox
) -> None:
    uid = mailbox.deliver(a_mail(), claimed_size=1)
    mailbox.fetching.then(lambda _: FetchedMail(uid, a_mail(), None))

    _poll(product, account)

    (stored,) = product.database.rows("SELECT size_bytes FROM mailbox_messages")
    assert stored["size_bytes"] == len(a_mail())
