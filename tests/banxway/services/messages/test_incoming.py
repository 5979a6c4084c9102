"""What customers write on WhatsApp: kept once each, under their name, in the conversation it belongs to."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from banxway.models.actors import Actor
from banxway.models.messages.statuses import MessageStatus
from banxway.models.queue_items import CallbackReceived
from banxway.models.threads.threads import ThreadQuery
from banxway.storage.customers import customers
from banxway.storage.messages import messages
from banxway.storage.messages.rows import NewMessageRow
from tests.support.databases.postgres import Organization
from tests.support.gates.chance import dice
from tests.support.product.builders import BUSINESS, CUSTOMER, Product, an_incoming, received
from tests.support.timing.racing import Background, held_changes, patient, until_waiting

Twin = Callable[..., Product]


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization)


@pytest.fixture
def accepted(product: Product, organization: Organization, thread: UUID) -> UUID:
    """A message of ours that the provider knows as sid-1."""
    return product.add_message(organization, thread, status="accepted", provider_sid="sid-1")


def _apply(product: Product, item: CallbackReceived) -> None:
    product.apply(item)


# What customers wrote.


def test_a_customers_message_starts_a_thread(product: Product, organization: Organization) -> None:
    _apply(product, received(organization, an_incoming("Where is my parcel?", sid="in-1")))

    (message,) = product.database.rows("SELECT * FROM messages")
    assert (message["direction"], message["status"], message["sender"]) == ("inbound", "received", CUSTOMER)
    assert (message["recipient"], message["join_rule"]) == (BUSINESS, "new")
    (customer,) = product.database.rows("SELECT name FROM customers")
    assert customer == {"name": "Asha"}
    assert [row["kind"] for row in product.database.rows("SELECT kind FROM changes")] == ["message.created"]


def test_the_same_sid_twice_is_one_message(product: Product, organization: Organization) -> None:
    for _ in range(2):
        _apply(product, received(organization, an_incoming("ok", sid="in-1")))
    _apply(product, received(organization, an_incoming("ok", sid="in-1", timestamp="2026-01-15T10:00:00Z")))

    assert product.inbound_texts() == ["ok"]


def test_two_equal_texts_with_their_own_sids_are_two_messages(
    product: Product, organization: Organization
) -> None:
    moment = "2026-01-15T10:00:00Z"
    for sid in ("in-1", "in-2"):
        _apply(product, received(organization, an_incoming("ok", sid=sid, timestamp=moment)))

    assert product.inbound_texts() == ["ok", "ok"]


def test_two_equal_texts_without_sids_are_two_messages(product: Product, organization: Organization) -> None:
    """In one body, and in two: nothing says that the second is a repetition."""
    moment = "2026-01-15T10:00:00Z"
    twice = [an_incoming("ok", sid=None, timestamp=moment)] * 2
    _apply(product, received(organization, *twice))
    _apply(product, received(organization, an_incoming("ok", sid=None, timestamp="2026-01-15T10:00:07Z")))

    assert product.inbound_texts() == ["ok", "ok", "ok"]


def test_a_body_without_a_sid_that_is_delivered_again_to_the_byte_is_kept_once_in_its_thread(
    product: Product, organization: Organization
) -> None:
    item = received(organization, an_incoming("ok", sid=None, timestamp="2026-01-15T10:00:00Z"))
    for _ in range(3):
        _apply(product, item)

    assert product.inbound_texts() == ["ok"]


def test_a_second_message_joins_the_open_thread(
    product: Product, organization: Organization, thread: UUID
) -> None:
    _apply(product, received(organization, an_incoming("And?", sid="in-1")))

    (message,) = product.database.rows("SELECT thread_id, join_rule, join_evidence FROM messages")
    assert message == {"thread_id": thread, "join_rule": "address", "join_evidence": CUSTOMER}


def test_a_message_after_a_month_of_silence_starts_a_new_thread(
    product: Product, organization: Organization, thread: UUID
) -> None:
    product.database.rows("UPDATE threads SET last_message_at = now() - interval '31 days'")

    _apply(product, received(organization, an_incoming("Hello again", sid="in-1")))

    (message,) = product.database.rows("SELECT thread_id FROM messages")
    assert message["thread_id"] != thread


def test_a_reply_joins_what_it_replies_to_even_in_an_old_thread(
    product: Product, organization: Organization, thread: UUID, accepted: UUID
) -> None:
    product.database.rows(
        "UPDATE threads SET last_message_at = now() - interval '90 days', status = 'closed'"
    )
    product.database.rows(
        """INSERT INTO threads (id, organization_id, customer_id, last_message_at)
           SELECT gen_random_uuid(), organization_id, customer_id, now() FROM threads"""
    )
    content = {"type": "text", "text": {"body": "Thanks"}, "context": {"id": "sid-1"}}

    _apply(product, received(organization, an_incoming("", sid="in-1", content=content)))

    (message,) = product.database.rows(
        "SELECT thread_id, join_rule FROM messages WHERE direction = 'inbound'"
    )
    assert message == {"thread_id": thread, "join_rule": "reply"}
    (reopened,) = product.database.rows("SELECT status FROM threads WHERE id = %s", (thread,))
    assert reopened == {"status": "open"}


def test_a_reply_quoting_somebody_elses_message_does_not_join_their_thread(
    product: Product, organization: Organization, thread: UUID, accepted: UUID
) -> None:
    content = {"type": "text", "text": {"body": "Mine"}, "context": {"id": "sid-1"}}
    stranger = an_incoming("", sid="in-1", sender="+919812345678", content=content)

    _apply(product, received(organization, stranger))

    (message,) = product.database.rows("SELECT thread_id FROM messages WHERE direction = 'inbound'")
    assert message["thread_id"] != thread


def test_a_clock_that_runs_ahead_is_not_believed(product: Product, organization: Organization) -> None:
    now = datetime.now(UTC)
    ahead = an_incoming("From the future", sid="in-1", timestamp=(now + timedelta(days=3)).isoformat())

    _apply(product, received(organization, ahead, received_at=now))

    # The transaction's own moment, which the row's last change has, too.
    (message,) = product.database.rows("SELECT occurred_at, updated_at FROM messages")
    assert message["occurred_at"] == message["updated_at"]


@pytest.mark.parametrize("text", ["NUL \x00 inside", "half \ud83d", "\x00", "नमस्ते 🙏"], ids=ascii)
def test_every_text_a_customer_can_send_is_kept(
    product: Product, organization: Organization, text: str
) -> None:
    body = json.dumps({"whatsapp": {"messages": [an_incoming(text, sid="in-1", profile_name=text)]}})

    _apply(product, received(organization, body=body.encode()))

    (kept,) = product.inbound_texts()
    assert [word for word in text.split() if word.isprintable()] == [w for w in kept.split() if w in text]


def _apply_at_once(product: Product, twin: Twin, items: Sequence[CallbackReceived]) -> None:
    """Let each come as far as it can before the first has committed."""
    workers = [twin() for _ in items]

    def work(worker: Product, item: CallbackReceived) -> None:
        patient(worker.app)
        _apply(worker, item)

    with held_changes(product.database, items[0].organization_id):
        pairs = zip(workers, items, strict=True)
        working = [Background(lambda pair=pair: work(*pair)) for pair in pairs]
        until_waiting(product.database, len(items))
    for one in working:
        one.result()


def _counts(product: Product) -> dict[str, int]:
    (counts,) = product.database.rows(
        """SELECT (SELECT count(*) FROM customers) AS customers, (SELECT count(*) FROM threads) AS threads,
                  (SELECT count(*) FROM messages) AS messages"""
    )
    return counts


def test_one_customer_writing_twice_at_once_is_one_customer_with_one_thread(
    product: Product, organization: Organization, twin: Twin
) -> None:
    items = [
        received(organization, an_incoming(f"message {number}", sid=f"in-{number}")) for number in range(6)
    ]

    _apply_at_once(product, twin, items)

    assert _counts(product) == {"customers": 1, "threads": 1, "messages": 6}


def test_a_customer_who_comes_back_twice_at_once_gets_one_new_thread(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    product.database.rows("UPDATE threads SET last_message_at = now() - interval '31 days'")
    items = [
        received(organization, an_incoming(f"message {number}", sid=f"in-{number}")) for number in range(4)
    ]

    _apply_at_once(product, twin, items)

    assert _counts(product) == {"customers": 1, "threads": 2, "messages": 4}


def test_a_customer_whom_a_member_is_just_adding_is_one_customer(
    product: Product, organization: Organization, twin: Twin
) -> None:
    worker = twin()
    patient(worker.app)

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        customers.find_or_add(
            transaction,
            new_id=uuid4(),
            organization_id=organization.id,
            kind="phone",
            address=CUSTOMER,
            name="Asha",
            linked_by="agent",
        )
        writing = Background(lambda: _apply(worker, received(organization, an_incoming("Hi", sid="in-1"))))
        until_waiting(product.database)
    writing.result()

    assert _counts(product) == {"customers": 1, "threads": 1, "messages": 1}


def test_a_message_whose_identity_is_known_is_not_added_again(
    product: Product, organization: Organization, thread: UUID
) -> None:
    (owner,) = product.database.rows("SELECT customer_id FROM threads")
    row = NewMessageRow(
        id=uuid4(),
        organization_id=organization.id,
        thread_id=thread,
        customer_id=owner["customer_id"],
        channel="WHATSAPP",
        direction="inbound",
        status=MessageStatus.RECEIVED,
        sender=CUSTOMER,
        recipient=BUSINESS,
        occurred_at=datetime.now(UTC),
        join_rule="new",
        identity="one of its kind",
    )

    with product.app.infrastructure.database.organization(organization.id) as transaction:
        added = [messages.add(transaction, replace(row, id=uuid4())) is not None for _ in range(2)]

    assert added == [True, False]


def test_a_message_that_comes_at_once_in_two_bodies_is_one_message(
    product: Product, organization: Organization, thread: UUID, twin: Twin
) -> None:
    message = an_incoming("Hello", sid="in-1")
    items = [
        received(organization, message),
        received(organization, message, an_incoming("And another", sid="in-2")),
    ]

    _apply_at_once(product, twin, items)

    assert sorted(product.inbound_texts()) == ["And another", "Hello"]
    assert len(product.database.rows("SELECT 1 AS one FROM changes")) == 2


def test_a_closed_thread_is_not_gone_on_with(
    product: Product, organization: Organization, thread: UUID
) -> None:
    product.database.rows("UPDATE threads SET status = 'closed'")

    _apply(product, received(organization, an_incoming("A new matter", sid="in-1")))

    (message,) = product.database.rows("SELECT thread_id, join_rule FROM messages")
    assert message["thread_id"] != thread
    assert message["join_rule"] == "new"


def test_the_thread_that_was_active_last_is_gone_on_with(
    product: Product, organization: Organization, thread: UUID
) -> None:
    product.database.rows("UPDATE threads SET last_message_at = now() - interval '2 days'")
    for days in (1, 3):
        product.database.rows(
            """INSERT INTO threads (id, organization_id, customer_id, tags, last_message_at)
               SELECT gen_random_uuid(), organization_id, customer_id, ARRAY[%s], now() - make_interval(days => %s)
               FROM threads WHERE id = %s""",
            (f"{days} days ago", days, thread),
        )

    _apply(product, received(organization, an_incoming("And?", sid="in-1")))

    (joined,) = product.database.rows("SELECT t.tags FROM threads t JOIN messages m ON m.thread_id = t.id")
    assert joined == {"tags": ["1 days ago"]}


def test_another_customers_thread_is_not_gone_on_with(
    product: Product, organization: Organization, thread: UUID
) -> None:
    _apply(product, received(organization, an_incoming("Mine", sid="in-1", sender="+919812345678")))

    (message,) = product.database.rows("SELECT thread_id FROM messages")
    assert message["thread_id"] != thread


def test_a_number_is_the_same_however_it_is_written(
    product: Product, organization: Organization, thread: UUID
) -> None:
    """Exotel writes Indian numbers with a 0, with 91, or in full."""
    _apply(
        product,
        received(
            organization,
            an_incoming("From", sid="in-1", sender=f"0{CUSTOMER[3:]}", to=f"0{BUSINESS[3:]}"),
        ),
    )

    (message,) = product.database.rows("SELECT thread_id, sender, recipient FROM messages")
    assert message == {"thread_id": thread, "sender": CUSTOMER, "recipient": BUSINESS}


def test_a_message_without_a_time_was_written_when_it_was_received(
    product: Product, organization: Organization
) -> None:
    at = datetime(2026, 1, 15, 9, 30, tzinfo=UTC)
    untimed = an_incoming("Hello", sid="in-1")
    del untimed["timestamp"]

    _apply(product, received(organization, untimed, received_at=at))

    (message,) = product.database.rows("SELECT occurred_at FROM messages")
    assert message["occurred_at"] == at


def test_a_customer_without_a_name_is_named_by_the_number_and_a_thread_by_its_first_words(
    product: Product, organization: Organization
) -> None:
    nameless = an_incoming("x" * 200, sid="in-1")
    del nameless["profile_name"]

    _apply(product, received(organization, nameless))

    assert product.database.rows("SELECT name FROM customers") == [{"name": CUSTOMER}]
    assert product.database.rows("SELECT subject FROM threads") == [{"subject": "x" * 80}]


def test_messages_of_one_second_are_shown_as_they_were_received(
    product: Product, organization: Organization, agent: Actor
) -> None:
    """WhatsApp's times have whole seconds, and workers overtake each other."""
    moment = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1)
    items = [
        received(
            organization,
            an_incoming(f"{number:02}", sid=f"in-{number}", timestamp=moment.isoformat()),
            received_at=moment + timedelta(milliseconds=25 * number),
        )
        for number in range(1, 13)
    ]
    dice(12).shuffle(items)
    for item in items:
        _apply(product, item)

    (listed,) = product.app.threads.read.list_page(actor=agent, query=ThreadQuery()).rows
    shown = product.app.threads.read.get(actor=agent, thread_id=listed.id)
    assert [message.body_text for message in shown.messages] == [f"{number:02}" for number in range(1, 13)]
    assert (shown.subject, listed.last_message_text) == ("01", "12")
