"""Queues in template.yaml: who consumes each, and how long it keeps and hides its items.

The table of limits is what was decided; the tests below it are why other numbers would be wrong.
"""

from typing import Any, NamedTuple

from tests.support.gates import reach
from tests.support.gates.rules import Sentences, differences, rule
from tests.support.gates.template_file import (
    consumers,
    deployed,
    folder_of,
    functions,
    logical_queue,
    named,
    of,
    queue_items,
    schedules,
    template,
)

DAY = 86_400
KEPT_BY_DEFAULT = 4 * DAY
LONGEST_KEPT = 14 * DAY


class Limits(NamedTuple):
    """How long a queue keeps an item, how often it hands one out, and how much at once; the defaults are usual."""

    kept_s: int = KEPT_BY_DEFAULT
    attempts: int = 30
    batch: int = 1
    workers: int | dict[str, str] = 5


LIMITS = {
    # What a provider sent is nowhere else.
    "WebhookQueue": Limits(kept_s=LONGEST_KEPT, batch=10, workers=10),
    # As many as the worker's time-out has room for.
    "MessageQueue": Limits(batch=2, workers={"Ref": "MessageSenders"}),
    # One: the next mail of a batch would wait for the server of the one before.
    "MailQueue": Limits(workers={"Ref": "MailSenders"}),
    "RotationQueue": Limits(workers=2),
    # The next tick enqueues these again within a minute: old ones are only in the way.
    "MailboxQueue": Limits(kept_s=600, attempts=5),
    "IdleQueue": Limits(kept_s=600, attempts=5, workers=50),
    "ChangeQueue": Limits(kept_s=600, attempts=5, batch=10),
    # Without end: what cannot be recorded stays until a person looks at it.
    "DeadLetterQueue": Limits(kept_s=LONGEST_KEPT, attempts=0, batch=10, workers=2),
}
"""The queues whose limits are not the usual ones.

The usual ones are for items about which a row says all, and which the sweeper enqueues again: they outlast an outage
of an hour or two.
"""

DEAD_LETTERS = "DeadLetterQueue"
"""What every worker gives up goes here; its own worker gives nothing up."""

NEVER_SENT = {("DeadLettersRecord", DEAD_LETTERS)}
"""What the code of a function could send by what its decorator does, and never does."""

MAY_BE_TRIED_AGAIN = {"rate(1 hour)", "rate(1 day)", "rate(7 days)"}
"""Schedules whose next tick is so far away that one that could not be started is started again."""


@rule
def test_every_queue_has_the_limits_of_the_table() -> Sentences:
    for name, worker in _workers().items():
        yield from differences(name, of("SQS::Queue").get(name), _written(name, worker))


@rule
def test_every_queue_is_declared_or_takes_what_failed() -> Sentences:
    """A queue that nobody consumes fills up in silence."""
    letters = {"TimerDeadLetters"}
    found = set(of("SQS::Queue"))
    for name in sorted(found - letters - set(queue_items())):
        yield f"{name} is not declared in banxway/models/queue_items.py"
    for name in sorted({*letters, *queue_items()} - found):
        yield f"{name} is not in template.yaml"
    for name in sorted(set(LIMITS) - set(queue_items())):
        yield f"{name} has limits here, and is no queue"
    for name in sorted(set(queue_items()) - set(_workers())):
        yield f"{name} has no worker: no function takes its items"


@rule
def test_what_failed_is_kept_as_long_as_aws_keeps_anything() -> Sentences:
    """Somebody has to look at it, and may be on holiday. It lies there encrypted, as it did before."""
    wanted = {"MessageRetentionPeriod": LONGEST_KEPT, "SqsManagedSseEnabled": True}
    for name, properties in of("SQS::Queue").items():
        if name not in queue_items():
            yield from differences(name, properties, wanted)


@rule
def test_every_queue_is_encrypted_at_rest() -> Sentences:
    for name, properties in of("SQS::Queue").items():
        if properties.get("SqsManagedSseEnabled") is not True:
            yield f"{name} lies unencrypted"


