"""No answer is larger than a function may give, whatever has been stored: every GET route over the worst rows.

Every text here is as long as the product lets it become, and of the signs that take most bytes in an answer.
"""

import json
import re
from uuid import UUID

import pytest

from banxway.models.pages import escaped_size
from banxway.storage.audit import trail as audit
from tests.support.gates.routes import ROUTES
from tests.support.hostile.long_threads import add_messages, add_thread
from tests.support.product.stories import add_mailbox, configure
from tests.support.timing.racing import patient

LARGEST_JSON = 5_000_000
LARGEST_FILE = 5_900_000
WIDE = "😀"
GET = [str(route).removeprefix("GET ") for route in ROUTES if route.method == "GET" and route.endpoint]
# Lists of more than one page, by the table of their rows.
LONG = {
    "/api/v1/settings/team": "users",
    "/api/v1/settings/phone-numbers": "organization_phone_numbers",
    "/api/v1/settings/email-templates": "email_templates",
    "/api/v1/settings/whatsapp-templates": "whatsapp_templates",
    "/api/v1/settings/email-accounts": "email_accounts",
    "/api/v1/settings/notifications": "notifications",
    "/api/v1/settings/audit-logs": "integration_audit_logs",
    "/api/v1/communications/threads": "threads",
    "/api/v1/communications/customers": "customers",
    "/api/v1/communications/threads/{thread_id}/messages": "messages",
}
# How much is asked for at once, where a list takes a limit.
MOST = {"/api/v1/communications/changes": "limit=1000"}
MERGED = 2_000
FIELDS = ("body_text", "subject", "to", "attachments", "problems")


