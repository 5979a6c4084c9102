"""An agent can read everything that a customer sends: unexpected content is not dropped."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.models.webhooks.callbacks import CustomerEvent, IncomingMessage
from banxway.providers.exotel.webhooks import parse_whatsapp
from tests.support.gates.chance import in_soak

ITEM = {
    "callback_type": "icm",
    "sid": "90ab",
    "from": "+919800001200",
    "to": "+911141169368",
    "profile_name": "Cust",
    "timestamp": "2026-11-02T11:20:31+05:30",
}


def read(content: object, **values: object) -> Any:
    item = ITEM | {"content": content} | values
    (found,) = parse_whatsapp(json.dumps({"whatsapp": {"messages": [item]}}).encode(), "application/json")
    return found


def flow(answers: str, **values: str) -> dict[str, Any]:
    reply = {"response_json": answers, "body": "Sent", "name": "flow"} | values
    return {"type": "interactive", "interactive": {"type": "nfm_reply", "nfm_reply": reply}}


def cards(*found: object) -> dict[str, Any]:
    return {"type": "contacts", "contacts": list(found)}


RAVI = {
    "name": {"formatted_name": "Ravi Kumar"},
    "phones": [{"phone": "+91 98111 22333", "wa_id": "919811122333"}],
}
ORDER = {
    "catalog_id": "77",
    "text": "By Friday, please",
    "product_items": [
        {"product_retailer_id": "PUMP-1", "quantity": 2, "item_price": 450.5, "currency": "USD"},
        {"product_retailer_id": "HOSE", "quantity": "1"},
    ],
}


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (cards(RAVI), "[contacts] Ravi Kumar +91 98111 22333"),
        (
            cards(
                RAVI, {"name": {"first_name": "Noor"}, "phones": [{"wa_id": "919000000001", "type": "CELL"}]}
            ),
            "[contacts] Ravi Kumar +91 98111 22333; Noor 919000000001",
        ),
        (
            cards({"name": {"formatted_name": "Xena"}, "emails": [{"email": "x@y.example", "type": "WORK"}]}),
            "[contacts] Xena x@y.example",
        ),
        (
            cards({"org": {"company": "Banx"}, "urls": [{"url": "https://b.example"}]}),
            "[contacts] Banx https://b.example",
        ),
        ({"type": "contacts", "contacts": RAVI}, "[contacts] Ravi Kumar +91 98111 22333"),
        (cards(), "[contacts]"),
        (
            {"type": "order", "order": ORDER},
            "[order] 2 x PUMP-1 at 450.5 USD, 1 x HOSE; catalog 77; By Friday, please",
        ),
        ({"type": "order", "order": {"product_items": [{"name": "Pump"}]}}, "[order] name: Pump"),
        (flow('{"name":"Asha"}'), "Sent\nname: Asha"),
        (
            flow('{"a":{"city":"Pune","pin":411001},"b":["x","y"],"c":true,"d":null}'),
            "Sent\na: city: Pune, pin: 411001\nb: x, y\nc: true",
        ),
        (flow("not json"), "Sent\nnot json"),
        (flow("{}"), "Sent"),
        (flow("{}", body=""), "[nfm_reply]"),
        (
            {
                "type": "interactive",
                "interactive": {
                    "type": "call_permission_reply",
                    "call_permission_reply": {"response": "accept"},
                },
            },
            "[call_permission_reply] response: accept",
        ),
        ({"type": "interactive", "interactive": {"type": "new", "what": "ever"}}, "[new] what: ever"),
        (
            {"type": "unsupported", "errors": [{"code": 131060, "title": "This message is unavailable."}]},
            "[unsupported] This message is unavailable. (131060)",
        ),
        (
            {
                "type": "unsupported",
                "errors": [
                    {
                        "code": 131051,
                        "title": "Unknown",
                        "message": "Unknown",
                        "error_data": {"details": "Not supported"},
                    }
                ],
                "unsupported": {"type": "poll"},
            },
            "[unsupported] Unknown - Not supported (131051)",
        ),
        (
            {"type": "image", "image": {"url": "u"}, "error": {"code": 1, "title": "Expired"}},
            "[image] Expired (1)",
        ),
        (
            {"type": "document", "document": {"url": "u", "filename": "a.pdf", "caption": "As asked"}},
            "[document] As asked - a.pdf",
        ),
        (
            {"type": "poll", "poll": {"name": "When?", "options": ["Mon", "Tue"]}},
            "[poll] name: When?, options: Mon, Tue",
        ),
        ({"type": "poll", "question": "When?"}, "[poll] question: When?"),
        ({"type": "text", "text": {"body": ""}}, "[text]"),
        ({"type": "text", "text": {"body": " \u200b\n"}}, "[text]"),
        ({"type": "text", "text": {}}, "[text]"),
        ({"type": "text"}, "[text]"),
        ({"type": "text", "text": {"body": ["x"]}}, '[text] ["x"]'),
        ({"type": "text", "text": {"body": {"a": 1}}}, '[text] {"a": 1}'),
        ({"type": "text", "text": {"body": 5}}, "[text] 5"),
        ({"type": "text", "text": ["x", "é"]}, '[text] ["x", "é"]'),
        ({"type": "text", "text": "Hello"}, "Hello"),
        ({"text": {"body": "untyped"}}, "untyped"),
        ({"note": "untyped"}, "[unknown] note: untyped"),
        ("Hello", "[unknown] Hello"),
        (["Hello", 1], "[unknown] Hello, 1"),
        (None, "[unknown]"),
        ({"type": "location", "location": {"latitude": 0, "longitude": 0}}, "[location] (0, 0)"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_a_customer_sends_is_readable(content: object, text: str):
    message = read(content)

    assert isinstance(message, IncomingMessage)
    assert message.text == text


@pytest.mark.parametrize(
    ("content", "kind", "about", "text"),
    [
        ({"type": "reaction", "reaction": {"message_id": "s", "emoji": "👍"}}, "reaction", "s", "👍"),
        ({"type": "reaction", "reaction": {"message_id": "s"}}, "reaction_removed", "s", ""),
        ({"type": "reaction", "reaction": {"message_id": "s", "emoji": ""}}, "reaction_removed", "s", ""),
        ({"type": "Reaction", "context": {"id": "s"}}, "reaction_removed", "s", ""),
        (
            {
                "type": "edit",
                "edit": {
                    "original_message_id": "abc",
                    "message": {"type": "text", "text": {"body": "edited text"}},
                },
            },
            "edit",
            "abc",
            "edited text",
        ),
        (
            {
                "type": "edit",
                "edit": {
                    "original_message_id": "abc",
                    "message": {"type": "image", "image": {"caption": "new"}},
                },
            },
            "edit",
            "abc",
            "[image] new",
        ),
        ({"type": "edit", "edit": {"message_id": "abc", "text": "edited"}}, "edit", "abc", "edited"),
        ({"type": "edit", "edit": {"message_id": "abc"}}, "edit", "abc", "[edit]"),
        ({"type": "revoke", "revoke": {"original_message_id": "abc"}}, "revocation", "abc", ""),
        (
            {
                "type": "system",
                "system": {"type": "user_changed_number", "body": "A changed", "wa_id": "919"},
            },
            "number_change",
            None,
            "A changed (now 919)",
        ),
        (
            {
                "type": "system",
                "system": {"type": "customer_changed_number", "body": "A is now 919", "new_wa_id": "919"},
            },
            "number_change",
            None,
            "A is now 919",
        ),
        (
            {"type": "system", "system": {"type": "customer_identity_changed", "identity": "x"}},
            "system",
            None,
            "identity: x",
        ),
        ({"type": "system"}, "system", None, "[system]"),
        ({"type": "request_welcome"}, "system", None, "[request_welcome]"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_happens_to_messages_is_no_message(content: object, kind: str, about: str | None, text: str):
    event = read(content)

    assert isinstance(event, CustomerEvent)
    assert (event.kind, event.about_sid, event.text) == (kind, about, text)


@pytest.mark.parametrize("where", ["in the content", "beside it"])
def test_where_a_customer_came_from_is_kept(where: str):
    ad = {
        "headline": "50% off",
        "source_url": "https://fb.me/ad1",
        "ctwa_clid": "CL1D",
        "welcome_message": {"text": "Hi"},
    }
    words: dict[str, Any] = {"type": "text", "text": {"body": "I saw your ad"}}

    message = read(words | {"referral": ad}) if where == "in the content" else read(words, referral=ad)

    assert message.referral == ad | {"welcome_message": "text: Hi"}
    assert message.text == "I saw your ad"


def test_a_question_about_a_product_names_the_product():
    product = {"catalog_id": "77", "product_retailer_id": "PUMP-1"}

    message = read(
        {"type": "text", "text": {"body": "Is it there?"}, "context": {"referred_product": product}}
    )

    assert message.referral == {"source_type": "product", "source_id": "PUMP-1", **product}


def test_a_reply_is_known_by_a_context_beside_the_content():
    assert read({"type": "text", "text": {"body": "Yes"}}, context={"id": "5d0c"}).replied_to_sid == "5d0c"


def test_a_kind_is_not_shown_at_any_length():
    assert len(read({"type": "x" * 4000}).text) < 100


@settings(max_examples=in_soak(2000, else_=200))
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["type", "text", "body", "contacts", "interactive", "name", "edit", "message", "errors"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=10,
    )
)
def test_no_content_breaks_the_reading_or_says_nothing(content: object):
    found = read(content)

    assert isinstance(found, IncomingMessage | CustomerEvent)
    assert found.text or found.kind in ("revocation", "reaction_removed")
