"""A person may send a message again where nobody can get it twice, and nowhere else."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import (
    BanxwayError,
    Conflict,
    NotConfigured,
    NotFound,
    NotPermitted,
    RateLimited,
    TemplateRequired,
)
from banxway.models.actors import Actor
from banxway.models.messages.messages import IdempotencyKey, RetryOfMessage, SentMessage
from banxway.storage.messages import ledger
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import CUSTOMER_MAIL, add_mail, deliver
from tests.support.product.builders import Product, a_report, received
from tests.support.product.fake_mailbox import FakeMailbox
from tests.support.product.scripts import refused
from tests.support.timing.racing import Background, held, patient, until_waiting

Twin = Callable[..., Product]


@pytest.fixture
def thread(product: Product, organization: Organization) -> UUID:
    return product.add_thread(organization, email=CUSTOMER_MAIL)


@pytest.fixture
def mail(product: Product, organization: Organization, thread: UUID, account: UUID) -> UUID:
    return add_mail(product, organization, thread, account)


def _retry(
    product: Product,
    actor: Actor,
    message: UUID,
    *,
    confirmed: bool = False,
    once: IdempotencyKey | None = None,
) -> SentMessage:
    wish = RetryOfMessage(confirm_not_delivered=confirmed)
    return product.app.messages.send.retry(actor=actor, message_id=message, wish=wish, once=once)


def _fail(product: Product, organization: Organization, message: UUID, error: type[Any]) -> None:
    product.providers.mail_sender.sending.then(refused(error, "550 5.1.1 User unknown"))
    deliver(product, organization, message)


def test_a_mail_that_nobody_took_is_sent_again_as_the_same_mail(
    product: Product, organization: Organization, agent: Actor, mail: UUID
) -> None:
    _fail(product, organization, mail, errors.ProviderRejected)
    product.queues["mail"].clear()

    answer = _retry(product, agent, mail)

    assert (answer.message_id, answer.status) == (mail, "queued")
    assert [item.message_id for item in product.queues["mail"].items] == [mail]
    row = product.row(mail)
    assert (row["attempts"], row["failure_reason"], row["took_nothing"]) == (0, None, False)
    deliver(product, organization, mail)
    first, second = product.providers.mail_sender.sent
    assert first.message_id == second.message_id
    assert product.row(mail)["status"] == "sent"
    entry = product.audit(organization)[-1]
    assert (entry["action"], entry["user_id"]) == ("message.retry", agent.user_id)
    assert entry["details"]["was"] == "failed"


def test_an_unknown_mail_is_sent_again_only_on_a_persons_word(
    product: Product, organization: Organization, agent: Actor, mail: UUID
) -> None:
    _fail(product, organization, mail, errors.OutcomeUnknown)

    with pytest.raises(Conflict, match="confirm_not_delivered") as refusal:
        _retry(product, agent, mail)
    assert refusal.value.details["field"] == "confirm_not_delivered"
    assert len(product.providers.mail_sender.sent) == 1

    _retry(product, agent, mail, confirmed=True)
    deliver(product, organization, mail)

    assert (product.row(mail)["status"], len(product.providers.mail_sender.sent)) == ("sent", 2)
    confirmed = next(entry for entry in product.audit(organization) if entry["action"] == "message.retry")
    assert confirmed["details"]["confirmed"] is True


def test_a_mail_that_turns_up_in_sent_before_its_second_attempt_is_not_sent_again(
    product: Product,
    organization: Organization,
    agent: Actor,
    mail: UUID,
    account: UUID,
    mailbox: FakeMailbox,
) -> None:
    from banxway.models.messages.statuses import MessageStatus

    _fail(product, organization, mail, errors.OutcomeUnknown)
    _retry(product, agent, mail, confirmed=True)
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        ledger.settle(transaction, message_id=mail, outcome=MessageStatus.SENT)

    deliver(product, organization, mail)

    assert (product.row(mail)["status"], len(product.providers.mail_sender.sent)) == ("sent", 1)


@pytest.mark.parametrize(
    "status", ["queued", "sending", "accepted", "sent", "delivered", "read", "cancelled"]
)
@pytest.mark.parametrize("confirmed", [False, True])
def test_what_left_or_is_leaving_is_not_sent_again(
    product: Product, agent: Actor, mail: UUID, status: str, confirmed: bool
) -> None:
    # Whatever an earlier attempt proved: it is the status that counts.
    product.database.rows("UPDATE messages SET status = %s, took_nothing = true", (status,))

    with pytest.raises(Conflict) as refusal:
        _retry(product, agent, mail, confirmed=confirmed)

    assert refusal.value.details["status"] == status
    assert product.row(mail)["status"] == status


def test_a_mail_that_was_taken_and_came_back_is_not_sent_again(
    product: Product, organization: Organization, agent: Actor, mail: UUID
) -> None:
    """A bounce says that one recipient did not get it; others may have."""
    from banxway.models.messages.statuses import MessageStatus

    deliver(product, organization, mail)
    with product.app.infrastructure.database.organization(organization.id) as transaction:
        ledger.settle(transaction, message_id=mail, outcome=MessageStatus.FAILED, reason="bounced")

    with pytest.raises(Conflict, match="may have been delivered"):
        _retry(product, agent, mail, confirmed=True)


def test_a_whatsapp_message_that_a_report_failed_is_not_sent_again_and_one_that_was_refused_is(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    product.add_whatsapp(organization)
    product.add_inbound(organization, thread)
    reported, rejected = (product.add_message(organization, thread) for _ in range(2))
    deliver(product, organization, reported)
    product.apply(received(organization, a_report("sid-1", 30012), about=reported))
    product.providers.whatsapp.sending.then(refused(errors.ProviderRejected))
    deliver(product, organization, rejected)

    with pytest.raises(Conflict):
        _retry(product, agent, reported)
    assert _retry(product, agent, rejected).status == "queued"


def test_a_whatsapp_text_is_not_sent_again_once_its_window_is_closed(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    product.add_whatsapp(organization)
    message = product.add_message(organization, thread)
    product.providers.whatsapp.sending.then(refused(errors.ProviderRejected))
    deliver(product, organization, message)

    with pytest.raises(TemplateRequired):
        _retry(product, agent, message)
    assert product.row(message)["status"] == "failed"


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("smtp_enabled = false", NotConfigured),
        ("sending_stopped_at = now(), sending_stopped_reason = 'blocked'", Conflict),
        ("hourly_limit = 1", RateLimited),
    ],
    ids=["may not send", "stopped", "beyond its limit"],
)
def test_a_mailbox_that_cannot_send_now_is_said_before_anything_changes(
    product: Product,
    organization: Organization,
    agent: Actor,
    thread: UUID,
    account: UUID,
    mail: UUID,
    change: str,
    error: type[BanxwayError],
) -> None:
    _fail(product, organization, mail, errors.ProviderRejected)
    deliver(product, organization, add_mail(product, organization, thread, account))
    product.database.rows(f"UPDATE email_accounts SET {change}")

    with pytest.raises(error):
        _retry(product, agent, mail)

    assert product.row(mail)["status"] == "failed"


def test_an_automatic_mail_is_not_sent_again(
    product: Product, organization: Organization, agent: Actor, thread: UUID, account: UUID
) -> None:
    message = add_mail(product, organization, thread, account, automatic="vacation")
    _fail(product, organization, message, errors.ProviderRejected)

    with pytest.raises(Conflict, match="automatic"):
        _retry(product, agent, message)


def test_another_organizations_message_is_not_there(product: Product, agent: Actor) -> None:
    stranger = product.database.add_organization("Other")
    theirs = product.add_message(stranger, product.add_thread(stranger), status="failed")

    for message in (theirs, uuid4()):
        with pytest.raises(NotFound):
            _retry(product, agent, message)


def test_what_a_customer_wrote_is_not_sent_again(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    with pytest.raises(Conflict, match="customer's own"):
        _retry(product, agent, product.add_inbound(organization, thread), confirmed=True)


def test_an_agent_who_wants_it_again_twice_at_once_queues_it_once(
    product: Product, organization: Organization, agent: Actor, mail: UUID, twin: Twin
) -> None:
    _fail(product, organization, mail, errors.ProviderRejected)

    assert _asked_at_once(product, agent, mail, [twin() for _ in range(4)]) == ["conflict"] * 3 + ["queued"]
    assert len(product.queues["mail"].items) == 1


def test_two_admins_who_have_both_seen_it_fail_queue_it_once(
    product: Product, organization: Organization, admin: Actor, mail: UUID, twin: Twin
) -> None:
    """Nothing makes admins wait for each other before they have read the mail."""
    _fail(product, organization, mail, errors.ProviderRejected)

    assert _asked_at_once(product, admin, mail, [twin() for _ in range(3)]) == ["conflict"] * 2 + ["queued"]
    assert len(product.queues["mail"].items) == 1


def _asked_at_once(product: Product, actor: Actor, mail: UUID, processes: Sequence[Product]) -> list[str]:
    """Let every process ask for the mail again while its row is held; return what each was reported, sorted."""
    product.queues["mail"].clear()

    def ask(process: Product) -> str:
        patient(process.app)
        try:
            return _retry(process, actor, mail).status
        except BanxwayError as error:
            return error.code

    with held(product.database, "SELECT FROM messages WHERE id = %s FOR UPDATE", (mail,)):
        asking = [Background(lambda each=each: ask(each)) for each in processes]
        until_waiting(product.database, len(processes))
    return sorted(one.result() for one in asking)


# Who may.


@pytest.mark.parametrize(
    ("channel", "integration_type"), [("WHATSAPP", "exotel_whatsapp"), ("EMAIL", "zoho_mail")]
)
def test_who_may_no_longer_use_the_channel_sends_nothing_of_it_again(
    product: Product,
    organization: Organization,
    agent: Actor,
    thread: UUID,
    mail: UUID,
    channel: str,
    integration_type: str,
) -> None:
    product.add_whatsapp(organization)
    product.add_inbound(organization, thread)
    message = mail if channel == "EMAIL" else product.add_message(organization, thread)
    product.database.rows(
        "UPDATE messages SET status = 'failed', took_nothing = true WHERE id = %s", (message,)
    )
    product.database.rows(
        "UPDATE user_integration_permissions SET can_use = false WHERE user_id = %s AND integration_type = %s",
        (agent.user_id, integration_type),
    )

    with pytest.raises(NotPermitted) as refusal:
        _retry(product, agent, message)

    assert refusal.value.details["permission"] == integration_type
    assert product.row(message)["status"] == "failed"
    assert product.queues["message"].items == []


def test_who_has_reached_their_daily_limit_sends_nothing_again_today(
    product: Product, organization: Organization, agent: Actor, thread: UUID, mail: UUID, account: UUID
) -> None:
    _fail(product, organization, mail, errors.ProviderRejected)
    product.database.rows(
        "UPDATE user_integration_permissions SET daily_limit = 1 WHERE user_id = %s", (agent.user_id,)
    )
    assert _retry(product, agent, mail).status == "queued"
    product.database.rows("UPDATE messages SET status = 'failed', took_nothing = true")
    add_mail(product, organization, thread, account, created_by=agent.user_id)

    with pytest.raises(RateLimited, match="limit on"):
        _retry(product, agent, mail)

    assert product.row(mail)["status"] == "failed"


@pytest.mark.parametrize(("room", "is_sent"), [(6, True), (5, False)], ids=["just enough", "one too few"])
def test_every_recipient_of_a_mail_counts_when_it_is_sent_again(
    product: Product,
    organization: Organization,
    agent: Actor,
    thread: UUID,
    account: UUID,
    room: int,
    is_sent: bool,
) -> None:
    copies = {
        "mail_cc": ["b@x.example", "c@x.example"],
        "mail_bcc": [f"d{number}@x.example" for number in range(3)],
    }
    message = add_mail(product, organization, thread, account, **copies)
    _fail(product, organization, message, errors.ProviderRejected)
    deliver(product, organization, add_mail(product, organization, thread, account))
    product.database.rows("UPDATE email_accounts SET hourly_limit = %s", (1 + room,))

    if is_sent:
        assert _retry(product, agent, message).status == "queued"
        return
    with pytest.raises(RateLimited):
        _retry(product, agent, message)
    assert product.row(message)["status"] == "failed"


# What others learn of it.


@pytest.mark.parametrize(
    ("channel", "integration_type"), [("WHATSAPP", "exotel_whatsapp"), ("EMAIL", "zoho_mail")]
)
def test_that_somebody_sends_it_again_is_written_down_and_news(
    product: Product,
    organization: Organization,
    agent: Actor,
    thread: UUID,
    mail: UUID,
    channel: str,
    integration_type: str,
) -> None:
    product.add_whatsapp(organization)
    product.add_inbound(organization, thread)
    message = mail if channel == "EMAIL" else product.add_message(organization, thread)
    product.database.rows(
        "UPDATE messages SET status = 'failed', took_nothing = true WHERE id = %s", (message,)
    )

    _retry(product, agent, message)

    (entry,) = product.audit(organization)
    assert (entry["action"], entry["status"], entry["user_id"]) == ("message.retry", "success", agent.user_id)
    assert entry["integration_type"] == integration_type
    assert entry["details"] == {"message_id": str(message), "was": "failed", "confirmed": False}
    (news,) = product.database.rows(
        "SELECT kind, thread_id, message_id FROM changes WHERE message_id IS NOT NULL"
    )
    assert news == {"kind": "message.status", "thread_id": thread, "message_id": message}
    assert [item.organization_id for item in product.queues["change"].items] == [organization.id]


def test_a_template_is_sent_again_whenever(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    """No window is open: nobody has written."""
    product.add_whatsapp(organization)
    message = product.add_message(organization, thread, kind="template", status="failed", took_nothing=True)

    assert _retry(product, agent, message).status == "queued"


def test_a_message_whose_channel_was_removed_is_not_sent_again(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    message = product.add_message(organization, thread, kind="template", status="failed", took_nothing=True)

    with pytest.raises(NotConfigured, match="WhatsApp"):
        _retry(product, agent, message)


def test_the_same_request_again_gives_the_first_answer_and_queues_nothing(
    product: Product, organization: Organization, agent: Actor, mail: UUID
) -> None:
    _fail(product, organization, mail, errors.ProviderRejected)
    once = IdempotencyKey(key="k1", route="POST /retry")

    first = _retry(product, agent, mail, once=once)
    deliver(product, organization, mail)
    again = _retry(product, agent, mail, once=once)

    assert again == first
    assert len(product.providers.mail_sender.sent) == 2
    with pytest.raises(Conflict, match="Idempotency-Key"):
        _retry(product, agent, mail, confirmed=True, once=once)
