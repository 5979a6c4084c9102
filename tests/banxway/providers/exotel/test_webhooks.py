import json
from datetime import UTC, datetime
from itertools import permutations

import pytest

from banxway.errors import BadRequest
from banxway.models.webhooks.callbacks import CallReport, IncomingMessage, StatusReport, UnknownCallback
from banxway.providers.exotel.webhooks import parse_call_status, parse_whatsapp
from tests.support.ledger.multipart import multipart

JSON = "application/json"


def a_report(**changes: object) -> dict:
    return {
        "callback_type": "dlr",
        "sid": "5d0c",
        "to": "+919822200022",
        "exo_status_code": 30002,
        "exo_detailed_status": "EX_MESSAGE_DELIVERED",
        "description": "Message delivered",
        "timestamp": "2026-11-02T11:05:02+05:30",
        "custom_data": "row-771",
    } | changes


def a_message(content: dict | None = None, **changes: object) -> dict:
    return {
        "callback_type": "incoming_message",
        "sid": "90ab",
        "from": "+919822200022",
        "to": "+918047100100",
        "profile_name": "Asha",
        "timestamp": "2026-11-02T11:20:31+05:30",
        "content": content or {"type": "text", "text": {"body": "Yes please"}},
    } | changes


def choice(kind: str, **chosen: str) -> dict:
    return {"type": "interactive", "interactive": {"type": kind, kind: chosen}}


def whatsapp(*items: object) -> list:
    return parse_whatsapp(json.dumps({"whatsapp": {"messages": list(items)}}).encode(), JSON)


def without(item: dict, *names: str) -> dict:
    return {name: value for name, value in item.items() if name not in names}


def test_a_report_is_read_whole():
    (report,) = whatsapp(a_report())

    assert report == StatusReport(
        provider_sid="5d0c",
        status="delivered",
        provider_code="30002",
        provider_status="EX_MESSAGE_DELIVERED",
        description="Message delivered",
        recipient="+919822200022",
        reference="row-771",
        occurred_at=datetime(2026, 11, 2, 5, 35, 2, tzinfo=UTC),
        identity=report.identity,
        raw=a_report(),
    )


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"exo_status_code": "30003"}, "read", "30003"),
        ({"exo_status_code": None, "exo_detailed_status": "EX_MESSAGE_SENT"}, "sent", None),
        ({"exo_status_code": 30018, "exo_detailed_status": "EX_REENGAGEMENT_ERROR"}, "failed", "30018"),
        ({"exo_status_code": 31999, "exo_detailed_status": "EX_NEWS"}, None, "31999"),
        ({"exo_status_code": "soon", "exo_detailed_status": None}, None, "soon"),
    ],
    ids=["code_as_text", "name_only", "failed", "unknown", "no_number"],
)
def test_a_reports_status_is_looked_up_and_an_unknown_one_kept_raw(
    changes: dict, status: str | None, code: str | None
):
    (report,) = whatsapp(a_report(**changes))

    assert (report.status, report.provider_code) == (status, code)
    assert report.raw["exo_status_code"] == changes["exo_status_code"]


def test_a_failed_report_brings_our_advice_and_no_other_does():
    failed, delivered = whatsapp(a_report(exo_status_code=30018, exo_detailed_status="X"), a_report())

    assert "template" in failed.advice
    assert delivered.advice is None


@pytest.mark.parametrize("name", ["sid", "message_sid", "id"])
def test_a_report_may_name_the_message_in_three_ways(name: str):
    (report,) = whatsapp(without(a_report(), "sid") | {name: "5d0c"})

    assert report.provider_sid == "5d0c"


@pytest.mark.parametrize(
    ("written", "reference"),
    [
        ("row-771", "row-771"),
        ('"row-771"', "row-771"),
        ("N/A", None),
        ("null", None),
        ("", None),
        (None, None),
        ('"', '"'),
    ],
)
def test_our_reference_comes_back_as_we_gave_it(written: object, reference: str | None):
    (report,) = whatsapp(a_report(custom_data=written))

    assert report.reference == reference


