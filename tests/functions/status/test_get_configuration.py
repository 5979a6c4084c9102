"""The guide's Test 9: which channels are configured."""

from tests.support.stories import BUSINESS, SUPPORT, add_mailbox, configure

PATH = "/api/v1/settings/configuration-status"


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
            "sms": {"configured": False},
        },
    }


def test_what_does_not_apply_is_left_out(bundle, organization):
    assert bundle.get(PATH, organization.agent).data == {
        "email": {"configured": False, "accounts": 0},
        "phone": {"configured": False},
        "whatsapp": {"configured": False},
        "sms": {"configured": False},
    }


def test_an_integration_that_is_no_longer_verified_counts_as_not_configured(bundle, organization):
    saved = configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows(
        "UPDATE integration_credentials SET is_verified = false WHERE id = %s", (saved["id"],)
    )

    assert bundle.get(PATH, organization.agent).data["phone"] == {"configured": False}
