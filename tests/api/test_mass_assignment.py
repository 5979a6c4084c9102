"""Threat 8: nobody sets what the server owns, by adding a column's name to a body.

Every column of the table behind a body, unless it is a field of that body, must be refused by its name.
"""

import pytest
from pydantic import TypeAdapter

from banxway.entrypoints.http import ByPath
from tests.support.gates.routes import ROUTES
from tests.support.gates.rules import rule, uncovered
from tests.support.product.stories import LOGIN, MAILBOX, PHONE, SMS, WHATSAPP, ZOHO

INTEGRATION = ("integration_credentials", "integration_settings", "organization_phone_numbers", "users")
MESSAGE = ("messages", "threads", "users")
CUSTOMER = ("customers", "customer_addresses", "customer_merges", "users")
NO_CUSTOMER = {"customer_id": "00000000-0000-0000-0000-000000000001"}
RULE = {"name": "Invoices", "actions": [{"type": "tag", "tag": "invoice"}]}
EMAIL_TEMPLATE = {"name": "Hello", "subject": "Hello", "content_text": "Hello"}
# what is sent, by route; the tables whose columns it might reach
BODIES = {
    ("POST /api/v1/settings/integrations/{type}", "exotel_phone"): (PHONE, INTEGRATION),
    ("POST /api/v1/settings/integrations/{type}", "exotel_whatsapp"): (WHATSAPP, INTEGRATION),
    ("POST /api/v1/settings/integrations/{type}", "exotel_sms"): (SMS, INTEGRATION),
    ("POST /api/v1/settings/integrations/{type}", "zoho_mail"): (ZOHO, (*INTEGRATION, "email_accounts")),
    ("PATCH /api/v1/settings/integrations/{type}", "exotel_phone"): (
        {"display_name": "Renamed"},
        INTEGRATION,
    ),
    ("POST /api/v1/settings/integrations/{type}/test", "exotel_phone"): (PHONE, INTEGRATION),
    ("POST /api/v1/settings/integrations/{type}/test", "exotel_sms"): (SMS, INTEGRATION),
    ("POST /api/v1/settings/integrations/{type}/test", "zoho_mail"): (ZOHO, (*INTEGRATION, "email_accounts")),
    ("POST /api/v1/settings/integrations/{type}/test", "exotel_whatsapp"): (WHATSAPP, INTEGRATION),
    ("POST /api/v1/settings/email-accounts", ""): (MAILBOX, ("email_accounts", "users")),
    ("POST /api/v1/settings/email-accounts/test", ""): (LOGIN, ("email_accounts", "users")),
    ("PATCH /api/v1/settings/email-accounts/{account_id}", ""): (
        {"name": "Renamed"},
        ("email_accounts", "users"),
    ),
    ("POST /api/v1/settings/email-templates", ""): (EMAIL_TEMPLATE, ("email_templates", "users")),
    ("PATCH /api/v1/settings/email-templates/{template_id}", ""): (
        {"name": "Renamed"},
        ("email_templates", "users"),
    ),
    ("POST /api/v1/settings/email-templates/{template_id}/preview", ""): (
        {"variables": {}},
        ("email_templates", "users"),
    ),
    ("POST /api/v1/communications/threads/{thread_id}/messages", "WHATSAPP"): (
        {"channel": "WHATSAPP", "content": "Hello"},
        MESSAGE,
    ),
    ("POST /api/v1/communications/threads/{thread_id}/messages", "EMAIL"): (
        {"channel": "EMAIL", "subject": "Hello", "content_text": "Hello"},
        MESSAGE,
    ),
    ("PATCH /api/v1/communications/threads/{thread_id}", ""): ({"status": "closed"}, MESSAGE),
    ("PUT /api/v1/communications/threads/{thread_id}/customer", ""): (
        {"email": "omid@client.example"},
        MESSAGE,
    ),
    ("POST /api/v1/communications/threads/{thread_id}/messages/preview", "EMAIL"): (
        {"channel": "EMAIL", "subject": "Hello", "content_text": "Hello"},
        MESSAGE,
    ),
    ("POST /api/v1/communications/threads/{thread_id}/messages/preview", "WHATSAPP"): (
        {"channel": "WHATSAPP", "content": "Hello"},
        MESSAGE,
    ),
    ("POST /api/v1/communications/threads/{thread_id}/messages/preview", "TEMPLATE"): (
        {"thread_id": "00000000-0000-0000-0000-000000000001", "template_name": "shipping_update"},
        MESSAGE,
    ),
    ("POST /api/v1/communications/threads/{thread_id}/split", ""): (
        {"message_id": "00000000-0000-0000-0000-000000000001"},
        MESSAGE,
    ),
    ("PATCH /api/v1/communications/customers/{customer_id}", ""): ({"name": "Renamed"}, CUSTOMER),
    ("POST /api/v1/communications/customers/{customer_id}/addresses", ""): (
        {"kind": "email", "address": "asha@customer.example"},
        CUSTOMER,
    ),
    ("POST /api/v1/communications/customers/{customer_id}/merge", ""): (NO_CUSTOMER, CUSTOMER),
    ("POST /api/v1/communications/customers/{customer_id}/unmerge", ""): (NO_CUSTOMER, CUSTOMER),
    ("POST /api/v1/settings/integrations/{type}/permissions", "exotel_whatsapp"): (
        {"user_id": "00000000-0000-0000-0000-000000000001", "can_use": True},
        ("user_integration_permissions", "users"),
    ),
    ("POST /api/v1/settings/phone-numbers/{number_id}/assign", ""): (
        {"user_id": None},
        ("organization_phone_numbers", "users"),
    ),
    ("PATCH /api/v1/settings/phone-numbers/{number_id}", ""): (
        {"display_name": "Renamed"},
        ("organization_phone_numbers", "users"),
    ),
    ("PATCH /api/v1/settings/team/{user_id}", ""): ({"is_active": True}, ("users",)),
    ("POST /api/v1/settings/team", ""): (
        {"email": "ravi@customer.example", "name": "Ravi", "role": "agent"},
        ("users",),
    ),
    ("PUT /api/v1/settings/team/me/phone-number", ""): ({"phone_number": "+919876543210"}, ("users",)),
    ("PUT /api/v1/settings/team/me/preferences", ""): ({"theme": "dark"}, ("users",)),
    ("PATCH /api/v1/settings/organization", ""): ({"name": "Renamed"}, ("organizations", "users")),
    ("POST /api/v1/communications/messages/{message_id}/retry", ""): ({}, MESSAGE),
    ("POST /api/v1/communications/messages/send-template", ""): (
        {"thread_id": "00000000-0000-0000-0000-000000000001", "template_name": "shipping_update"},
        MESSAGE,
    ),
    ("POST /api/v1/settings/email-rules", ""): (RULE, ("email_rules", "email_rule_traces", "users")),
    ("PATCH /api/v1/settings/email-rules/{rule_id}", ""): ({"is_active": False}, ("email_rules", "users")),
    ("POST /api/v1/settings/email-rules/reorder", ""): (
        {"rule_ids": ["00000000-0000-0000-0000-000000000001"]},
        ("email_rules", "users"),
    ),
    ("POST /api/v1/settings/email-rules/dry-run", ""): ({"rule": RULE}, ("email_rules", "messages", "users")),
    ("PUT /api/v1/settings/email-accounts/{account_id}/vacation", ""): (
        {"is_active": False},
        ("vacation_responders", "email_accounts", "users"),
    ),
    ("POST /api/v1/settings/webhook-events/{event_id}/replay", ""): (
        {"dry_run": True},
        ("webhook_events", "messages", "users"),
    ),
    ("POST /api/v1/settings/webhook-events/test", ""): ({"kind": "whatsapp"}, ("webhook_events", "users")),
    ("POST /api/v1/settings/dead-letters/redrive", ""): (
        {"queue": "message", "cause": "unexpected"},
        ("dead_letters", "messages", "users"),
    ),
    ("POST /api/v1/settings/dead-letters/discard", ""): (
        {"queue": "message", "cause": "unexpected", "reason": "Done by hand"},
        ("dead_letters", "messages", "users"),
    ),
    ("POST /api/v1/communications/uploads", ""): (
        {"filename": "a.pdf", "size_bytes": 1},
        ("uploads", "attachments", "users"),
    ),
}
QUERIES = {
    "GET /api/v1/communications/threads": ("threads", "messages"),
    "GET /api/v1/communications/threads/{thread_id}/messages": ("messages", "threads", "thread_events"),
    "GET /api/v1/communications/customers": CUSTOMER,
    "GET /api/v1/communications/changes": ("changes", "change_sequences"),
    "GET /api/v1/settings/audit-logs": ("integration_audit_logs",),
    "GET /api/v1/settings/audit-logs/export": ("integration_audit_logs",),
    "GET /api/v1/settings/audit-logs/verify": ("integration_audit_logs",),
    "GET /api/v1/settings/diagnostics": ("messages", "email_accounts", "integration_credentials"),
    "GET /api/v1/settings/phone-numbers": ("organization_phone_numbers",),
    "GET /api/v1/webhooks/exotel/call-status": ("webhook_events",),
    "GET /api/v1/webhooks/exotel/whatsapp-status": ("webhook_events",),
    "GET /api/v1/settings/notifications": ("notifications",),
    "GET /api/v1/settings/webhook-events": ("webhook_events",),
    "GET /api/v1/settings/dead-letters": ("dead_letters", "messages"),
    "GET /api/v1/settings/dead-letters/items": ("dead_letters", "messages"),
    "GET /api/v1/settings/team": ("users",),
    "GET /api/v1/settings/email-accounts": ("email_accounts",),
    "GET /api/v1/settings/email-accounts/{account_id}/folders": ("email_folders", "email_accounts"),
    "GET /api/v1/settings/email-templates": ("email_templates",),
    "GET /api/v1/settings/whatsapp-templates": ("whatsapp_templates",),
    "GET /api/v1/settings/integrations/{type}/permissions": ("user_integration_permissions", "users"),
    "GET /api/v1/communications/messages/{message_id}/display": ("messages",),
    "GET /api/v1/communications/messages/{message_id}/parts/{field}": ("messages", "attachments"),
}
ROUTES_BY_NAME = {str(route): route for route in ROUTES}


