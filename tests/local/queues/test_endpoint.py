"""Our queues answer boto3 as SQS does; moto is the witness wherever it is right."""

import hashlib
import json

import pytest
from botocore.exceptions import ClientError

FIFO = {"FifoQueue": "true", "ContentBasedDeduplication": "true"}


def test_a_message_comes_back_as_it_was_sent(either, make_queue):
    url = make_queue(either)
    attributes = {
        "kind": {"DataType": "String", "StringValue": "é"},
        "count": {"DataType": "Number", "StringValue": "2"},
        "raw": {"DataType": "Binary", "BinaryValue": b"\x00\xff"},
    }

    sent = either.send_message(QueueUrl=url, MessageBody="héllo", MessageAttributes=attributes)
    [message] = either.receive_message(
        QueueUrl=url, MessageAttributeNames=["All"], MessageSystemAttributeNames=["All"]
    )["Messages"]

    assert sent["MD5OfMessageBody"] == message["MD5OfBody"] == hashlib.md5("héllo".encode()).hexdigest()
    assert sent["MD5OfMessageAttributes"] == message["MD5OfMessageAttributes"]
    assert message["MessageId"] == sent["MessageId"]
    assert message["Body"] == "héllo"
    assert message["MessageAttributes"] == attributes
    assert message["Attributes"]["ApproximateReceiveCount"] == "1"
    assert message["Attributes"].keys() >= {"SenderId", "SentTimestamp", "ApproximateFirstReceiveTimestamp"}


def test_the_sum_of_attributes_is_sqs_own(either, make_queue):
    attributes = {
        "b": {"DataType": "String.custom", "StringValue": "x"},
        "a": {"DataType": "Binary", "BinaryValue": b"\x00"},
        "c": {"DataType": "Number.int", "StringValue": "-1"},
    }

    sent = either.send_message(QueueUrl=make_queue(either), MessageBody="x", MessageAttributes=attributes)

    assert sent["MD5OfMessageAttributes"] == "81221c8175eeada073f745c555ada01e"


def test_only_the_attributes_asked_for_are_shown(either, make_queue):
    url = make_queue(either)
    either.send_message(
        QueueUrl=url,
        MessageBody="x",
        MessageAttributes={name: {"DataType": "String", "StringValue": "1"} for name in ("a", "b")},
    )

    [message] = either.receive_message(
        QueueUrl=url, MessageAttributeNames=["a"], MessageSystemAttributeNames=["SentTimestamp"]
    )["Messages"]

    assert message["MessageAttributes"].keys() == {"a"}
    assert message["Attributes"].keys() == {"SentTimestamp"}


def test_a_received_message_is_hidden_until_its_time_is_up(either, make_queue, queue_time):
    url = make_queue(either, VisibilityTimeout="10")
    either.send_message(QueueUrl=url, MessageBody="x")
    either.receive_message(QueueUrl=url)

    queue_time.let_pass(9)
    before = either.receive_message(QueueUrl=url)
    queue_time.let_pass(1)
    later = either.receive_message(QueueUrl=url, MessageSystemAttributeNames=["All"])

    assert "Messages" not in before
    assert later["Messages"][0]["Attributes"]["ApproximateReceiveCount"] == "2"


def test_visibility_can_be_ended_and_extended(either, make_queue, queue_time):
    url = make_queue(either, VisibilityTimeout="10")
    either.send_message(QueueUrl=url, MessageBody="x")
    [message] = either.receive_message(QueueUrl=url)["Messages"]

    either.change_message_visibility(
        QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=0
    )
    [again] = either.receive_message(QueueUrl=url)["Messages"]
    either.change_message_visibility(QueueUrl=url, ReceiptHandle=again["ReceiptHandle"], VisibilityTimeout=30)

    queue_time.let_pass(29)
    assert "Messages" not in either.receive_message(QueueUrl=url)
    queue_time.let_pass(1)
    assert "Messages" in either.receive_message(QueueUrl=url)


def test_a_deleted_message_is_gone(either, make_queue):
    url = make_queue(either, VisibilityTimeout="0")
    either.send_message(QueueUrl=url, MessageBody="x")
    [message] = either.receive_message(QueueUrl=url)["Messages"]

    either.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    assert "Messages" not in either.receive_message(QueueUrl=url)


def test_an_older_receipt_deletes_nothing(sqs, make_queue):
    url = make_queue(sqs, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    [first] = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.receive_message(QueueUrl=url)

    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])

    assert sqs.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "x"


def test_a_delayed_message_comes_when_it_is_due(either, make_queue, queue_time):
    url = make_queue(either)
    either.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=10)

    queue_time.let_pass(9)
    before = either.receive_message(QueueUrl=url)
    queue_time.let_pass(1)
    later = either.receive_message(QueueUrl=url)

    assert "Messages" not in before
    assert later["Messages"][0]["Body"] == "x"


