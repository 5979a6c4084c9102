"""How far a rotation is."""

from tests.support.product.matching import AN_INSTANT
from tests.support.product.stories import configure

PATH = "/api/v1/settings/encryption/rotation"


def test_before_the_first_rotation_everything_is_zero(bundle, organization):
    assert bundle.get(PATH, organization.admin).data == {
        "started_at": None,
        "finished_at": None,
        "total": 0,
        "rewrapped": 0,
        "unreadable": 0,
        "unreadable_rows": [],
        "parts": [],
        "key_id": None,
        "last_error": None,
    }


def test_a_finished_rotation_says_what_it_did(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.post("/api/v1/settings/encryption/rotate", organization.admin)
    bundle.work("rotation")

    found = bundle.get(PATH, organization.admin).data

    assert found == {
        "started_at": AN_INSTANT,
        "finished_at": AN_INSTANT,
        "total": 1,
        "rewrapped": 1,
        "unreadable": 0,
        "unreadable_rows": [],
        "parts": [
            {"name": "integration_credentials", "total": 1, "rewrapped": 1, "unreadable": 0},
            {"name": "email_accounts", "total": 0, "rewrapped": 0, "unreadable": 0},
            {"name": "retiring_credentials", "total": 0, "rewrapped": 0, "unreadable": 0},
            {"name": "blobs", "total": 0, "rewrapped": 0, "unreadable": 0},
        ],
        "key_id": bundle.app.infrastructure.envelope.current_key_id(organization.id),
        "last_error": None,
    }


def test_only_admins_see_it(bundle, organization):
    assert [bundle.get(PATH, user).status for user in (organization.manager, organization.agent)] == [
        403,
        403,
    ]
