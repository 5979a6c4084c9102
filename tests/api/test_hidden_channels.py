"""`can_view` false: a channel's messages are not there for that user, on any route and in no live event."""

import json
from dataclasses import dataclass
from uuid import uuid4

import pytest

from functions.realtime.connect.app import handler as connect
from functions.realtime.notify.app import handler as notify
from tests.support.databases.postgres import Organization
from tests.support.gates.routes import ROUTES
from tests.support.product.app import Bundle
from tests.support.product.contents import add_attachment
from tests.support.product.events import queue_event, queue_record, socket_event
from tests.support.product.stories import customer_wrote, mail_arrived
from tests.support.timing.database_times import let_tickets_live

API = "/api/v1/communications"
SECRET = "The price is 4711"


@dataclass(frozen=True)
class World:
    """A mail's thread, a WhatsApp thread, and one that begins with a WhatsApp message and has a mail in it."""

    bundle: Bundle
    organization: Organization
    mail: str
    whatsapp: str
    both: str
    mail_message: str
    mail_in_both: str
    attachment: str

    def hide(self, integration_type, user, *, can_view=False):
        grant = {"user_id": str(user), "can_view": can_view, "can_use": True}
        path = f"/api/v1/settings/integrations/{integration_type}/permissions"
        assert self.bundle.post(path, self.organization.admin, grant).status == 200


def _mail(bundle, organization, subject, **details):
    """Let a mail arrive, and return its thread and its id."""
    mail_arrived(bundle, organization, subject=subject, text=SECRET, **details)
    (row,) = bundle.database.rows(
        "SELECT thread_id::text, id::text FROM messages WHERE organization_id = %s AND subject = %s",
        (organization.id, subject),
    )
    return row["thread_id"], row["id"]


@pytest.fixture
def world(bundle, organization):
    whatsapp = customer_wrote(bundle, organization)
    both = customer_wrote(bundle, organization, "Hello from Ravi", sender="+919876500000")
    mail, mail_message = _mail(bundle, organization, "Offer")
    ravi = {"sender": "ravi@customer.example", "mailbox": "sales@yourdomain.com", "message_id": "2@c.example"}
    _, mail_in_both = _mail(bundle, organization, "Second", **ravi)
    attachment = add_attachment(bundle, organization, mail_message, b"x", name="offer.pdf")
    bundle.database.rows("UPDATE messages SET thread_id = %s WHERE id = %s", (both, mail_in_both))
    made = World(bundle, organization, mail, whatsapp, both, mail_message, mail_in_both, attachment)
    made.hide("zoho_mail", organization.agent)
    return made


MAIL = {"channel": "EMAIL", "to": "test@example.com", "subject": "Hello", "content_text": "Hello"}
BODIES = {
    f"POST {API}/threads/{{thread_id}}/messages": MAIL,
    f"POST {API}/threads/{{thread_id}}/messages/preview": MAIL,
    f"POST {API}/threads/{{thread_id}}/split": {"message_id": str(uuid4())},
    f"PATCH {API}/threads/{{thread_id}}": {"status": "closed"},
    f"PUT {API}/threads/{{thread_id}}/customer": {"email": "new@customer.example"},
    f"POST {API}/messages/{{message_id}}/retry": {},
}
ROUTES_OF_MESSAGES = [
    route for route in ROUTES if route.endpoint and {"thread_id", "message_id"} & {*route.variables}
]


def _ask(world, route, user, *, thread, message):
    path = route.path.format(
        thread_id=thread, message_id=message, attachment_id=world.attachment, field="body_text"
    )
    return world.bundle.request(route.method, path, user=user, body=BODIES.get(str(route)))


@pytest.mark.parametrize("route", ROUTES_OF_MESSAGES, ids=str)
def test_what_is_hidden_looks_as_if_it_were_not_there(world, route):
    agent, nothing = world.organization.agent, str(uuid4())

    hidden = _ask(world, route, agent, thread=world.mail, message=world.mail_message)
    unknown = _ask(world, route, agent, thread=nothing, message=nothing)

    assert hidden.status == 404, hidden.text
    assert hidden.without_request_id() == unknown.without_request_id()


def test_every_body_is_of_a_route_that_exists():
    assert set(BODIES) <= {str(route) for route in ROUTES_OF_MESSAGES}


def test_a_list_of_threads_has_none_of_the_channel_alone(world):
    def seen(user):
        return {thread["id"]: thread for thread in world.bundle.get(f"{API}/threads", user).data}

    of_agent, of_manager = seen(world.organization.agent), seen(world.organization.manager)

    assert set(of_agent) == {world.whatsapp, world.both}
    assert {world.mail, world.whatsapp, world.both} <= set(of_manager)
    assert (of_agent[world.both]["message_count"], of_manager[world.both]["message_count"]) == (1, 2)
    assert SECRET not in json.dumps(of_agent)
    assert SECRET in json.dumps(of_manager)


