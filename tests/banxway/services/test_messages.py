"""Sending: what may be sent, to whom, once; and what the agent is told after a moment."""

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import (
    Conflict,
    NotConfigured,
    NotFound,
    OutcomeUnknown,
    ProviderRejected,
    TemplateRequired,
    ThreadMovedOn,
    Unavailable,
    ValidationFailed,
)
from banxway.models.actors import Actor
from banxway.models.messages import NewEmailMessage, NewTemplateMessage, NewWhatsAppMessage, Once, SentMessage
from banxway.storage.database import CommitUncertain
from tests.support.builders import BUSINESS, CUSTOMER, Product
from tests.support.fakes import refused
from tests.support.postgres import Organization
from tests.support.postgres_wire import over_tcp, socket_of
from tests.support.relay import Relay

Twin = Callable[..., Product]


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    """A thread with a customer who has just written on WhatsApp."""
    product.add_whatsapp(organization)
    thread = product.add_thread(organization, email="asha@customer.example")
    product.add_inbound(organization, thread)
    return thread


def _text(content: str = "It left today", **values: Any) -> NewWhatsAppMessage:
    return NewWhatsAppMessage(channel="WHATSAPP", content=content, **values)


def _template(thread: UUID, **values: Any) -> NewTemplateMessage:
    words = {"template_name": "shipping_update", "variables": {"1": "Asha", "2": "Order 7"}}
    return NewTemplateMessage(thread_id=thread, **(words | values))


def _mail(**values: Any) -> NewEmailMessage:
    words = {"subject": "Re: Parcel", "content_text": "It left today"}
    return NewEmailMessage(channel="EMAIL", **(words | values))


def _send(
    product: Product, actor: Actor, thread: UUID, content: Any, once: Once | None = None
) -> SentMessage:
    return product.app.messages.send(actor=actor, thread_id=thread, content=content, once=once)


def _outbound(product: Product) -> list[dict[str, Any]]:
    return product.database.rows("SELECT * FROM messages WHERE direction = 'outbound' ORDER BY created_at")


def _nothing_happened(product: Product) -> bool:
    return _outbound(product) == [] and product.message_queue.items == [] and product.change_queue.items == []


def test_a_message_is_a_row_before_anything_leaves(product: Product, agent: Actor, thread: UUID) -> None:
    sent = _send(product, agent, thread, _text())

    (row,) = _outbound(product)
    assert (row["id"], row["status"], row["created_by"]) == (sent.message_id, "queued", agent.user_id)
    assert (row["sender"], row["recipient"], row["body_text"]) == (BUSINESS, CUSTOMER, "It left today")
    assert (sent.status, sent.channel, sent.to, sent.message_sid) == ("queued", "WHATSAPP", CUSTOMER, None)
    assert product.message_queue.items[0].message_id == sent.message_id
    assert product.change_queue.items[0].organization_id == agent.organization_id
    assert product.providers.whatsapp.sent == []


# WhatsApp's window.


@pytest.mark.parametrize(("hours", "is_open"), [(0, True), (23.9, True), (24.1, False), (1000, False)])
def test_free_text_is_for_the_24_hours_after_the_customer_wrote(
    product: Product, agent: Actor, thread: UUID, hours: float, is_open: bool
) -> None:
    product.database.rows(
        "UPDATE messages SET occurred_at = now() - make_interval(secs => %s)", (hours * 3600,)
    )

    if is_open:
        _send(product, agent, thread, _text())
    else:
        with pytest.raises(TemplateRequired, match="approved template"):
            _send(product, agent, thread, _text())
        assert _nothing_happened(product)


@pytest.mark.parametrize(
    "column",
    [
        {"channel": "EMAIL"},
        {"direction": "outbound", "status": "read"},
        {"recipient": "+918047100999"},
        {"sender": "+919812345678"},
    ],
    ids=["by mail", "by us", "to another number of ours", "from another number"],
)
def test_only_the_customers_own_words_to_this_number_open_the_window(
    product: Product, agent: Actor, organization: Organization, column: dict[str, str]
) -> None:
    product.add_whatsapp(organization)
    thread = product.add_thread(organization)
    product.add_inbound(organization, thread, **column)

    with pytest.raises(TemplateRequired):
        _send(product, agent, thread, _text())


