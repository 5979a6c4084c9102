"""What cannot be read, or breaks a rule: the error shape with the field's name, and nothing changed anywhere."""

import base64
import json
from unittest.mock import ANY
from urllib.parse import quote

import pytest

from banxway.models.pages import Cursors
from tests.support.databases.tables import everything_in
from tests.support.gates.routes import handler_of
from tests.support.product.app import token
from tests.support.product.events import http_event
from tests.support.product.matching import A_UUID
from tests.support.product.stories import (
    LOGIN,
    MAILBOX,
    PHONE,
    WHATSAPP,
    customer_wrote,
)

PHONE_PATH = "/api/v1/settings/integrations/exotel_phone"
WHATSAPP_PATH = "/api/v1/settings/integrations/exotel_whatsapp"
MAILBOXES = "/api/v1/settings/email-accounts"
SEND = "/api/v1/communications/threads/{thread}/messages"
SEND_TEMPLATE = "/api/v1/communications/messages/send-template"
TEXT = {"channel": "WHATSAPP", "content": "Hello"}
MAIL = {"channel": "EMAIL", "to": "a@customer.example", "subject": "Hello", "content_text": "Hello"}
TEMPLATE = {"thread_id": "00000000-0000-0000-0000-000000000001", "template_name": "shipping_update"}


@pytest.fixture(scope="module")
def organization(shared_bundle):
    return shared_bundle.database.add_organization("Careless")


@pytest.fixture(scope="module")
def thread(shared_bundle, organization):
    return customer_wrote(shared_bundle, organization)


@pytest.fixture
def nothing_changes(shared_bundle, thread):
    """Compare everything that could have changed, before and after."""

    def look():
        providers = shared_bundle.providers
        asked = (len(providers.voice.checked), len(providers.exotel_accounts), len(providers.mail_servers))
        return everything_in(shared_bundle.database), asked, shared_bundle.queued("message")

    before = look()
    yield
    assert look() == before


def refusal(answer, status, code, field):
    """Assert the one shape, and return the sentence."""
    assert answer.status == status, answer.text
    answered = answer.json
    assert answered.keys() == {"success", "error", "code", "details", "request_id"}
    assert (answered["success"], answered["code"], answered["request_id"]) == (False, code, A_UUID)
    assert answered["details"]["field"] == field
    answer.text.encode()
    return answered["error"]


# ── bodies that are no JSON object ───────────────────────────────────────────────────────────

UNREADABLE = {
    "nothing": ("", "body", "A JSON body is required"),
    "blank": (" \n\t ", "body", "A JSON body is required"),
    "broken off": (
        '{"account_sid": ',
        "body",
        "The body is not valid JSON: look at line 1, column 17",
    ),
    "form": ("account_sid=x&api_key=y", "body", None),
    "array": ("[]", "body", "The body must be a JSON object"),
    "text": ('"hello"', "body", "The body must be a JSON object"),
    "null": ("null", "body", "The body must be a JSON object"),
    "number": ("12", "body", "The body must be a JSON object"),
    "not a number": ('{"account_sid": NaN}', "body", "The body is not valid JSON: NaN is not a JSON number"),
    "infinity": ('{"a": -Infinity}', "body", "The body is not valid JSON: -Infinity is not a JSON number"),
    "twice": ('{"api_key": "a", "api_key": "b"}', "api_key", "The field api_key is given twice"),
    "twice inside": ('{"a": {"b": 1, "b": 2}}', "b", "The field b is given twice"),
    "two objects": ('{"a": 1}{"a": 1}', "body", None),
    "comment": ('{"a": 1 // why\n}', "body", None),
    "too deep": ('{"a":' * 100_000 + "1" + "}" * 100_000, "body", "The body is not valid JSON in UTF-8"),
    "deeper than anybody needs": (
        '{"a":' * 65 + "1" + "}" * 65,
        "body",
        "The body is nested more than 64 levels deep",
    ),
    "a long number": (f'{{"a": {"9" * 5_000}}}', "body", "The body has a number of more than 600 characters"),
    "a long fraction": (
        f'{{"a": 0.{"1" * 5_000}}}',
        "body",
        "The body has a number of more than 600 characters",
    ),
    "an endless number": ('{"a": 1e999}', "body", "The body has a number that is too large to be read"),
    "nul in a name": (
        '{"a": {"\\u0000": 1}}',
        "a",
        "The name of a field must not contain NUL or broken Unicode",
    ),
    "half a pair in a name": ('{"\\ud800": 1}', "body", None),
    "half a pair in a name, twice": (
        '{"\\ud800": 1, "\\ud800": 2}',
        "\ufffd",
        "The field \ufffd is given twice",
    ),
    "a long name, twice": (
        f'{{"{"k" * 200_000}": 1, "{"k" * 200_000}": 2}}',
        "k" * 99 + "…",
        "The field " + "k" * 99 + "… is given twice",
    ),
    "arrays too deep": ('{"a":' + "[" * 400_000, "body", "The body is not valid JSON in UTF-8"),
}
WITH_BODY = {
    "configure": PHONE_PATH,
    "test": f"{PHONE_PATH}/test",
    "add mailbox": MAILBOXES,
    "test mailbox": f"{MAILBOXES}/test",
    "send": SEND,
    "send template": SEND_TEMPLATE,
}


