"""Another organization's objects, named by their ids: in a path (threat 1) or in a field (threat 2).

What belongs to somebody else must look exactly like what does not exist.
"""

import json
import re
from dataclasses import dataclass
from uuid import UUID, uuid4

import pytest
from pydantic import TypeAdapter

from banxway.entrypoints.http import ByPath
from tests.support.databases.postgres import Organization
from tests.support.gates.routes import ROUTES, find_route
from tests.support.gates.rules import rule, uncovered
from tests.support.product.app import Bundle
from tests.support.product.dead_letters import add_dead_letter
from tests.support.product.fakes import a_template
from tests.support.product.stories import (
    CUSTOMER,
    MAILBOX,
    add_mailbox,
    configure,
    customer_wrote,
    mail_arrived,
)

TEXT = {"channel": "WHATSAPP", "content": "Hello", "to": CUSTOMER}
MAIL = {"channel": "EMAIL", "to": "test@example.com", "subject": "Hello", "content_text": "Hello"}
NO_MESSAGE = {"message_id": "00000000-0000-0000-0000-000000000001"}
NO_CUSTOMER = {"customer_id": "00000000-0000-0000-0000-000000000001"}
OWN_ADDRESS = {"kind": "email", "address": "support@mine.example"}
TEMPLATE = {"template_name": "shipping_update", "to": CUSTOMER, "variables": {"1": "a", "2": "b"}}


@dataclass(frozen=True)
class World:
    """What one organization owns, by the name of the field that would name it."""

    bundle: Bundle
    organization: Organization
    thread_id: str
    email_account_id: str
    last_seen_message_id: str
    customer_id: str
    notification_id: str
    number_id: str
    attachment_id: str

    @property
    def user_id(self):
        return str(self.organization.agent)

    @property
    def ids(self):
        """An open dead letter: those before it may have been settled by now."""
        return str(add_dead_letter(self.bundle.database, self.organization.id))

    @property
    def event_id(self):
        (row,) = self.bundle.database.rows(
            """INSERT INTO webhook_events (id, organization_id, kind, content_type, body, body_sha256,
                                           is_identifiable, outcome, received_at)
               VALUES (gen_random_uuid(), %s, 'whatsapp', 'application/json', '{}', '', false, 'unknown', now())
               RETURNING id::text""",
            (self.organization.id,),
        )
        return row["id"]

    @property
    def rule_id(self):
        """A new rule, and the only one: those before it may have been deleted by now."""
        remove = "DELETE FROM email_rules WHERE organization_id = %s"
        self.bundle.database.rows(remove, (self.organization.id,))
        (row,) = self.bundle.database.rows(
            "INSERT INTO email_rules (id, organization_id, name, position, conditions, actions) VALUES "
            """(gen_random_uuid(), %s, %s, 1, '[]', '[{"type": "tag", "tag": "x"}]') RETURNING id::text""",
            (self.organization.id, f"Rule of {self.organization.id}"),
        )
        return row["id"]

    rule_ids = rule_id

    @property
    def upload_id(self):
        """A new upload of this organization's agent, which has arrived."""
        body = {"filename": "a.pdf", "content_type": "application/pdf", "size_bytes": 1}
        announced = self.bundle.post("/api/v1/communications/uploads", self.organization.agent, body).data
        upload_id = announced["upload_id"]
        self.bundle.app.infrastructure.blob_transfers.keep(self.organization.id, UUID(upload_id), b"x")
        return upload_id

    attachments = upload_id

    @property
    def account_id(self):
        """A new mailbox: those before it may have been deleted by now."""
        address = f"{uuid4().hex}@{self.organization.id.hex}.example"
        return add_mailbox(self.bundle, self.organization.admin, email=address, is_default=False)["id"]

    @property
    def template_id(self):
        (row,) = self.bundle.database.rows(
            "INSERT INTO email_templates (id, organization_id, name, subject, content_text) "
            "VALUES (gen_random_uuid(), %s, gen_random_uuid()::text, 'Hello', 'Hello') RETURNING id::text",
            (self.organization.id,),
        )
        return row["id"]

    @property
    def address_id(self):
        """A new address of the customer: those before it may have been removed by now."""
        (row,) = self.bundle.database.rows(
            "INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by) "
            "VALUES (%s, %s, 'email', gen_random_uuid() || '@mail.example', 'agent') RETURNING id::text",
            (self.organization.id, self.customer_id),
        )
        return row["id"]

    @property
    def other_customer_id(self):
        """A new customer."""
        (row,) = self.bundle.database.rows(
            "INSERT INTO customers (id, organization_id, name) VALUES (gen_random_uuid(), %s, 'Other') "
            "RETURNING id::text",
            (self.organization.id,),
        )
        return row["id"]

    @property
    def assigned_to_user_id(self):
        return self.user_id

    @property
    def message_id(self):
        return self.last_seen_message_id

    reply_to_message_id = message_id

    @property
    def field(self):
        return "body_text"


