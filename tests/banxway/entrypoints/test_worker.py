"""The consumer of a queue: one by one or in sets, failures reported, poison set aside (faults 13 and 14)."""

import json
from uuid import uuid4

import pytest

from banxway import errors
from banxway.entrypoints.worker import worker
from banxway.models.queue_items import ChangesDue, IntegrationDue
from tests.support.product.app import invoke
from tests.support.product.events import queue_event, queue_record
from tests.support.product.stories import CUSTOMER


def record(app, body=None, *, received=1):
    name = app.infrastructure.settings.queue_url("change").rpartition("/")[2]
    content = json.dumps({"organization_id": str(uuid4())}) if body is None else body
    return queue_record(content, queue=name, received=received, receipt=uuid4().hex)


def integration_record(app, *, received):
    name = app.infrastructure.settings.queue_url("integration").rpartition("/")[2]
    return queue_record(of(uuid4()), queue=name, received=received, receipt=uuid4().hex)


def consumer(function):
    return worker(item=ChangesDue)(lambda due, _app: function(due))


def succeed(_due):
    """Take any item."""


def test_a_batch_that_works_reports_nothing_back(app, queues):
    seen = []
    records = [record(app) for _ in range(10)]

    answer = invoke(app, consumer(lambda due: seen.append(due)), queue_event(records))

    assert answer == {"batchItemFailures": []}
    assert [str(due.organization_id) for due in seen] == [
        json.loads(each["body"])["organization_id"] for each in records
    ]
    assert queues.postponed == []


@pytest.mark.parametrize(
    "failing", [{0}, {9}, {2, 3, 7}, set(range(10))], ids=["first", "last", "three", "all"]
)
def test_exactly_those_that_failed_come_back(app, failing):
    records = [record(app) for _ in range(10)]
    bad = {json.loads(records[at]["body"])["organization_id"] for at in failing}

    def work(due):
        if str(due.organization_id) in bad:
            raise errors.Unavailable("The database does not answer")

    answer = invoke(app, consumer(work), queue_event(records))

    assert answer == {
        "batchItemFailures": [{"itemIdentifier": records[at]["messageId"]} for at in sorted(failing)]
    }


@pytest.mark.parametrize(
    "poison",
    [
        "",
        "not json",
        "[]",
        "null",
        "{}",
        '{"organization_id": "x"}',
        json.dumps({"organization_id": str(uuid4()), "surprise": 1}),
    ],
    ids=["empty", "text", "list", "null", "missing", "no id", "unknown field"],
)
def test_poison_goes_alone_and_its_mates_pass(app, poison):
    seen = []
    bad = record(app, poison)

    answer = invoke(app, consumer(seen.append), queue_event([record(app), bad, record(app)]))

    assert answer == {"batchItemFailures": [{"itemIdentifier": bad["messageId"]}]}
    assert len(seen) == 2


@pytest.mark.parametrize(
    "raised",
    [errors.Unavailable("down"), errors.Conflict("busy"), RuntimeError("a bug"), KeyError("a bug")],
    ids=lambda error: type(error).__name__,
)
def test_any_error_brings_the_item_back(app, raised):
    def work(_due):
        raise raised

    bad = record(app)

    assert invoke(app, consumer(work), queue_event([bad])) == {
        "batchItemFailures": [{"itemIdentifier": bad["messageId"]}]
    }


def test_an_item_whose_row_is_gone_is_done_with(app, queues):
    def work(_due):
        raise errors.NotFound("Message not found")

    assert invoke(app, consumer(work), queue_event([record(app)])) == {"batchItemFailures": []}
    assert queues.postponed == []


def test_each_failure_waits_twice_as_long_as_the_one_before_up_to_five_minutes(app, queues):
    def work(_due):
        raise errors.Unavailable("down")

    records = [integration_record(app, received=received) for received in range(1, 11)]

    invoke(app, worker(item=IntegrationDue)(lambda due, _app: work(due)), queue_event(records))

    delays = [2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    expected = {each["receiptHandle"]: delay for each, delay in zip(records, delays, strict=True)}
    assert queues.postponed == [(app.infrastructure.settings.queue_url("integration"), expected)]


def test_poison_waits_as_well_instead_of_spinning(app, queues):
    bad = record(app, "poison", received=3)

    invoke(app, consumer(succeed), queue_event([record(app), bad]))

    assert queues.postponed == [(app.infrastructure.settings.queue_url("change"), {bad["receiptHandle"]: 8})]


def test_a_queue_that_cannot_postpone_does_not_hide_the_failure(app, queues):
    queues.is_down = True
    bad = record(app, "poison")

    answer = invoke(app, consumer(succeed), queue_event([bad, record(app)]))

    assert answer == {"batchItemFailures": [{"itemIdentifier": bad["messageId"]}]}


def test_an_unreadable_items_content_is_not_logged(app, capsys):
    invoke(app, consumer(succeed), queue_event([record(app, json.dumps({"body": f"call {CUSTOMER}"}))]))

    logged = capsys.readouterr().out
    assert "unreadable queue item" in logged
    assert CUSTOMER not in logged


def _with_time(handler, *remaining_s):
    """Invoke the handler as if each look at the clock of the invocation showed the next of these times."""
    looks = iter(remaining_s)

    def timed(event, context):
        context.get_remaining_time_in_millis = lambda: int(next(looks) * 1000)
        return handler(event, context)

    return timed


def test_an_item_that_may_not_be_finished_is_returned_at_once_and_untried(app, queues):
    seen = []
    handler = worker(item=ChangesDue, needs_s=150)(lambda due, _app: seen.append(due))
    records = [record(app, received=4) for _ in range(3)]

    answer = invoke(app, _with_time(handler, 300, 149, 148), queue_event(records))

    assert len(seen) == 1
    assert answer == {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in records[1:]]}
    delays = {each["receiptHandle"]: 0 for each in records[1:]}
    assert queues.postponed == [(app.infrastructure.settings.queue_url("change"), delays)]


