"""The guide's Test 9: which channels are configured."""

from contextlib import closing

import pytest

from tests.support.product.stories import BUSINESS, SUPPORT, add_mailbox, configure

PATH = "/api/v1/settings/configuration-status"
SMS_IS_MISSING = {"what": "SMS has not been configured", "fix": "/settings/integrations?tab=sms"}


def test_everything_configured_answers_as_the_guide_says(bundle, organization):
    add_mailbox(bundle, organization.admin)
    add_mailbox(bundle, organization.admin, email="sales@yourdomain.com", is_default=False)
    configure(bundle, organization.admin, "exotel_phone")
    configure(bundle, organization.admin, "exotel_whatsapp")

    answer = bundle.get(PATH, organization.agent)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "email": {"configured": True, "accounts": 2, "default_account": SUPPORT},
            "phone": {"configured": True, "provider": "exotel", "numbers": 1},
            "whatsapp": {"configured": True, "provider": "exotel", "number": BUSINESS},
            "sms": {"configured": False, "missing": [SMS_IS_MISSING]},
        },
    }


def test_what_is_missing_is_named_with_the_page_that_repairs_it(bundle, organization):
    assert bundle.get(PATH, organization.agent).data == {
        "email": {
            "configured": False,
            "accounts": 0,
            "missing": [{"what": "No mailbox has been added", "fix": "/settings/email-accounts"}],
        },
        "phone": {
            "configured": False,
            "missing": [{"what": "Phone has not been configured", "fix": "/settings/integrations?tab=phone"}],
        },
        "whatsapp": {
            "configured": False,
            "missing": [
                {"what": "WhatsApp has not been configured", "fix": "/settings/integrations?tab=whatsapp"}
            ],
        },
        "sms": {"configured": False, "missing": [SMS_IS_MISSING]},
    }


@pytest.mark.parametrize(
    ("integration_type", "channel"), [("exotel_phone", "phone"), ("exotel_whatsapp", "whatsapp")]
)
def test_a_channel_that_is_configured_but_fails_says_so(bundle, organization, integration_type, channel):
    saved = configure(bundle, organization.admin, integration_type)
    bundle.database.rows(
        "UPDATE integration_credentials SET is_verified = false WHERE id = %s", (saved["id"],)
    )

    shown = bundle.get(PATH, organization.agent).data[channel]

    (missing,) = shown["missing"]
    assert (shown["configured"], shown["status"], shown["provider"]) == (True, "unverified", "exotel")
    assert missing["what"].endswith(" is unverified. No test of it has worked yet. Test it again")
    assert missing["fix"] == f"/settings/integrations?tab={channel}"


def test_a_channel_that_is_switched_off_is_not_configured_and_says_so(bundle, organization):
    saved = configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows("UPDATE integration_credentials SET is_active = false WHERE id = %s", (saved["id"],))

    shown = bundle.get(PATH, organization.agent).data["phone"]

    assert (shown["configured"], shown["status"]) == (False, "inactive")
    assert shown["missing"] == [{"what": "Phone is switched off", "fix": "/settings/integrations?tab=phone"}]


def test_a_phone_account_without_numbers_says_what_it_lacks(bundle, organization):
    bundle.providers.voice.numbers = []
    configure(bundle, organization.admin, "exotel_phone")

    shown = bundle.get(PATH, organization.agent).data["phone"]

    assert shown == {
        "configured": True,
        "provider": "exotel",
        "numbers": 0,
        "missing": [{"what": "No phone number has been synced", "fix": "/settings/integrations?tab=phone"}],
    }


def test_numbers_without_a_primary_one_are_named(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(
        "UPDATE organization_phone_numbers SET is_primary = false WHERE organization_id = %s",
        (organization.id,),
    )

    shown = bundle.get(PATH, organization.agent).data["phone"]

    assert shown["missing"] == [
        {"what": "No phone number is the primary one", "fix": "/settings/phone-numbers"}
    ]


def test_a_mailbox_that_cannot_be_polled_says_why(bundle, organization):
    add_mailbox(bundle, organization.admin)
    bundle.database.rows(
        "UPDATE email_accounts SET last_poll_error = 'The password was refused' WHERE organization_id = %s",
        (organization.id,),
    )

    shown = bundle.get(PATH, organization.agent).data["email"]

    assert (shown["configured"], shown["status"]) == (True, "unverified")
    assert shown["missing"] == [
        {"what": f"{SUPPORT} does not work: The password was refused", "fix": "/settings/email-accounts"}
    ]


def test_mailboxes_that_neither_send_nor_receive_nor_are_the_default_are_named(bundle, organization):
    add_mailbox(bundle, organization.admin, smtp_enabled=False, imap_enabled=False)
    bundle.database.rows(
        "UPDATE email_accounts SET is_default = false WHERE organization_id = %s", (organization.id,)
    )

    shown = bundle.get(PATH, organization.agent).data["email"]

    assert [each["what"].split(":")[0].split(";")[0] for each in shown["missing"]] == [
        "No mailbox may send",
        "No mailbox is polled",
        "No mailbox is the default",
    ]


def test_what_another_organization_has_counts_for_nothing(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    add_mailbox(bundle, organization.admin)
    other = bundle.database.add_organization("Other")

    shown = bundle.get(PATH, other.admin).data

    assert [shown[channel]["configured"] for channel in ("email", "phone", "whatsapp", "sms")] == [False] * 4


def test_an_account_of_the_deployments_environment_counts_for_the_organization_it_stands_in_for(
    bundle, organization
):
    settings = {
        "exotel_sid": "your_exotel_sid",
        "exotel_api_key": "your_api_key",
        "exotel_token": "your_api_token",
        "exotel_phone_number": "01141169368",
        "exotel_whatsapp_number": BUSINESS,
        "exotel_fallback_organization_id": str(organization.id),
    }
    other = bundle.database.add_organization("Other")
    with closing(bundle.twin(**settings)) as process:
        mine = process.get(PATH, organization.agent).data
        theirs = process.get(PATH, other.agent).data

    assert mine["phone"] == {
        "configured": True,
        "provider": "exotel",
        "numbers": 0,
        "missing": [{"what": "No phone number has been synced", "fix": "/settings/integrations?tab=phone"}],
    }
    assert mine["whatsapp"] == {"configured": True, "provider": "exotel", "number": BUSINESS}
    assert mine["sms"]["configured"] is False
    assert [theirs[channel]["configured"] for channel in ("phone", "whatsapp", "sms")] == [False] * 3