def build(bundle, address):
    """Give an organization one thread on both channels, everything configured."""
    organization = bundle.database.add_organization(address)
    mail_thread = mail_arrived(bundle, organization, mailbox=address, message_id=f"1@{address}")
    thread = customer_wrote(bundle, organization, f"canary of {address}")
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1029384756")
    bundle.providers.whatsapp.templates = [a_template()]
    bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin)
    account = add_mailbox(bundle, organization.admin, email=f"more.{address}")
    shown = bundle.get(f"/api/v1/communications/threads/{thread}", organization.agent).data
    (notification,) = bundle.database.rows(
        "INSERT INTO notifications (id, organization_id, kind, subject, sentence) "
        "VALUES (gen_random_uuid(), %s, 'integration_failed', 'exotel_phone', %s) RETURNING id::text",
        (organization.id, f"The account of {address} does not answer"),
    )
    (number,) = bundle.database.rows(
        "INSERT INTO organization_phone_numbers (id, organization_id, integration_id, phone_number, display_name) "
        "SELECT gen_random_uuid(), organization_id, id, '08047100199', %s FROM integration_credentials "
        "WHERE organization_id = %s RETURNING id::text",
        (f"Line of {address}", organization.id),
    )
    (attachment,) = bundle.database.rows(
        "INSERT INTO attachments (id, organization_id, message_id, filename, content_type, size_bytes, blob_key, "
        "position) VALUES (gen_random_uuid(), %s, %s, 'a.pdf', 'application/pdf', 1, %s, 0) RETURNING id::text",
        (organization.id, shown["messages"][-1]["id"], f"{organization.id}/{'0' * 64}"),
    )
    bundle.database.rows(
        "UPDATE messages SET raw_blob = %s WHERE thread_id = %s", (f"{organization.id}/{'0' * 64}", thread)
    )
    bundle.database.rows(
        "INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by) "
        "VALUES (%s, %s, 'email', 'omid@client.example', 'agent')",
        (organization.id, shown["customer"]["id"]),
    )
    assert mail_thread != thread
    return World(
        bundle=bundle,
        organization=organization,
        thread_id=thread,
        email_account_id=account["id"],
        last_seen_message_id=shown["messages"][-1]["id"],
        customer_id=shown["customer"]["id"],
        notification_id=notification["id"],
        number_id=number["id"],
        attachment_id=attachment["id"],
    )


@pytest.fixture(scope="module")
def mine(shared_bundle):
    return build(shared_bundle, "support@mine.example")


@pytest.fixture(scope="module")
def theirs(shared_bundle):
    return build(shared_bundle, "support@theirs.example")


# ── ids in paths ─────────────────────────────────────────────────────────────────────────────

