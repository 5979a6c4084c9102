"""The worker that applies callbacks."""

import json

import pytest

from functions.webhooks.apply_callback.app import handler
from tests.support.databases.statements import recorded
from tests.support.product.events import queue_event, queue_record
from tests.support.product.stories import (
    customer_wrote,
    incoming,
    post_callback,
    report,
    whatsapp_body,
)


def records(bundle):
    name = bundle.queue_url("webhook").rpartition("/")[2]
    return [queue_record(json.dumps(item), queue=name) for item in bundle.queued("webhook")]


def messages_of(bundle, organization, thread):
    return bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data["messages"]


def sent_message(bundle, organization):
    thread = customer_wrote(bundle, organization)
    bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "On its way"},
    )
    bundle.work("message")
    return thread, bundle.providers.whatsapp.sent[0].status_callback


def test_reports_move_a_message_forward_and_never_back(bundle, organization):
    thread, url = sent_message(bundle, organization)
    for code, name in (
        (30003, "EX_MESSAGE_SEEN"),
        (30001, "EX_MESSAGE_SENT"),
        (30002, "EX_MESSAGE_DELIVERED"),
    ):
        post_callback(bundle, url, whatsapp_body(report("sid-1", code, name)))

    answer = bundle.call(handler, queue_event(records(bundle)))

    assert answer == {"batchItemFailures": []}
    assert messages_of(bundle, organization, thread)[-1]["status"] == "read"


def test_one_body_may_report_and_bring_a_message(bundle, organization):
    thread, url = sent_message(bundle, organization)
    post_callback(
        bundle, url, whatsapp_body(report("sid-1", 30002, "EX_MESSAGE_DELIVERED"), incoming("Thanks!"))
    )

    bundle.call(handler, queue_event(records(bundle)))

    shown = {each["body_text"]: each["status"] for each in messages_of(bundle, organization, thread)}
    assert shown == {"Where is my parcel?": "received", "On its way": "delivered", "Thanks!": "received"}


def test_the_same_callback_twice_changes_nothing_more(bundle, organization):
    thread, url = sent_message(bundle, organization)
    post_callback(bundle, url, whatsapp_body(incoming("Thanks!", sid="in-1")))
    (record,) = records(bundle)

    bundle.call(handler, queue_event([record]))
    once = messages_of(bundle, organization, thread)
    bundle.call(handler, queue_event([record]))

    assert messages_of(bundle, organization, thread) == once


def test_a_failure_report_is_shown_with_its_reason(bundle, organization):
    thread, url = sent_message(bundle, organization)
    post_callback(bundle, url, whatsapp_body(report("sid-1", 30013, "EX_INCAPABLE_RECIPIENT")))

    bundle.call(handler, queue_event(records(bundle)))

    failed = messages_of(bundle, organization, thread)[-1]
    assert (failed["status"], failed["failure_reason"]) == ("failed", "Message delivered")


def test_a_report_on_a_message_nobody_sent_is_kept_and_changes_nothing(bundle, organization):
    thread, url = sent_message(bundle, organization)
    before = messages_of(bundle, organization, thread)
    other = {**report("elsewhere", 30002, "EX_MESSAGE_DELIVERED")}
    post_callback(bundle, url, whatsapp_body(other))

    answer = bundle.call(handler, queue_event(records(bundle)))

    assert answer == {"batchItemFailures": []}
    assert messages_of(bundle, organization, thread) == before


def test_agents_are_notified_of_what_changed(bundle, organization):
    _, url = sent_message(bundle, organization)
    bundle.queued("change")
    post_callback(bundle, url, whatsapp_body(report("sid-1", 30002, "EX_MESSAGE_DELIVERED")))

    bundle.call(handler, queue_event(records(bundle)))

    assert bundle.queued("change") == [{"organization_id": str(organization.id)}]


def test_agents_are_notified_once_of_what_a_batch_changed_and_each_organization_of_its_own(
    bundle, organization
):
    other = bundle.database.add_organization("Other")
    for each in (organization, other):
        sent_message(bundle, each)
    bundle.queued("change")
    for number, sent in enumerate(bundle.providers.whatsapp.sent, start=1):
        for code, name in ((30001, "EX_MESSAGE_SENT"), (30002, "EX_MESSAGE_DELIVERED")):
            post_callback(bundle, sent.status_callback, whatsapp_body(report(f"sid-{number}", code, name)))

    bundle.call(handler, queue_event(records(bundle)))

    notified = [item["organization_id"] for item in bundle.queued("change")]
    assert sorted(notified) == sorted([str(organization.id), str(other.id)])


