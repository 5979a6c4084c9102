"""Undoing a join."""

from uuid import uuid4

from tests.support.product.stories import customer_wrote, mail_arrived

PATH = "/api/v1/communications/threads/{}"


def test_a_message_and_its_answers_get_a_thread_of_their_own(bundle, organization):
    thread = customer_wrote(bundle, organization, "Where is it?")
    assert customer_wrote(bundle, organization, "And another thing") == thread
    second = bundle.get(PATH.format(thread), organization.agent).data["messages"][-1]

    answer = bundle.post(f"{PATH.format(thread)}/split", organization.agent, {"message_id": second["id"]})

    assert answer.status == 201
    assert answer.data["id"] != thread
    assert answer.data["related_thread_id"] == thread
    (moved,) = answer.data["messages"]
    assert (moved["id"], moved["join_rule"], moved["join_evidence"]) == (second["id"], "split", thread)
    (left,) = bundle.get(PATH.format(thread), organization.agent).data["messages"]
    assert left["body_text"] == "Where is it?"


def test_the_only_message_of_a_thread_stays_in_it(bundle, organization):
    thread = mail_arrived(bundle, organization)
    (message,) = bundle.get(PATH.format(thread), organization.agent).data["messages"]

    answer = bundle.post(f"{PATH.format(thread)}/split", organization.agent, {"message_id": message["id"]})

    assert (answer.status, answer.json["code"]) == (409, "conflict")


def test_what_is_no_message_of_the_thread_is_refused_by_name(bundle, organization):
    thread = customer_wrote(bundle, organization)

    for body in ({"message_id": str(uuid4())}, {"message_id": "first"}, {}):
        answer = bundle.post(f"{PATH.format(thread)}/split", organization.agent, body)
        assert (answer.status, answer.json["details"]["field"]) == (422, "message_id")


def test_an_unknown_thread_is_not_found(bundle, organization):
    answer = bundle.post(f"{PATH.format(uuid4())}/split", organization.agent, {"message_id": str(uuid4())})

    assert answer.status == 404