def test_reports_and_messages_in_one_body_are_all_read_in_order():
    items = [
        a_report(),
        a_message(),
        a_report(sid="5d0d"),
        {"callback_type": "template_update"},
        "rubbish",
        None,
    ]

    found = whatsapp(*items)

    assert [type(each) for each in found] == [
        StatusReport,
        IncomingMessage,
        StatusReport,
        UnknownCallback,
        UnknownCallback,
        UnknownCallback,
    ]
    assert found[3].kind == "whatsapp:template_update"


@pytest.mark.parametrize("word", ["icm", "incoming_message", "INCOMING_MESSAGE", None])
def test_both_words_for_a_message_and_none_at_all_are_understood(word: str | None):
    (message,) = whatsapp(a_message(callback_type=word))

    assert isinstance(message, IncomingMessage)


def test_a_message_is_read_whole():
    (message,) = whatsapp(a_message({"type": "text", "text": {"body": "ok"}, "context": {"id": "5d0c"}}))

    assert (message.provider_sid, message.sender, message.recipient) == (
        "90ab",
        "+919822200022",
        "+918047100100",
    )
    assert (message.profile_name, message.kind, message.text) == ("Asha", "text", "ok")
    assert (message.replied_to_sid, message.media_url) == ("5d0c", None)
    assert message.occurred_at == datetime(2026, 11, 2, 5, 50, 31, tzinfo=UTC)


@pytest.mark.parametrize("spelled", ["919822200022", "09822200022", "9822200022"])
def test_a_senders_number_becomes_e164_however_it_is_spelled(spelled: str):
    (message,) = whatsapp(a_message(**{"from": spelled}))

    assert message.sender == "+919822200022"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"type": "text", "text": {"body": "  two\nlines "}}, "  two\nlines "),
        ({"type": "button", "button": {"text": "Yes", "payload": "yes"}}, "Yes"),
        (choice("button_reply", id="1", title="Friday"), "Friday"),
        (choice("list_reply", id="blr", title="Bengaluru", description="2 slots"), "Bengaluru - 2 slots"),
        (choice("nfm_reply", body="Sent", response_json="{}"), "Sent"),
        (choice("nfm_reply", response_json="{}"), "[nfm_reply]"),
        (
            {"type": "image", "image": {"url": "https://m.example/1", "caption": "the door"}},
            "[image] the door",
        ),
        ({"type": "image", "image": {"url": "https://m.example/1"}}, "[image]"),
        ({"type": "document", "document": {"url": "u", "filename": "a.pdf"}}, "[document] a.pdf"),
        ({"type": "audio", "audio": {"url": "u"}}, "[audio]"),
        ({"type": "sticker", "sticker": {"url": "u"}}, "[sticker]"),
        (
            {
                "type": "location",
                "location": {"latitude": 12.97, "longitude": 77.59, "name": "Home", "address": "MG Rd"},
            },
            "[location] Home, MG Rd (12.97, 77.59)",
        ),
        (
            {"type": "location", "location": {"latitude": 12.97, "longitude": 77.59}},
            "[location] (12.97, 77.59)",
        ),
        ({"type": "contacts", "contacts": [{"name": "x"}]}, "[contacts] x"),
        ({"type": "order"}, "[order]"),
        ({"type": "text", "text": None}, "[text]"),
        ({"text": {"body": "untyped"}}, "untyped"),
    ],
)
def test_every_kind_of_content_has_a_readable_text(content: dict, text: str):
    (message,) = whatsapp(a_message(content))

    assert message.text == text


@pytest.mark.parametrize("name", ["url", "link"])
def test_a_files_address_is_kept(name: str):
    (message,) = whatsapp(a_message({"type": "image", "image": {name: "https://m.example/1"}}))

    assert message.media_url == "https://m.example/1"


def test_the_same_report_has_one_identity_however_often_and_beside_whatever_it_comes():
    alone = whatsapp(a_report())[0].identity
    later = whatsapp(a_message(), a_report(exo_status_code="30002"))[1].identity

    assert alone == later


def test_reports_that_differ_never_share_an_identity():
    reports = [
        a_report(),
        a_report(sid="5d0d"),
        a_report(exo_status_code=30003, exo_detailed_status="EX_MESSAGE_SEEN"),
        a_report(exo_status_code=39999, exo_detailed_status="EX_ONE"),
        a_report(exo_status_code=39999, exo_detailed_status="EX_OTHER"),
        a_report(exo_status_code=None, exo_detailed_status=None),
        a_report(exo_status_code=None, exo_detailed_status=None, timestamp="2026-11-02T11:05:03+05:30"),
    ]

    assert len({whatsapp(report)[0].identity for report in reports}) == len(reports)