VARIABLE = re.compile(r"\{(\w+)\}")
# route: what to send, and what one's own object answers
BY_ID = {
    "GET /api/v1/communications/threads/{thread_id}": (None, 200),
    "POST /api/v1/communications/threads/{thread_id}/messages": (TEXT, 200),
    "GET /api/v1/communications/threads/{thread_id}/messages": (None, 200),
    "GET /api/v1/communications/messages/{message_id}/parts/{field}": (None, 200),
    "GET /api/v1/communications/messages/{message_id}/original": (None, 200),
    "PATCH /api/v1/communications/threads/{thread_id}": ({"tags": ["seen"]}, 200),
    "POST /api/v1/communications/threads/{thread_id}/read": (None, 200),
    # The customer that it is with already.
    "PUT /api/v1/communications/threads/{thread_id}/customer": ({"email": "omid@client.example"}, 200),
    "POST /api/v1/communications/threads/{thread_id}/messages/preview": (TEXT, 200),
    # It has no such message.
    "POST /api/v1/communications/threads/{thread_id}/split": (NO_MESSAGE, 422),
    "POST /api/v1/settings/email-accounts/{account_id}/poll-now": (None, 200),
    "GET /api/v1/settings/email-accounts/{account_id}": (None, 200),
    "PATCH /api/v1/settings/email-accounts/{account_id}": ({"name": "Renamed"}, 200),
    "DELETE /api/v1/settings/email-accounts/{account_id}": (None, 200),
    "GET /api/v1/settings/email-accounts/{account_id}/folders": (None, 200),
    "GET /api/v1/settings/email-accounts/{account_id}/comparison": (None, 200),
    "GET /api/v1/settings/email-templates/{template_id}": (None, 200),
    "PATCH /api/v1/settings/email-templates/{template_id}": ({"subject": "Changed"}, 200),
    "DELETE /api/v1/settings/email-templates/{template_id}": (None, 200),
    "POST /api/v1/settings/email-templates/{template_id}/preview": ({"variables": {}}, 200),
    "GET /api/v1/communications/messages/{message_id}/attachments/{attachment_id}": (None, 200),
    "GET /api/v1/communications/messages/{message_id}/display": (None, 200),
    # Ours is a customer's message, which is not sent again.
    "POST /api/v1/communications/messages/{message_id}/retry": ({}, 409),
    "GET /api/v1/communications/customers/{customer_id}": (None, 200),
    "PATCH /api/v1/communications/customers/{customer_id}": ({"name": "Asha"}, 200),
    "POST /api/v1/communications/customers/{customer_id}/addresses": (OWN_ADDRESS, 422),
    "DELETE /api/v1/communications/customers/{customer_id}/addresses/{address_id}": (None, 200),
    # There is no such customer to merge.
    "POST /api/v1/communications/customers/{customer_id}/merge": (NO_CUSTOMER, 422),
    "POST /api/v1/communications/customers/{customer_id}/unmerge": (NO_CUSTOMER, 422),
    "GET /api/v1/settings/email-rules/{rule_id}": (None, 200),
    "PATCH /api/v1/settings/email-rules/{rule_id}": ({"name": "Renamed"}, 200),
    "DELETE /api/v1/settings/email-rules/{rule_id}": (None, 200),
    "GET /api/v1/communications/messages/{message_id}/rule-traces": (None, 200),
    "GET /api/v1/settings/email-accounts/{account_id}/vacation": (None, 200),
    "PUT /api/v1/settings/email-accounts/{account_id}/vacation": ({"is_active": False}, 200),
    "POST /api/v1/settings/notifications/{notification_id}/dismiss": (None, 200),
    "GET /api/v1/settings/webhook-events/{event_id}": (None, 200),
    "POST /api/v1/settings/webhook-events/{event_id}/replay": ({"dry_run": True}, 200),
    "POST /api/v1/settings/phone-numbers/{number_id}/assign": ({"user_id": None}, 200),
    "PATCH /api/v1/settings/phone-numbers/{number_id}": ({"display_name": "Renamed"}, 200),
    "PATCH /api/v1/settings/team/{user_id}": ({"role": "agent"}, 200),
    # Ours has accepted already.
    "POST /api/v1/settings/team/{user_id}/resend": (None, 409),
    "DELETE /api/v1/settings/team/{user_id}": (None, 409),
}


