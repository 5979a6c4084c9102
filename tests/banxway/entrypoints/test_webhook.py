"""The receiver of callbacks: public, but protected (threats 13, 14, 42; fault 28)."""

import base64
import hashlib
import hmac
import json
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from banxway.app import App
from banxway.errors import BadRequest
from banxway.security.references import CallbackKind, CallbackReferences
from tests.support.gates.routes import ROUTES
from tests.support.product.app import WEBHOOK_SECRET, invoke
from tests.support.product.events import http_event
from tests.support.product.stories import incoming, whatsapp_body
from tests.support.timing.clocks import WrongClock

RECEIVERS = [route for route in ROUTES if hasattr(route.handler, "webhook")]
WHATSAPP = next(route for route in RECEIVERS if route.handler.webhook is CallbackKind.WHATSAPP)
CALLS = next(route for route in RECEIVERS if route.handler.webhook is CallbackKind.CALL_STATUS)
OTHER_KIND = {
    CallbackKind.WHATSAPP: CallbackKind.CALL_STATUS,
    CallbackKind.CALL_STATUS: CallbackKind.WHATSAPP,
}
BODY = json.dumps(whatsapp_body(incoming("Hello")))
JSON = {"content-type": "application/json"}
FORM = {"content-type": "application/x-www-form-urlencoded"}
ORGANIZATION, OTHER_ORGANIZATION, UNIT = uuid4(), uuid4(), uuid4()
HOUR = timedelta(hours=1)

every_receiver = pytest.mark.parametrize("route", RECEIVERS, ids=lambda route: route.folder)


def references(*, secret=WEBHOOK_SECRET, ago=timedelta(0)):
    return CallbackReferences(secret, clock=WrongClock(-ago))


def genuine(kind, *, organization=ORGANIZATION, **options):
    maker = references(**options)
    return maker.for_unit(kind, organization_id=organization, unit_id=UNIT, expires_in=HOUR)


def post(app, route, reference=None, *, body=BODY, headers=JSON, is_base64=False):
    event = http_event(
        route.method,
        route.path,
        query={} if reference is None else {"reference": reference},
        headers=headers,
        body=body,
        is_base64=is_base64,
    )
    answer = invoke(app, route.handler, event)
    return answer["statusCode"], json.loads(answer["body"])


def queued(queues):
    return [json.loads(body) for _, body in queues.sent]


def with_settings(app, queues, **changes):
    changed = App(replace(app.infrastructure.settings, **changes))
    changed.infrastructure.queues = queues
    return changed


@every_receiver
def test_a_genuine_callback_is_queued_and_answered(app, queues, route):
    answer = post(app, route, genuine(route.handler.webhook))

    assert answer == (200, {"success": True})
    ((url, _),) = queues.sent
    (item,) = queued(queues)
    assert url == app.infrastructure.settings.queue_url("webhook")
    assert (item["kind"], item["organization_id"], item["subject_id"]) == (
        route.handler.webhook,
        str(ORGANIZATION),
        str(UNIT),
    )
    assert base64.b64decode(item["body"]).decode() == BODY
    assert "database" not in vars(app.infrastructure)


# ── what is not genuine ──────────────────────────────────────────────────────────────────────


def flipped(reference, at):
    """Change one bit of the reference's content or of its signature."""
    raw = bytearray(base64.urlsafe_b64decode(reference))
    raw[at] ^= 1
    return base64.urlsafe_b64encode(bytes(raw)).decode()


def moved(reference, organization):
    """Write another organization into a reference, as an attacker who knows its layout would."""
    raw = base64.urlsafe_b64decode(reference)
    return base64.urlsafe_b64encode(raw[:3] + organization.bytes + raw[19:]).decode()


INVALID = "Invalid webhook reference"
FORGED = {
    "none": (lambda kind: None, INVALID),
    "empty": (lambda kind: "", INVALID),
    "guessed": (lambda kind: "A" * 100, INVALID),
    "the organization's id": (lambda kind: str(ORGANIZATION), INVALID),
    "expired": (lambda kind: genuine(kind, ago=2 * HOUR), "Webhook reference expired"),
    "another secret": (lambda kind: genuine(kind, secret="another secret, of another house"), INVALID),
    "another kind": (lambda kind: genuine(OTHER_KIND[kind]), INVALID),
    "another organization": (lambda kind: moved(genuine(kind), OTHER_ORGANIZATION), INVALID),
    "truncated": (lambda kind: genuine(kind)[:-1], INVALID),
    "longer": (lambda kind: genuine(kind) + "A", INVALID),
    "given twice": (lambda kind: f"{genuine(kind)},{genuine(kind)}", INVALID),
    "with a line break": (lambda kind: genuine(kind) + "\n", INVALID),
    "in percents": (lambda kind: genuine(kind)[:-4] + "%3D=", INVALID),
}


