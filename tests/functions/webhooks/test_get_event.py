"""One callback with its body and what it is about."""

from urllib.parse import urlsplit

import pytest

from tests.functions.webhooks.test_list_events import PATH, received
from tests.support.product.stories import configure, incoming, whatsapp_body

TOO_DEEP = 900
"""Levels that Python's reader of JSON still takes, and a plain walk through them does not."""
FAR_TOO_DEEP = 3000
"""Levels that it refuses."""


def test_a_callback_shows_its_body_and_the_message_that_it_became(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Where is my order?", sid="in-1")))
    (event,) = bundle.get(PATH, organization.admin).data

    detail = bundle.get(f"{PATH}/{event['id']}", organization.manager).data

    assert "Where is my order?" in detail["body"]
    (part,) = detail["parts"]
    assert (part["kind"], part["says"], part["provider_sid"]) == ("message", "text", "in-1")
    thread = bundle.get(f"/api/v1/communications/threads/{part['thread_id']}", organization.admin).data
    assert [message["id"] for message in thread["messages"]] == [part["message_id"]]


def test_what_sounds_secret_is_masked(bundle, organization):
    body = whatsapp_body(incoming("Hello")) | {
        "access_token": "abc123",
        "nested": {"api_key": "k-9", "name": "Asha"},
    }
    received(bundle, organization, body)
    (event,) = bundle.get(PATH, organization.admin).data

    shown = bundle.get(f"{PATH}/{event['id']}", organization.admin).data["body"]

    assert "abc123" not in shown
    assert "k-9" not in shown
    assert "Asha" in shown


@pytest.mark.parametrize(
    "body",
    [
        '{"secret": {"x": "abc123"}, "tokens": ["abc123"]}',
        '{"url": "https://example.com/?a=1&token=abc123&b=2"}',
        '{"status_callback": "https://example.com/hook?reference=abc123"}',
        '{"inner": "{\\"api_key\\": \\"abc123\\"}"}',
        '{"auth_token": "abc123", ',
        "CallSid=x&ApiKey=abc123",
        '{"a":' * TOO_DEEP + '{"token": "abc123"}' + "}" * TOO_DEEP,
        '{"a":' * FAR_TOO_DEEP + '{"token": "abc123"}' + "}" * FAR_TOO_DEEP,
    ],
    ids=["objects", "query", "our URL", "JSON in JSON", "cut JSON", "form", "too deep", "far too deep"],
)
def test_a_body_of_any_shape_is_shown_without_its_secrets(bundle, organization, body):
    url = urlsplit(configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"])
    headers = {"content-type": "application/json"}
    bundle.request("POST", f"{url.path}?{url.query}", raw=body, headers=headers)
    bundle.work("webhook")
    (event,) = bundle.get(PATH, organization.admin).data

    answer = bundle.get(f"{PATH}/{event['id']}", organization.admin)

    assert answer.status == 200
    assert answer.data["body"]
    assert "abc123" not in answer.data["body"]


def test_somebody_from_whom_the_channel_is_hidden_reads_no_customers_words(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Private words")))
    bundle.post(
        "/api/v1/settings/integrations/exotel_whatsapp/permissions",
        organization.admin,
        {"user_id": str(organization.manager), "can_view": False, "can_use": False},
    )
    (event,) = bundle.get(PATH, organization.manager).data

    detail = bundle.get(f"{PATH}/{event['id']}", organization.manager).data

    assert (detail["body"], detail["size"], detail["parts"]) == (None, None, [])


def test_another_organization_finds_nothing(bundle, organization):
    received(bundle, organization, whatsapp_body(incoming("Hello")))
    (event,) = bundle.get(PATH, organization.admin).data
    stranger = bundle.database.add_organization()

    assert bundle.get(f"{PATH}/{event['id']}", stranger.admin).status == 404
