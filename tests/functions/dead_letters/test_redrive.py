"""Redriving: what it would do is said first, and nothing is ever sent twice."""

from uuid import uuid4

import pytest

from banxway.models.queue_items import CallbackReceived, MailboxesDue, MessageDue, RotationDue
from banxway.storage.queues import Queues
from tests.functions.dead_letters.test_record import callback
from tests.functions.messages.test_deliver import sent_message, status_of
from tests.support.product.dead_letters import give_up, groups, items
from tests.support.product.moto_aws import sqs_client
from tests.support.product.stories import add_mailbox

PATH = "/api/v1/settings/dead-letters/redrive"
NOW = {"dry_run": False}


def message_due(organization, message_id):
    return MessageDue(organization_id=organization.id, message_id=message_id)


def only_id(bundle, organization):
    (item,) = items(bundle, organization.admin)
    return {"ids": [item["id"]]}


def set_status(bundle, message_id, status):
    bundle.database.rows("UPDATE messages SET status = %s WHERE id = %s", (status, message_id))


def test_a_dry_run_is_the_default_and_changes_nothing(bundle, organization):
    _, message_id = sent_message(bundle, organization)
    bundle.queued("message")
    give_up(bundle, message_due(organization, message_id))
    before = items(bundle, organization.admin)

    answer = bundle.post(PATH, organization.admin, only_id(bundle, organization)).data

    assert (answer["dry_run"], answer["redriven"], answer["remaining"]) == (True, 0, 0)
    assert answer["outcomes"][0]["sentence"] == "Would be sent."
    assert items(bundle, organization.admin) == before
    assert bundle.queued("message") == []


@pytest.mark.parametrize(
    ("status", "effect", "sentence"),
    [
        ("queued", "would_be_sent", "Would be sent."),
        ("sending", "being_sent", "A worker is sending it now: nothing happens."),
        ("unknown", "outcome_unknown", "Outcome unknown: it is not sent again."),
        ("accepted", "already_sent", "Already sent: nothing happens."),
        ("delivered", "already_sent", "Already sent: nothing happens."),
        ("failed", "already_failed", "It has failed in the conversation: it is not sent again."),
        ("cancelled", "cancelled", "Cancelled: nothing happens."),
    ],
)
def test_the_dry_run_says_what_happens_to_each_message_and_that_is_what_happens(
    bundle, organization, status, effect, sentence
):
    _, message_id = sent_message(bundle, organization)
    bundle.queued("message")
    give_up(bundle, message_due(organization, message_id))
    set_status(bundle, message_id, status)
    chosen = only_id(bundle, organization)

    (outcome,) = bundle.post(PATH, organization.admin, chosen).data["outcomes"]
    bundle.post(PATH, organization.admin, chosen | NOW)
    bundle.work("message")

    assert (outcome["effect"], outcome["sentence"]) == (effect, sentence)
    assert len(bundle.providers.whatsapp.sent) == (1 if effect == "would_be_sent" else 0)
    assert status_of(bundle, message_id) == ("accepted" if effect == "would_be_sent" else status)


def test_a_message_is_sent_once_however_often_it_is_redriven(bundle, organization):
    _, message_id = sent_message(bundle, organization)
    for _ in range(3):
        give_up(bundle, message_due(organization, message_id))
        bundle.post(PATH, organization.admin, only_id(bundle, organization) | NOW)

    bundle.work("message")

    assert len(bundle.providers.whatsapp.sent) == 1
    assert status_of(bundle, message_id) == "accepted"


def test_a_callback_is_put_into_its_queue_byte_for_byte(bundle, organization):
    received = callback(organization, "e30=")
    give_up(bundle, received)

    outcome = bundle.post(PATH, organization.admin, only_id(bundle, organization) | NOW).data["outcomes"][0]

    assert outcome["effect"] == "would_be_applied"
    (queued,) = bundle.queued("webhook")
    assert CallbackReceived.model_validate(queued) == received


