"""The ledger: whatever happens to a worker, its queue or its provider, a message leaves at most once."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from banxway import errors
from banxway.errors import Unavailable
from tests.support.databases.postgres import Organization
from tests.support.product.builders import BUSINESS, CUSTOMER, Product
from tests.support.product.fakes import refused
from tests.support.timing.racing import Background, held, patient, until_waiting

Twin = Callable[..., Product]


def test_a_message_is_handed_over_as_it_was_written(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.deliver(organization, queued)

    (sent,) = product.providers.whatsapp.sent
    row = product.row(queued)
    assert (sent.sender, sent.recipient, sent.content.body) == (BUSINESS, CUSTOMER, "On its way")
    assert sent.reference == str(queued)
    assert sent.status_callback.startswith(
        "https://api.test/api/v1/webhooks/exotel/whatsapp-status?reference="
    )
    assert (row["status"], row["provider_sid"], row["attempts"], row["lease_until"]) == (
        "accepted",
        "sid-1",
        1,
        None,
    )
    assert product.queues["change"].items[0].organization_id == organization.id


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (None, "accepted"),
        (refused(errors.ProviderRejected), "failed"),
        (refused(errors.OutcomeUnknown), "unknown"),
    ],
    ids=["accepted", "failed", "unknown"],
)
def test_every_outcome_is_pushed_to_listeners(
    product: Product,
    organization: Organization,
    queued: UUID,
    error: errors.ProviderError | None,
    status: str,
) -> None:
    product.providers.whatsapp.sending.then(error)

    product.deliver(organization, queued)

    row = product.row(queued)
    news = product.database.rows(
        "SELECT kind, thread_id, message_id FROM changes WHERE message_id IS NOT NULL"
    )
    assert row["status"] == status
    assert news == [{"kind": "message.status", "thread_id": row["thread_id"], "message_id": queued}]
    assert [item.organization_id for item in product.queues["change"].items] == [organization.id]


def test_a_template_is_handed_over_with_its_variables(product: Product, organization: Organization) -> None:
    product.add_whatsapp(organization)
    content = '{"template_name": "shipping_update", "language": "en", "variables": ["Asha", "order 7"]}'
    message = product.add_message(
        organization, product.add_thread(organization), kind="template", content=content
    )

    product.deliver(organization, message)

    template = product.providers.whatsapp.sent[0].content
    assert (template.name, template.language, template.body_variables) == (
        "shipping_update",
        "en",
        ("Asha", "order 7"),
    )


def test_a_mail_is_submitted_with_our_own_message_id_and_is_sent(
    product: Product, organization: Organization
) -> None:
    account = product.add_mailbox(organization)
    message = product.add_message(
        organization,
        product.add_thread(organization, email="asha@customer.example"),
        channel="EMAIL",
        sender="support@yourdomain.com",
        recipient="asha@customer.example",
        subject="Re: Parcel",
        content='{"sender_name": "Support"}',
        email_account_id=account,
        mail_message_id="ours@yourdomain.com",
        mail_in_reply_to="first@customer.example",
        mail_references=["zeroth@customer.example", "first@customer.example"],
    )

    product.deliver(organization, message)

    (mail,) = product.providers.mail_sender.sent
    assert (mail.message_id, mail.in_reply_to) == ("<ours@yourdomain.com>", "<first@customer.example>")
    assert mail.references == ("<zeroth@customer.example>", "<first@customer.example>")
    assert product.providers.mail_servers[0].password == "smtp-secret"
    assert product.row(message)["status"] == "sent"


# At most once.


def test_ten_workers_with_the_same_message_send_it_once(
    product: Product, organization: Organization, queued: UUID, twin: Twin
) -> None:
    """All have seen it queued before the first has taken it."""
    workers = [twin() for _ in range(10)]

    def work(worker: Product) -> None:
        patient(worker.app)
        worker.deliver(organization, queued)

    with held(product.database, "SELECT FROM messages WHERE id = %s FOR UPDATE", (queued,)):
        working = [Background(lambda each=each: work(each)) for each in workers]
        until_waiting(product.database, len(workers))
    for one in working:
        one.result()

    assert len(product.providers.whatsapp.sent) == 1
    assert (product.row(queued)["status"], product.row(queued)["attempts"]) == ("accepted", 1)


def test_the_same_queue_item_ten_times_sends_once(
    product: Product, organization: Organization, queued: UUID
) -> None:
    for _ in range(10):
        product.deliver(organization, queued)

    assert len(product.providers.whatsapp.sent) == 1


@pytest.mark.parametrize(
    "status", ["sending", "accepted", "sent", "delivered", "read", "failed", "unknown", "cancelled"]
)
def test_only_a_queued_message_is_ever_sent(
    product: Product, organization: Organization, queued: UUID, status: str
) -> None:
    product.database.rows("UPDATE messages SET status = %s WHERE id = %s", (status, queued))

    product.deliver(organization, queued)

    assert product.providers.whatsapp.sent == []
    assert product.row(queued)["status"] == status


def test_a_message_that_is_not_due_waits(product: Product, organization: Organization, queued: UUID) -> None:
    product.database.rows(
        "UPDATE messages SET next_attempt_at = now() + interval '1 hour' WHERE id = %s", (queued,)
    )

    product.deliver(organization, queued)

    assert product.providers.whatsapp.sent == []
    assert product.row(queued)["status"] == "queued"


def test_another_organizations_message_is_not_there(
    product: Product, organization: Organization, queued: UUID
) -> None:
    stranger = product.database.add_organization("Other")

    product.deliver(stranger, queued)

    assert product.providers.whatsapp.sent == []


# What each answer proves.


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (refused(errors.ProviderRejected, provider_code="30012"), "failed"),
        (refused(errors.ProviderDenied), "failed"),
        (refused(errors.OutcomeUnknown), "unknown"),
        (refused(errors.OutcomeUnknown, provider_status=500), "unknown"),
        (refused(errors.OutcomeUnknown, provider_status=200, provider_message="<html>"), "unknown"),
        (refused(errors.ProviderThrottled), "queued"),
        (refused(errors.ProviderUnavailable), "queued"),
        (Unavailable("the key service is down"), "queued"),
        (errors.WrongKey("made under another key"), "failed"),
        (errors.ValidationFailed("subject cannot be written", field="subject"), "failed"),
        (errors.HostRefused("not a public mail host", field="host"), "failed"),
    ],
    ids=[
        "rejected",
        "denied",
        "silent",
        "500 after the hand-over",
        "200 with a page",
        "throttled",
        "unreachable",
        "key service down",
        "wrong key",
        "unwritable",
        "a host inside",
    ],
)
def test_each_answer_leads_to_the_status_that_it_proves(
    product: Product, organization: Organization, queued: UUID, error: errors.BanxwayError, status: str
) -> None:
    product.providers.whatsapp.sending.then(error)

    product.deliver(organization, queued)

    row = product.row(queued)
    assert row["status"] == status
    assert row["lease_until"] is None
    assert len(product.queues["message"].items) == (1 if status == "queued" else 0)


def test_what_the_provider_said_and_our_advice_are_kept(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.providers.whatsapp.sending.then(
        refused(
            errors.ProviderRejected,
            "Exotel refused the message",
            provider_code="30012",
            provider_message="Invalid recipient",
            advice="The number is not valid; correct it.",
        )
    )

    product.deliver(organization, queued)

    row = product.row(queued)
    assert (row["provider_code"], row["failure_reason"]) == ("30012", "Invalid recipient")
    assert row["failure_advice"] == "The number is not valid; correct it."
    (entry,) = product.audit(organization)
    assert (entry["action"], entry["status"]) == ("message.send", "failed")
    assert entry["details"]["provider_code"] == "30012"


@pytest.mark.parametrize(
    ("channel", "integration_type"), [("WHATSAPP", "exotel_whatsapp"), ("EMAIL", "zoho_mail")]
)
def test_a_failure_is_in_the_audit_trail_of_its_integration_under_its_writers_name(
    product: Product, organization: Organization, channel: str, integration_type: str
) -> None:
    product.add_whatsapp(organization)
    account = product.add_mailbox(organization)
    thread = product.add_thread(organization, email="asha@customer.example")
    message = product.add_message(
        organization, thread, channel=channel, email_account_id=account, created_by=organization.agent
    )
    product.database.rows("UPDATE messages SET recipient = 'asha@customer.example' WHERE channel = 'EMAIL'")
    for sender in (product.providers.whatsapp, product.providers.mail_sender):
        sender.sending.then(refused(errors.ProviderRejected))

    product.deliver(organization, message)

    (entry,) = product.audit(organization)
    assert (entry["integration_type"], entry["user_id"]) == (integration_type, organization.agent)
    assert (entry["action"], entry["status"]) == ("message.send", "failed")
    assert entry["details"]["message_id"] == str(message)
    assert entry["details"]["outcome"] == "failed"


def test_what_a_silent_provider_last_said_is_kept(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.providers.whatsapp.sending.then(
        refused(errors.OutcomeUnknown, provider_status=200, provider_message="<html>Bad gateway</html>")
    )

    product.deliver(organization, queued)

    assert product.row(queued)["failure_reason"] == "<html>Bad gateway</html>"
    assert product.audit(organization)[0]["details"]["outcome"] == "unknown"


@pytest.mark.parametrize("said", ["half\x00 a word", "\ud83d"], ids=["NUL", "half a character"])
def test_no_word_of_a_provider_keeps_its_answer_from_being_recorded(
    product: Product, organization: Organization, queued: UUID, said: str
) -> None:
    product.providers.whatsapp.sending.then(refused(errors.ProviderRejected, provider_message=said))

    product.deliver(organization, queued)

    assert product.row(queued)["status"] == "failed"


def test_refused_credentials_mark_the_integration(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.providers.whatsapp.sending.then(refused(errors.ProviderDenied))

    product.deliver(organization, queued)

    (row,) = product.database.rows("SELECT is_active, is_verified FROM integration_credentials")
    assert row == {"is_active": True, "is_verified": False}


@pytest.mark.parametrize("how", ["removed", "switched off"])
def test_a_message_of_a_channel_that_is_gone_fails_and_says_so(
    product: Product, organization: Organization, queued: UUID, how: str
) -> None:
    product.database.rows(
        "DELETE FROM integration_credentials"
        if how == "removed"
        else "UPDATE integration_credentials SET is_active = false"
    )

    product.deliver(organization, queued)

    assert product.row(queued)["status"] == "failed"
    assert "WhatsApp is" in product.row(queued)["failure_reason"]


def test_a_mail_whose_mailbox_may_no_longer_send_fails(product: Product, organization: Organization) -> None:
    account = product.add_mailbox(organization, smtp_enabled=False)
    thread = product.add_thread(organization, email="asha@customer.example")
    message = product.add_message(organization, thread, channel="EMAIL", email_account_id=account)

    product.deliver(organization, message)

    assert product.row(message)["status"] == "failed"
    assert product.providers.mail_sender.sent == []


# Trying again: only on proof that nothing was taken.


@pytest.mark.parametrize("chance", [0.0, 0.999], ids=["shortest", "longest"])
def test_each_delay_doubles_within_its_jitter(
    product: Product, organization: Organization, queued: UUID, chance: float
) -> None:
    product.app.messages.deliver._random = lambda: chance
    product.providers.whatsapp.sending.always(refused(errors.ProviderUnavailable))

    delays = []
    for _ in range(4):
        product.make_due(queued)
        product.deliver(organization, queued)
        delays.append(_waits_s(product, queued))

    longest = [4.0, 8.0, 16.0, 32.0]
    share = 0.5 + chance / 2
    assert delays == pytest.approx([share * delay for delay in longest], abs=0.001)
    # Late enough that the row is due when its queue item arrives, and by less than a second more.
    late = [at - delay for at, delay in zip(product.queues["message"].delays, delays, strict=True)]
    assert all(0 < each <= 1 for each in late)


def _waits_s(product: Product, message: UUID) -> float:
    """Return for how long a message was put back, by the clock that counts."""
    (row,) = product.database.rows(
        "SELECT extract(epoch FROM next_attempt_at - updated_at)::float AS s FROM messages WHERE id = %s",
        (message,),
    )
    return float(row["s"])


def test_after_five_attempts_it_has_failed(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.providers.whatsapp.sending.always(refused(errors.ProviderUnavailable, "No connection"))

    for _ in range(8):
        product.make_due(queued)
        product.deliver(organization, queued)

    row = product.row(queued)
    assert len(product.providers.whatsapp.sent) == 5
    assert (row["status"], row["attempts"], row["failure_reason"]) == ("failed", 5, "No connection")
    assert len(product.queues["message"].items) == 4


def test_a_message_that_was_throttled_is_sent_later(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.providers.whatsapp.sending.then(refused(errors.ProviderThrottled, retry_after_s=800))

    product.deliver(organization, queued)
    product.deliver(organization, queued)
    assert len(product.providers.whatsapp.sent) == 1
    product.make_due(queued)
    product.deliver(organization, queued)

    assert product.row(queued)["status"] == "accepted"
    assert product.row(queued)["attempts"] == 2


@pytest.mark.parametrize(
    ("retry_after_s", "shortest", "longest"),
    [(None, 2, 4), (0.0, 2, 4), (60.0, 60, 60), (100_000.0, 899, 899)],
    ids=["none", "at once", "a minute", "absurd"],
)
def test_the_providers_own_delay_is_honoured_up_to_what_a_queue_can_hold(
    product: Product,
    organization: Organization,
    queued: UUID,
    retry_after_s: float | None,
    shortest: float,
    longest: float,
) -> None:
    product.providers.whatsapp.sending.then(refused(errors.ProviderThrottled, retry_after_s=retry_after_s))

    product.deliver(organization, queued)

    delay = _waits_s(product, queued)
    assert shortest <= delay <= longest
    assert delay < product.queues["message"].delays[0] <= delay + 1
    # The longest delay that SQS takes is 900 s.
    assert product.queues["message"].delays[0] <= 900


def test_a_queue_that_is_down_does_not_lose_a_message_put_back(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.providers.whatsapp.sending.then(refused(errors.ProviderUnavailable))
    product.queues["message"].is_down = product.queues["change"].is_down = True

    product.deliver(organization, queued)

    assert product.row(queued)["status"] == "queued"


def test_the_credentials_that_reach_the_provider_are_those_that_were_saved(
    product: Product, organization: Organization, queued: UUID
) -> None:
    product.deliver(organization, queued)

    (account,) = product.providers.exotel_accounts
    assert (account.account_sid, account.api_key, account.api_token) == (
        "acme1",
        "key-of-acme",
        "token-of-acme",
    )


def test_a_lease_outlasts_the_longest_call(
    product: Product, organization: Organization, queued: UUID
) -> None:
    leases: list[dict[str, timedelta]] = []
    product.providers.whatsapp.sending.then(
        lambda _: leases.extend(
            product.database.rows("SELECT lease_until - attempted_at AS lease FROM messages")
        )
    )

    product.deliver(organization, queued)

    # The connection (10 s at most), the mail (60 s) and its answer (30 s).
    assert leases == [{"lease": timedelta(seconds=150)}]