@pytest.mark.parametrize(("raw", "field", "sentence"), UNREADABLE.values(), ids=UNREADABLE.keys())
@pytest.mark.parametrize("path", [PHONE_PATH, SEND], ids=["configure", "send"])
def test_what_cannot_be_read_is_refused(
    shared_bundle, organization, thread, nothing_changes, path, raw, field, sentence
):
    answer = shared_bundle.request("POST", path.format(thread=thread), user=organization.admin, raw=raw)

    said = refusal(answer, 400, "bad_request", field)
    assert sentence in (None, said)


def post_bytes(bundle, user, body):
    event = http_event(
        "POST",
        PHONE_PATH,
        route="/api/v1/settings/integrations/{type}",
        variables={"type": "exotel_phone"},
        headers={"authorization": f"Bearer {token(user)}"},
        body=base64.b64encode(body).decode(),
        is_base64=True,
    )
    answer = bundle.call(handler_of("integrations/configure"), event)
    return answer["statusCode"], json.loads(answer["body"])


def test_bytes_that_are_no_utf_8_are_refused(shared_bundle, organization, nothing_changes):
    status, answered = post_bytes(shared_bundle, organization.admin, b'{"api_key": "\xff\xfe"}')

    assert (status, answered["error"]) == (400, "The body is not valid JSON in UTF-8")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_json_in_another_encoding_is_refused(shared_bundle, organization, nothing_changes, encoding):
    status, answered = post_bytes(shared_bundle, organization.admin, json.dumps(PHONE).encode(encoding))

    assert (status, answered["code"]) == (400, "bad_request")


def test_a_byte_order_mark_of_utf_8_changes_nothing(shared_bundle, organization, nothing_changes):
    status, answered = post_bytes(
        shared_bundle, organization.admin, b"\xef\xbb\xbf" + json.dumps({"x": 1}).encode()
    )

    assert (status, answered["details"]["field"]) == (422, "virtual_number")


def test_a_body_in_base64_is_read_all_the_same(shared_bundle, organization, nothing_changes):
    status, answered = post_bytes(shared_bundle, organization.admin, json.dumps({"x": "é"}).encode())

    assert (status, answered["code"]) == (422, "validation_failed")


@pytest.mark.parametrize("path", WITH_BODY.values(), ids=WITH_BODY.keys())
@pytest.mark.parametrize("characters", [1_000_100, 6_500_000], ids=["1 MB", "6.5 MB"])
def test_a_body_over_the_limit_is_refused(
    shared_bundle, organization, thread, nothing_changes, path, characters
):
    raw = '{"content": "' + "x" * characters + '"}'

    answer = shared_bundle.request("POST", path.format(thread=thread), user=organization.admin, raw=raw)

    said = refusal(answer, 413, "too_large", "body")
    assert said == "The body must not exceed 1000000 bytes"
    assert answer.json["details"]["limit_bytes"] == 1_000_000


def test_a_large_body_in_base64_is_refused_before_it_is_decoded(shared_bundle, organization, nothing_changes):
    status, answered = post_bytes(shared_bundle, organization.admin, b"x" * 1_100_000)

    assert (status, answered["code"]) == (413, "too_large")


# ── fields that break a rule ─────────────────────────────────────────────────────────────────


def without(body, name):
    return {kept: value for kept, value in body.items() if kept != name}