def test_two_equal_texts_with_different_sids_are_two_messages():
    first, second = whatsapp(a_message(sid="a"), a_message(sid="b"))

    assert first.identity != second.identity
    assert first.identity == whatsapp(a_message(sid="a"))[0].identity


def test_two_equal_texts_without_sids_are_two_messages():
    ok = without(a_message(), "sid")

    together = [message.identity for message in whatsapp(ok, ok)]
    later = whatsapp(ok | {"timestamp": "2026-11-02T11:20:32+05:30"})[0].identity

    assert len({*together, later}) == 3
    assert together == [message.identity for message in whatsapp(ok, ok)]


def test_the_order_of_a_body_changes_no_identity():
    items = [a_report(), a_report(exo_status_code=30003), a_message()]

    identities = [{each.identity for each in whatsapp(*order)} for order in permutations(items)]

    assert all(each == identities[0] for each in identities)


@pytest.mark.parametrize(
    "item",
    [without(a_report(), "sid"), without(a_message(), "from"), {"callback_type": "new"}, {}],
    ids=["report_without_sid", "message_without_sender", "new_kind", "empty"],
)
def test_an_item_that_cannot_be_recognised_is_kept_as_unknown(item: dict):
    (unknown,) = whatsapp(item)

    assert isinstance(unknown, UnknownCallback)
    assert unknown.raw == item


@pytest.mark.parametrize("item", ["text", 7, None, ["list"]], ids=repr)
def test_an_item_other_than_an_object_is_kept_as_unknown(item: object):
    report, unknown = whatsapp(a_report(), item)

    assert report.provider_sid == "5d0c"
    assert (type(unknown), unknown.raw) == (UnknownCallback, {"value": item})


def test_an_unknown_envelope_is_kept_as_unknown():
    body = {"event": "incoming_message", "message": {"from": "+919822200022"}}

    (unknown,) = parse_whatsapp(json.dumps(body).encode(), JSON)

    assert (unknown.kind, unknown.raw) == ("whatsapp:incoming_message", body)


def test_a_single_message_outside_a_list_is_read():
    (report,) = parse_whatsapp(json.dumps({"whatsapp": {"messages": a_report()}}).encode(), JSON)

    assert report.provider_sid == "5d0c"