class World:
    """One organization with more of everything than anybody has."""

    def __init__(self, bundle) -> None:
        self.bundle = bundle
        self.organization = bundle.database.add_organization("Large")
        self.account = add_mailbox(bundle, self.organization.admin)["id"]
        for kind in ("exotel_phone", "exotel_whatsapp"):
            configure(bundle, self.organization.admin, kind)
        self.thread = self._fill_threads()
        (row,) = self.sql(
            "SELECT id::text FROM messages WHERE thread_id = %s ORDER BY arrival LIMIT 1", self.thread
        )
        self.message = row["id"]
        (row,) = self.sql("SELECT customer_id::text FROM threads WHERE id = %s", self.thread)
        self.customer = row["customer_id"]
        self._fill_message()
        self._fill_events()
        self._fill_settings()
        self._fill_templates()
        self._fill_lists()

    def sql(self, statement, *values):
        return self.bundle.database.rows(statement, values)

    def _fill_threads(self) -> UUID:
        thread = add_thread(self.bundle, self.organization)
        add_messages(self.bundle, thread, [WIDE * 200_000, *[WIDE * 10_000] * 40], reply_text=WIDE * 10_000)
        self.sql(
            """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, via, linked_by)
               SELECT organization_id, customer_id, 'email', n || repeat('😀', 100), repeat('😀', 100), 'inbound'
               FROM threads, generate_series(1, 3000) AS n WHERE id = %s""",
            thread,
        )  # fmt: skip
        self._fill_customers(thread)
        self.sql(
            """INSERT INTO threads (id, organization_id, customer_id, subject, last_message_at, tags)
               SELECT gen_random_uuid(), organization_id, customer_id, repeat('😀', 500), now(),
                      array_fill(repeat('😀', 50), ARRAY[200])
               FROM threads, generate_series(1, 250) WHERE id = %s""",
            thread,
        )  # fmt: skip
        self.sql(
            "UPDATE customers SET name = repeat('😀', 20000) WHERE organization_id = %s",
            self.organization.id,
        )
        return thread

    def _fill_customers(self, thread: UUID) -> None:
        """Store customers of many addresses each, and some that were merged into the thread's."""
        self.sql(
            """INSERT INTO customers (id, organization_id)
               SELECT gen_random_uuid(), %s FROM generate_series(1, 600)""",
            self.organization.id,
        )
        self.sql(
            """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, via, linked_by)
               SELECT c.organization_id, c.id, 'email', c.id::text || n || repeat('😀', 100), repeat('😀', 100),
                      'inbound'
               FROM customers c, generate_series(1, 25) AS n
               WHERE c.organization_id = %s AND NOT EXISTS (SELECT FROM threads t WHERE t.customer_id = c.id)""",
            self.organization.id,
        )  # fmt: skip
        self.sql(
            """WITH merged AS (
                   INSERT INTO customers (id, organization_id)
                   SELECT gen_random_uuid(), organization_id FROM threads, generate_series(1, %s)
                   WHERE id = %s RETURNING id)
               INSERT INTO customer_merges (id, organization_id, survivor_id, merged_id, merged_by, kept)
               SELECT gen_random_uuid(), organization_id, customer_id, merged.id, %s, '{}'
               FROM threads, merged WHERE threads.id = %s""",
            MERGED, thread, self.organization.admin, thread,
        )  # fmt: skip

    def _fill_events(self) -> None:
        """Store what happens to messages, to the one thread and to its newest messages, beside their texts."""
        self.sql(
            """INSERT INTO thread_events (organization_id, thread_id, kind, message_sid, sender, sender_spellings,
                                          text, identity, occurred_at, received_at)
               SELECT %s, %s, kind, sid, n || repeat('😀', 100), ARRAY['asha@customer.example'],
                      repeat('😀', 4096), kind || n, now(), now()
               FROM generate_series(1, 60) AS n,
                    (VALUES ('reaction', 'sid'), ('edit', NULL)) AS of (kind, sid)""",
            self.organization.id, self.thread,
        )  # fmt: skip
        details = {f"{number}{WIDE * 100}": WIDE * 2000 for number in range(20)}
        self.sql(
            """UPDATE messages SET direction = 'outbound', provider_sid = 'sid', content = %s,
                      sender_name = repeat('😀', 20000),
                      forwarded_from = repeat('😀', 250), forwarded_name = repeat('😀', 20000),
                      mail_reply_to = array_fill(repeat('😀', 300), ARRAY[2000]),
                      mail_cc = array_fill(repeat('😀', 300), ARRAY[2000])
               WHERE thread_id = %s""",
            json.dumps({"media_url": WIDE * 20_000, "referral": details}),
            self.thread,
        )
        # Whom an answer goes to: those of the newest, as its copy in Sent names them.
        self.sql(
            """UPDATE messages SET mail_to = ARRAY(SELECT n || repeat('😀', 250) FROM generate_series(1, 150) AS n)
               WHERE id = (SELECT id FROM messages WHERE thread_id = %s ORDER BY arrival DESC LIMIT 1)""",
            self.thread,
        )

    def _fill_message(self) -> None:
        self.sql(
            """UPDATE messages SET subject = repeat('😀', 100000), raw_blob = %s,
                      mail_to = array_fill(repeat('😀', 300), ARRAY[2000]),
                      problems = array_fill('😀'::text, ARRAY[9000])
               WHERE id = %s""",
            f"{self.organization.id}/{'0' * 64}",
            self.message,
        )
        self.sql(
            """INSERT INTO attachments (id, organization_id, message_id, filename, content_type, size_bytes, blob_key,
                                        position)
               SELECT gen_random_uuid(), %s, %s, repeat('😀', 150), 'application/pdf', 1, %s, n
               FROM generate_series(1, 5000) AS n""",
            self.organization.id, self.message, f"{self.organization.id}/{'0' * 64}",
        )  # fmt: skip
        condition = {"field": "subject", "operator": "contains", "value": WIDE * 200}
        self.sql(
            """INSERT INTO email_rule_traces (id, organization_id, message_id, rule_name, matched, performed)
               SELECT gen_random_uuid(), %s, %s, repeat('😀', 100), %s, '[]' FROM generate_series(1, 50)""",
            self.organization.id, self.message, json.dumps([{"condition": condition, "saw": WIDE * 200}] * 4),
        )  # fmt: skip

    def _fill_settings(self) -> None:
        self.sql(
            """INSERT INTO email_accounts SELECT (jsonb_populate_record(a, jsonb_build_object(
                   'id', gen_random_uuid(), 'email', n || '@large.example', 'is_default', false,
                   'name', repeat('😀', 255),
                   'signature_html', repeat('😀', 20000), 'last_poll_error', repeat('😀', 500)
               ))).*
               FROM email_accounts a, generate_series(1, 60) AS n WHERE a.id = %s""",
            self.account,
        )  # fmt: skip
        self.sql(
            """INSERT INTO email_folders (organization_id, account_id, name, uid_validity)
               SELECT %s, %s, n || repeat('😀', 250), 1 FROM generate_series(1, 900) AS n""",
            self.organization.id, self.account,
        )  # fmt: skip
        self.sql(
            """INSERT INTO vacation_responders (account_id, organization_id, subject, content_text, content_html)
               VALUES (%s, %s, repeat('😀', 200), repeat('😀', 20000), repeat('😀', 100000))""",
            self.account, self.organization.id,
        )  # fmt: skip
        actions = json.dumps([{"type": "tag", "tag": WIDE * 50}] * 10)
        conditions = json.dumps([{"field": "subject", "operator": "contains", "value": WIDE * 200}] * 4)
        self.sql(
            """INSERT INTO email_rules (id, organization_id, name, position, conditions, actions)
               SELECT gen_random_uuid(), %s, repeat('😀', 100), n, %s, %s FROM generate_series(1, 50) AS n""",
            self.organization.id, conditions, actions,
        )  # fmt: skip

    def _fill_templates(self) -> None:
        self.sql(
            """INSERT INTO email_templates (id, organization_id, name, subject, content_html, content_text)
               SELECT gen_random_uuid(), %s, n || repeat('😀', 95), repeat('😀', 500), repeat('😀', 20000),
                      repeat('😀', 20000) FROM generate_series(1, 60) AS n""",
            self.organization.id,
        )  # fmt: skip
        self.sql(
            """INSERT INTO email_templates (id, organization_id, name, subject, content_html, content_text)
               VALUES (gen_random_uuid(), %s, 'largest', repeat('😀', 500), repeat('😀', 200000),
                       repeat('😀', 200000))""",
            self.organization.id,
        )
        self.sql(
            """INSERT INTO whatsapp_templates (id, organization_id, name, language, status, body)
               SELECT gen_random_uuid(), %s, n || repeat('n', 500), 'en', 'approved', repeat('😀', 2000)
               FROM generate_series(1, 500) AS n""",
            self.organization.id,
        )  # fmt: skip

    def _fill_lists(self) -> None:
        ours = self.organization.id
        self.sql(
            """INSERT INTO notifications (id, organization_id, kind, subject, sentence)
               SELECT gen_random_uuid(), %s, 'integration_failed', n::text, repeat('😀', 1000)
               FROM generate_series(1, 500) AS n""",
            ours,
        )  # fmt: skip
        self.sql(
            """INSERT INTO users (id, organization_id, email, name, role, subject)
               SELECT gen_random_uuid(), %s, n || '@large.example', repeat('😀', 255), 'agent', 'large ' || n
               FROM generate_series(1, 900) AS n""",
            ours,
        )  # fmt: skip
        self.sql(
            """INSERT INTO user_integration_permissions (id, organization_id, user_id, integration_type)
               SELECT gen_random_uuid(), organization_id, id, 'exotel_phone' FROM users
               WHERE organization_id = %s AND email LIKE '%%@large.example'""",
            ours,
        )  # fmt: skip
        self.sql(
            """INSERT INTO organization_phone_numbers (id, organization_id, phone_number, display_name)
               SELECT gen_random_uuid(), %s, '+9180' || n, repeat('😀', 100)
               FROM generate_series(10001, 11000) AS n""",
            ours,
        )  # fmt: skip
        self.sql(
            """INSERT INTO changes (organization_id, sequence, kind, thread_id, message_id)
               SELECT %s, n, 'message.created', gen_random_uuid(), gen_random_uuid()
               FROM generate_series(100000, 102000) AS n""",
            ours,
        )  # fmt: skip
        with self.bundle.app.infrastructure.database.organization(ours) as transaction:
            for _ in range(60):
                details = {"after": WIDE * 20_000}
                audit.append(transaction, organization_id=ours, action="x", succeeded=True, details=details)

    def path_of(self, route: str, **values: str) -> str:
        """Return a route with this organization's own ids."""
        templates = self.sql(
            "SELECT id::text FROM email_templates WHERE organization_id = %s AND name = 'largest'",
            self.organization.id,
        )
        rules = self.sql(
            "SELECT id::text FROM email_rules WHERE organization_id = %s LIMIT 1", self.organization.id
        )
        attachments = self.sql("SELECT id::text FROM attachments WHERE message_id = %s LIMIT 1", self.message)
        events = self.sql(
            """INSERT INTO webhook_events (id, organization_id, kind, content_type, body, body_sha256,
                                           is_identifiable, outcome, received_at)
               VALUES (gen_random_uuid(), %s, 'whatsapp', 'application/json', repeat(%s, 500000), '', false,
                       'unknown', now()) RETURNING id::text""",
            self.organization.id,
            "\U0001f980",
        )
        known = {
            "event_id": events[0]["id"],
            "type": "exotel_phone",
            "thread_id": str(self.thread),
            "message_id": self.message,
            "account_id": self.account,
            "attachment_id": attachments[0]["id"],
            "template_id": templates[0]["id"],
            "rule_id": rules[0]["id"],
            "field": "body_text",
            "customer_id": self.customer,
            "user_id": str(self.organization.agent),
        } | values
        unknown = set(re.findall(r"{(\w+)}", route)) - set(known)
        assert not unknown, (
            f"{route}: give {unknown} a value in World.path_of of tests/api/test_answer_sizes.py"
        )
        return route.format(**known)