@every_receiver
@pytest.mark.parametrize(("make", "sentence"), FORGED.values(), ids=FORGED.keys())
def test_what_is_not_genuine_is_refused_and_nothing_is_kept(app, queues, capsys, route, make, sentence):
    answer = post(app, route, make(route.handler.webhook))

    assert answer == (401, {"success": False, "error": sentence, "code": "not_authenticated"})
    assert queues.sent == []
    logged = capsys.readouterr().out
    assert "callback refused" in logged
    assert "Hello" not in logged


@every_receiver
def test_no_flipped_bit_passes(app, queues, route):
    reference = genuine(route.handler.webhook)
    size = len(base64.urlsafe_b64decode(reference))

    answers = [post(app, route, flipped(reference, at))[0] for at in range(size)]

    assert answers == [401] * size
    assert queues.sent == []


@every_receiver
@pytest.mark.parametrize("secret", [None, "", "  "], ids=["unset", "empty", "blank"])
def test_without_a_secret_nothing_is_accepted(app, queues, route, secret):
    bare = with_settings(app, queues, webhook_secret=secret)

    status, answered = post(bare, route, genuine(route.handler.webhook))

    assert (status, answered["code"]) == (503, "unavailable")
    assert queues.sent == []


def test_headers_of_proxies_open_nothing(app, queues):
    forged = JSON | {
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-host": "api.exotel.com",
        "authorization": "Basic eDp5",
        "x-exotel-signature": "sha256=" + "0" * 64,
    }

    assert post(app, WHATSAPP, "A" * 100, headers=forged)[0] == 401
    assert queues.sent == []


# ── the optional signature ───────────────────────────────────────────────────────────────────


def signature(secret, body=BODY):
    return "sha256=" + hmac.new(secret.encode(), body.encode(), hashlib.sha256).hexdigest()


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (signature("shared"), 200),
        (signature("shared").upper().replace("SHA256", "sha256"), 200),
        (signature("other"), 401),
        (signature("shared", BODY + " "), 401),
        ("sha256=", 401),
        (None, 401),
    ],
    ids=["right", "upper case", "other secret", "other body", "empty", "none"],
)
def test_a_signature_is_demanded_where_its_secret_is_set(app, queues, header, status):
    strict = with_settings(app, queues, exotel_signature_secret="shared")
    headers = JSON | ({"x-exotel-signature": header} if header else {})

    answered = post(strict, WHATSAPP, genuine(CallbackKind.WHATSAPP), headers=headers)

    assert answered[0] == status
    assert len(queues.sent) == (status == 200)


def test_a_right_signature_does_not_replace_the_reference(app, queues):
    strict = with_settings(app, queues, exotel_signature_secret="shared")

    answered = post(strict, WHATSAPP, headers=JSON | {"x-exotel-signature": signature("shared")})

    assert (answered[0], queues.sent) == (401, [])


# ── what cannot be read ──────────────────────────────────────────────────────────────────────


LARGEST = 4_000_000


def object_of(size):
    """Return a JSON object of this length, so that only its length can be wrong."""
    empty = json.dumps({"a": ""})
    return json.dumps({"a": "x" * (size - len(empty))})


@pytest.mark.parametrize(
    "body",
    ["", "{", "[]", '"text"', "\xff", '{"a": ' * 100_000, object_of(LARGEST + 1)],
    ids=["empty", "broken off", "list", "text", "odd", "deep", "large"],
)
def test_what_cannot_be_read_is_refused_but_kept(app, queues, body):
    status, answered = post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=body)

    assert (status, answered) == (
        400,
        {"success": False, "error": "The body cannot be read", "code": "bad_request"},
    )
    (item,) = queued(queues)
    assert item["readable"] is False
    kept = base64.b64decode(item["body"]) if item["body"] is not None else None
    stored = kept if kept is not None else app.infrastructure.blobs.get(ORGANIZATION, item["body_blob"])
    assert stored == body.encode()


def test_a_form_may_be_no_larger_than_json(app, queues):
    form = "CallSid=" + "1" * LARGEST

    status, _ = post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=form, headers=FORM)

    assert status == 400
    assert [item["readable"] for item in queued(queues)] == [False]


def test_the_largest_body_that_is_read_is_read(app, queues):
    status, _ = post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=object_of(LARGEST))

    assert status == 200
    assert [item["readable"] for item in queued(queues)] == [True]