def test_an_item_is_tried_with_exactly_the_time_that_it_may_need(app):
    seen = []
    handler = worker(item=ChangesDue, needs_s=150)(lambda due, _app: seen.append(due))

    assert invoke(app, _with_time(handler, 150), queue_event([record(app)])) == {"batchItemFailures": []}
    assert len(seen) == 1


def test_what_was_not_tried_is_no_sign_of_an_outage(app):
    """Two items failed, the time was short for one, and the next failed again: none of them is left out."""
    tried = []

    def work(due, _app):
        tried.append(due)
        raise errors.Unavailable("down")

    handler = worker(item=ChangesDue, needs_s=150)(work)

    invoke(app, _with_time(handler, 300, 300, 100, 300, 300), queue_event([record(app) for _ in range(5)]))

    assert len(tried) == 3


def test_a_service_can_ask_how_much_time_is_left(app):
    left = []

    def work(_due, given):
        left.append(given.infrastructure.remaining_s())

    invoke(app, _with_time(worker(item=ChangesDue)(work), 12), queue_event([record(app)]))

    assert left == [12]


def test_an_item_declares_what_its_worker_takes():
    assert consumer(succeed).worker is ChangesDue


def test_after_three_outages_in_a_row_the_rest_of_the_batch_comes_back_untried(app, queues):
    tried = []

    def work(due):
        tried.append(due)
        raise errors.Unavailable("down")

    records = [record(app, received=3) for _ in range(10)]

    answer = invoke(app, consumer(work), queue_event(records))

    assert len(tried) == 3
    assert answer == {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in records]}
    assert queues.postponed == [
        (app.infrastructure.settings.queue_url("change"), {each["receiptHandle"]: 8 for each in records})
    ]


def outcomes_of(app, *outcomes):
    """Process a batch whose items each state how they end; return how many were attempted."""
    waiting, tried = list(outcomes), []

    def work(due):
        tried.append(due)
        outcome = waiting[len(tried) - 1]
        if outcome is not None:
            raise outcome

    answer = invoke(app, consumer(work), queue_event([record(app) for _ in outcomes]))
    return len(tried), len(answer["batchItemFailures"])


DOWN, BUG, BUSY = errors.Unavailable("down"), RuntimeError("a bug"), errors.Conflict("busy")


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ([DOWN, DOWN, None, DOWN, DOWN, None], (6, 4)),
        ([DOWN, DOWN, BUG, DOWN, DOWN, BUSY], (6, 6)),
        ([BUG, BUG, BUG, BUG, None], (5, 4)),
        ([BUSY, BUSY, BUSY, BUSY, None], (5, 4)),
        ([None, DOWN, DOWN, DOWN, None, None], (4, 5)),
    ],
    ids=["two, twice", "two, and other failures", "bugs", "refusals", "three after one that worked"],
)
def test_only_three_outages_in_a_row_are_an_outage(app, outcomes, expected):
    assert outcomes_of(app, *outcomes) == expected


def test_the_lines_of_an_item_name_its_message(app, capsys):
    def work(_due):
        raise errors.NotFound("Message not found")

    records = [record(app), record(app)]
    invoke(app, consumer(work), queue_event(records))

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["queue_message_id"] for line in lines] == [each["messageId"] for each in records]
    assert [(line["message"], line["error"]) for line in lines] == [
        ("the item's row is gone", "Message not found")
    ] * 2


@pytest.mark.parametrize(
    ("raised", "message", "level"),
    [
        (errors.Unavailable("The database does not answer"), "item failed", "WARNING"),
        (errors.Conflict("Busy"), "item failed", "WARNING"),
        (RuntimeError("a bug"), "item failed unexpectedly", "ERROR"),
    ],
    ids=["outage", "refusal", "bug"],
)
def test_a_failure_is_logged_and_a_trace_only_where_it_helps(app, capsys, raised, message, level):
    def work(_due):
        raise raised from OSError("connection refused")

    invoke(app, consumer(work), queue_event([record(app)]))

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["message"], line["level"]) == (message, level)
    if isinstance(raised, errors.Unavailable):
        # An outage fails every item: its sentence and its cause say everything.
        assert (line["code"], line["cause"]) == ("unavailable", "connection refused")
        assert "exception" not in line
    else:
        assert type(raised).__name__ in line["exception"]