def test_batches_report_each_entry(either, make_queue):
    url = make_queue(either)
    sent = either.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": "good", "MessageBody": "1"}, {"Id": "late", "MessageBody": "2", "DelaySeconds": 0}],
    )
    messages = either.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    handles = [{"Id": str(n), "ReceiptHandle": each["ReceiptHandle"]} for n, each in enumerate(messages)]

    shown = either.change_message_visibility_batch(
        QueueUrl=url, Entries=[{**each, "VisibilityTimeout": 60} for each in handles]
    )
    deleted = either.delete_message_batch(QueueUrl=url, Entries=handles)

    assert {each["Id"] for each in sent["Successful"]} == {"good", "late"}
    assert {each["Id"] for each in shown["Successful"]} == {"0", "1"}
    assert {each["Id"] for each in deleted["Successful"]} == {"0", "1"}


def test_a_bad_entry_fails_alone(sqs, make_queue):
    url = make_queue(sqs)

    sent = sqs.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": "good", "MessageBody": "1"}, {"Id": "bad", "MessageBody": "2", "DelaySeconds": 901}],
    )

    assert [each["Id"] for each in sent["Successful"]] == ["good"]
    assert [(each["Id"], each["Code"], each["SenderFault"]) for each in sent["Failed"]] == [
        ("bad", "InvalidParameterValue", True)
    ]


@pytest.mark.parametrize(
    ("entries", "code"),
    [
        ([], "AWS.SimpleQueueService.EmptyBatchRequest"),
        (
            [{"Id": str(n), "MessageBody": "x"} for n in range(11)],
            "AWS.SimpleQueueService.TooManyEntriesInBatchRequest",
        ),
        ([{"Id": "a", "MessageBody": "x"}] * 2, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct"),
        ([{"Id": "a b", "MessageBody": "x"}], "AWS.SimpleQueueService.InvalidBatchEntryId"),
        (
            [{"Id": str(n), "MessageBody": "x" * 600_000} for n in range(2)],
            "AWS.SimpleQueueService.BatchRequestTooLong",
        ),
    ],
    ids=["empty", "too many", "same id", "bad id", "too long"],
)
def test_a_malformed_batch_is_refused_as_a_whole(either, make_queue, entries, code):
    url = make_queue(either)

    with pytest.raises(ClientError) as refusal:
        either.send_message_batch(QueueUrl=url, Entries=entries)

    assert refusal.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("call", "arguments", "code"),
    [
        ("get_queue_url", {"QueueName": "never-made"}, "AWS.SimpleQueueService.NonExistentQueue"),
        ("send_message", {"MessageBody": "x", "DelaySeconds": 901}, "InvalidParameterValue"),
        ("send_message", {"MessageBody": "x" * 1_100_000}, "InvalidParameterValue"),
        ("receive_message", {"MaxNumberOfMessages": 11}, "InvalidParameterValue"),
        ("receive_message", {"WaitTimeSeconds": 21}, "InvalidParameterValue"),
        ("delete_message", {"ReceiptHandle": "junk"}, "ReceiptHandleIsInvalid"),
    ],
    ids=["unknown queue", "long delay", "long body", "many", "long wait", "bad handle"],
)
def test_what_sqs_refuses_is_refused(either, make_queue, call, arguments, code):
    url = make_queue(either)
    arguments = arguments if "QueueName" in arguments else {"QueueUrl": url, **arguments}

    with pytest.raises(ClientError) as refusal:
        getattr(either, call)(**arguments)

    assert refusal.value.response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("attributes", "code"),
    [
        ({"Colour": "red"}, "InvalidAttributeName"),
        ({"VisibilityTimeout": "43201"}, "InvalidAttributeValue"),
        ({"RedrivePolicy": "{}"}, "InvalidAttributeValue"),
    ],
    ids=["unknown", "out of range", "no dead letters"],
)
def test_attributes_that_sqs_does_not_know_are_refused(sqs, make_queue, attributes, code):
    url = make_queue(sqs)

    with pytest.raises(ClientError) as refusal:
        sqs.set_queue_attributes(QueueUrl=url, Attributes=attributes)

    assert refusal.value.response["Error"]["Code"] == code


def test_visibility_of_what_nobody_holds_cannot_be_changed(sqs, make_queue):
    url = make_queue(sqs, VisibilityTimeout="0")
    sqs.send_message(QueueUrl=url, MessageBody="x")
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]

    with pytest.raises(ClientError) as refusal:
        sqs.change_message_visibility(
            QueueUrl=url, ReceiptHandle=message["ReceiptHandle"], VisibilityTimeout=5
        )

    assert refusal.value.response["Error"]["Code"] == "AWS.SimpleQueueService.MessageNotInflight"


