"""The cards of the settings' first page, and the set-up list."""

import pytest

from tests.support.product.matching import AN_INSTANT
from tests.support.product.stories import BUSINESS, SUPPORT, add_mailbox, configure, customer_wrote

PATH = "/api/v1/settings/overview"


def card(bundle, organization, channel):
    channels = bundle.get(PATH, organization.agent).data["channels"]
    return next(each for each in channels if each["channel"] == channel)


def done(bundle, organization):
    steps = bundle.get(PATH, organization.agent).data["setup"]
    return [each["name"] for each in steps if each["is_done"]]


def test_a_new_organization_has_four_cards_and_everything_to_do(bundle, organization):
    data = bundle.get(PATH, organization.agent).data

    assert [(each["channel"], each["state"]) for each in data["channels"]] == [
        ("email", "not_configured"),
        ("phone", "not_configured"),
        ("whatsapp", "not_configured"),
        ("sms", "not_configured"),
    ]
    assert [each["missing"][0]["fix"] for each in data["channels"]] == [
        "/settings/email-accounts",
        "/settings/integrations?tab=phone",
        "/settings/integrations?tab=whatsapp",
        "/settings/integrations?tab=sms",
    ]
    assert [each["name"] for each in data["setup"]] == [
        "connect_phone",
        "connect_whatsapp",
        "add_mailbox",
        "assign_number",
        "send_test",
    ]
    assert done(bundle, organization) == []


def test_what_works_has_its_counts_and_addresses(bundle, organization):
    add_mailbox(bundle, organization.admin)
    configure(bundle, organization.admin, "exotel_phone")
    configure(bundle, organization.admin, "exotel_whatsapp")

    email, phone, whatsapp = (card(bundle, organization, name) for name in ("email", "phone", "whatsapp"))

    assert (email["state"], email["count"], email["address"]) == ("working", 1, SUPPORT)
    assert (phone["state"], phone["count"], phone["address"]) == ("working", 1, "01141169368")
    assert (whatsapp["state"], whatsapp["count"], whatsapp["address"]) == ("working", None, BUSINESS)
    assert phone["last_verified_at"] == AN_INSTANT
    assert email["last_verified_at"] == AN_INSTANT
    assert (phone["missing"], whatsapp["missing"]) == ([], [])
    assert done(bundle, organization) == ["connect_phone", "connect_whatsapp", "add_mailbox"]


@pytest.mark.parametrize(
    ("doubt", "state"),
    [(None, "not_verified"), ("saved_by_force", "not_verified"), ("test_failed", "needs_attention"),
     ("send_refused", "needs_attention")],
)  # fmt: skip
def test_what_fails_needs_attention_and_what_was_never_proven_is_not_verified(
    bundle, organization, doubt, state
):
    saved = configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(
        "UPDATE integration_credentials SET is_verified = false WHERE id = %s", (saved["id"],)
    )
    bundle.database.rows(
        "UPDATE integration_settings SET doubt = %s, doubt_reason = 'Invalid credentials. Copy them again' "
        "WHERE integration_id = %s",
        (doubt, saved["id"]),
    )

    shown = card(bundle, organization, "phone")

    assert shown["state"] == state
    assert shown["problem"] == {
        None: "No test of it has worked yet",
        "saved_by_force": "It was saved although its test failed: Invalid credentials",
        "test_failed": "Its last test failed: Invalid credentials",
        "send_refused": "The provider refused a message: Invalid credentials",
    }.get(doubt)


def test_what_is_switched_off_is_turned_off(bundle, organization):
    saved = configure(bundle, organization.admin, "exotel_whatsapp")
    bundle.database.rows("UPDATE integration_credentials SET is_active = false WHERE id = %s", (saved["id"],))

    assert card(bundle, organization, "whatsapp")["state"] == "turned_off"


@pytest.mark.parametrize(
    ("column", "state"),
    [
        ("state = 'login_failed', last_poll_error = 'The password was refused'", "needs_attention"),
        ("sending_stopped_at = now(), sending_stopped_reason = 'blocked'", "needs_attention"),
        ("is_verified = false", "not_verified"),
        ("smtp_enabled = false, imap_enabled = false", "turned_off"),
        # A mailbox that is not polled has no poll that fails.
        ("imap_enabled = false, state = 'login_failed'", "working"),
    ],
)
def test_a_mailbox_gives_the_card_of_mail_its_state(bundle, organization, column, state):
    add_mailbox(bundle, organization.admin)
    add_mailbox(bundle, organization.admin, email="sales@yourdomain.com", is_default=False)
    where = "organization_id = %s" + ("" if state == "turned_off" else " AND is_default")
    bundle.database.rows(f"UPDATE email_accounts SET {column} WHERE {where}", (organization.id,))

    shown = card(bundle, organization, "email")
    assert (shown["state"], shown["problem"] is not None) == (state, state == "needs_attention")


def test_a_message_that_left_is_the_last_outbound_and_the_test_of_the_set_up(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    thread = customer_wrote(bundle, organization)
    assert card(bundle, organization, "whatsapp")["last_outbound_at"] is None

    bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "Hello"},
    )
    bundle.work("message")

    shown = card(bundle, organization, "whatsapp")
    assert (shown["last_outbound_at"], shown["last_inbound_at"]) == (AN_INSTANT, AN_INSTANT)
    assert "send_test" in done(bundle, organization)


def test_a_failed_message_is_no_test(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    thread = customer_wrote(bundle, organization)
    bundle.post(
        f"/api/v1/communications/threads/{thread}/messages",
        organization.agent,
        {"channel": "WHATSAPP", "content": "Hello"},
    )
    bundle.database.rows("UPDATE messages SET status = 'failed' WHERE direction = 'outbound'")

    assert "send_test" not in done(bundle, organization)


def test_an_assigned_number_is_a_step(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(
        "UPDATE organization_phone_numbers SET assigned_to_user_id = %s WHERE organization_id = %s",
        (organization.agent, organization.id),
    )

    assert "assign_number" in done(bundle, organization)


def test_another_organization_sees_its_own_cards(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    other = bundle.database.add_organization("Other")

    assert card(bundle, other, "phone")["state"] == "not_configured"