@pytest.mark.parametrize("headers", [JSON, FORM, {}], ids=["json", "form", "none"])
@pytest.mark.parametrize("body", ['{"a": ', " \n[1", "[]"], ids=["object", "array", "whole array"])
def test_what_looks_like_json_must_be_an_object_whatever_it_calls_itself(app, queues, headers, body):
    """Exotel's own content types are not reliable."""
    status, _ = post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=body, headers=headers)

    assert status == 400
    assert [item["readable"] for item in queued(queues)] == [False]


def test_without_a_content_type_a_body_is_taken_for_json(app, queues):
    statuses = [
        post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=body, headers={})[0]
        for body in ("CallSid=1", '{"a": 1}')
    ]

    assert statuses == [400, 200]
    assert [item["content_type"] for item in queued(queues)] == ["application/json"] * 2


MULTIPART = {"content-type": "multipart/form-data; boundary=x"}
CALL_IN_PARTS = '--x\r\nContent-Disposition: form-data; name="CallSid"\r\n\r\n1\r\n--x--'


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        (FORM, "CallSid=1&Status=completed", 200),
        (MULTIPART, CALL_IN_PARTS, 200),
        ({"content-type": "text/plain"}, "CallSid=1", 200),
        (FORM, 'CustomField={"challenge": 1}&CallSid=1', 200),
        (FORM, "Status=completed", 400),
        (MULTIPART, "--x\r\n\r\n--x--", 400),
        ({"content-type": "text/plain"}, "hello", 400),
    ],
    ids=["form", "multipart", "plain", "form with a challenge in it", "no call", "no parts", "no form"],
)
def test_a_calls_form_must_name_a_call(app, queues, headers, body, status):
    assert post(app, CALLS, genuine(CallbackKind.CALL_STATUS), body=body, headers=headers)[0] == status
    assert post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=body, headers=headers)[0] == 400

    assert [item["readable"] for item in queued(queues)] == [status == 200, False]


def test_bytes_arrive_as_they_were(app, queues):
    raw = CALL_IN_PARTS.encode() + b"\xff\x00"

    status, _ = post(
        app,
        CALLS,
        genuine(CallbackKind.CALL_STATUS),
        body=base64.b64encode(raw).decode(),
        headers=MULTIPART,
        is_base64=True,
    )

    (item,) = queued(queues)
    assert (status, base64.b64decode(item["body"])) == (200, raw)


UTF_16 = '{"whatsapp": {"messages": []}}'.encode("utf-16")
AT_THE_LIMIT = ('{"a":' * 100 + "1" + "}" * 100).encode()
AS_STRANGERS_WRITE = {
    "empty": b"",
    "blank": b" \n",
    "object": b'{"a": 1}',
    "empty object": b"{}",
    "list": b"[1]",
    "text": b"hello",
    "form": b"CallSid=1",
    "form without a call": b"Status=completed",
    "html": b"<html></html>",
    "parts": CALL_IN_PARTS.encode(),
    "UTF-16": UTF_16,
    "UTF-16 without a mark": UTF_16[2:],
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "UTF-8 with a mark": b'\xef\xbb\xbf{"a": 1}',
    "Latin-1": '{"a": "é"}'.encode("latin-1"),
    "half a letter": b'{"a": "\\ud800"}',
    "no number": b'{"a": NaN}',
    "number without end": b'{"a": ' + b"9" * 5000 + b"}",
    "other white space": b'\x0b{"a": 1}',
    "as deep as may be": AT_THE_LIMIT,
    "deeper": b'{"a":' + AT_THE_LIMIT + b"}",
    "far too deep": b'{"a":' * 5000 + b"1" + b"}" * 5000,
    "too large": b'{"a": "' + b"x" * LARGEST + b'"}',
}


@every_receiver
@pytest.mark.parametrize("headers", [JSON, FORM, MULTIPART, {}], ids=["json", "form", "multipart", "none"])
@pytest.mark.parametrize("body", AS_STRANGERS_WRITE.values(), ids=AS_STRANGERS_WRITE.keys())
def test_what_is_answered_200_is_what_the_worker_can_read(app, queues, route, headers, body):
    """The worker's stack is deeper, so it reaches Python's recursion limit sooner."""
    kind = route.handler.webhook
    encoded = base64.b64encode(body).decode()

    status, _ = post(app, route, genuine(kind), body=encoded, headers=headers, is_base64=True)

    def read_deep_down(calls):
        if calls:
            return read_deep_down(calls - 1)
        return app.infrastructure.providers.parse_callback(
            kind, body, headers.get("content-type", "application/json")
        )

    try:
        read_deep_down(200)
        is_read = True
    except BadRequest:
        is_read = False
    assert status == (200 if is_read else 400)