@rule
def test_a_queue_hides_an_item_for_six_of_its_workers_time_outs() -> Sentences:
    """AWS's own advice: shorter, and an item is handed out again while the first worker still holds it.

    Longer, and what a killed worker held is late for no reason.
    """
    for name, worker in consumers().items():
        hidden_s = _said(name, "VisibilityTimeout", 30)
        timeout_s = deployed().get(worker, {}).get("Timeout", 0)
        if hidden_s != 6 * timeout_s:
            yield f"{name} hides an item for {hidden_s} s, and its worker {worker} may take {timeout_s} s"


@rule
def test_a_queue_keeps_an_item_for_all_its_attempts() -> Sentences:
    """The worker's delays between attempts grow up to five minutes: what is thrown away before them is lost."""
    from banxway.entrypoints.worker import _LONGEST_DELAY_S

    for name in consumers():
        kept_s = _said(name, "MessageRetentionPeriod", KEPT_BY_DEFAULT)
        attempts = _said(name, "RedrivePolicy", {}).get("maxReceiveCount", 0)
        needed_s = attempts * min(2**attempts, _LONGEST_DELAY_S)
        if kept_s < needed_s:
            yield f"{name} keeps an item for {kept_s} s, and its {attempts} attempts take up to {needed_s} s"


@rule
def test_a_queue_hands_an_item_out_often_enough_to_outlast_a_hiccup() -> Sentences:
    """Fewer attempts, and a provider that was away for a minute fills the dead letters."""
    for name in set(consumers()) - {DEAD_LETTERS}:
        policy = _said(name, "RedrivePolicy", {})
        if policy.get("maxReceiveCount", 0) < 5:
            yield f"{name} hands an item out {policy.get('maxReceiveCount')} times, and 5 is the least"
        if named(policy.get("deadLetterTargetArn")) != DEAD_LETTERS:
            yield f"what fails on {name} does not go to {DEAD_LETTERS}"


@rule
def test_a_worker_knows_which_attempt_is_the_last() -> Sentences:
    """It gives the item up with a cause then; if SQS is earlier, nobody learns the cause."""
    for name, item in queue_items().items():
        last = _said(name, "RedrivePolicy", {}).get("maxReceiveCount", 0)
        if item.attempts != last:
            yield f"{name} hands an item out {last} times, and {item.__name__} says {item.attempts}"


@rule
def test_a_rotation_counts_as_stalled_only_when_its_item_had_time_to_come_back() -> Sentences:
    """Otherwise the sweeper would have two workers at one rotation again and again."""
    from banxway.services.maintenance.rotation import _STALLED_S

    hidden_s = _said("RotationQueue", "VisibilityTimeout", 30)
    if hidden_s >= _STALLED_S:
        yield f"the sweeper waits for {_STALLED_S} s, and RotationQueue hides an item for {hidden_s} s"


@rule
def test_every_mapping_hands_a_queue_to_the_worker_that_reads_its_items() -> Sentences:
    """Nothing filtered, nothing switched off, single failures reported, and no more at once than was decided."""
    wanted = {
        f"{worker}Source": {
            "FunctionName": {"Ref": worker},
            "EventSourceArn": {"Fn::GetAtt": [name, "Arn"]},
            "BatchSize": _limits(name).batch,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
            "ScalingConfig": {"MaximumConcurrency": _limits(name).workers},
        }
        for name, worker in _workers().items()
    }
    yield from differences("mapping", of("Lambda::EventSourceMapping"), wanted)


@rule
def test_one_organization_gets_less_than_half_of_the_senders_of_a_queue() -> Sentences:
    """Otherwise two slow servers stop everybody."""
    defaults = {name: each.get("Default") for name, each in template()["Parameters"].items()}
    for name in ("MessageSenders", "MailSenders"):
        if 2 * defaults["MessagesInFlight"] >= defaults[name]:
            yield f"{name} is {defaults[name]}, and an organization may have {defaults['MessagesInFlight']}"