def test_what_fails_too_often_goes_to_the_dead_letters(either, make_queue):
    dead = make_queue(either, name="dead")
    arn = either.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 2})
    url = make_queue(either, VisibilityTimeout="0", RedrivePolicy=policy)
    sent = either.send_message(QueueUrl=url, MessageBody="poison")
    for _ in range(3):
        either.receive_message(QueueUrl=url)

    [letter] = either.receive_message(QueueUrl=dead, MessageSystemAttributeNames=["All"])["Messages"]

    assert letter["MessageId"] == sent["MessageId"]
    assert "Messages" not in either.receive_message(QueueUrl=url)


def test_a_group_keeps_its_order_and_is_closed_while_one_is_held(either, make_queue):
    url = make_queue(either, **FIFO)
    for body, group in (("a1", "a"), ("a2", "a"), ("b1", "b")):
        either.send_message(QueueUrl=url, MessageBody=body, MessageGroupId=group)

    [first] = either.receive_message(QueueUrl=url)["Messages"]
    others = either.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]
    either.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    [second] = either.receive_message(QueueUrl=url)["Messages"]

    assert first["Body"] == "a1"
    assert [each["Body"] for each in others] == ["b1"]
    assert second["Body"] == "a2"


def test_a_group_keeps_its_order_after_a_time_out(sqs, make_queue, queue_time):
    url = make_queue(sqs, **FIFO, VisibilityTimeout="10")
    for body in ("1", "2", "3"):
        sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)

    queue_time.let_pass(10)
    later = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]

    assert [each["Body"] for each in later] == ["1", "2", "3"]


def test_a_failed_message_comes_back_before_its_successors(either, make_queue):
    url = make_queue(either, **FIFO)
    for body in ("1", "2"):
        either.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")
    [first] = either.receive_message(QueueUrl=url)["Messages"]

    either.change_message_visibility(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=0)

    assert either.receive_message(QueueUrl=url)["Messages"][0]["Body"] == "1"


def test_a_repeated_message_is_dropped_and_answered_like_the_first(sqs, make_queue):
    url = make_queue(sqs, **FIFO)
    arguments = {"QueueUrl": url, "MessageBody": "x", "MessageGroupId": "g"}
    first = sqs.send_message(**arguments)
    [message] = sqs.receive_message(QueueUrl=url)["Messages"]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])

    again = sqs.send_message(**arguments)

    assert (again["MessageId"], again["SequenceNumber"]) == (first["MessageId"], first["SequenceNumber"])
    assert "Messages" not in sqs.receive_message(QueueUrl=url)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"MessageGroupId": None}, "MissingParameter"),
        ({"MessageDeduplicationId": None}, "InvalidParameterValue"),
        ({"DelaySeconds": 1}, "InvalidParameterValue"),
    ],
    ids=["no group", "no deduplication", "a delay of its own"],
)
def test_a_fifo_queue_refuses_what_breaks_its_promise(either, make_queue, arguments, code):
    url = make_queue(either, FifoQueue="true")
    complete = {"MessageBody": "x", "MessageGroupId": "g", "MessageDeduplicationId": "d", **arguments}

    with pytest.raises(ClientError) as refusal:
        either.send_message(
            QueueUrl=url, **{name: value for name, value in complete.items() if value is not None}
        )

    assert refusal.value.response["Error"]["Code"] == code


def test_sequence_numbers_grow(sqs, make_queue):
    url = make_queue(sqs, **FIFO)

    numbers = [
        int(sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")["SequenceNumber"])
        for body in ("1", "2")
    ]

    assert numbers[0] < numbers[1]


def test_a_queue_counts_what_waits_what_is_held_and_what_is_delayed(either, make_queue):
    url = make_queue(either)
    for delay in (0, 0, 0, 60):
        either.send_message(QueueUrl=url, MessageBody="x", DelaySeconds=delay)
    either.receive_message(QueueUrl=url)

    counted = either.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]

    assert counted["ApproximateNumberOfMessages"] == "2"
    assert counted["ApproximateNumberOfMessagesNotVisible"] == "1"
    assert counted["ApproximateNumberOfMessagesDelayed"] == "1"


def test_attributes_can_be_changed_and_read(either, make_queue):
    url = make_queue(either)

    either.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "7"})

    read = either.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    assert read["Attributes"] == {"VisibilityTimeout": "7"}


def test_a_queue_is_made_once(either, make_queue):
    first = make_queue(either, VisibilityTimeout="7")

    assert make_queue(either, VisibilityTimeout="7") == first
    assert first in either.list_queues()["QueueUrls"]
    assert either.get_queue_url(QueueName=first.rsplit("/", 1)[-1])["QueueUrl"] == first


def test_a_purged_queue_is_empty(either, make_queue):
    url = make_queue(either)
    either.send_message(QueueUrl=url, MessageBody="x")

    either.purge_queue(QueueUrl=url)

    assert "Messages" not in either.receive_message(QueueUrl=url)