# ── the handshake ────────────────────────────────────────────────────────────────────────────

HANDSHAKE = json.dumps({"type": "verification", "challenge": "abc-123"})


@pytest.mark.parametrize(
    "more", [{"whatsapp": {"messages": []}}, {"CallSid": "1"}, {"call_details": {"sid": "1"}}], ids=str
)
def test_a_callback_that_looks_like_a_handshake_is_queued(app, queues, more):
    body = json.dumps(json.loads(HANDSHAKE) | more)

    assert post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=body) == (200, {"success": True})
    assert len(queued(queues)) == 1


def test_a_handshake_is_echoed_and_not_queued(app, queues):
    assert post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=HANDSHAKE) == (
        200,
        {"challenge": "abc-123"},
    )
    assert queues.sent == []


@pytest.mark.parametrize(
    "body",
    [json.dumps({"type": "verification", "pad": "x" * LARGEST, "challenge": "x"}), HANDSHAKE + "}"],
    ids=["too large", "not JSON"],
)
def test_an_unreadable_handshake_is_not_echoed(app, queues, body):
    assert post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=body)[0] == 400
    assert [item["readable"] for item in queued(queues)] == [False]


def test_a_strangers_handshake_is_refused(app):
    assert post(app, WHATSAPP, None, body=HANDSHAKE)[0] == 401


@pytest.mark.parametrize(
    "content",
    [
        {"challenge": "x"},
        {"type": "verification", "challenge": 7},
        {"type": "other", "challenge": "x"},
        {"type": "verification", "other": '"challenge"'},
        {"type": "verification", "inner": {"challenge": "x"}},
    ],
    ids=["no type", "a number", "another type", "in a text", "inside"],
)
def test_what_only_looks_like_a_handshake_is_queued(app, queues, content):
    answer = post(app, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=json.dumps(content))

    assert answer == (200, {"success": True})
    assert len(queues.sent) == 1


# ── when something of ours is down ───────────────────────────────────────────────────────────


@every_receiver
def test_a_queue_that_is_down_makes_the_provider_try_again(app, queues, route):
    queues.is_down = True
    reference = genuine(route.handler.webhook)

    down = post(app, route, reference)
    queues.is_down = False
    again = post(app, route, reference)

    assert (down[0], down[1]["code"]) == (503, "unavailable")
    assert (again[0], len(queues.sent)) == (200, 1)


def test_a_fault_of_ours_is_never_answered_as_taken(app, queues, capsys):
    broken = with_settings(app, queues, queue_urls={})

    status, answered = post(broken, WHATSAPP, genuine(CallbackKind.WHATSAPP))

    assert (status, answered["error"]) == (500, "Internal error")
    assert answered == {"success": False, "error": "Internal error", "code": "internal_error"}
    assert "callback not accepted" in capsys.readouterr().out


def test_a_refusal_is_counted_by_its_kind_status_and_reason_alone(app, capsys):
    """A metric filter counts this line (template.yaml); nothing that a forger sent is written anywhere."""
    post(app, WHATSAPP, "forged-reference" + "A" * 84, body="forged body")

    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    said = (line["message"], line["level"], line["kind"], line["status"], line["reason"])
    assert said == ("callback refused", "WARNING", "whatsapp", 401, "Invalid webhook reference")
    assert line["route"] == f"POST {WHATSAPP.path}"
    assert "forged" not in json.dumps(line)


def test_a_refusal_says_that_it_is_json_and_what_is_missing(app):
    event = http_event(WHATSAPP.method, WHATSAPP.path, query={}, headers=JSON, body=BODY)

    assert invoke(app, WHATSAPP.handler, event)["headers"] == {
        "Content-Type": "application/json",
        "WWW-Authenticate": 'Reference realm="callbacks"',
    }


def test_the_proof_of_origin_comes_before_the_handshake(app, queues):
    """A caller with a reference but without the signature learns nothing by asking for a challenge."""
    strict = with_settings(app, queues, exotel_signature_secret="shared")

    assert post(strict, WHATSAPP, genuine(CallbackKind.WHATSAPP), body=HANDSHAKE)[0] == 401


def test_a_receiver_keeps_the_name_of_its_function(app):
    """The name under which traces show errors of the handler."""
    assert {route.handler.__name__ for route in RECEIVERS} == {"handler"}
    assert {route.handler.__wrapped__.__name__ for route in RECEIVERS} == {"handler"}
