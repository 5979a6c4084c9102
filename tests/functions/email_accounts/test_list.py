"""Listing mailboxes."""

from tests.support.product.stories import SUPPORT, add_mailbox

PATH = "/api/v1/settings/email-accounts"


def test_mailboxes_are_listed_and_counted_without_passwords(bundle, organization):
    added = add_mailbox(bundle, organization.admin)

    answer = bundle.get(PATH, organization.agent)

    assert answer.json == {"success": True, "data": [added], "count": 1, "next_cursor": None}
    assert "your_app_password" not in answer.text
    assert "credentials" not in answer.text


def test_another_organizations_mailboxes_are_not_listed(bundle, organization):
    add_mailbox(bundle, bundle.database.add_organization("Other").admin)

    assert bundle.get(PATH, organization.agent).json == {
        "success": True,
        "data": [],
        "count": 0,
        "next_cursor": None,
    }


def test_the_default_comes_first(bundle, organization):
    add_mailbox(bundle, organization.admin, email="a@yourdomain.com", is_default=False)
    add_mailbox(bundle, organization.admin)

    assert [each["email"] for each in bundle.get(PATH, organization.agent).data] == [
        SUPPORT,
        "a@yourdomain.com",
    ]
