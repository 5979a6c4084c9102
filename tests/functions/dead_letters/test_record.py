"""The worker that records what others gave up."""

import json
from datetime import UTC, datetime
from uuid import uuid4

from banxway.models.queue_items import CallbackReceived, DueMailbox, MailboxesDue, MessageDue, RotationDue
from tests.support.product.dead_letters import give_up, groups, items, moved_by_sqs, record_all
from tests.support.product.events import queue_record
from tests.support.product.stories import add_mailbox


def rotation(organization):
    return RotationDue(organization_id=organization.id)


def callback(organization, body, subject_id=None):
    return CallbackReceived(
        kind="exotel_whatsapp",
        organization_id=organization.id,
        subject="unit",
        subject_id=subject_id or uuid4(),
        content_type="application/json",
        body=body,
        readable=True,
        received_at=datetime(2026, 1, 15, 9, 30, tzinfo=UTC),
    )


def test_it_is_a_row_with_its_cause_and_counts(bundle, organization):
    give_up(bundle, rotation(organization), cause="unexpected")

    (item,) = items(bundle, organization.admin)
    assert (item["queue"], item["work"], item["cause"]) == (
        "rotation",
        "Rotating the encryption key",
        "unexpected",
    )
    assert item["sentence"] == "The worker failed unexpectedly (KeyError)."
    assert (item["attempts"], item["times_given_up"], item["state"]) == (30, 1, "open")
    assert item["item"] == {"organization_id": str(organization.id)}


def test_what_sqs_moved_stopped_without_an_error(bundle, organization):
    assert record_all(bundle, moved_by_sqs(bundle, rotation(organization))) == []

    (item,) = items(bundle, organization.admin)
    assert (item["queue"], item["cause"]) == ("rotation", "stopped")
    assert item["sentence"] == "The worker stopped without an error: time-out, memory or crash."


def test_the_same_dead_letter_twice_is_recorded_once(bundle, organization):
    letter = moved_by_sqs(bundle, rotation(organization), message_id="one")

    record_all(bundle, letter, letter)
    record_all(bundle, letter)

    (item,) = items(bundle, organization.admin)
    assert (item["times_given_up"], item["attempts"]) == (1, 30)


def test_a_cause_that_comes_after_the_item_completes_it_and_not_the_other_way_round(bundle, organization):
    due = rotation(organization)
    said = {"source": "rotation", "queue_message_id": "one", "cause": "conflict", "sentence": "Busy."}
    explained = queue_record(due.model_dump_json(), queue="dead", **said)
    moved = moved_by_sqs(bundle, due, message_id="one")

    record_all(bundle, moved, explained, moved)

    (item,) = items(bundle, organization.admin)
    assert (item["cause"], item["sentence"], item["times_given_up"]) == ("conflict", "Busy.", 1)


def test_work_that_is_given_up_again_opens_its_row_again(bundle, organization):
    give_up(bundle, rotation(organization))
    (first,) = items(bundle, organization.admin)
    body = {"ids": [first["id"]], "reason": "Not now"}
    bundle.post("/api/v1/settings/dead-letters/discard", organization.admin, body)

    give_up(bundle, rotation(organization), cause="conflict")

    (again,) = items(bundle, organization.admin)
    assert (again["id"], again["times_given_up"], again["attempts"]) == (first["id"], 2, 60)
    assert (again["state"], again["reason"], again["cause"]) == ("open", None, "conflict")


def test_two_callbacks_about_one_message_are_two_dead_letters(bundle, organization):
    message_id = uuid4()

    give_up(bundle, callback(organization, "e30=", message_id))
    give_up(bundle, callback(organization, "W10=", message_id))

    assert len(items(bundle, organization.admin)) == 2


def test_what_a_customer_wrote_is_not_shown(bundle, organization):
    give_up(bundle, callback(organization, "bXkgUElOIGlzIDQ3MTE="))

    (item,) = items(bundle, organization.admin)
    assert item["item"]["body"] == "(14 bytes, not shown)"
    assert "bXkgUElO" not in json.dumps(item)


def test_each_mailbox_of_an_item_is_a_dead_letter_of_its_organization(bundle, organization):
    other = bundle.database.add_organization("Other")
    mine = add_mailbox(bundle, organization.admin)["id"]
    due = MailboxesDue(
        mailboxes=(
            DueMailbox(organization_id=organization.id, account_id=mine),
            DueMailbox(organization_id=other.id, account_id=uuid4()),
        )
    )

    give_up(bundle, due)

    (item,) = items(bundle, organization.admin)
    assert (item["subject"], item["subject_name"]) == ("mailbox", "support@yourdomain.com")
    assert len(items(bundle, other.admin)) == 1


def test_admins_are_notified_once_and_open_browsers_hear_of_it(bundle, organization):
    give_up(bundle, rotation(organization))
    give_up(bundle, rotation(organization))

    (notification,) = bundle.get("/api/v1/settings/notifications", organization.admin).data
    assert (notification["kind"], notification["subject"]) == ("work_given_up", "rotation")
    assert notification["sentence"].startswith("Rotating the encryption key failed at every attempt.")
    assert "/operations/dead-letters" in notification["sentence"]
    changes = bundle.get("/api/v1/communications/changes?since=0", organization.admin).data["changes"]
    assert [each["kind"] for each in changes].count("dead_letters.changed") == 1
    assert bundle.queued("change")[-1] == {"organization_id": str(organization.id)}


def test_without_the_database_it_stays_in_its_queue(bundle, organization):
    letter = moved_by_sqs(bundle, rotation(organization))
    down = bundle.twin(database_url="postgresql://banxway_app@127.0.0.1:1/nothing")

    assert record_all(down, letter) == [letter["messageId"]]
    assert record_all(bundle, letter) == []
    assert len(items(bundle, organization.admin)) == 1
    down.close()


def test_what_names_no_organization_stays_for_an_operator_and_delays_nothing(bundle, organization):
    poison = queue_record("{}", queue="dead", source="message")
    nowhere = queue_record('{"organization_id": "x"}', queue="dead", came_from="AnotherQueue")
    good = moved_by_sqs(bundle, rotation(organization))

    assert record_all(bundle, poison, nowhere, good) == [poison["messageId"], nowhere["messageId"]]
    assert len(items(bundle, organization.admin)) == 1


def test_the_item_of_an_organization_that_is_not_there_stays(bundle):
    letter = moved_by_sqs(bundle, MessageDue(organization_id=uuid4(), message_id=uuid4()))

    assert record_all(bundle, letter) == [letter["messageId"]]


def test_another_organization_sees_none_of_it(bundle, organization):
    stranger = bundle.database.add_organization("Other")

    give_up(bundle, rotation(organization))

    assert items(bundle, stranger.admin) == groups(bundle, stranger.admin) == []
