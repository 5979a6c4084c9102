"""What a permission allows at the moment of sending."""

import pytest

from banxway.errors import NotPermitted, RateLimited
from banxway.models.messages.messages import NewEmailMessage, NewTemplateMessage
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.timing.overtaking import overtaken


def _mail() -> NewEmailMessage:
    return NewEmailMessage(channel="EMAIL", to="asha@example.org", subject="Hello", content_text="Hello")


def _grant(product: Product, organization: Organization, **columns: object) -> None:
    for name, value in columns.items():
        product.database.rows(
            f"""UPDATE user_integration_permissions SET {name} = %s
                WHERE user_id = %s AND integration_type = 'zoho_mail'""",
            (value, organization.agent),
        )


def _send(product: Product, organization: Organization, thread, role: str = "agent"):
    actor = product.actor(organization, role)
    return product.app.messages.send.send(actor=actor, thread_id=thread, content=_mail(), once=None)


def test_an_agent_without_a_grant_may_not_send(product, organization):
    product.add_mailbox(organization)
    thread = product.add_thread(organization, email="asha@example.org")
    product.database.rows(
        "DELETE FROM user_integration_permissions WHERE user_id = %s", (organization.agent,)
    )

    with pytest.raises(NotPermitted, match="zoho_mail: ask an admin"):
        _send(product, organization, thread)

    assert product.queues["mail"].items == []


def test_a_grant_of_one_channel_opens_no_other(product, organization):
    product.add_whatsapp(organization)
    thread = product.add_thread(organization)
    product.database.rows(
        "DELETE FROM user_integration_permissions WHERE user_id = %s AND integration_type = 'exotel_whatsapp'",
        (organization.agent,),
    )

    with pytest.raises(NotPermitted, match="exotel_whatsapp"):
        product.app.messages.send.send(
            actor=product.actor(organization),
            thread_id=thread,
            content=NewTemplateMessage(thread_id=thread, template_name="shipping_update"),
            once=None,
        )


def test_an_admin_needs_no_grant(product, organization):
    product.add_mailbox(organization)
    thread = product.add_thread(organization, email="asha@example.org")

    assert _send(product, organization, thread, "admin").status == "queued"


def test_the_daily_limit_is_a_limit(product, organization):
    product.add_mailbox(organization)
    thread = product.add_thread(organization, email="asha@example.org")
    _grant(product, organization, daily_limit=2)
    _send(product, organization, thread)
    _send(product, organization, thread)

    with pytest.raises(RateLimited) as refused:
        _send(product, organization, thread)

    assert 0 < refused.value.details["retry_after_s"] <= 86_401


def test_yesterdays_messages_do_not_count(product, organization):
    product.add_mailbox(organization)
    thread = product.add_thread(organization, email="asha@example.org")
    _grant(product, organization, daily_limit=1)
    _send(product, organization, thread)
    product.database.rows("UPDATE messages SET created_at = created_at - interval '1 day'")

    assert _send(product, organization, thread).status == "queued"


def test_concurrent_sends_do_not_share_the_days_last_message(product, organization):
    """In two threads, whose rows would not make the second send wait: only the permission's own lock does."""
    product.add_mailbox(organization)
    one = product.add_thread(organization, email="asha@example.org")
    other = product.add_thread(organization, email="ravi@example.org", phone="+919876543211")
    _grant(product, organization, daily_limit=1)
    beside = product.twin()

    first, second = overtaken(
        product.database,
        product.app.infrastructure.database,
        lambda: _send(product, organization, one),
        lambda: _send(beside, organization, other),
    )
    beside.close()

    assert first.status == "queued"
    assert isinstance(second, RateLimited)
