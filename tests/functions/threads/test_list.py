"""Listing threads."""

from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import configure, customer_wrote, incoming, post_callback, whatsapp_body

PATH = "/api/v1/communications/threads"


def test_a_thread_is_summed_up(bundle, organization):
    customer_wrote(bundle, organization)

    answer = bundle.get(PATH, organization.agent)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": [
            {
                "id": A_UUID,
                "subject": "Where is my parcel?",
                "status": "open",
                "customer_id": A_UUID,
                "customer_name": "Asha",
                "assigned_to_user_id": None,
                "tags": [],
                "is_spam": False,
                "last_message_at": AN_INSTANT,
                "last_message_text": "Where is my parcel?",
                "is_cut": False,
                "message_count": 1,
                "unread_count": 1,
            }
        ],
        "count": 1,
        "next_cursor": None,
    }


def test_what_was_read_is_not_counted_as_unread(bundle, organization):
    thread = customer_wrote(bundle, organization)
    bundle.post(f"/api/v1/communications/threads/{thread}/read", organization.agent)
    bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "On its way"},
    )

    (listed,) = bundle.get("/api/v1/communications/threads", organization.agent).data
    assert (listed["message_count"], listed["unread_count"]) == (2, 0)


def many_customers(bundle, organization, count):
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    items = [incoming(f"Message {n}", sender=f"+9198765432{n:02}") for n in range(count)]
    post_callback(bundle, url, whatsapp_body(*items))
    bundle.work("webhook")


def test_pages_cover_every_thread_once(bundle, organization):
    many_customers(bundle, organization, 5)

    target, seen, sizes = f"{PATH}?limit=2", [], []
    while target:
        answer = bundle.get(target, organization.agent)
        seen += [each["id"] for each in answer.data]
        sizes.append(answer.json["count"])
        cursor = answer.json["next_cursor"]
        target = f"{PATH}?limit=2&cursor={cursor}" if cursor else None

    assert sizes == [2, 2, 1]
    assert len(set(seen)) == 5


def test_threads_of_one_customer_can_be_asked_for(bundle, organization):
    many_customers(bundle, organization, 2)
    wanted = bundle.get(PATH, organization.agent).data[1]

    answer = bundle.get(f"{PATH}?customer_id={wanted['customer_id']}", organization.agent)

    assert answer.data == [wanted]


def test_another_organizations_threads_are_not_listed(bundle, organization):
    customer_wrote(bundle, bundle.database.add_organization("Other"))

    assert bundle.get(PATH, organization.agent).data == []


def test_threads_can_be_asked_for_by_status_assignee_and_tag(bundle, organization):
    many_customers(bundle, organization, 3)
    first, second, third = (row["id"] for row in bundle.get(PATH, organization.agent).data)
    agent = str(organization.agent)
    for thread, change in (
        (first, {"status": "closed"}),
        (second, {"assigned_to_user_id": agent}),
        (third, {"tags": ["parcel", "late"]}),
    ):
        changed = bundle.request("PATCH", f"{PATH}/{thread}", user=organization.agent, body=change)
        assert changed.status == 200

    def found(query):
        return [row["id"] for row in bundle.get(f"{PATH}?{query}", organization.agent).data]

    assert found("status=closed") == [first]
    assert found("status=open") == [second, third]
    assert found(f"assigned_to={agent}") == [second]
    assert found("assigned_to=nobody") == [first, third]
    assert found("tag=late") == [third]
    assert found("tag=parcel&status=closed") == []


def test_spam_is_listed_only_when_asked_for(bundle, organization):
    many_customers(bundle, organization, 2)
    spam, other = (row["id"] for row in bundle.get(PATH, organization.agent).data)
    bundle.request("PATCH", f"{PATH}/{spam}", user=organization.agent, body={"is_spam": True})

    assert [row["id"] for row in bundle.get(PATH, organization.agent).data] == [other]
    assert [row["id"] for row in bundle.get(f"{PATH}?is_spam=true", organization.agent).data] == [spam]