def test_a_character_that_no_database_can_hold_does_not_stop_a_message(bundle, organization):
    thread, url = sent_message(bundle, organization)
    post_callback(bundle, url, whatsapp_body(incoming("be\0fore")))

    answer = bundle.call(handler, queue_event(records(bundle)))

    assert answer == {"batchItemFailures": []}
    assert "be\ufffdfore" in {each["body_text"] for each in messages_of(bundle, organization, thread)}


def test_what_a_customer_does_to_a_message_is_shown_at_it_and_is_no_message(bundle, organization):
    thread, url = sent_message(bundle, organization)
    reaction = {"type": "reaction", "reaction": {"message_id": "sid-1", "emoji": "👍"}}
    taken_back = {"type": "reaction", "reaction": {"message_id": "sid-1"}}
    unknown = report("sid-1", 39999, "EX_BRAND_NEW")
    for item in (
        incoming("", sid="ev-1") | {"content": reaction},
        incoming("", sid="ev-2") | {"content": taken_back},
        unknown,
    ):
        post_callback(bundle, url, whatsapp_body(item))
        bundle.call(handler, queue_event(records(bundle)))

    sent = messages_of(bundle, organization, thread)[-1]
    assert sorted(event["kind"] for event in sent["events"]) == ["reaction", "reaction_removed", "report"]
    assert [each["emoji"] for each in sent["reactions"]] == ["👍"]
    assert sent["reactions"][0]["taken_back_at"] is not None
    assert len(messages_of(bundle, organization, thread)) == 2


# Sets.

POISON = """
    CREATE FUNCTION refuse_poison() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION 'poison' USING ERRCODE = '{code}';
        END $$;
    CREATE TRIGGER refuse_poison BEFORE INSERT ON message_events FOR EACH ROW WHEN (NEW.provider_code = '30001')
        EXECUTE FUNCTION refuse_poison();
"""


@pytest.mark.parametrize("code", ["data_exception", "lock_not_available"], ids=["a bug", "a lock"])
def test_a_callback_that_fails_takes_neither_its_set_nor_another_organization_along(
    bundle, organization, code
):
    """The poison is a report that the database refuses, for good or for its time-out."""
    other = bundle.database.add_organization("Other")
    threads = [sent_message(bundle, each)[0] for each in (organization, other)]
    mine, theirs = bundle.providers.whatsapp.sent
    names = ("EX_MESSAGE_DELIVERED", "EX_MESSAGE_SENT", "EX_MESSAGE_SEEN")
    for number, name in zip((30002, 30001, 30003), names, strict=True):
        post_callback(bundle, mine.status_callback, whatsapp_body(report("sid-1", number, name)))
    for number, name in ((30002, names[0]), (30003, names[2])):
        post_callback(bundle, theirs.status_callback, whatsapp_body(report("sid-2", number, name)))
    batch = records(bundle)
    bundle.database.rows(POISON.format(code=code))

    answer = bundle.call(handler, queue_event(batch))

    assert answer == {"batchItemFailures": [{"itemIdentifier": batch[1]["messageId"]}]}
    shown = [
        messages_of(bundle, each, thread)[-1]["status"]
        for each, thread in zip((organization, other), threads, strict=True)
    ]
    assert shown == ["read", "read"]
    bundle.database.rows("DROP TRIGGER refuse_poison ON message_events")
    bundle.database.rows("DROP FUNCTION refuse_poison")


def test_ten_callbacks_of_an_organization_take_as_many_statements_as_one(bundle, organization):
    _, url = sent_message(bundle, organization)
    sent = []
    for count, code, name in ((1, 30001, "EX_MESSAGE_SENT"), (10, 30002, "EX_MESSAGE_DELIVERED")):
        for _ in range(count):
            post_callback(bundle, url, whatsapp_body(report("sid-1", code, name)))
        batch = queue_event(records(bundle))
        statements = recorded(bundle.app)
        bundle.call(handler, batch)
        sent.append(len(statements))

    assert sent == [10, 10]