@pytest.fixture(scope="module")
def world(shared_bundle):
    # Sizes are measured here, not time: rows this wide take longer on a slow machine than a statement may.
    patient(shared_bundle.app)
    return World(shared_bundle)


def pages(world, path, route):
    """Yield the answers of a list from its first page to its last, and of everything else the only one."""
    takes = next(each for each in ROUTES if str(each) == f"GET {route}").endpoint.query
    fields = takes.model_fields if takes else {}
    query = MOST.get(route, "limit=200" if "limit" in fields else "")
    cursor = None
    while True:
        asked = "&".join([part for part in (query, f"cursor={cursor}" if cursor else "") if part])
        answer = world.bundle.get(f"{path}?{asked}" if asked else path, world.organization.admin)
        yield answer
        content = json.loads(answer.text) if answer.headers["Content-Type"] == "application/json" else {}
        cursor = content.get("next_cursor") or answer.headers.get("X-Next-Cursor")
        cursor = cursor or (
            (content.get("data") or {}).get("next_cursor") if route.endswith("{field}") else None
        )
        if not cursor:
            return


@pytest.mark.parametrize("route", [route for route in GET if not route.startswith("/display/")])
def test_no_answer_over_the_worst_rows_is_larger_than_a_function_may_give(world, route):
    sizes, seen = [], []
    for answer in pages(world, world.path_of(route), route):
        assert answer.status == 200, answer.text[:500]
        is_json = answer.headers["Content-Type"] == "application/json"
        sizes.append(escaped_size(answer.text))
        assert sizes[-1] <= (LARGEST_JSON if is_json else LARGEST_FILE)
        seen += (
            [row["id"] for row in answer.data if "id" in row] if is_json and "count" in answer.json else []
        )

    # Every row of a long list is reached, once.
    assert len(seen) == len(set(seen))
    if route in LONG:
        assert len(sizes) > 1
        (row,) = world.sql(
            f"SELECT count(*) AS rows FROM {LONG[route]} WHERE organization_id = %s",  # our own names
            world.organization.id,
        )
        assert len(seen) == row["rows"] - (MERGED if route.endswith("/customers") else 0)


@pytest.mark.parametrize("field", FIELDS)
def test_no_piece_of_a_field_is_larger_either(world, field):
    route = "/api/v1/communications/messages/{message_id}/parts/{field}"
    for answer in pages(world, world.path_of(route, field=field), route):
        assert answer.status == 200
        assert escaped_size(answer.text) <= LARGEST_JSON


def test_a_page_that_is_shown_fits_as_well(world):
    link = world.bundle.get(
        world.path_of("/api/v1/communications/messages/{message_id}/display"), world.organization.agent
    )
    path = "/display/" + link.data["url"].rpartition("/")[2]

    answer = world.bundle.request("GET", path, headers={"accept-encoding": "gzip"})

    assert answer.status == 200
    assert escaped_size(answer.text) <= LARGEST_FILE
