"""At its last attempt a worker puts an item into the dead letters itself, with the cause."""

import json
from uuid import uuid4

import pytest

from banxway import errors
from banxway.entrypoints.worker import worker
from banxway.models.queue_items import ChangesDue, DeadLetter, MessageDue
from tests.support.product.app import invoke
from tests.support.product.events import queue_event, queue_record
from tests.support.product.stories import CUSTOMER

LAST = ChangesDue.attempts


def record(app, body=None, *, received=LAST):
    name = app.infrastructure.settings.queue_url("change").rpartition("/")[2]
    content = json.dumps({"organization_id": str(uuid4())}) if body is None else body
    return queue_record(content, queue=name, received=received, receipt=uuid4().hex)


def raising(error):
    def work(_due, _app):
        raise error

    return worker(item=ChangesDue)(work)


def given_up(queues):
    """Return what went to the dead letters: each item with what was said of it."""
    return [
        (body, said)
        for (url, body), said in zip(queues.sent, queues.attributes, strict=True)
        if "dead" in url
    ]


def test_the_last_attempt_takes_the_item_to_the_dead_letters_with_its_cause(app, queues):
    last = record(app)

    answer = invoke(app, raising(errors.Unavailable("The database does not answer")), queue_event([last]))

    ((body, said),) = given_up(queues)
    assert answer == {"batchItemFailures": []}
    assert body == last["body"]
    assert (said["source"], said["queue_message_id"], said["tried"]) == (
        "change",
        last["messageId"],
        str(LAST),
    )
    assert (said["cause"], said["sentence"]) == ("unavailable", "The database does not answer.")


def test_an_attempt_before_the_last_returns_to_the_queue(app, queues):
    early = record(app, received=LAST - 1)

    answer = invoke(app, raising(errors.Unavailable("down")), queue_event([early]))

    assert answer == {"batchItemFailures": [{"itemIdentifier": early["messageId"]}]}
    assert given_up(queues) == []


@pytest.mark.parametrize(
    ("error", "cause", "sentence"),
    [
        (errors.Conflict("Busy"), "conflict", "Busy."),
        (KeyError(f"call {CUSTOMER}"), "unexpected", "The worker failed unexpectedly (KeyError)."),
    ],
    ids=["refusal", "bug"],
)
def test_a_cause_says_what_happened_and_nothing_of_a_customer(app, queues, error, cause, sentence):
    invoke(app, raising(error), queue_event([record(app)]))

    ((_, said),) = given_up(queues)
    assert (said["cause"], said["sentence"]) == (cause, sentence)
    assert CUSTOMER not in json.dumps(said)


def test_poison_is_given_up_as_unreadable(app, queues):
    invoke(app, raising(AssertionError), queue_event([record(app, "{}")]))

    ((body, said),) = given_up(queues)
    assert (body, said["cause"]) == ("{}", "unreadable_item")


def test_what_an_outage_left_untried_has_the_cause_of_the_outage(app, queues):
    tried = []

    def work(due, _app):
        tried.append(due)
        raise errors.Unavailable("down")

    invoke(app, worker(item=ChangesDue)(work), queue_event([record(app) for _ in range(10)]))

    assert len(tried) == 3
    assert [said["cause"] for _, said in given_up(queues)] == ["unavailable"] * 10


def test_what_no_worker_had_time_for_says_so(app, queues):
    short = worker(item=ChangesDue, needs_s=10**9)(lambda _due, _app: None)

    answer = invoke(app, short, queue_event([record(app)]))

    ((_, said),) = given_up(queues)
    assert (said["cause"], answer) == ("no_time", {"batchItemFailures": []})


def test_if_the_dead_letters_cannot_be_reached_the_item_is_returned_and_sqs_moves_it(app, queues):
    queues.is_down = True
    last = record(app)

    answer = invoke(app, raising(errors.Conflict("busy")), queue_event([last]))

    assert answer == {"batchItemFailures": [{"itemIdentifier": last["messageId"]}]}


def test_a_dead_letter_itself_is_never_given_up(app, queues):
    def work(_letter, _app):
        raise errors.Unavailable("The database does not answer")

    letter = record(app, received=10_000)

    answer = invoke(app, worker(item=DeadLetter)(work), queue_event([letter]))

    assert answer == {"batchItemFailures": [{"itemIdentifier": letter["messageId"]}]}
    assert queues.sent == []


def test_what_a_worker_says_is_what_the_recorder_reads(app, queues):
    last = record(app)
    invoke(app, raising(errors.Conflict("Busy")), queue_event([last]))
    ((body, said),) = given_up(queues)

    letter = DeadLetter.read(queue_record(body, queue="dead", **said))

    assert (letter.body, letter.source, letter.tried) == (last["body"], "change", LAST)
    assert (letter.queue_message_id, letter.cause, letter.sentence) == (
        last["messageId"],
        "conflict",
        "Busy.",
    )


def test_what_sqs_moved_names_its_queue_and_no_cause():
    moved = queue_record("{}", queue="dead", message_id="one", came_from="MessageQueue")

    letter = DeadLetter.read(moved)

    assert (letter.source, letter.source_arn.rpartition(":")[2], letter.cause) == (None, "MessageQueue", None)
    assert letter.queue_message_id == "one"
    assert MessageDue.attempts == 30