def test_another_organizations_customer_opens_no_window(
    product: Product, agent: Actor, organization: Organization
) -> None:
    product.add_whatsapp(organization)
    thread = product.add_thread(organization)
    stranger = product.database.add_organization("Other")
    product.add_inbound(stranger, product.add_thread(stranger))

    with pytest.raises(TemplateRequired):
        _send(product, agent, thread, _text())


def test_the_window_is_measured_by_the_databases_clock(product: Product, agent: Actor, thread: UUID) -> None:
    """The worker's own clock, a day behind, does not open it again."""
    from datetime import UTC, datetime, timedelta

    product.app.messages._clock = lambda: datetime.now(UTC) - timedelta(days=1)
    product.database.rows("UPDATE messages SET occurred_at = now() - interval '25 hours'")

    with pytest.raises(TemplateRequired):
        _send(product, agent, thread, _text())


# Templates.


def test_an_approved_template_goes_out_whenever(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.database.rows("DELETE FROM messages")
    product.add_template(organization)

    _send(product, agent, thread, _template(thread, variables={"1": "Asha", "2": "{{1}} & co"}))

    (row,) = _outbound(product)
    assert row["body_text"] == "Dear Asha, {{1}} & co has shipped."
    assert row["content"] == {
        "template_name": "shipping_update",
        "language": "en",
        "variables": ["Asha", "{{1}} & co"],
    }


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"template_name": "unheard_of"}, "template_name"),
        ({"language": "hi"}, "template_name"),
        ({"variables": {"1": "Asha"}}, "variables.2"),
        ({"variables": {"1": "Asha", "2": ""}}, "variables.2"),
        ({"variables": {}}, "variables.1"),
        ({"variables": {"1": "a", "2": "b", "3": "c"}}, "variables.3"),
        ({"variables": {"1": "a", "2": "b", "name": "c"}}, "variables.name"),
    ],
    ids=["unknown", "other language", "one missing", "one empty", "all missing", "one too many", "no number"],
)
def test_a_template_that_does_not_fit_is_refused_by_field(
    product: Product,
    agent: Actor,
    organization: Organization,
    thread: UUID,
    values: dict[str, Any],
    field: str,
) -> None:
    product.add_template(organization)

    with pytest.raises(ValidationFailed) as refusal:
        _send(product, agent, thread, _template(thread, **values))

    assert refusal.value.details["field"] == field
    assert _nothing_happened(product)


@pytest.mark.parametrize("status", ["pending", "rejected", "disabled", "APPROVED"])
def test_a_template_that_is_not_approved_is_refused(
    product: Product, agent: Actor, organization: Organization, thread: UUID, status: str
) -> None:
    product.add_template(organization, status=status)

    with pytest.raises(ValidationFailed, match=f"Template is {status}"):
        _send(product, agent, thread, _template(thread))


# To whom.


def test_an_address_nobody_has_becomes_the_customers(product: Product, agent: Actor, thread: UUID) -> None:
    product.add_template(Organization(agent.organization_id, *[uuid4()] * 3))

    _send(product, agent, thread, _template(thread, to="+919812345678"))

    linked = product.database.rows("SELECT linked_by FROM customer_addresses WHERE address = '+919812345678'")
    assert linked == [{"linked_by": "agent"}]


@pytest.mark.parametrize("channel", ["WHATSAPP", "EMAIL"])
def test_another_customers_address_is_refused(
    product: Product, agent: Actor, organization: Organization, thread: UUID, channel: str
) -> None:
    product.add_thread(organization, phone="+919812345678", email="ravi@customer.example")
    product.add_mailbox(organization)
    content = _text(to="+919812345678") if channel == "WHATSAPP" else _mail(to="ravi@customer.example")

    with pytest.raises(Conflict, match="another customer") as refusal:
        _send(product, agent, thread, content)

    assert refusal.value.details["field"] == "to"
    assert _nothing_happened(product)