@rule
def test_every_route_with_an_id_is_covered_here():
    with_ids = {str(r) for r in ROUTES if any(name.endswith("id") for name in r.variables)}
    to = "BY_ID in tests/api/test_isolation.py"
    yield from uncovered(with_ids, BY_ID, add="a body that works, and the status that its owner gets", to=to)


@pytest.mark.parametrize(
    ("route", "name"),
    [(each, name) for each in BY_ID for name in VARIABLE.findall(each) if name.endswith("id")],
)
def test_another_organizations_object_is_an_absent_one(shared_bundle, mine, theirs, route, name):
    method, path = route.split()
    body, status = BY_ID[route]

    def ask(identity):
        wanted = VARIABLE.sub(lambda each: identity if each[1] == name else getattr(mine, each[1]), path)
        answer = shared_bundle.request(method, wanted, user=mine.organization.admin, body=body)
        return answer.status, answer.headers, answer.text.replace(answer.json.get("request_id", "-"), "")

    own, foreign, absent = ask(getattr(mine, name)), ask(getattr(theirs, name)), ask(str(uuid4()))

    assert own[0] == status
    assert absent[0] == 404
    assert foreign == absent


def test_a_deleted_integration_is_an_absent_one(shared_bundle, mine):
    configure(shared_bundle, mine.organization.admin, "exotel_phone")
    path = "/api/v1/settings/integrations/{}"
    shared_bundle.request("DELETE", path.format("exotel_phone"), user=mine.organization.admin)

    deleted = shared_bundle.get(path.format("exotel_phone"), mine.organization.admin)
    absent = shared_bundle.get(path.format("exotel_sms"), mine.organization.admin)

    assert deleted.without_request_id() == absent.without_request_id()


@pytest.mark.parametrize(
    "path",
    [str(route).removeprefix("GET ") for route in ROUTES if route.method == "GET" and not route.variables],
)
def test_no_list_shows_anything_of_another_organization(shared_bundle, mine, theirs, path):
    answer = shared_bundle.get(path, mine.organization.admin)

    assert answer.status == 200
    for theirs_alone in (theirs.thread_id, theirs.customer_id, theirs.email_account_id, "theirs.example"):
        assert theirs_alone not in answer.text


# ── ids in fields ────────────────────────────────────────────────────────────────────────────