@pytest.mark.parametrize("parse", [parse_whatsapp, parse_call_status])
@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{", b"3", b"hello"], ids=repr)
def test_what_is_not_exotels_is_refused(parse, body: bytes):
    with pytest.raises(BadRequest):
        parse(body, JSON)


V1 = {
    "CallSid": "e1d2",
    "EventType": "terminal",
    "DateCreated": "2026-11-02 11:04:10",
    "DateUpdated": "2026-11-02 11:07:02",
    "Status": "completed",
    "To": "09822200022",
    "From": "09811100011",
    "StartTime": "2026-11-02 11:04:12",
    "EndTime": "2026-11-02 11:06:58",
    "ConversationDuration": 120,
    "CustomField": "row-771",
    "RecordingUrl": "https://recordings.example/e1d2.mp3",
    "Legs": [{"OnCallDuration": 161, "Status": "completed"}, {"OnCallDuration": 120, "Status": "completed"}],
}
V3 = {
    "event_details": {"event_type": "terminal"},
    "call_details": {
        "sid": "4b7c",
        "state": "terminal",
        "status": "completed",
        "updated_time": "2026-11-02 11:07:02+05:30",
        "end_time": "2026-11-02 11:06:58+05:30",
        "total_talk_time": 120,
        "custom_field": "row-771",
        "recordings": [{"url": "https://recordings.example/4b7c.mp3"}],
    },
}
V1_FORM = {
    "CallSid": "e1d2",
    "EventType": "terminal",
    "DateUpdated": "2026-11-02 11:07:02",
    "Status": "completed",
    "ConversationDuration": "120",
    "CustomField": "row-771",
    "RecordingUrl": "https://recordings.example/e1d2.mp3",
    "Legs[0][Status]": "completed",
    "Legs[1][Status]": "completed",
}


def call(body: dict) -> object:
    (found,) = parse_call_status(json.dumps(body).encode(), JSON)
    return found


def v3(event: str | None = "terminal", **details: object) -> dict:
    return {"event_details": {"event_type": event}, "call_details": V3["call_details"] | details}


@pytest.mark.parametrize(
    ("body", "content_type", "sid"),
    [
        (json.dumps(V1).encode(), JSON, "e1d2"),
        (*multipart(V1_FORM), "e1d2"),
        (
            "&".join(f"{k}={v}" for k, v in V1_FORM.items()).encode(),
            "application/x-www-form-urlencoded",
            "e1d2",
        ),
        (json.dumps(V3).encode(), JSON, "4b7c"),
    ],
    ids=["v1_json", "v1_multipart", "v1_urlencoded", "v3"],
)
def test_a_call_report_is_read_in_every_type_and_version(body: bytes, content_type: str, sid: str):
    (report,) = parse_call_status(body, content_type)

    assert isinstance(report, CallReport)
    assert (report.provider_sid, report.event, report.status, report.provider_status) == (
        sid,
        "terminal",
        "completed",
        "completed",
    )
    assert (report.duration_s, report.reference) == (120, "row-771")
    assert report.recording_url == f"https://recordings.example/{sid}.mp3"
    assert report.occurred_at == datetime(2026, 11, 2, 5, 37, 2, tzinfo=UTC)


def test_a_report_without_recording_event_or_legs_is_read():
    report = call({"CallSid": "e1d2", "Status": "no-answer", "DateUpdated": "2026-11-02 11:07:02"})

    assert (report.event, report.status, report.recording_url, report.duration_s) == (
        "status",
        "no_answer",
        None,
        None,
    )


def test_an_answered_call_of_v3_is_in_progress_though_its_status_is_null():
    report = call(v3("answered", state="active", status=None, end_time="1970-01-01 05:30:00+05:30"))

    assert (report.event, report.status, report.provider_status) == ("answered", "in_progress", None)


def test_a_time_that_means_not_yet_is_passed_over():
    report = call(v3(updated_time="1970-01-01 05:30:00+05:30"))

    assert report.occurred_at == datetime(2026, 11, 2, 5, 36, 58, tzinfo=UTC)


def test_v2_names_the_call_differently():
    report = call(v3(sid=None, call_sid="v2sid"))

    assert report.provider_sid == "v2sid"


def test_an_unknown_status_word_of_a_call_is_kept_raw():
    report = call(V1 | {"Status": "teleported"})

    assert (report.status, report.provider_status) == (None, "teleported")


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (V1 | {"EventType": "ringing"}, "call:ringing"),
        (v3("legs_changed"), "call:legs_changed"),
        (v3(sid=None), "call:terminal"),
        ({"timestamp": "2026-11-02T05:45:00Z", "status_type": "WARNING"}, "call:unknown"),
    ],
    ids=["v1_event", "v3_event", "no_sid", "heartbeat"],
)
def test_a_call_callback_that_says_something_new_is_kept_as_unknown(body: dict, kind: str):
    unknown = call(body)

    assert isinstance(unknown, UnknownCallback)
    assert (unknown.kind, unknown.raw) == (kind, body)


def test_the_same_call_report_has_one_identity_and_different_ones_never_share_it():
    answered_legs = [
        [{"Status": "completed"}, {"Status": "null"}],
        [{"Status": "completed"}, {"Status": "completed"}],
    ]
    bodies = [
        V1,
        V1 | {"CallSid": "other"},
        V1 | {"Status": "failed"},
        V1 | {"RecordingUrl": None},
        *(V1 | {"EventType": "answered", "Legs": legs} for legs in answered_legs),
        V3,
        v3("answered"),
        {"CallSid": "e1d2", "DateUpdated": "2026-11-02 11:07:02"},
        {"CallSid": "e1d2", "DateUpdated": "2026-11-02 11:07:03"},
    ]

    assert len({call(body).identity for body in bodies}) == len(bodies)
    assert call(V1).identity == call(dict(reversed(V1.items()))).identity
