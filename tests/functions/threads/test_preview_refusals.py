"""A preview refuses what sending refuses: the same status, code, field and sentence, and nothing is changed."""

from uuid import uuid4

import pytest

from banxway.services.messages.channels.email import compose as composing_mail
from tests.support.ledger.composing import Desk
from tests.support.product.stories import BUSINESS, CUSTOMER, SUPPORT, customer_wrote

TEXT = {"channel": "WHATSAPP", "content": "It left today"}
MAIL = {"channel": "EMAIL", "content_text": "We are on it."}
WITHOUT_TEXT = {"channel": "EMAIL"}
TEMPLATE = {"template_name": "shipping_update", "variables": {"1": "It", "2": "today"}}
NOBODY = str(uuid4())


def of_template(**changes):
    return "chat", TEMPLATE | changes


def of_mail(**changes):
    return "mail", MAIL | changes


# name: the thread, the body; what is refused: status, code and field
BODIES = {
    # Bodies.
    "no channel": ("chat", {"content": "x"}, 422, "validation_failed", "channel"),
    "no such channel": ("chat", {"channel": "FAX"}, 422, "validation_failed", "channel"),
    "an unknown field": ("chat", TEXT | {"sms": 1}, 422, "validation_failed", "sms"),
    "a template with a channel": ("chat", TEMPLATE | TEXT, 422, "validation_failed", "template_name"),
    "an empty text": ("chat", TEXT | {"content": ""}, 422, "validation_failed", "content"),
    "a text that is too long": ("chat", TEXT | {"content": "x" * 4097}, 422, "validation_failed", "content"),
    "a mail that says nothing": ("mail", WITHOUT_TEXT, 422, "validation_failed", "content_text"),
    # WhatsApp.
    "our own number": ("chat", TEXT | {"to": BUSINESS}, 422, "validation_failed", "to"),
    "a number that never wrote": ("chat", TEXT | {"to": "+919123456789"}, 422, "template_required", "content"),
    "a thread with nobody on WhatsApp": ("mail", TEXT, 422, "validation_failed", "to"),
    "no number at all": ("chat", TEXT | {"to": "call me"}, 422, "validation_failed", "to"),
    "a message of another thread": (
        "chat", TEXT | {"reply_to_message_id": "<message on mail>"}, 422, "validation_failed", "reply_to_message_id",
    ),
    "seen in another thread": (
        "chat", TEXT | {"last_seen_message_id": "<message on mail>"},
        422, "validation_failed", "last_seen_message_id",
    ),
    # Templates.
    "an unknown template": (*of_template(template_name="nothing"), 422, "validation_failed", "template_name"),
    "an unknown language": (*of_template(language="hi"), 422, "validation_failed", "template_name"),
    "not approved": (*of_template(template_name="pending_one"), 422, "validation_failed", "template_name"),
    "named variables": (*of_template(template_name="named"), 422, "validation_failed", "template_name"),
    "a picture": (*of_template(template_name="pictured"), 422, "validation_failed", "template_name"),
    "a value missing": (*of_template(variables={"1": "It"}), 422, "validation_failed", "variables.2"),
    "a value too many": (
        *of_template(variables={"1": "a", "2": "b", "3": "c"}), 422, "validation_failed", "variables.3",
    ),
    "a blank value": (*of_template(variables={"1": "\u200b", "2": "b"}), 422, "validation_failed", "variables.1"),
    "two lines": (*of_template(variables={"1": "a\nb", "2": "b"}), 422, "validation_failed", "variables.1"),
    "many spaces": (*of_template(variables={"1": "a     b", "2": "b"}), 422, "validation_failed", "variables.1"),
    "a text over 1024": (
        *of_template(template_name="long", variables={"1": "y" * 25}), 422, "validation_failed", "variables.1",
    ),
    "a template to ourselves": (*of_template(to=BUSINESS), 422, "validation_failed", "to"),
    "a template seen in another thread": (
        *of_template(last_seen_message_id="<message on mail>"), 422, "validation_failed", "last_seen_message_id",
    ),
    # Mails.
    "our own mailbox": (*of_mail(to=SUPPORT), 422, "validation_failed", "to"),
    "our own mailbox in copy": (*of_mail(bcc=[SUPPORT]), 422, "validation_failed", "bcc"),
    "named twice": (*of_mail(to=["a@b.example", "A@b.example"]), 422, "validation_failed", "to"),
    "no address": (*of_mail(cc=["nobody"]), 422, "validation_failed", "cc.0"),
    "too many": (*of_mail(cc=[f"{at}@b.example" for at in range(151)]), 422, "validation_failed", "cc"),
    "an unknown message": (*of_mail(reply_to_message_id=NOBODY), 422, "validation_failed", "reply_to_message_id"),
    "an unknown message seen": (
        *of_mail(last_seen_message_id=NOBODY), 422, "validation_failed", "last_seen_message_id",
    ),
    "an unknown mailbox": (*of_mail(email_account_id=NOBODY), 404, "not_found", "email_account_id"),
    "no mail to answer": ("chat", MAIL | {"to": "a@b.example"}, 422, "validation_failed", "subject"),
    "nobody by mail": ("chat", MAIL | {"subject": "Hello"}, 422, "validation_failed", "to"),
    "a header of ours": (*of_mail(headers={"Message-ID": "<x@y>"}), 422, "validation_failed", "headers"),
    "an unknown mail template": (
        "mail", WITHOUT_TEXT | {"template_id": NOBODY}, 404, "not_found", "template_id",
    ),
    "a mail template without its values": (
        "mail", WITHOUT_TEXT | {"template_id": "<template>"}, 422, "validation_failed", "variables.number",
    ),
    "images in a template of text": (
        "mail",
        WITHOUT_TEXT
        | {
            "template_id": "<template>",
            "variables": {"number": "7", "name": "Asha"},
            "inline": [{"upload_id": "<file>", "content_id": "a"}],
        },
        422, "validation_failed", "inline",
    ),
    # Files.
    "an unknown file": (*of_mail(attachments=["<file>", NOBODY]), 422, "validation_failed", "attachments.1"),
    "a file twice": (*of_mail(attachments=["<file>", "<file>"]), 422, "validation_failed", "attachments.1"),
    "a file that has not arrived": (*of_mail(attachments=["<late>"]), 422, "validation_failed", "attachments.0"),
    "a file of another size": (*of_mail(attachments=["<cut>"]), 422, "validation_failed", "attachments.0"),
    "an unknown image": (
        *of_mail(content_html="x", inline=[{"upload_id": NOBODY, "content_id": "a"}]),
        422, "validation_failed", "inline.0",
    ),
    "an image in a mail of text": (
        *of_mail(inline=[{"upload_id": "<file>", "content_id": "a"}]), 422, "validation_failed", "inline",
    ),
}  # fmt: skip