SEND = "POST /api/v1/communications/threads/{thread_id}/messages"
PREVIEW = "POST /api/v1/communications/threads/{thread_id}/messages/preview"
SEND_TEMPLATE = "POST /api/v1/communications/messages/send-template"
UPDATE_THREAD = "PATCH /api/v1/communications/threads/{thread_id}"
SPLIT_THREAD = "POST /api/v1/communications/threads/{thread_id}/split"
LIST_THREADS = "GET /api/v1/communications/threads"
MERGE_CUSTOMERS = "POST /api/v1/communications/customers/{customer_id}/merge"
UNMERGE_CUSTOMERS = "POST /api/v1/communications/customers/{customer_id}/unmerge"
LIST_AUDIT = "GET /api/v1/settings/audit-logs"
EXPORT_AUDIT = "GET /api/v1/settings/audit-logs/export"
SET_PERMISSION = "POST /api/v1/settings/integrations/{type}/permissions"
ASSIGN_NUMBER = "POST /api/v1/settings/phone-numbers/{number_id}/assign"
ADD_MAILBOX = "POST /api/v1/settings/email-accounts"
CHANGE_MAILBOX = "PATCH /api/v1/settings/email-accounts/{account_id}"
CREATE_RULE = "POST /api/v1/settings/email-rules"
UPDATE_RULE = "PATCH /api/v1/settings/email-rules/{rule_id}"
REORDER_RULES = "POST /api/v1/settings/email-rules/reorder"
REDRIVE = "POST /api/v1/settings/dead-letters/redrive"
DISCARD = "POST /api/v1/settings/dead-letters/discard"
TRY_RULE = "POST /api/v1/settings/email-rules/dry-run"
ASSIGNING = {"actions": [{"type": "assign", "user_id": "<id>"}]}
OF_ACCOUNT = {"conditions": [{"field": "account", "account_id": "<id>"}]}
RULE = {"name": "Rule", "actions": [{"type": "tag", "tag": "x"}]}
TEMPLATED = {name: value for name, value in MAIL.items() if name != "content_text"}
ATTACHED = MAIL | {"attachments": ["<id>"]}
INLINE = MAIL | {"content_html": "x", "inline": [{"upload_id": "<id>", "content_id": "a"}]}
# Where a body says <id>, the id is put there, else into the field itself.
BY_FIELD = {
    (SEND, "last_seen_message_id"): TEXT,
    (SEND, "email_account_id"): MAIL,
    (SEND, "reply_to_message_id"): TEXT,
    (SEND, "template_id"): TEMPLATED,
    (SEND, "attachments"): ATTACHED,
    (SEND, "upload_id"): INLINE,
    (PREVIEW, "last_seen_message_id"): TEXT,
    (PREVIEW, "reply_to_message_id"): TEXT,
    (PREVIEW, "email_account_id"): MAIL,
    (PREVIEW, "template_id"): TEMPLATED,
    (PREVIEW, "attachments"): ATTACHED,
    (PREVIEW, "upload_id"): INLINE,
    (PREVIEW, "thread_id"): TEMPLATE,
    (SEND_TEMPLATE, "thread_id"): TEMPLATE,
    (SEND_TEMPLATE, "last_seen_message_id"): TEMPLATE,
    (SEND_TEMPLATE, "reply_to_message_id"): TEMPLATE,
    (SET_PERMISSION, "user_id"): {"can_use": True},
    (ASSIGN_NUMBER, "user_id"): {},
    (ADD_MAILBOX, "assigned_to_user_id"): MAILBOX | {"email": "assigned@mine.example"},
    (CHANGE_MAILBOX, "assigned_to_user_id"): {},
    (CREATE_RULE, "user_id"): RULE | ASSIGNING,
    (CREATE_RULE, "account_id"): RULE | OF_ACCOUNT,
    (UPDATE_RULE, "user_id"): ASSIGNING,
    (UPDATE_RULE, "account_id"): OF_ACCOUNT,
    (REORDER_RULES, "rule_ids"): {"rule_ids": ["<id>"]},
    (TRY_RULE, "rule_id"): {},
    (REDRIVE, "ids"): {"ids": ["<id>"], "dry_run": False},
    (DISCARD, "ids"): {"ids": ["<id>"], "reason": "Done by hand"},
    (TRY_RULE, "user_id"): {"rule": RULE | ASSIGNING},
    (TRY_RULE, "account_id"): {"rule": RULE | OF_ACCOUNT},
    (UPDATE_THREAD, "assigned_to_user_id"): {},
    (SPLIT_THREAD, "message_id"): None,
    (MERGE_CUSTOMERS, "customer_id"): None,
    (UNMERGE_CUSTOMERS, "customer_id"): None,
    (LIST_THREADS, "customer_id"): None,
    (LIST_THREADS, "assigned_to"): None,
    (LIST_AUDIT, "user_id"): None,
    (EXPORT_AUDIT, "user_id"): None,
}


def placed(body, field, identity):
    text = json.dumps(body)
    return json.loads(text.replace("<id>", identity)) if "<id>" in text else body | {field: identity}


def id_fields(schema):
    """Yield the names of all uuid properties of a JSON schema, wherever they stand."""
    if isinstance(schema, list):
        for inner in schema:
            yield from id_fields(inner)
    elif isinstance(schema, dict):
        for name, inner in schema.get("properties", {}).items():
            if "'format': 'uuid'" in str(inner):
                yield name
        for inner in schema.values():
            yield from id_fields(inner)


def models_of(route):
    declared = [route.endpoint.body, route.endpoint.query] if route.endpoint else []
    for model in filter(None, declared):
        yield from model.models.values() if isinstance(model, ByPath) else [model]


