"""What an agent asks for becomes a complete mail, or nothing at all."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import ValidationError

from banxway.errors import BanxwayError, Conflict, NotFound, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.email_templates import NewEmailTemplate
from banxway.models.messages.messages import MOST_ATTACHED_BYTES
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import CUSTOMER_MAIL, a_message, deliver, outbound, send, uploaded
from tests.support.product.builders import SUPPORT, Product

UPLOAD = UUID("4f0e2d1c-0000-4000-8000-000000000001")
TEMPLATE = UUID("4f0e2d1c-0000-4000-8000-000000000002")


@pytest.fixture
def thread(product: Product, organization: Organization, account: UUID) -> UUID:
    """A thread with a customer who has an address, and a mailbox to write from."""
    return product.add_thread(organization, email=CUSTOMER_MAIL)


def _nothing_happened(product: Product) -> bool:
    attachments = product.database.rows("SELECT id FROM attachments")
    return outbound(product) == attachments == product.queues["mail"].items == []


def _delivered(product: Product, organization: Organization) -> Any:
    (row,) = outbound(product)
    deliver(product, organization, row["id"])
    return product.providers.mail_sender.sent[-1]


def test_everything_that_was_asked_for_leaves_in_the_mail(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    send(
        product,
        agent,
        thread,
        cc=["ravi@customer.example", "mina@customer.example"],
        bcc=["boss@yourdomain.com"],
        reply_to="desk@yourdomain.com",
        content_html='<p>It left <img src="cid:logo"></p>',
        attachments=[str(uploaded(product, agent))],
        inline=[
            {
                "upload_id": str(
                    uploaded(product, agent, b"\x89PNG", name="logo.png", content_type="image/png")
                ),
                "content_id": "logo",
            }
        ],
        priority="high",
        headers={"X-Order": "7", "Keywords": "parcel"},
    )

    mail = _delivered(product, organization)

    assert (mail.to, mail.reply_to, mail.priority) == ((CUSTOMER_MAIL,), "desk@yourdomain.com", "high")
    assert mail.cc == ("ravi@customer.example", "mina@customer.example")
    assert mail.bcc == ("boss@yourdomain.com",)
    assert mail.headers == {"X-Order": "7", "Keywords": "parcel"}
    assert (mail.automatic, mail.loop_mark) == (None, None)
    assert [
        (file.filename, file.content_type, file.content, file.content_id) for file in mail.attachments
    ] == [
        ("invoice.pdf", "application/pdf", b"%PDF-1.7", None),
        ("logo.png", "image/png", b"\x89PNG", "logo"),
    ]


def test_who_is_answered_gets_no_copy_as_well(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    send(product, agent, thread, cc=[CUSTOMER_MAIL.upper(), "ravi@x.example"], bcc=["boss@x.example"])

    mail = _delivered(product, organization)

    assert (mail.to, mail.cc, mail.bcc) == ((CUSTOMER_MAIL,), ("ravi@x.example",), ("boss@x.example",))


@pytest.mark.parametrize(
    ("earlier", "subject"),
    [("Parcel 7", "Re: Parcel 7"), ("Re: Parcel 7", "Re: Parcel 7"), ("AW: Parcel", "AW: Parcel")],
)
def test_an_answer_needs_no_subject(
    product: Product, organization: Organization, agent: Actor, thread: UUID, earlier: str, subject: str
) -> None:
    product.add_inbound(organization, thread, channel="EMAIL", subject=earlier, mail_message_id="a@b")

    sent = send(product, agent, thread, subject=None)

    assert sent.subject == subject


def test_an_answer_leaves_from_the_mailbox_that_was_written_to(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    sales = product.add_mailbox(organization, "sales@yourdomain.com")
    product.add_inbound(organization, thread, channel="EMAIL", email_account_id=sales, mail_message_id="a@b")

    sent = send(product, agent, thread)

    row = product.row(sent.message_id)
    assert (row["email_account_id"], row["sender"]) == (sales, "sales@yourdomain.com")
    product.database.rows("UPDATE email_accounts SET smtp_enabled = false WHERE id = %s", (sales,))
    assert product.row(send(product, agent, thread).message_id)["sender"] == SUPPORT


@pytest.mark.parametrize(
    "between",
    [
        {"direction": "outbound", "status": "sent", "automatic": "forward", "subject": "Fwd: Parcel 7"},
        {"direction": "outbound", "status": "sent", "automatic": "vacation", "subject": "Auto: Parcel 7"},
        {"mail_origin": "bounce", "subject": "Undelivered Mail Returned to Sender"},
    ],
    ids=["forward", "vacation answer", "bounce"],
)
def test_an_answer_answers_what_a_person_wrote(
    product: Product, organization: Organization, agent: Actor, thread: UUID, between: dict[str, str]
) -> None:
    product.add_inbound(organization, thread, channel="EMAIL", subject="Parcel 7", mail_message_id="a@b")
    product.add_inbound(organization, thread, channel="EMAIL", mail_message_id="between@b", **between)

    sent = send(product, agent, thread, subject=None)

    row = product.row(sent.message_id)
    assert sent.subject == "Re: Parcel 7"
    assert (row["mail_in_reply_to"], row["mail_references"]) == ("a@b", ["a@b"])


def test_an_absence_note_names_the_subject_only_where_nobody_else_did(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    note = {"mail_origin": "auto_reply", "subject": "Out of office", "mail_message_id": "note@b"}
    product.add_inbound(organization, thread, channel="EMAIL", subject="Parcel 7", mail_message_id="a@b")
    product.add_inbound(organization, thread, channel="EMAIL", **note)

    assert send(product, agent, thread, subject=None).subject == "Re: Parcel 7"


def test_a_first_mail_needs_a_subject(product: Product, agent: Actor, thread: UUID) -> None:
    with pytest.raises(ValidationFailed, match="subject is required") as refusal:
        send(product, agent, thread, subject=None)

    assert refusal.value.details["field"] == "subject"
    assert _nothing_happened(product)


@pytest.mark.parametrize(
    ("earlier", "subject"),
    [
        ("Parcel\r\n 7", "Re: Parcel 7"),
        ("x" * 600, "Re: " + "x" * 496),
        ("  Parcel \t 7 ", "Re: Parcel 7"),
    ],
    ids=["two lines", "very long", "many spaces"],
)
def test_the_subject_of_an_answer_is_one_line_of_bounded_length(
    product: Product, organization: Organization, agent: Actor, thread: UUID, earlier: str, subject: str
) -> None:
    product.add_inbound(organization, thread, channel="EMAIL", subject=earlier, mail_message_id="a@b")

    assert send(product, agent, thread, subject=None).subject == subject


def test_an_answer_to_a_blank_subject_is_a_reply_without_one(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    product.add_inbound(organization, thread, channel="EMAIL", subject=" \t ", mail_message_id="a@b")

    assert send(product, agent, thread, subject=None).subject == "Re:"


@pytest.mark.parametrize(("count", "named"), [(21, 21), (22, 21)], ids=["as many as fit", "one more"])
def test_no_reference_is_left_out_while_all_fit(
    product: Product, organization: Organization, agent: Actor, thread: UUID, count: int, named: int
) -> None:
    for number in range(count):
        product.add_inbound(
            organization,
            thread,
            channel="EMAIL",
            mail_message_id=f"m{number}@x.example",
            occurred_at=f"2026-01-01T00:{number:02d}:00Z",
        )

    send(product, agent, thread)

    assert len(outbound(product)[0]["mail_references"]) == named


def test_references_name_the_first_mail_and_the_latest_twenty(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    for number in range(40):
        product.add_inbound(
            organization,
            thread,
            channel="EMAIL",
            mail_message_id=f"m{number}@x.example",
            occurred_at=f"2026-01-01T00:{number:02d}:00Z",
        )

    send(product, agent, thread)

    mail = _delivered(product, organization)
    assert mail.references == ("<m0@x.example>", *(f"<m{number}@x.example>" for number in range(20, 40)))
    assert mail.in_reply_to == "<m39@x.example>"


# Templates.


@pytest.fixture
def template(product: Product, admin: Actor) -> UUID:
    shape = NewEmailTemplate(
        name="shipped",
        subject="Order {{order}} has left",
        content_html="<p>Dear {{name}}, <b>{{order}}</b> has left.</p>",
    )
    return product.app.email_templates.templates.create(actor=admin, template=shape).id


def test_a_template_is_filled_and_has_a_text_too(
    product: Product, organization: Organization, agent: Actor, thread: UUID, template: UUID
) -> None:
    variables = {"name": "Asha <b>", "order": "7"}

    send(product, agent, thread, subject=None, content_text=None, template_id=template, variables=variables)

    mail = _delivered(product, organization)
    assert mail.subject == "Order 7 has left"
    assert mail.html == "<p>Dear Asha &lt;b&gt;, <b>7</b> has left.</p>"
    assert mail.text.split() == ["Dear", "Asha", "<b>,", "7", "has", "left."]


@pytest.mark.parametrize(
    ("variables", "field"),
    [({"name": "Asha"}, "variables.order"), ({"name": "a", "order": "7", "colour": "c"}, "variables.colour")],
    ids=["missing", "unknown"],
)
def test_a_template_that_is_not_filled_sends_nothing(
    product: Product, agent: Actor, thread: UUID, template: UUID, variables: dict[str, str], field: str
) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        send(
            product, agent, thread, subject=None, content_text=None, template_id=template, variables=variables
        )

    assert refusal.value.details["field"] == field
    assert _nothing_happened(product)


def test_a_template_of_another_organization_is_an_absent_one(
    product: Product, agent: Actor, thread: UUID
) -> None:
    stranger = product.actor(product.database.add_organization("Other"), "admin")
    shape = NewEmailTemplate(name="theirs", subject="Hello", content_text="Hello")
    theirs = product.app.email_templates.templates.create(actor=stranger, template=shape).id

    with pytest.raises(NotFound) as refusal:
        send(product, agent, thread, subject=None, content_text=None, template_id=theirs)

    assert refusal.value.details["field"] == "template_id"
    assert _nothing_happened(product)


# Files.


def test_files_that_are_too_large_together_send_nothing_and_may_be_sent_apart(
    product: Product, agent: Actor, thread: UUID
) -> None:
    content = bytes(MOST_ATTACHED_BYTES // 2 + 1)
    files = [uploaded(product, agent, content, name=f"{number}.bin") for number in range(2)]

    with pytest.raises(ValidationFailed, match="at most 36000000") as refusal:
        send(product, agent, thread, attachments=files)
    assert refusal.value.details["field"] == "attachments"
    assert _nothing_happened(product)

    send(product, agent, thread, attachments=files[:1])
    assert len(outbound(product)) == 1


@pytest.mark.parametrize("kind", ["attachments", "inline"])
def test_an_upload_that_is_not_there_sends_nothing(
    product: Product, agent: Actor, thread: UUID, kind: str
) -> None:
    good = uploaded(product, agent)
    named = [good, uuid4()]
    given: dict[str, Any] = {"attachments": named}
    if kind == "inline":
        images = [{"upload_id": str(each), "content_id": f"c{at}"} for at, each in enumerate(named)]
        given = {"content_html": "<p>x</p>", "inline": images}

    with pytest.raises(ValidationFailed, match="No such upload") as refusal:
        send(product, agent, thread, **given)

    assert refusal.value.details["field"] == f"{kind}.1"
    assert _nothing_happened(product)
    send(product, agent, thread, attachments=[good])


def test_an_attachment_whose_content_is_gone_fails_the_mail_and_says_so(
    product: Product, organization: Organization, agent: Actor, thread: UUID
) -> None:
    message = send(product, agent, thread, attachments=[uploaded(product, agent)]).message_id
    product.database.rows(
        "UPDATE attachments SET blob_key = replace(blob_key, right(blob_key, 8), '00000000')"
    )

    deliver(product, organization, message)

    row = product.row(message)
    assert (row["status"], row["took_nothing"]) == ("failed", True)
    assert "invoice.pdf is gone" in row["failure_reason"]
    assert product.providers.mail_sender.sent == []


# What the request itself refuses.


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"cc": ["a@b.example\r\nBcc: eve@evil.example"]}, "cc", "email address"),
        ({"subject": "Hello\r\nBcc: eve@evil.example"}, "subject", "line breaks"),
        ({"headers": {"X-Order": "7\r\nBcc: eve@evil.example"}}, "headers", "line breaks"),
        ({"headers": {"X-Order\r\nBcc": "x"}}, "headers", "must not set the header"),
        ({"headers": {"Bcc": "eve@evil.example"}}, "headers", "must not set the header Bcc"),
        ({"headers": {"X-Auto-Response-Suppress": "None"}}, "headers", "must not set the header"),
        ({"headers": {"X-A": "1", "x-a": "2"}}, "headers", "twice"),
        ({"cc": [f"a{number}@b.example" for number in range(150)]}, "cc", "150 recipients"),
        ({"bcc": [f"b{number}@b.example" for number in range(150)]}, "bcc", "150 recipients"),
        (
            {
                "cc": [f"a{n}@b.example" for n in range(80)],
                "bcc": [f"c{n}@b.example" for n in range(80)],
            },
            "bcc",
            "A mail has at most 150",
        ),
        (
            {"inline": [{"upload_id": UPLOAD, "content_id": "a b"}]},
            "inline",
            "must have only letters, digits and the signs",
        ),
        ({"inline": [{"upload_id": UPLOAD, "content_id": "a"}]}, "inline", "needs content_html"),
        ({"template_id": TEMPLATE}, "template_id", "together with a content"),
        ({"variables": {"a": "b"}}, "variables", "are for a template"),
        ({"content_text": ""}, "", "content_text or content_html"),
        ({"priority": "urgent"}, "priority", "'high', 'normal' or 'low'"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_a_request_that_breaks_a_rule_is_refused_by_field(
    values: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ValidationError) as refusal:
        a_message(**values)

    (problem,) = refusal.value.errors()[:1]
    assert str(problem["loc"][0] if problem["loc"] else "") == field
    assert words in problem["msg"]


def test_a_mailbox_that_was_stopped_takes_no_new_mail(product: Product, agent: Actor, thread: UUID) -> None:
    product.database.rows(
        "UPDATE email_accounts SET sending_stopped_at = now(), sending_stopped_reason = '550 5.4.6 Unusual'"
    )

    with pytest.raises(Conflict, match=r"is suspended: 550 5\.4\.6 Unusual") as refusal:
        send(product, agent, thread)

    assert refusal.value.details["field"] == "email_account_id"
    assert _nothing_happened(product)


def test_a_refused_mail_uses_up_no_upload(product: Product, agent: Actor, thread: UUID) -> None:
    file = uploaded(product, agent)
    product.database.rows("UPDATE email_accounts SET hourly_limit = 1")
    with pytest.raises(BanxwayError):
        send(product, agent, thread, attachments=[file], cc=["ravi@x.example"])

    send(product, agent, thread, attachments=[file])

    assert len(outbound(product)) == 1


@pytest.mark.parametrize("uses", [True, False])
def test_the_signature_is_added_unless_it_is_not_wanted(
    product: Product, organization: Organization, agent: Actor, thread: UUID, uses: bool
) -> None:
    product.database.rows(
        "UPDATE email_accounts SET signature_text = 'Support', signature_html = '<i>Support</i>'"
    )

    send(product, agent, thread, content_html="<p>It left</p>", use_signature=uses)

    mail = _delivered(product, organization)
    assert mail.text == ("It left today\n\n-- \nSupport" if uses else "It left today")
    assert mail.html == ("<p>It left</p><br><br><i>Support</i>" if uses else "<p>It left</p>")


def test_answers_go_to_the_mailboxs_reply_address_unless_the_mail_names_another(
    product: Product, agent: Actor, thread: UUID
) -> None:
    product.database.rows("UPDATE email_accounts SET reply_to = 'desk@yourdomain.com'")

    send(product, agent, thread)
    send(product, agent, thread, reply_to="me@yourdomain.com")

    assert [row["mail_reply_to"] for row in outbound(product)] == [
        ["desk@yourdomain.com"], ["me@yourdomain.com"],
    ]  # fmt: skip