BROKEN_RULES = [
    # an unknown field, by name
    ("unknown field", PHONE_PATH, PHONE | {"surprise": 1}, "surprise", "Unknown field: surprise"),
    ("unknown in mail", MAILBOXES, MAILBOX | {"surprise": 1}, "surprise", "Unknown field: surprise"),
    ("unknown in message", SEND, TEXT | {"surprise": 1}, "surprise", "Unknown field: surprise"),
    ("field of the other", SEND, TEXT | {"subject": "x"}, "subject", "Unknown field: subject"),
    ("phone's in whatsapp", WHATSAPP_PATH, WHATSAPP | {"caller_id": "1"}, "caller_id", None),
    # a missing one
    ("missing", PHONE_PATH, without(PHONE, "api_token"), "api_token", "api_token is required"),
    ("missing in mail", MAILBOXES, without(MAILBOX, "imap_host"), "imap_host", "imap_host is required"),
    ("missing channel", SEND, {"content": "x"}, "channel", "channel is required"),
    (
        "no content",
        SEND,
        without(MAIL, "content_text"),
        "content_text",
        "content_text or content_html is required",
    ),
    ("missing thread", SEND_TEMPLATE, without(TEMPLATE, "thread_id"), "thread_id", "thread_id is required"),
    # a wrong type
    ("number for text", PHONE_PATH, PHONE | {"api_key": 7}, "api_key", None),
    ("null for text", PHONE_PATH, PHONE | {"api_key": None}, "api_key", None),
    ("object for text", SEND, TEXT | {"content": {"a": 1}}, "content", None),
    ("array for text", SEND, TEXT | {"content": ["a"]}, "content", None),
    ("text for a number", MAILBOXES, MAILBOX | {"smtp_port": "soon"}, "smtp_port", None),
    ("fraction for a number", MAILBOXES, MAILBOX | {"smtp_port": 1.5}, "smtp_port", None),
    ("text for a flag", MAILBOXES, MAILBOX | {"is_default": "perhaps"}, "is_default", None),
    ("text for an object", SEND_TEMPLATE, TEMPLATE | {"variables": "x"}, "variables", None),
    ("number in an object", SEND_TEMPLATE, TEMPLATE | {"variables": {"1": 2}}, "variables.1", None),
    ("no uuid", SEND_TEMPLATE, TEMPLATE | {"thread_id": "1; DROP TABLE users"}, "thread_id", None),
    # an unknown word
    (
        "unknown channel",
        SEND,
        TEXT | {"channel": "PIGEON"},
        "channel",
        "channel must be WHATSAPP or EMAIL",
    ),
    ("unknown type", "/api/v1/settings/integrations/pigeon", PHONE, "type", None),
    ("unknown type to test", "/api/v1/settings/integrations/pigeon/test", PHONE, "type", None),
    ("unknown type to sync", "/api/v1/settings/integrations/pigeon/sync", None, "type", None),
    ("type with a quote", "/api/v1/settings/integrations/exotel_phone%27", PHONE, "type", None),
    # numbers
    *(
        (
            f"whatsapp {number}",
            WHATSAPP_PATH,
            WHATSAPP | {"whatsapp_number": number},
            "whatsapp_number",
            "Invalid WhatsApp number format: use E.164 with country code, such as +919876543210",
        )
        for number in (
            "9876543210",
            "+91 98765 43210",
            "+0123456789",
            "+91XXXXXXXXXX",
            "",
            "+1234567890123456",
        )
    ),
    *(
        (
            f"to {number}",
            SEND,
            TEXT | {"to": number},
            "to",
            "to must be a phone number in E.164 format, such as +919876543210",
        )
        for number in ("9876543210", "+91-9876543210", "+९१९८७६५४३२१०", "+919876543210\n+911111111111")
    ),
    ("virtual number", PHONE_PATH, PHONE | {"virtual_number": "०११४११६९३६८"}, "virtual_number", None),
    ("caller id", PHONE_PATH, PHONE | {"caller_id": "call me"}, "caller_id", None),
    # injected lines
    ("subject", SEND, MAIL | {"subject": "Hi\r\nBcc: victim@example.com"}, "subject", None),
    ("mail to", SEND, MAIL | {"to": "a@b.example\r\nBcc: victim@example.com"}, "to", None),
    ("mail to two", SEND, MAIL | {"to": "a@b.example, c@d.example"}, "to", None),
    ("api key", PHONE_PATH, PHONE | {"api_key": "a\r\nX-Header: b"}, "api_key", None),
    ("account sid", PHONE_PATH, PHONE | {"account_sid": "../../v1/other"}, "account_sid", None),
    ("smtp user", MAILBOXES, MAILBOX | {"smtp_user": "a\nRCPT TO:<b>"}, "smtp_user", None),
    ("imap password", MAILBOXES, MAILBOX | {"imap_password": "a\r\nA2 DELETE INBOX"}, "imap_password", None),
    ("host", MAILBOXES, MAILBOX | {"smtp_host": "smtp.zoho.com\r\nevil"}, "smtp_host", None),
    ("host with a path", MAILBOXES, MAILBOX | {"smtp_host": "zoho.com/../x"}, "smtp_host", None),
    ("display name", MAILBOXES, MAILBOX | {"name": "Support\r\nBcc: x"}, "name", None),
    ("variable", SEND_TEMPLATE, TEMPLATE | {"variables": {"1": "a\nb"}}, "variables.1", None),
    # out of bounds
    ("port 0", MAILBOXES, MAILBOX | {"smtp_port": 0}, "smtp_port", None),
    ("port 65536", f"{MAILBOXES}/test", LOGIN | {"imap_port": 65536}, "imap_port", None),
    ("polls too often", MAILBOXES, MAILBOX | {"poll_interval_ms": 9_999}, "poll_interval_ms", None),
    ("polls too seldom", MAILBOXES, MAILBOX | {"poll_interval_ms": 300_001}, "poll_interval_ms", None),
    ("enormous", MAILBOXES, MAILBOX | {"poll_interval_ms": 10**30}, "poll_interval_ms", None),
    ("empty", SEND, TEXT | {"content": "   "}, "content", None),
    ("too long", SEND, TEXT | {"content": "x" * 4097}, "content", None),
    ("subject too long", SEND, MAIL | {"subject": "x" * 501}, "subject", None),
    (
        "too many variables",
        SEND_TEMPLATE,
        TEMPLATE | {"variables": {str(n): "x" for n in range(51)}},
        "variables",
        None,
    ),
    (
        "closing before opening",
        WHATSAPP_PATH,
        WHATSAPP | {"business_hours": {"monday": {"start": "18:00", "end": "09:00"}}},
        "business_hours.monday.end",
        None,
    ),
    (
        "unknown zone",
        WHATSAPP_PATH,
        WHATSAPP | {"business_hours": {"timezone": "../../etc/passwd"}},
        "business_hours.timezone",
        None,
    ),
    # what no database can hold
    ("nul", SEND, TEXT | {"content": "a\0b"}, "content", "content must not contain NUL or broken Unicode"),
    ("half a pair", SEND, TEXT | {"content": "a\ud83d"}, "content", None),
    ("nul in settings", WHATSAPP_PATH, WHATSAPP | {"auto_reply_message": "\0"}, "auto_reply_message", None),
    ("nul in a signature", MAILBOXES, MAILBOX | {"signature_html": "<p>\0"}, "signature_html", None),
]