@pytest.fixture
def desk(bundle, organization):
    desk = Desk(bundle, organization)
    desk.add_email_template(content_text="Dear {{name}}, {{number}} left.")
    desk.upload("file", "invoice.pdf")
    desk.upload("late", "late.pdf", arrives=None)
    desk.upload("cut", "cut.pdf", 5, arrives=b"1234")
    return desk


def refused_alike(desk, thread, body):
    """Ask for a preview and send; both are refused, nothing is changed, and what both say is returned."""
    with desk.nothing_changes():
        previewed, sent = desk.preview(thread, body), desk.send(thread, body)

    assert previewed.status >= 400
    assert previewed.without_request_id() == sent.without_request_id()
    return previewed.status, previewed.json["code"], previewed.json["details"].get("field")


@pytest.mark.parametrize(("thread", "body", "status", "code", "field"), BODIES.values(), ids=BODIES)
def test_a_body_is_refused_as_sending_refuses_it(desk, thread, body, status, code, field):
    assert refused_alike(desk, thread, body) == (status, code, field)


# What was set up, or happened since.


def test_free_text_a_day_after_the_customer_wrote(bundle, desk):
    bundle.database.rows("UPDATE messages SET occurred_at = occurred_at - interval '25 hours'")

    assert refused_alike(desk, "chat", TEXT) == (422, "template_required", "content")
    assert desk.preview("chat", TEMPLATE).status == 200


