"""Starting a rotation of the encryption key."""

from tests.support.product.matching import AN_INSTANT

PATH = "/api/v1/settings/encryption/rotate"


def test_a_rotation_is_accepted_enqueued_and_noted(bundle, organization):
    answer = bundle.post(PATH, organization.admin)

    assert answer.status == 202
    assert answer.json == {
        "success": True,
        "message": "Rotation started",
        "data": {
            "started_at": AN_INSTANT,
            "finished_at": None,
            "total": 0,
            "rewrapped": 0,
            "unreadable": 0,
            "unreadable_rows": [],
            "parts": [],
            "key_id": None,
            "last_error": None,
        },
    }
    assert bundle.queued("rotation") == [{"organization_id": str(organization.id)}]
    (entry,) = bundle.get("/api/v1/settings/audit-logs?action=encryption.rotate", organization.admin).data
    assert entry["user_id"] == str(organization.admin)


def test_starting_twice_is_one_rotation(bundle, organization):
    first = bundle.post(PATH, organization.admin).data
    second = bundle.post(PATH, organization.admin).data

    assert second == first
    assert len(bundle.get("/api/v1/settings/audit-logs", organization.admin).data) == 1


def test_only_admins_rotate(bundle, organization):
    answers = [bundle.post(PATH, user).status for user in (organization.manager, organization.agent)]

    assert answers == [403, 403]
    assert bundle.queued("rotation") == []
