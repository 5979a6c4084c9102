"""Saying whom a thread is with."""

from uuid import uuid4

import pytest

from tests.support.product.stories import mail_arrived

PATH = "/api/v1/communications/threads/{}/customer"


@pytest.fixture
def thread(bundle, organization):
    return mail_arrived(bundle, organization)


def test_a_new_customer_is_made_of_an_address(bundle, organization, thread):
    body = {"email": "Omid@client.example", "name": "Omid Client"}

    first = bundle.put(PATH.format(thread), organization.agent, body)
    again = bundle.put(PATH.format(thread), organization.agent, body)

    assert first.status == 200
    assert first.data["customer"]["name"] == "Omid Client"
    assert [one["address"] for one in first.data["customer"]["addresses"]] == ["omid@client.example"]
    assert again.data["customer"] == first.data["customer"]


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "email"), ({"email": "nobody"}, "email"), ({"email": "a@b.example", "name": ""}, "name"),
     ({"email": "a@b.example", "id": 1}, "id")],
)  # fmt: skip
def test_what_is_no_customer_is_refused_by_name(bundle, organization, thread, body, field):
    answer = bundle.put(PATH.format(thread), organization.agent, body)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)


def test_our_own_mailbox_is_no_customer(bundle, organization, thread):
    (message,) = bundle.get(PATH.format(thread).removesuffix("/customer"), organization.agent).data[
        "messages"
    ]

    answer = bundle.put(PATH.format(thread), organization.agent, {"email": message["recipient"]})

    assert (answer.status, answer.json["details"]["field"]) == (422, "email")


def test_an_unknown_thread_is_not_found(bundle, organization):
    answer = bundle.put(PATH.format(uuid4()), organization.agent, {"email": "a@b.example"})

    assert answer.status == 404
