"""What a composer shows above its button: who would receive the message, and what it would say."""

from uuid import uuid4

import pytest

from tests.support.ledger.composing import TEMPLATES, Desk
from tests.support.product.stories import BUSINESS, CUSTOMER, SUPPORT, customer_wrote

MAIL = {"channel": "EMAIL", "content_text": "We are on it."}
QUOTING = "See below.\n\nOn Monday Asha wrote:\n> Where is it?"
SIGNATURE = "-- \nBest regards,\nSupport Team"
# name: the thread, and the body that is sent on it
BODIES = {
    "a text": ("chat", {"channel": "WHATSAPP", "content": "It left today"}),
    "a text to a number": ("chat", {"channel": "WHATSAPP", "content": "Hi\n\nthere ", "to": CUSTOMER}),
    "a text that answers a message": (
        "chat",
        {
            "channel": "WHATSAPP",
            "content": "Yes",
            "reply_to_message_id": "<message on chat>",
            "last_seen_message_id": "<message on chat>",
        },
    ),
    "a template": ("chat", {"template_name": "shipping_update", "variables": {"1": "It", "2": "{{1}}"}}),
    "a template with a header and a footer": (
        "chat",
        {"template_name": "framed", "variables": {"1": "Asha", "2": "BX-7"}, "to": "+919123456789"},
    ),
    "a template in another language": ("chat", {"template_name": "hindi", "language": "hi"}),
    "a template on a thread by mail": (
        "mail",
        {"template_name": "shipping_update", "variables": {"1": "It", "2": "today"}, "to": CUSTOMER},
    ),
    "a mail": ("mail", MAIL),
    "a mail of HTML": ("mail", {"channel": "EMAIL", "content_html": "<p>It <b>left</b></p>"}),
    "a mail in both forms": ("mail", MAIL | {"content_html": "<p>We are on it.</p>", "subject": "News"}),
    "a mail above a quote": ("mail", {"channel": "EMAIL", "content_text": QUOTING}),
    "a mail without a signature": ("mail", MAIL | {"use_signature": False}),
    "a mail with copies": (
        "mail",
        MAIL | {"cc": ["boss@customer.example"], "bcc": ["us@else.example", "Omid@else.example"]},
    ),
    "a mail to several": ("mail", MAIL | {"to": ["a@else.example", "b@else.example"]}),
    "a mail that answers a message": (
        "mail",
        MAIL | {"reply_to_message_id": "<message on mail>", "last_seen_message_id": "<message on mail>"},
    ),
    "a mail to a customer who never wrote one": (
        "chat",
        MAIL | {"to": "new@else.example", "subject": "Hello"},
    ),
    "a mail of a template": (
        "mail",
        {"channel": "EMAIL", "template_id": "<template>", "variables": {"number": "<7>", "name": "A & B"}},
    ),
    "a mail of a template with its own subject": (
        "mail",
        {
            "channel": "EMAIL",
            "template_id": "<template>",
            "subject": "Mine",
            "variables": {"number": "7", "name": "Asha"},
        },
    ),
    "a mail with files": (
        "mail",
        MAIL
        | {
            "content_html": '<img src="cid:logo">',
            "attachments": ["<second>", "<first>"],
            "inline": [{"upload_id": "<third>", "content_id": "logo"}],
        },
    ),
}


@pytest.fixture
def desk(bundle, organization):
    desk = Desk(bundle, organization)
    desk.add_email_template(
        content_text="Dear {{name}}, {{number}} left.", content_html="<p>Dear {{name}}, {{number}} left.</p>"
    )
    desk.upload("first", "invoice.pdf")
    desk.upload("second", "../packing list.pdf", 3, arrives=b"abc")
    desk.upload("third", "logo.png", 1, arrives=b"x")
    return desk


def of_mail(mail):
    """Return what SMTP was given of a mail, in the shape of a preview."""
    people = [*(("to", each) for each in mail.to), *(("cc", each) for each in mail.cc)]
    return {
        "channel": "EMAIL",
        "sender": mail.sender,
        "sender_name": mail.sender_name,
        "recipients": [*people, *(("bcc", each) for each in mail.bcc)],
        "subject": mail.subject,
        "content_text": mail.text,
        "content_html": mail.html,
        "attachments": [
            {
                "filename": each.filename,
                "content_type": each.content_type,
                "size_bytes": len(each.content),
                "content_id": each.content_id,
            }
            for each in mail.attachments
        ],
    }


def read_by_customer(content):
    """Return what a customer reads of what WhatsApp was given; a template is filled as WhatsApp fills it."""
    if not hasattr(content, "body_variables"):
        return content.body
    (template,) = [
        each for each in TEMPLATES if (each.name, each.language) == (content.name, content.language)
    ]
    parts = {each["type"]: each["text"] for each in template.components} | {"BODY": template.body}
    filled = template.body.replace("{{1}}", "\0").replace("{{2}}", "\1")
    for place, value in zip("\0\1", content.body_variables, strict=False):
        filled = filled.replace(place, value)
    shown = [parts.get("HEADER"), filled, parts.get("FOOTER")]
    return "\n\n".join(part for part in shown if part)


def of_whatsapp(message):
    """Return what WhatsApp was given, in the shape of a preview."""
    return {
        "channel": "WHATSAPP",
        "sender": message.sender,
        "sender_name": None,
        "recipients": [("to", message.recipient)],
        "subject": "",
        "content_text": read_by_customer(message.content),
        "content_html": None,
        "attachments": [],
    }