def test_a_mailbox_would_be_polled_unless_it_is_gone(bundle, organization):
    mailbox = add_mailbox(bundle, organization.admin)["id"]
    bundle.queued("mailbox")
    for account_id in (mailbox, uuid4()):
        give_up(bundle, MailboxesDue.of(organization.id, account_id))
    group = {"queue": "mailbox", "cause": "unexpected"}

    outcomes = bundle.post(PATH, organization.admin, group).data["outcomes"]

    assert sorted(outcome["effect"] for outcome in outcomes) == ["gone", "would_poll"]


def test_a_group_goes_a_hundred_at_a_time(bundle, organization):
    bundle.database.rows(
        """INSERT INTO dead_letters (id, organization_id, queue, identity, item, cause, sentence, attempts,
                                     queue_message_ids, first_failed_at, last_failed_at)
           SELECT gen_random_uuid(), %s, 'rotation', n::text, %s, 'conflict', 'Busy.', 30, '{}', now(), now()
           FROM generate_series(1, 103) AS n""",
        (organization.id, f'{{"organization_id": "{organization.id}"}}'),
    )
    group = {"queue": "rotation", "cause": "conflict", "dry_run": False}

    first = bundle.post(PATH, organization.admin, group).data
    second = bundle.post(PATH, organization.admin, group).data

    assert (first["redriven"], first["remaining"]) == (100, 3)
    assert (second["redriven"], second["remaining"]) == (3, 0)
    assert groups(bundle, organization.admin) == []


def test_it_is_audited_and_its_notification_closed(bundle, organization):
    give_up(bundle, RotationDue(organization_id=organization.id))
    chosen = only_id(bundle, organization)

    bundle.post(PATH, organization.admin, chosen | NOW)

    entries = bundle.get("/api/v1/settings/audit-logs?action=dead_letters.redrive", organization.admin).data
    assert entries[0]["details"] == {"queues": ["rotation"], "ids": chosen["ids"]}
    assert bundle.get("/api/v1/settings/notifications", organization.admin).data == []
    (item,) = items(bundle, organization.admin, "?state=redriven")
    assert item["settled_at"] is not None


def test_the_second_of_two_admins_learns_it(bundle, organization):
    give_up(bundle, RotationDue(organization_id=organization.id))
    chosen = only_id(bundle, organization)
    bundle.post(PATH, organization.admin, chosen | NOW)
    bundle.queued("rotation")

    answer = bundle.post(PATH, organization.admin, chosen | NOW)

    assert answer.status == 409
    assert "has redriven or discarded them" in answer.json["error"]
    assert bundle.queued("rotation") == []


def test_while_the_queue_is_down_nothing_is_settled(bundle, organization):
    give_up(bundle, RotationDue(organization_id=organization.id))
    chosen = only_id(bundle, organization)
    down = bundle.twin(queue_urls=dict.fromkeys(bundle.settings.queue_urls, "https://sqs.test/1/nobody"))
    down.app.infrastructure.queues = Queues(sqs_client)

    assert down.post(PATH, organization.admin, chosen | NOW).status == 503
    assert len(items(bundle, organization.admin)) == 1
    down.close()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "ids"),
        ({"ids": []}, "ids"),
        ({"queue": "message"}, "cause"),
        ({"ids": [str(uuid4())], "queue": "message"}, "ids"),
    ],
    ids=["nothing", "no id", "no cause", "both"],
)
def test_it_must_be_clear_what_is_chosen(bundle, organization, body, field):
    answer = bundle.post(PATH, organization.admin, body)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)


def test_managers_look_and_admins_act(bundle, organization):
    give_up(bundle, RotationDue(organization_id=organization.id))
    chosen = only_id(bundle, organization)

    assert bundle.post(PATH, organization.manager, chosen).status == 403
    assert len(items(bundle, organization.manager)) == 1