@pytest.mark.parametrize(
    ("path", "body", "field", "sentence"),
    [case[1:] for case in BROKEN_RULES],
    ids=[case[0] for case in BROKEN_RULES],
)
def test_a_field_that_breaks_a_rule_is_refused_by_name(
    shared_bundle, organization, thread, nothing_changes, path, body, field, sentence
):
    answer = shared_bundle.request(
        "POST", path.format(thread=thread), user=organization.admin, raw=json.dumps(body)
    )

    said = refusal(answer, 422, "validation_failed", field)
    assert sentence in (None, said)


def test_a_refusal_does_not_repeat_what_was_typed(shared_bundle, organization, nothing_changes):
    body = PHONE | {"api_token": "hunter2\nhunter2", "virtual_number": "hunter2"}

    answer = shared_bundle.post(PHONE_PATH, organization.admin, body)

    assert answer.status == 422
    assert "hunter2" not in answer.text


# ── queries ──────────────────────────────────────────────────────────────────────────────────

THREADS = "/api/v1/communications/threads"
CHANGES = "/api/v1/communications/changes"
AUDIT = "/api/v1/settings/audit-logs"


NO_ID = "00000000-0000-0000-0000-000000000001"


def cursor(*key, name="threads"):
    """Return a cursor that is whole, so that only what it says can be wrong."""
    return Cursors(name).write(*key)