def test_poison_is_logged_by_what_is_wrong_with_it(app, capsys):
    invoke(app, consumer(succeed), queue_event([record(app, "{}")]))

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert (line["message"], line["level"]) == ("unreadable queue item", "ERROR")
    assert line["fields"] == ["('organization_id',)"]


# Sets.


def of(organization, number=0):
    """Return the body of an item that differs from others of its organization."""
    return json.dumps(
        {"organization_id": str(organization), "task": "verify", "integration_type": str(number)}
    )


def consumer_of_sets(function):
    return worker(item=IntegrationDue, in_sets=True)(lambda items, _app: function(items))


def numbers(items):
    return [item.integration_type for item in items]


def test_the_items_of_an_organization_come_together_in_their_order(app):
    first, second, alone = uuid4(), uuid4(), uuid4()
    batch = [of(first, 1), of(second, 2), of(alone, 3), of(first, 4), of(second, 5)]
    seen = []

    answer = invoke(
        app,
        consumer_of_sets(lambda items: seen.append(numbers(items))),
        queue_event([record(app, body) for body in batch]),
    )

    assert answer == {"batchItemFailures": []}
    assert seen == [["1", "4"], ["2", "5"], ["3"]]


def test_of_a_set_that_fails_each_item_is_processed_alone_after_the_others(app, queues):
    failing, other = uuid4(), uuid4()
    records = [record(app, of(failing, number)) for number in range(3)]
    records += [record(app, of(other, number)) for number in (7, 8)]
    seen = []

    def work(items):
        seen.append(numbers(items))
        if "1" in seen[-1]:
            raise RuntimeError("poison")

    answer = invoke(app, consumer_of_sets(work), queue_event(records))

    assert seen == [["0", "1", "2"], ["7", "8"], ["0"], ["1"], ["2"]]
    assert answer == {"batchItemFailures": [{"itemIdentifier": records[1]["messageId"]}]}
    ((_, postponed),) = queues.postponed
    assert postponed == {records[1]["receiptHandle"]: 2}


def test_an_unreadable_item_takes_no_set_along(app):
    organization = uuid4()
    records = [record(app, of(organization, 1)), record(app, "poison"), record(app, of(organization, 2))]
    seen = []

    answer = invoke(app, consumer_of_sets(lambda items: seen.append(numbers(items))), queue_event(records))

    assert seen == [["1", "2"]]
    assert answer == {"batchItemFailures": [{"itemIdentifier": records[1]["messageId"]}]}


@pytest.mark.parametrize(
    ("organizations", "tried"),
    [(1, [10, 1, 1]), (2, [5, 5, 1]), (5, [2, 2, 2])],
    ids=["one set", "two sets", "five sets"],
)
def test_in_an_outage_sets_count_as_attempts(app, queues, organizations, tried):
    ids = [uuid4() for _ in range(organizations)]
    records = [record(app, of(ids[number % organizations], number)) for number in range(10)]
    seen = []

    def work(items):
        seen.append(len(items))
        raise errors.Unavailable("down")

    answer = invoke(app, consumer_of_sets(work), queue_event(records))

    assert seen == tried
    assert answer == {"batchItemFailures": [{"itemIdentifier": each["messageId"]} for each in records]}
    assert [len(postponed) for _, postponed in queues.postponed] == [10]


def test_a_slow_organization_is_no_outage_for_the_others(app):
    slow, other = uuid4(), uuid4()
    records = [record(app, of(slow, number)) for number in range(2)]
    records += [record(app, of(other, number)) for number in range(2)]

    def work(items):
        if items[0].organization_id == slow and (len(items) > 1 or items[0].integration_type == "0"):
            raise errors.Unavailable("The database took too long")

    answer = invoke(app, consumer_of_sets(work), queue_event(records))

    assert answer == {"batchItemFailures": [{"itemIdentifier": records[0]["messageId"]}]}


def test_the_lines_of_a_set_name_its_messages_and_those_of_a_failure_its_own(app, capsys):
    organization = uuid4()
    records = [record(app, of(organization, number)) for number in range(2)]

    def work(items):
        if "1" in numbers(items):
            raise errors.Conflict("busy")

    invoke(app, consumer_of_sets(work), queue_event(records))

    both, alone = map(json.loads, capsys.readouterr().out.splitlines())
    assert both["queue_message_ids"] == [each["messageId"] for each in records]
    assert (both["level"], both["error"]) == ("INFO", "busy")
    assert (alone["queue_message_id"], alone["level"]) == (records[1]["messageId"], "WARNING")
    assert "queue_message_ids" not in alone


def test_a_consumer_keeps_the_name_of_its_function():
    assert consumer(succeed).__wrapped__.__name__ == consumer(succeed).__name__ == "<lambda>"