@pytest.mark.parametrize(("thread", "body"), BODIES.values(), ids=BODIES)
def test_what_a_preview_says_is_what_leaves(bundle, desk, thread, body):
    with desk.nothing_changes():
        preview = desk.preview(thread, body)

    assert preview.status == 200, preview.text
    assert desk.send(thread, body).status == 200
    bundle.work("message", "mail")
    left = [of_mail(each) for each in bundle.providers.mail_sender.sent]
    left += [of_whatsapp(each) for each in bundle.providers.whatsapp.sent]
    said = preview.data
    people = [(each["role"], each["address"]) for each in said["recipients"]]
    assert [said | {"recipients": people}] == left


@pytest.mark.parametrize(("thread", "body"), BODIES.values(), ids=BODIES)
def test_the_thread_then_shows_the_text_that_the_preview_showed(bundle, organization, desk, thread, body):
    preview = desk.preview(thread, body).data

    desk.send(thread, body)

    shown = bundle.get(f"/api/v1/communications/threads/{desk.ids[thread]}", organization.agent).data
    ours = [each for each in shown["messages"] if each["direction"] == "outbound"]
    assert [each["body_text"] for each in ours] == [preview["content_text"]]


def test_it_says_who_receives_what_and_why(desk):
    answer = desk.preview("mail", MAIL | {"cc": ["boss@customer.example"]}).data

    assert answer["recipients"] == [
        {
            "address": "asha@customer.example",
            "role": "to",
            "reason": "They wrote the message that you answer",
        },
        {"address": "boss@customer.example", "role": "cc", "reason": "You named them"},
    ]
    assert (answer["sender"], answer["sender_name"]) == (SUPPORT, "Support Inbox")
    assert answer["subject"] == "Re: Parcel"
    assert answer["content_text"] == f"We are on it.\n\n{SIGNATURE}"


def test_a_template_is_shown_as_the_customer_reads_it(desk):
    answer = desk.preview("chat", {"template_name": "framed", "variables": {"1": "Asha", "2": "BX-7"}}).data

    assert answer == {
        "channel": "WHATSAPP",
        "sender": BUSINESS,
        "sender_name": None,
        "recipients": [
            {"address": CUSTOMER, "role": "to", "reason": "They wrote the message that you answer"}
        ],
        "subject": "",
        "content_text": "Parcel news\n\nDear Asha,\nyour parcel BX-7 waits.\n\nReply STOP to opt out",
        "content_html": None,
        "attachments": [],
    }


def test_a_text_says_whose_number_it_goes_to_and_why(desk):
    said = {"channel": "WHATSAPP", "content": "Hello"}

    answered, named = desk.preview("chat", said).data, desk.preview("chat", said | {"to": CUSTOMER}).data

    assert answered["sender"] == named["sender"] == BUSINESS
    assert answered["recipients"] == [
        {"address": CUSTOMER, "role": "to", "reason": "They wrote the message that you answer"}
    ]
    assert named["recipients"] == [{"address": CUSTOMER, "role": "to", "reason": "You named them"}]


def test_a_quote_stays_under_the_signature(desk):
    answer = desk.preview("mail", {"channel": "EMAIL", "content_text": QUOTING}).data

    assert answer["content_text"] == (f"See below.\n\n{SIGNATURE}\n\nOn Monday Asha wrote:\n> Where is it?")


def test_files_are_named_with_their_sizes_and_may_be_previewed_again(desk):
    _, body = BODIES["a mail with files"]

    first, second = (desk.preview("mail", body).data["attachments"] for _ in range(2))

    assert first == second
    assert [(each["filename"], each["size_bytes"], each["content_id"]) for each in first] == [
        ("packing list.pdf", 3, None),
        ("invoice.pdf", 9, None),
        ("logo.png", 1, "logo"),
    ]


def test_a_key_that_a_preview_came_with_is_free_for_sending(bundle, organization, desk):
    path = f"/api/v1/communications/threads/{desk.ids['mail']}/messages"

    shown = bundle.post(f"{path}/preview", organization.agent, MAIL, idempotency_key="once")
    sent = bundle.post(path, organization.agent, MAIL | {"content_text": "Otherwise"}, idempotency_key="once")

    assert (shown.status, sent.status) == (200, 200)


def test_previews_are_not_counted_as_mails(bundle, desk):
    bundle.database.rows("UPDATE email_accounts SET hourly_limit = 1, daily_limit = 1")

    previews = [desk.preview("mail", MAIL).status for _ in range(3)]

    assert previews == [200, 200, 200]
    assert desk.send("mail", MAIL).status == 200
    assert desk.preview("mail", MAIL).status == 429


def test_a_template_of_another_thread_is_refused(bundle, organization, desk):
    other = customer_wrote(bundle, organization, sender="+919123456789")
    body = {"template_name": "hindi", "language": "hi", "thread_id": other}

    answer = desk.preview("chat", body)

    assert (answer.status, answer.json["error"]) == (422, "thread_id is not the thread of the path")
    assert answer.json["details"] == {"field": "thread_id"}


@pytest.mark.parametrize(
    "body", [MAIL, {"channel": "WHATSAPP", "content": "Hello"}, {"template_name": "hindi"}]
)
def test_an_unknown_thread_is_not_found(desk, body):
    desk.ids["unknown"] = str(uuid4())

    assert desk.preview("unknown", body).status == 404