@pytest.mark.parametrize("channel", ["WHATSAPP", "EMAIL"])
def test_a_customer_without_an_address_needs_one(
    product: Product, agent: Actor, organization: Organization, channel: str
) -> None:
    product.add_whatsapp(organization)
    product.add_mailbox(organization)
    thread = product.add_thread(organization, phone=None, email=None)

    with pytest.raises(ValidationFailed, match="to is required"):
        _send(product, agent, thread, _text() if channel == "WHATSAPP" else _mail())


def test_an_answer_goes_to_the_number_the_customer_last_wrote_from(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    newer = "+919812345678"
    product.database.rows(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           SELECT organization_id, customer_id, 'phone', %s, 'inbound' FROM threads""",
        (newer,),
    )
    product.add_inbound(organization, thread, sender=newer)

    assert _send(product, agent, thread, _text()).to == newer


# Mail.


def test_a_mail_answers_the_thread_with_its_references_and_the_mailboxs_signature(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.add_mailbox(organization, signature_text="-- \nSupport", signature_html="<p>Support</p>")
    for number, message_id in enumerate(("first@customer.example", "second@customer.example")):
        product.add_inbound(
            organization,
            thread,
            channel="EMAIL",
            mail_message_id=message_id,
            occurred_at=f"2026-01-0{number + 1}T00:00:00Z",
        )

    sent = _send(product, agent, thread, _mail(content_html="<b>It left</b>"))

    (row,) = _outbound(product)
    assert row["mail_in_reply_to"] == "second@customer.example"
    assert row["mail_references"] == ["first@customer.example", "second@customer.example"]
    assert row["body_text"] == "It left today\n\n-- \nSupport"
    assert row["body_html"] == "<b>It left</b><br><br><p>Support</p>"
    assert sent.smtp_message_id == f"<{row['id']}@yourdomain.com>"
    assert (sent.to, sent.subject, sent.status) == ("asha@customer.example", "Re: Parcel", "queued")


def test_a_mail_of_html_alone_has_a_readable_text(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.add_mailbox(organization)

    _send(product, agent, thread, _mail(content_text=None, content_html="<p>It <b>left</b></p><p>today</p>"))

    assert _outbound(product)[0]["body_text"].split() == ["It", "left", "today"]


def test_a_named_mailbox_sends_else_the_default(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.add_mailbox(organization, "old@yourdomain.com")
    product.add_mailbox(organization, "default@yourdomain.com", is_default=True)
    named = product.add_mailbox(organization, "named@yourdomain.com")

    _send(product, agent, thread, _mail())
    _send(product, agent, thread, _mail(email_account_id=named))

    assert [row["sender"] for row in _outbound(product)] == ["default@yourdomain.com", "named@yourdomain.com"]


# What is not there.


@pytest.mark.parametrize("state", ["absent", "switched off"])
def test_a_channel_that_is_not_set_up_says_so(
    product: Product, agent: Actor, organization: Organization, thread: UUID, state: str
) -> None:
    product.database.rows(
        "DELETE FROM integration_credentials"
        if state == "absent"
        else "UPDATE integration_credentials SET is_active = false"
    )

    with pytest.raises(NotConfigured, match="WhatsApp is"):
        _send(product, agent, thread, _text())
    with pytest.raises(NotConfigured, match="Email is not configured"):
        _send(product, agent, thread, _mail())
    assert _nothing_happened(product)


def test_a_mailbox_that_may_not_send_is_not_configured(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    account = product.add_mailbox(organization, smtp_enabled=False)

    with pytest.raises(NotConfigured):
        _send(product, agent, thread, _mail(email_account_id=account))


@pytest.mark.parametrize("what", ["thread", "email_account_id", "last_seen_message_id"])
def test_another_organizations_id_is_an_unknown_id(
    product: Product, agent: Actor, organization: Organization, thread: UUID, what: str
) -> None:
    stranger = product.database.add_organization("Other")
    their_thread = product.add_thread(stranger)
    product.add_mailbox(organization)
    theirs = {
        "thread": their_thread,
        "email_account_id": product.add_mailbox(stranger),
        "last_seen_message_id": product.add_inbound(stranger, their_thread),
    }[what]

    def refusal(foreign: UUID) -> errors.BanxwayError:
        content = _mail() if what == "thread" else _mail(**{what: foreign})
        with pytest.raises((NotFound, ValidationFailed)) as refused:
            _send(product, agent, foreign if what == "thread" else thread, content)
        return refused.value

    of_theirs, of_nobody = refusal(theirs), refusal(uuid4())
    assert (of_theirs.code, of_theirs.message, of_theirs.details) == (
        of_nobody.code,
        of_nobody.message,
        of_nobody.details,
    )
    assert _nothing_happened(product)


# Somebody wrote meanwhile.


def test_a_thread_that_has_moved_on_says_what_is_new(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    (seen,) = product.database.rows("SELECT id FROM messages")
    product.database.rows("UPDATE messages SET created_at = now() - interval '1 minute'")
    newer = product.add_inbound(organization, thread, body_text="Hello?")

    with pytest.raises(ThreadMovedOn) as refusal:
        _send(product, agent, thread, _text(last_seen_message_id=seen["id"]))
    assert refusal.value.details["new_messages"] == [newer]
    assert _nothing_happened(product)

    _send(product, agent, thread, _text(last_seen_message_id=newer))
    assert len(_outbound(product)) == 1


def test_our_own_messages_do_not_move_a_thread_on(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    (seen,) = product.database.rows("SELECT id FROM messages")
    product.database.rows("UPDATE messages SET created_at = now() - interval '1 minute'")
    product.add_message(organization, thread)

    _send(product, agent, thread, _text(last_seen_message_id=seen["id"]))

    assert len(_outbound(product)) == 2


# What the agent is told.


def test_the_answer_names_the_providers_id_as_soon_as_the_worker_has_it(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    patient, worker = twin(send_wait_seconds=10.0), twin()
    delivering: list[threading.Thread] = []

    def enqueue(due: Any, delay_s: int = 0) -> None:
        one = threading.Thread(
            target=worker.app.delivery.deliver,
            kwargs={"organization_id": due.organization_id, "message_id": due.message_id},
        )
        delivering.append(one)
        one.start()

    patient.app.__dict__["enqueue_message"] = enqueue
    sent = _send(patient, agent, thread, _text())
    delivering[0].join()

    assert (sent.message_sid, sent.status) == ("sid-1", "queued")


@pytest.mark.parametrize(
    ("outcome", "error"),
    [
        (refused(errors.ProviderRejected, "No such number", provider_code="30012"), ProviderRejected),
        (refused(errors.OutcomeUnknown), OutcomeUnknown),
    ],
    ids=["refused", "unknown"],
)
def test_an_outcome_that_came_within_the_wait_is_the_answer(
    product: Product, agent: Actor, thread: UUID, twin: Twin, outcome: Exception, error: type[Exception]
) -> None:
    patient, worker = twin(send_wait_seconds=10.0), twin()
    worker.providers.whatsapp.sending.then(outcome)
    patient.app.__dict__["enqueue_message"] = lambda due, delay_s=0: worker.app.delivery.deliver(
        organization_id=due.organization_id, message_id=due.message_id
    )

    with pytest.raises(error) as raised:
        _send(patient, agent, thread, _text())

    assert raised.value.details["message_id"] == _outbound(product)[0]["id"]  # type: ignore[attr-defined]  # ours


def test_a_dead_queue_is_tolerated_and_the_sweeper_finds_the_row(
    product: Product, agent: Actor, thread: UUID
) -> None:
    product.message_queue.is_down = product.change_queue.is_down = True
    sent = _send(product, agent, thread, _text())
    assert sent.status == "queued"

    product.message_queue.is_down = product.change_queue.is_down = False
    product.database.rows("UPDATE messages SET next_attempt_at = now() - interval '30 seconds'")
    product.app.maintenance.sweep()

    assert [item.message_id for item in product.message_queue.items] == [sent.message_id]


# The same request again.


def test_a_key_gives_the_first_answer_again_and_contacts_nobody(
    product: Product, agent: Actor, thread: UUID
) -> None:
    once = Once(key="k1", route="POST /threads")

    first = _send(product, agent, thread, _text(), once)
    product.database.rows("UPDATE messages SET status = 'read' WHERE direction = 'outbound'")
    again = _send(product, agent, thread, _text(), once)

    assert again == first
    assert len(_outbound(product)) == 1
    assert len(product.message_queue.items) == 1


@pytest.mark.parametrize("other", ["body", "thread"])
def test_a_key_that_named_another_request_is_refused(
    product: Product, agent: Actor, organization: Organization, thread: UUID, other: str
) -> None:
    once = Once(key="k1", route="POST /threads")
    _send(product, agent, thread, _text(), once)
    elsewhere = product.add_thread(organization, phone="+919812345678") if other == "thread" else thread

    with pytest.raises(Conflict, match="Idempotency-Key"):
        _send(product, agent, elsewhere, _text("Other words") if other == "body" else _text(), once)

    assert len(_outbound(product)) == 1


def test_a_key_belongs_to_one_user_and_one_route(
    product: Product, agent: Actor, admin: Actor, thread: UUID
) -> None:
    _send(product, agent, thread, _text(), Once(key="k1", route="POST /a"))
    _send(product, agent, thread, _text(), Once(key="k1", route="POST /b"))
    _send(product, admin, thread, _text(), Once(key="k1", route="POST /a"))

    assert len(_outbound(product)) == 3


def test_a_key_used_ten_times_at_once_sends_one_message(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    processes = [twin() for _ in range(10)]
    at_once = threading.Barrier(len(processes))
    answers: list[Any] = []

    def send(process: Product) -> None:
        at_once.wait()
        try:
            answers.append(_send(process, agent, thread, _text(), Once(key="k1", route="POST /a")).message_id)
        except BaseException as error:  # noqa: BLE001  # reported by the test's own thread
            answers.append(error)

    threads = [threading.Thread(target=send, args=(process,)) for process in processes]
    for one in threads:
        one.start()
    for one in threads:
        one.join()

    (row,) = _outbound(product)
    assert answers == [row["id"]] * 10


def test_a_refused_request_leaves_its_key_free(product: Product, agent: Actor, thread: UUID) -> None:
    once = Once(key="k1", route="POST /a")
    with pytest.raises(Conflict):
        product.add_thread(Organization(agent.organization_id, *[uuid4()] * 3), phone="+919812345678")
        _send(product, agent, thread, _text(to="+919812345678"), once)

    _send(product, agent, thread, _text(), once)

    assert len(_outbound(product)) == 1


# A database that breaks (fault 32).


def test_a_commit_whose_answer_is_lost_is_looked_up_and_not_sent_twice(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))
        relay.lose_answer_to(b"COMMIT")

        sent = _send(broken, agent, thread, _text(), Once(key="k1", route="POST /a"))
        again = _send(broken, agent, thread, _text(), Once(key="k1", route="POST /a"))
        broken.app.database.close()

    assert relay.lost_answers == 1
    assert [row["id"] for row in _outbound(product)] == [sent.message_id] == [again.message_id]
    assert [item.message_id for item in product.message_queue.items] == [sent.message_id]


def test_a_commit_that_never_arrived_is_an_error_and_leaves_nothing(
    product: Product, agent: Actor, thread: UUID, twin: Twin
) -> None:
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))

        def cut_at_commit(chunk: bytes) -> None:
            if b"COMMIT" in chunk:
                relay.to_server.watch = None
                raise ConnectionAbortedError

        relay.to_server.watch = cut_at_commit
        with pytest.raises(CommitUncertain):
            _send(broken, agent, thread, _text())
        broken.app.database.close()

    assert _nothing_happened(product)


@pytest.mark.parametrize("request_number", [2, 4, 6, 8, 10, 12])
def test_a_send_cut_in_the_middle_has_sent_nothing(
    product: Product, agent: Actor, thread: UUID, twin: Twin, request_number: int
) -> None:
    with Relay(socket_of(product.database.app_url)) as relay:
        broken = twin(database_url=over_tcp(product.database.app_url, relay.port))
        relay.cut_at_request(request_number)
        once = Once(key="k1", route="POST /a")
        try:
            _send(broken, agent, thread, _text(), once)
        except Unavailable:
            assert _nothing_happened(product)
            _send(broken, agent, thread, _text(), once)
        broken.app.database.close()

    assert len(_outbound(product)) == 1
    assert len(product.message_queue.items) == 1
