"""Sending: a row before anything leaves, to whom it goes, and what must be set up."""

from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.errors import (
    NotConfigured,
    NotFound,
    ValidationFailed,
)
from banxway.models.actors import Actor
from tests.support.databases.postgres import Organization
from tests.support.ledger.outgoing import outbound
from tests.support.ledger.written_messages import a_template, a_text, an_email, nothing_happened, send
from tests.support.product.builders import BUSINESS, CUSTOMER, Product


def test_a_message_is_a_row_before_anything_leaves(product: Product, agent: Actor, thread: UUID) -> None:
    sent = send(product, agent, thread, a_text())

    (row,) = outbound(product)
    assert (row["id"], row["status"], row["created_by"]) == (sent.message_id, "queued", agent.user_id)
    assert (row["sender"], row["recipient"], row["body_text"]) == (BUSINESS, CUSTOMER, "It left today")
    assert (sent.status, sent.channel, sent.to, sent.message_sid) == ("queued", "WHATSAPP", CUSTOMER, None)
    assert product.queues["message"].items[0].message_id == sent.message_id
    assert product.queues["change"].items[0].organization_id == agent.organization_id
    assert product.providers.whatsapp.sent == []


# To whom.


def test_an_address_nobody_has_stays_nobodys(product: Product, agent: Actor, thread: UUID) -> None:
    """It becomes a customer's when that person writes from it, or when somebody says so."""
    product.add_template(Organization(agent.organization_id, *[uuid4()] * 3))

    send(product, agent, thread, a_template(thread, to="+919812345678"))

    assert product.database.rows("SELECT FROM customer_addresses WHERE address = '+919812345678'") == []


def test_another_customers_address_may_be_written_to_and_stays_theirs(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.add_thread(organization, phone="+919812345678", email="ravi@customer.example")
    product.add_mailbox(organization)
    before = product.database.rows("SELECT * FROM customer_addresses ORDER BY address")

    sent = send(product, agent, thread, an_email(to="ravi@customer.example"))

    assert sent.to == "ravi@customer.example"
    assert product.database.rows("SELECT * FROM customer_addresses ORDER BY address") == before


@pytest.mark.parametrize("channel", ["WHATSAPP", "EMAIL"])
def test_a_customer_without_an_address_needs_one(
    product: Product, agent: Actor, organization: Organization, channel: str
) -> None:
    product.add_whatsapp(organization)
    product.add_mailbox(organization)
    thread = product.add_thread(organization, phone=None, email=None)

    with pytest.raises(ValidationFailed, match="to is required"):
        send(product, agent, thread, a_text() if channel == "WHATSAPP" else an_email())


def test_an_answer_goes_to_the_number_the_customer_last_wrote_from(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    newer = "+919812345678"
    product.database.rows(
        """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           SELECT organization_id, customer_id, 'phone', %s, 'inbound' FROM threads""",
        (newer,),
    )
    product.add_inbound(organization, thread, sender=newer)

    assert send(product, agent, thread, a_text()).to == newer


# Mail.


def test_a_mail_answers_the_thread_with_its_references_and_the_mailboxs_signature(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.add_mailbox(organization, signature_text="-- \nSupport", signature_html="<p>Support</p>")
    for number, message_id in enumerate(("first@customer.example", "second@customer.example")):
        product.add_inbound(
            organization,
            thread,
            channel="EMAIL",
            mail_message_id=message_id,
            occurred_at=f"2026-01-0{number + 1}T00:00:00Z",
        )

    sent = send(product, agent, thread, an_email(content_html="<b>It left</b>"))

    (row,) = outbound(product)
    assert row["mail_in_reply_to"] == "second@customer.example"
    assert row["mail_references"] == ["first@customer.example", "second@customer.example"]
    assert row["body_text"] == "It left today\n\n-- \nSupport"
    assert row["body_html"] == "<b>It left</b><br><br><p>Support</p>"
    assert sent.smtp_message_id == f"<{row['id']}@yourdomain.com>"
    assert (sent.to, sent.subject, sent.status) == ("asha@customer.example", "Re: Parcel", "queued")


def test_a_mail_of_html_alone_has_a_readable_text(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.add_mailbox(organization)

    send(
        product, agent, thread, an_email(content_text=None, content_html="<p>It <b>left</b></p><p>today</p>")
    )

    assert outbound(product)[0]["body_text"].split() == ["It", "left", "today"]


def test_a_named_mailbox_sends_else_the_default(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    product.add_mailbox(organization, "old@yourdomain.com")
    product.add_mailbox(organization, "default@yourdomain.com", is_default=True)
    named = product.add_mailbox(organization, "named@yourdomain.com")

    send(product, agent, thread, an_email())
    send(product, agent, thread, an_email(email_account_id=named))

    assert [row["sender"] for row in outbound(product)] == ["default@yourdomain.com", "named@yourdomain.com"]


# What is not there.


@pytest.mark.parametrize("state", ["absent", "switched off"])
def test_a_channel_that_is_not_set_up_says_so(
    product: Product, agent: Actor, organization: Organization, thread: UUID, state: str
) -> None:
    product.database.rows(
        "DELETE FROM integration_credentials"
        if state == "absent"
        else "UPDATE integration_credentials SET is_active = false"
    )

    with pytest.raises(NotConfigured, match="WhatsApp is"):
        send(product, agent, thread, a_text())
    with pytest.raises(NotConfigured, match="Email is not configured"):
        send(product, agent, thread, an_email())
    assert nothing_happened(product)


def test_a_mailbox_that_may_not_send_is_not_configured(
    product: Product, agent: Actor, organization: Organization, thread: UUID
) -> None:
    account = product.add_mailbox(organization, smtp_enabled=False)

    with pytest.raises(NotConfigured):
        send(product, agent, thread, an_email(email_account_id=account))


@pytest.mark.parametrize("what", ["thread", "email_account_id", "last_seen_message_id"])
def test_another_organizations_id_is_an_unknown_id(
    product: Product, agent: Actor, organization: Organization, thread: UUID, what: str
) -> None:
    stranger = product.database.add_organization("Other")
    their_thread = product.add_thread(stranger)
    product.add_mailbox(organization)
    theirs = {
        "thread": their_thread,
        "email_account_id": product.add_mailbox(stranger),
        "last_seen_message_id": product.add_inbound(stranger, their_thread),
    }[what]

    def refusal(foreign: UUID) -> errors.BanxwayError:
        content = an_email() if what == "thread" else an_email(**{what: foreign})
        with pytest.raises((NotFound, ValidationFailed)) as refused:
            send(product, agent, foreign if what == "thread" else thread, content)
        return refused.value

    of_theirs, of_nobody = refusal(theirs), refusal(uuid4())
    assert (of_theirs.code, of_theirs.message, of_theirs.details) == (
        of_nobody.code,
        of_nobody.message,
        of_nobody.details,
    )
    assert nothing_happened(product)