BAD_QUERIES = [
    ("limit 0", f"{THREADS}?limit=0", "limit"),
    ("limit negative", f"{THREADS}?limit=-1", "limit"),
    ("limit huge", f"{THREADS}?limit=201", "limit"),
    ("limit enormous", f"{AUDIT}?limit=99999999999999999999", "limit"),
    ("limit text", f"{THREADS}?limit=all", "limit"),
    ("limit of changes", f"{CHANGES}?limit=1001", "limit"),
    ("since negative", f"{CHANGES}?since=-1", "since"),
    ("since text", f"{CHANGES}?since=yesterday", "since"),
    ("unknown", f"{THREADS}?order=asc", "order"),
    ("customer", f"{THREADS}?customer_id=1", "customer_id"),
    ("cursor garbage", f"{THREADS}?cursor=garbage", "cursor"),
    ("cursor not ascii", f"{THREADS}?cursor=%F0%9F%98%80", "cursor"),
    ("cursor too long", f"{THREADS}?cursor={'A' * 1001}", "cursor"),
    ("cursor damaged", f"{THREADS}?cursor=A{cursor('2026-01-15T09:30:00+00:00', NO_ID)[1:]}", "cursor"),
    ("cursor of another list", f"{THREADS}?cursor={cursor(7, name='audit')}", "cursor"),
    (
        "cursor of a list alike",
        f"{THREADS}?cursor={cursor('2026-01-15T09:30:00+00:00', NO_ID, name='customers')}",
        "cursor",
    ),
    ("cursor of numbers", f"{THREADS}?cursor={cursor(1, 2)}", "cursor"),
    ("cursor of nothing", f"{THREADS}?cursor={cursor()}", "cursor"),
    ("cursor no time", f"{THREADS}?cursor={cursor('now', NO_ID)}", "cursor"),
    ("cursor before all time", f"{THREADS}?cursor={cursor('0001-01-01T00:00:00+23:59', NO_ID)}", "cursor"),
    ("cursor no id", f"{THREADS}?cursor={cursor('2026-01-15T09:30:00+00:00', 'x')}", "cursor"),
    ("cursor nested", f"{THREADS}?cursor={cursor([[[]]])}", "cursor"),
    ("audit cursor text", f"{AUDIT}?cursor={cursor('x', name='audit')}", "cursor"),
    ("audit cursor negative", f"{AUDIT}?cursor={cursor('-1', name='audit')}", "cursor"),
    ("audit cursor enormous", f"{AUDIT}?cursor={cursor('9' * 40, name='audit')}", "cursor"),
    ("nul", f"{AUDIT}?action=a%00b", "action"),
    ("nul in type", f"{AUDIT}?integration_type=%00", "integration_type"),
]


@pytest.mark.parametrize(
    ("target", "field"), [case[1:] for case in BAD_QUERIES], ids=[case[0] for case in BAD_QUERIES]
)
def test_a_query_that_breaks_a_rule_is_refused_by_name(
    shared_bundle, organization, nothing_changes, target, field
):
    refusal(shared_bundle.get(target, organization.admin), 422, "validation_failed", field)


@pytest.mark.parametrize(
    "target",
    [
        f"{CHANGES}?since={10**30}",
        f"{AUDIT}?action={quote(chr(39) + ' OR 1=1 --')}",
        f"{THREADS}?cursor={cursor('0002-01-01T00:00:00+23:59', NO_ID)}",
    ],
    ids=["beyond every sequence", "sql", "before all time"],
)
def test_what_is_merely_odd_finds_nothing(shared_bundle, organization, nothing_changes, target):
    answer = shared_bundle.get(target, organization.admin)

    assert answer.status == 200
    # A number that was never given out is another database's: then the list cannot be complete.
    nothing = {"changes": [], "latest": ANY, "has_more": False, "complete": False}
    assert answer.data in ([], nothing)


@pytest.mark.parametrize("key", ["", "x" * 256, "a\nb", "a\0b"], ids=["empty", "long", "two lines", "nul"])
def test_an_idempotency_key_that_is_none_is_refused(
    shared_bundle, organization, thread, nothing_changes, key
):
    answer = shared_bundle.post(SEND.format(thread=thread), organization.agent, TEXT, Idempotency_Key=key)

    refusal(answer, 422, "validation_failed", "Idempotency-Key")


@pytest.mark.parametrize("path", [THREADS + "/x", MAILBOXES + "/x/poll-now"], ids=["thread", "mailbox"])
@pytest.mark.parametrize("identity", ["1", "..", "%00", "null", "00000000-0000-0000-0000-00000000000g"])
def test_a_path_that_names_no_id_is_refused(shared_bundle, organization, nothing_changes, path, identity):
    method = "POST" if path.endswith("poll-now") else "GET"

    answer = shared_bundle.request(method, path.replace("/x", f"/{identity}"), user=organization.admin)

    field = "account_id" if method == "POST" else "thread_id"
    assert refusal(answer, 422, "validation_failed", field) == f"{field} must be a UUID"