@rule
def test_every_body_and_query_is_covered_here():
    with_body = {str(r) for r in ROUTES if r.endpoint and r.endpoint.body is not None}
    with_query = {str(r) for r in ROUTES if r.endpoint and r.endpoint.query is not None}

    place, tables = "in tests/api/test_mass_assignment.py", "the tables whose columns nobody may set by it"
    yield from uncovered(with_body, {r for r, _ in BODIES}, add=f"a body, and {tables}", to=f"BODIES {place}")
    yield from uncovered(with_query, QUERIES, add=tables, to=f"QUERIES {place}")


def columns_of(bundle, tables):
    rows = bundle.database.rows(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_name = ANY(%s)",
        (list(tables),),
    )
    assert {row["table_name"] for row in rows} == set(tables)
    return {row["column_name"] for row in rows}


def fields_of(model):
    """Return the field names of a model; of a union of models, the union's."""
    schema = TypeAdapter(model).json_schema()
    found = set(schema.get("properties", {}))
    for definition in schema.get("$defs", {}).values() if "oneOf" in schema else ():
        found |= set(definition.get("properties", {}))
    return found


@pytest.mark.parametrize(("route", "variant"), BODIES, ids=lambda part: part.removeprefix("POST /api/v1/"))
def test_columns_are_no_fields(shared_bundle, shared_organization, route, variant):
    body, tables = BODIES[route, variant]
    declared = ROUTES_BY_NAME[route].endpoint.body
    model = declared.models[variant] if isinstance(declared, ByPath) else declared
    columns = columns_of(shared_bundle, tables) - fields_of(model)
    path = route.split()[1].replace("{type}", variant)
    for variable in ("{thread_id}", "{number_id}", "{user_id}"):
        path = path.replace(variable, "00000000-0000-0000-0000-000000000001")

    answers = {
        column: shared_bundle.request(
            route.split()[0], path, user=shared_organization.admin, body=body | {column: "x"}
        )
        for column in columns
    }

    assert {"organization_id", "created_at", "id"} <= columns
    assert {column: (a.status, a.json["error"], a.json["details"]) for column, a in answers.items()} == {
        column: (422, f"Unknown field: {column}", {"field": column}) for column in columns
    }


@pytest.mark.parametrize("route", QUERIES)
def test_columns_are_no_parameters_either(shared_bundle, shared_organization, route):
    columns = columns_of(shared_bundle, QUERIES[route]) - fields_of(ROUTES_BY_NAME[route].endpoint.query)

    answers = {
        column: shared_bundle.get(f"{route.split()[1]}?{column}=x", shared_organization.admin)
        for column in columns
    }

    assert "organization_id" in columns
    assert {column: (a.status, a.json["details"]) for column, a in answers.items()} == {
        column: (422, {"field": column}) for column in columns
    }


def test_nested_fields_are_refused_by_their_whole_name(shared_bundle, shared_organization):
    hours = {"monday": {"start": "09:00", "end": "18:00", "is_active": True}}

    answer = shared_bundle.post(
        "/api/v1/settings/integrations/exotel_whatsapp",
        shared_organization.admin,
        WHATSAPP | {"business_hours": hours},
    )

    assert answer.json["details"] == {"field": "business_hours.monday.is_active"}
    assert answer.json["error"] == "Unknown field: business_hours.monday.is_active"