@rule
def test_every_id_in_a_body_or_query_is_covered_here():
    found = {
        (str(route), name)
        for route in ROUTES
        for model in models_of(route)
        for name in id_fields(TypeAdapter(model).json_schema())
    }

    to = "BY_FIELD in tests/api/test_isolation.py"
    yield from uncovered(found, BY_FIELD, add="a body in which the id can be another organization's", to=to)


def asking(bundle, mine, route, field):
    """Return what sends a request of ours with some id in one field, and returns what is answered."""
    method, path = route.split()
    path = path.replace("{thread_id}", mine.thread_id).replace("{number_id}", mine.number_id)
    path = path.replace("{type}", "exotel_whatsapp").replace("{rule_id}", mine.rule_id)
    path = path.replace("{account_id}", mine.email_account_id)
    sender = mine.organization.admin if "/settings/" in path else mine.organization.agent
    base = {"thread_id": mine.thread_id} if route == SEND_TEMPLATE else {}

    def ask(identity):
        body = placed(BY_FIELD[route, field] | base, field, identity)
        return bundle.request(method, path, user=sender, body=body).without_request_id()

    return ask


@pytest.mark.parametrize(
    ("route", "field"),
    [case for case, body in BY_FIELD.items() if body is not None],
    ids=lambda part: part.rpartition("/")[2],
)
def test_a_foreign_id_in_a_body_is_refused_as_an_absent_one(shared_bundle, mine, theirs, route, field):
    count = "SELECT count(*) AS n FROM messages WHERE direction = 'outbound'"
    before = shared_bundle.database.rows(count)

    ask = asking(shared_bundle, mine, route, field)

    foreign, absent = ask(getattr(theirs, field)), ask(str(uuid4()))

    assert foreign[0] in (404, 422)
    assert foreign == absent
    assert shared_bundle.database.rows(count) == before
    assert ask(getattr(mine, field))[0] in (200, 201)


def test_a_foreign_message_is_split_off_as_little_as_an_absent_one(shared_bundle, mine, theirs):
    path = f"/api/v1/communications/threads/{mine.thread_id}/split"

    def ask(identity):
        body = {"message_id": str(identity)}
        return shared_bundle.post(path, mine.organization.agent, body).without_request_id()

    foreign, absent = ask(theirs.message_id), ask(uuid4())

    assert foreign[0] == 422
    assert foreign == absent


def test_a_foreign_customer_is_merged_and_unmerged_as_little_as_an_absent_one(shared_bundle, mine, theirs):
    def ask(verb, identity):
        path = f"/api/v1/communications/customers/{mine.customer_id}/{verb}"
        body = {"customer_id": str(identity)}
        return shared_bundle.post(path, mine.organization.manager, body).without_request_id()

    for verb in ("merge", "unmerge"):
        foreign, absent = ask(verb, theirs.customer_id), ask(verb, uuid4())
        assert foreign[0] == 422
        assert foreign == absent
    own = mine.other_customer_id
    assert [ask(verb, own)[0] for verb in ("merge", "unmerge")] == [200, 200]


def test_a_foreign_assignee_in_a_query_finds_what_an_absent_one_finds(shared_bundle, mine, theirs):
    def ask(identity):
        path = f"/api/v1/communications/threads?assigned_to={identity}"
        return shared_bundle.get(path, mine.organization.agent)

    foreign, absent = ask(theirs.organization.agent), ask(uuid4())

    assert foreign.text == absent.text
    assert foreign.data == []


def test_a_foreign_id_in_a_query_finds_what_an_absent_one_finds(shared_bundle, mine, theirs):
    def ask(identity):
        return shared_bundle.get(
            f"/api/v1/communications/threads?customer_id={identity}", mine.organization.agent
        )

    foreign, absent = ask(theirs.customer_id), ask(uuid4())

    assert foreign.text == absent.text
    assert foreign.data == []
    assert len(ask(mine.customer_id).data) == 1