@rule
def test_a_worker_reads_the_items_of_the_queue_that_it_is_given() -> Sentences:
    """A worker behind another's queue would send every item to the dead letters."""
    readers = {each.logical_id: each.handler.worker for each in functions() if each.kind == "worker"}
    for name, worker in consumers().items():
        if readers.get(worker) is not queue_items().get(name):
            yield f"{worker} consumes {name}, and reads {readers.get(worker)}"


@rule
def test_somebody_enqueues_for_every_worker() -> Sentences:
    """A queue that no function sends to is one whose worker never runs."""
    sent = {queue for name in of("Serverless::Function") for queue in _sends_to(name)}
    for name in queue_items():
        if name not in sent:
            yield f"nothing is ever sent to {name}"


@rule
def test_a_worker_that_enqueues_for_itself_is_not_taken_for_a_runaway() -> Sentences:
    """Lambda stops a function that keeps feeding its own queue after about 16 rounds, unless the template allows it.

    Everybody else keeps that protection.
    """
    for name, properties in of("Serverless::Function").items():
        own = {queue for queue, worker in consumers().items() if worker == name}
        wanted = "Allow" if own & _sends_to(name) else None
        if properties.get("RecursiveLoop") != wanted:
            yield f"{name} has RecursiveLoop {properties.get('RecursiveLoop')}, and should have {wanted}"


@rule
def test_every_timer_has_its_schedule_and_leaves_a_trace_where_it_cannot_start() -> Sentences:
    """A tick that could not start is in the dead letters; where the next is a minute away it is not tried again."""
    for each in functions():
        if each.kind == "timer":
            found = schedules(each.logical_id)
            if len(found) != 1:
                yield f"{each.logical_id} has {len(found)} schedules"
            for properties in found:
                yield from differences(each.logical_id, properties, _schedule(properties))


def _workers() -> dict[str, str]:
    """Return the function that takes each queue's items, by the queue's logical id."""
    workers = [each for each in functions() if each.kind == "worker"]
    return {
        name: each.logical_id
        for name, item in queue_items().items()
        for each in workers
        if each.handler.worker is item
    }


def _limits(queue: str) -> Limits:
    return LIMITS.get(queue, Limits())


def _written(name: str, worker: str) -> dict[str, Any]:
    """Return what the template should say of a queue."""
    limits = _limits(name)
    redrive = {
        "deadLetterTargetArn": {"Fn::GetAtt": [DEAD_LETTERS, "Arn"]},
        "maxReceiveCount": limits.attempts,
    }
    kept = {} if limits.kept_s == KEPT_BY_DEFAULT else {"MessageRetentionPeriod": limits.kept_s}
    return {
        "VisibilityTimeout": 6 * deployed().get(worker, {}).get("Timeout", 0),
        **kept,
        "SqsManagedSseEnabled": True,
        **({"RedrivePolicy": redrive} if limits.attempts else {}),
    }


def _said(queue: str, what: str, default: Any) -> Any:
    return of("SQS::Queue").get(queue, {}).get(what, default)


def _sends_to(function: str) -> set[str]:
    calls = reach.reached(folder_of(of("Serverless::Function")[function]))
    sent = {logical_queue(str(queue)) for call, queue in calls if call == "send_message"}
    return sent - {queue for name, queue in NEVER_SENT if name == function}


def _schedule(properties: dict[str, Any]) -> dict[str, Any]:
    expression = properties.get("ScheduleExpression")
    return {
        # Otherwise its name is the function's, and the account takes no second stack.
        "OmitName": True,
        # What the expression is, the function's own first line says (test_template.py).
        "ScheduleExpression": expression,
        "RetryPolicy": {"MaximumRetryAttempts": 3 if expression in MAY_BE_TRIED_AGAIN else 0},
        "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["TimerDeadLetters", "Arn"]}},
        "RoleArn": {"Fn::GetAtt": ["RoleOfSchedules", "Arn"]},
    }
