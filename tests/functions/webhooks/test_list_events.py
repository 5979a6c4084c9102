"""The log of callbacks."""

from tests.support.product.stories import configure, incoming, post_callback, report, whatsapp_body

PATH = "/api/v1/settings/webhook-events"


def received(bundle, organization, *bodies):
    """Let Exotel post these to the dashboard's URL, and apply them."""
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    for body in bodies:
        post_callback(bundle, url, body)
    bundle.work("webhook")


def test_each_callback_is_listed_with_what_became_of_it(bundle, organization):
    received(
        bundle,
        organization,
        whatsapp_body(incoming("Hello")),
        {"whatsapp": {"messages": [{"x": 1}]}},
        "no object",
    )

    events = bundle.get(PATH, organization.manager).data

    assert [event["kind"] for event in events] == ["whatsapp"] * 3
    assert sorted(event["outcome"] for event in events) == ["applied", "unknown", "unreadable"]
    assert {event["subject"] for event in events} == {"integration"}
    assert "body" not in events[0]


def test_a_repetition_is_counted_and_not_listed_again(bundle, organization):
    body = whatsapp_body(report("sid-1", 30002, "EX_MESSAGE_DELIVERED"))
    received(bundle, organization, body, body, body)

    (event,) = bundle.get(PATH, organization.manager).data
    assert event["deliveries"] == 3


def test_filters_and_pages(bundle, organization):
    received(
        bundle,
        organization,
        *(whatsapp_body(incoming(f"Message {n}", sid=f"in-{n}")) for n in range(5)),
        "no object",
    )

    unreadable = bundle.get(f"{PATH}?outcome=unreadable", organization.admin).data
    assert len(unreadable) == 1
    assert bundle.get(f"{PATH}?kind=call_status", organization.admin).data == []
    seen, cursor = [], ""
    while cursor is not None:
        answer = bundle.get(f"{PATH}?limit=2{cursor}", organization.admin)
        seen += [event["id"] for event in answer.data]
        cursor = f"&cursor={answer.json['next_cursor']}" if answer.json["next_cursor"] else None
    assert len(seen) == len(set(seen)) == 6


def test_an_agent_and_another_organization_see_none(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello")))
    stranger = bundle.database.add_organization()

    assert bundle.get(PATH, organization.agent).status == 403
    assert bundle.get(PATH, stranger.admin).data == []