@pytest.mark.parametrize("body", [TEXT, TEMPLATE], ids=["text", "template"])
def test_a_customer_who_wrote_meanwhile(bundle, organization, desk, body):
    customer_wrote(bundle, organization, "And the other one?")

    refused = refused_alike(desk, "chat", body | {"last_seen_message_id": "<message on chat>"})

    assert refused[:2] == (409, "thread_moved_on")


@pytest.mark.parametrize(
    ("thread", "body"), [("mail", MAIL), ("chat", TEXT), ("chat", TEMPLATE)], ids=["mail", "text", "template"]
)
def test_who_may_not_use_the_channel(bundle, organization, desk, thread, body):
    for name in ("exotel_whatsapp", "zoho_mail"):
        bundle.post(
            f"/api/v1/settings/integrations/{name}/permissions",
            organization.admin,
            {"user_id": str(organization.agent), "can_use": False},
        )

    assert refused_alike(desk, thread, body)[:2] == (403, "not_permitted")


@pytest.mark.parametrize("body", [TEXT | {"to": CUSTOMER}, TEMPLATE], ids=["text", "template"])
def test_whatsapp_that_was_removed(bundle, organization, desk, body):
    bundle.request("DELETE", "/api/v1/settings/integrations/exotel_whatsapp", user=organization.admin)

    assert refused_alike(desk, "chat", body)[:2] == (409, "not_configured")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ("smtp_enabled = false", "not_configured"),
        ("sending_stopped_at = now(), sending_stopped_reason = 'Blocked'", "conflict"),
    ],
)
def test_a_mailbox_that_may_not_send(bundle, desk, change, code):
    bundle.database.rows(f"UPDATE email_accounts SET {change}")

    assert refused_alike(desk, "mail", MAIL)[:2] == (409, code)


def test_more_recipients_than_a_mailbox_may_ever_have(bundle, desk):
    bundle.database.rows("UPDATE email_accounts SET hourly_limit = 1, daily_limit = 1")

    assert refused_alike(desk, "mail", MAIL | {"cc": ["b@b.example"]}) == (422, "validation_failed", "to")


def test_a_mailbox_beyond_its_limit(bundle, desk):
    bundle.database.rows("UPDATE email_accounts SET hourly_limit = 1, daily_limit = 1")
    desk.send("mail", MAIL)

    previewed, sent = desk.preview("mail", MAIL), desk.send("mail", MAIL)

    # How long it must wait differs by the moment between the two.
    assert [(each.status, each.json["code"]) for each in (previewed, sent)] == [(429, "rate_limited")] * 2
    assert previewed.json["details"]["limit"] == sent.json["details"]["limit"]


def test_files_that_are_too_large_together(desk, monkeypatch):
    monkeypatch.setattr(composing_mail, "MOST_ATTACHED_BYTES", 17)
    desk.upload("other", "other.pdf")

    refused = refused_alike(desk, "mail", MAIL | {"attachments": ["<file>", "<other>"]})

    assert refused == (422, "validation_failed", "attachments")
    assert desk.preview("mail", MAIL | {"attachments": ["<file>"]}).status == 200


def test_somebody_elses_file(bundle, organization, desk):
    bundle.database.rows(
        "UPDATE uploads SET created_by = %s WHERE id = %s", (organization.manager, desk.ids["file"])
    )

    refused = refused_alike(desk, "mail", MAIL | {"attachments": ["<file>"]})

    assert refused == (422, "validation_failed", "attachments.0")


def test_a_file_that_was_used_already(desk):
    desk.send("mail", MAIL | {"attachments": ["<file>"]})

    refused = refused_alike(desk, "mail", MAIL | {"attachments": ["<file>"]})

    assert refused == (422, "validation_failed", "attachments.0")