@pytest.mark.parametrize("route", [LIST_AUDIT, EXPORT_AUDIT])
def test_a_foreign_user_in_a_filter_finds_what_an_absent_one_finds(shared_bundle, mine, theirs, route):
    def ask(identity):
        return shared_bundle.get(f"{route.split()[1]}?user_id={identity}", mine.organization.admin)

    foreign, absent, own = ask(theirs.organization.admin), ask(uuid4()), ask(mine.organization.admin)

    assert foreign.text == absent.text
    assert len(own.text) > len(absent.text)


def test_a_message_of_another_thread_is_not_what_was_seen_last(shared_bundle, mine):
    path = f"/api/v1/communications/threads/{mine.thread_id}/messages"
    other = customer_wrote(shared_bundle, mine.organization, sender="+919111111111")
    message = shared_bundle.get(f"/api/v1/communications/threads/{other}", mine.organization.agent).data[
        "messages"
    ][0]

    answer = shared_bundle.post(path, mine.organization.agent, TEXT | {"last_seen_message_id": message["id"]})

    assert (answer.status, answer.json["details"]) == (422, {"field": "last_seen_message_id"})


IN_RULES = "SELECT organization_id, (jsonb_array_elements({0}) ->> '{1}')::uuid AS named FROM email_rules"
# References that no foreign key guards.
UNGUARDED = [
    ("changes", "threads", "child.thread_id = parent.id"),
    ("changes", "messages", "child.message_id = parent.id"),
    ("integration_audit_logs", "users", "child.user_id = parent.id"),
    ("integration_audit_logs", "integration_credentials", "child.integration_id = parent.id"),
    ("dead_letters", "messages", "child.message_id = parent.id"),
    ("dead_letters", "email_accounts", "child.account_id = parent.id"),
    ("idempotency_keys", "users", "child.user_id = parent.id"),
    (f"({IN_RULES.format('actions', 'user_id')})", "users", "child.named = parent.id"),
    (f"({IN_RULES.format('conditions', 'account_id')})", "email_accounts", "child.named = parent.id"),
]


@pytest.mark.parametrize(
    ("route", "field"),
    [case for case, body in BY_FIELD.items() if body is not None],
    ids=lambda part: part.rpartition("/")[2],
)
def test_no_row_mixes_organizations(shared_bundle, mine, theirs, route, field):
    """Every reference between two tables of organizations: the catalogue's, and those it does not know.

    Looked at after each request that names an object of another organization.
    """
    asking(shared_bundle, mine, route, field)(getattr(theirs, field))

    guarded = shared_bundle.database.rows(
        """SELECT c.conrelid::regclass::text AS child, c.confrelid::regclass::text AS parent,
                  string_agg('child.' || a.attname || ' = parent.' || b.attname, ' AND ') AS matching
           FROM pg_constraint c, unnest(c.conkey, c.confkey) AS k (own, other), pg_attribute a, pg_attribute b
           WHERE c.contype = 'f' AND c.confrelid <> 'organizations'::regclass
             AND a.attrelid = c.conrelid AND a.attnum = k.own AND a.attname <> 'organization_id'
             AND b.attrelid = c.confrelid AND b.attnum = k.other
           GROUP BY c.oid"""
    )
    references = UNGUARDED + [(each["child"], each["parent"], each["matching"]) for each in guarded]

    mixed = {
        (child, parent): shared_bundle.database.rows(
            f"SELECT count(*) AS n FROM {child} child JOIN {parent} parent ON {matching} "
            "WHERE child.organization_id <> parent.organization_id"
        )[0]["n"]
        for child, parent, matching in references
    }

    assert len(guarded) >= 15
    assert {pair for pair, count in mixed.items() if count} == set()


def test_a_template_route_is_the_one_that_the_path_finds():
    route, variables = find_route("POST", "/api/v1/settings/integrations/exotel_whatsapp/sync-templates")

    assert (route.folder, variables) == ("integrations/sync_templates", {})