def test_a_thread_of_several_channels_shows_the_others(world):
    agent = world.organization.agent
    thread = world.bundle.get(f"{API}/threads/{world.both}", agent)
    messages = world.bundle.get(f"{API}/threads/{world.both}/messages", agent)

    assert [message["channel"] for message in thread.data["messages"]] == ["WHATSAPP"]
    assert [message["channel"] for message in messages.data] == ["WHATSAPP"]
    assert "EMAIL" not in thread.data["reply_to"]
    assert SECRET not in thread.text + messages.text


def test_a_thread_is_not_named_by_what_is_hidden(world):
    world.hide("exotel_whatsapp", world.organization.manager)
    manager = world.organization.manager

    shown = world.bundle.get(f"{API}/threads/{world.both}", manager)
    listed = {thread["id"]: thread for thread in world.bundle.get(f"{API}/threads", manager).data}

    assert shown.data["subject"] == listed[world.both]["subject"] == "Second"
    assert "Hello from Ravi" not in shown.text


def test_nothing_can_be_sent_on_what_cannot_be_viewed(world):
    answer = world.bundle.post(f"{API}/threads/{world.both}/messages", world.organization.agent, MAIL)

    assert (answer.status, answer.json["code"]) == (403, "not_permitted")


def test_changes_say_of_what_is_hidden_that_there_was_something(world):
    def seen(user):
        return world.bundle.get(f"{API}/changes", user).data

    of_agent, of_admin = seen(world.organization.agent), seen(world.organization.admin)

    hidden = {world.mail, world.mail_message, world.mail_in_both}
    assert hidden & {change["message_id"] for change in of_admin["changes"]}
    assert not hidden & {
        change[name] for change in of_agent["changes"] for name in ("thread_id", "message_id")
    }
    # What an admin set up is no secret: everybody sees the channels' cards.
    settings = {"integration.updated", "mailbox.updated", "phone_number.updated", "whatsapp_template.updated"}
    unnamed = {change["kind"] for change in of_agent["changes"] if change["thread_id"] is None}
    assert unnamed - settings == {"hidden"}
    assert [change["sequence"] for change in of_agent["changes"]] == [
        change["sequence"] for change in of_admin["changes"]
    ]
    assert of_agent["complete"] is True


def test_live_events_say_no_more(world):
    bundle, organization = world.bundle, world.organization
    names = {}
    for user in (organization.agent, organization.admin):
        ticket = bundle.post("/api/v1/realtime/ticket", user).data["ticket"]
        let_tickets_live(bundle.database)
        names[user] = f"of {user}"
        bundle.call(connect, socket_event("$connect", names[user], query={"ticket": ticket}))
    item = json.dumps({"organization_id": str(organization.id)})

    bundle.call(
        notify, queue_event([queue_record(item, queue=bundle.queue_url("change").rpartition("/")[2])])
    )

    to_agent, to_admin = (
        bundle.frames.pushed[names[user]] for user in (organization.agent, organization.admin)
    )
    latest = bundle.get(f"{API}/changes", organization.admin).data["latest"]
    assert [json.loads(frame) for frame in to_admin] == [{"type": "changes", "latest": latest}]
    assert to_agent == to_admin


def test_an_admin_sees_everything_and_a_grant_shows_it_again(world):
    world.hide("zoho_mail", world.organization.admin)
    assert world.bundle.get(f"{API}/threads/{world.mail}", world.organization.admin).status == 200

    world.hide("zoho_mail", world.organization.agent, can_view=True)
    assert world.bundle.get(f"{API}/threads/{world.mail}", world.organization.agent).status == 200


def test_who_sees_a_part_merges_the_whole(world):
    world.hide("zoho_mail", world.organization.manager)
    rows = world.bundle.database.rows(
        "SELECT id::text, customer_id::text FROM threads WHERE organization_id = %s", (world.organization.id,)
    )
    customer = {row["id"]: row["customer_id"] for row in rows}
    path = f"{API}/customers/{customer[world.whatsapp]}/merge"
    body = {"customer_id": customer[world.mail]}

    answer = world.bundle.post(path, world.organization.manager, body)

    assert answer.status == 200, answer.text
    left = world.bundle.database.rows(
        "SELECT id FROM threads WHERE customer_id = %s", (customer[world.mail],)
    )
    assert left == []
    assert world.bundle.get(f"{API}/threads/{world.mail}", world.organization.manager).status == 404
