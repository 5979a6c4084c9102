"""What a composer shows above its button: who would receive the message, and what it would say."""

from uuid import uuid4

import pytest

from tests.support.stories import mail_arrived

PATH = "/api/v1/communications/threads/{}/messages/preview"


@pytest.fixture
def thread(bundle, organization):
    return mail_arrived(bundle, organization)


def preview(bundle, organization, thread, **fields):
    body = {"channel": "EMAIL", "content_text": "We are on it.", **fields}
    return bundle.post(PATH.format(thread), organization.agent, body)


def test_it_says_who_receives_what_and_why(bundle, organization, thread):
    (theirs,) = bundle.get(PATH.format(thread).rpartition("/messages")[0], organization.agent).data[
        "messages"
    ]

    answer = preview(bundle, organization, thread, cc=["boss@customer.example"])

    assert answer.status == 200
    assert answer.data["sender"] == theirs["recipient"]
    assert answer.data["recipients"] == [
        {"address": theirs["sender"], "role": "to", "reason": "They wrote the message that you answer"},
        {"address": "boss@customer.example", "role": "cc", "reason": "You named them"},
    ]
    assert answer.data["subject"].startswith("Re: ")
    assert answer.data["content_text"].startswith("We are on it.")


def test_nothing_is_sent_or_stored(bundle, organization, thread):
    before = bundle.database.rows("SELECT count(*) AS total FROM messages")

    for fields in ({}, {"to": ["somebody@else.example"]}, {"attachments": [str(uuid4())]}):
        assert preview(bundle, organization, thread, **fields).status == 200

    assert bundle.database.rows("SELECT count(*) AS total FROM messages") == before


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"to": "support@yourdomain.com"}, "to"),
        ({"to": ["a@b.example", "A@b.example"]}, "to"),
        ({"cc": ["nobody"]}, "cc.0"),
        ({"reply_to_message_id": str(uuid4())}, "reply_to_message_id"),
    ],
)
def test_what_could_not_be_sent_is_refused_as_sending_refuses_it(bundle, organization, thread, fields, field):
    if fields.get("to") == "support@yourdomain.com":
        (theirs,) = bundle.get(PATH.format(thread).rpartition("/messages")[0], organization.agent).data[
            "messages"
        ]
        fields = {"to": theirs["recipient"]}

    previewed = preview(bundle, organization, thread, **fields)
    sent = bundle.post(
        PATH.format(thread).removesuffix("/preview"), organization.agent,
        {"channel": "EMAIL", "content_text": "We are on it.", **fields},
    )  # fmt: skip

    assert (previewed.status, previewed.json["details"]["field"]) == (422, field)
    assert (sent.status, sent.json["error"]) == (422, previewed.json["error"])


def test_an_unknown_thread_is_not_found(bundle, organization):
    assert preview(bundle, organization, uuid4()).status == 404
