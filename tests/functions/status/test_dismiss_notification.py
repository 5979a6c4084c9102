"""Closing by hand what somebody has read."""

from uuid import uuid4

import pytest

from tests.support.product.matching import AN_INSTANT

LIST = "/api/v1/settings/notifications"


@pytest.fixture
def notification(bundle, organization):
    """One open notification."""
    bundle.database.rows(
        """INSERT INTO notifications (id, organization_id, kind, subject, sentence)
           VALUES (%s, %s, 'integration_failed', 'exotel_phone', 'Exotel refused the credentials')""",
        (uuid4(), organization.id),
    )
    return bundle.get(LIST, organization.admin).data[0]


def dismiss(bundle, user, notification_id):
    return bundle.post(f"{LIST}/{notification_id}/dismiss", user)


def audited(bundle, organization):
    return bundle.database.rows(
        """SELECT user_id, integration_type, details FROM integration_audit_logs
           WHERE organization_id = %s AND action = 'notification.dismissed'""",
        (organization.id,),
    )


def test_it_is_closed_and_the_audit_says_by_whom(bundle, organization, notification):
    answer = dismiss(bundle, organization.admin, notification["id"])

    assert answer.status == 200
    assert answer.data == notification | {"closed_at": AN_INSTANT}
    assert bundle.get(LIST, organization.admin).data == []
    assert audited(bundle, organization) == [
        {
            "user_id": organization.admin,
            "integration_type": "exotel_phone",
            "details": {"kind": "integration_failed", "subject": "exotel_phone"},
        }
    ]


def test_dismissing_twice_changes_and_audits_once(bundle, organization, notification):
    first, second = (dismiss(bundle, organization.admin, notification["id"]) for _ in range(2))

    assert (first.status, second.status) == (200, 200)
    assert first.data == second.data
    assert len(audited(bundle, organization)) == 1


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_only_an_admin_may(bundle, organization, notification, role):
    answer = dismiss(bundle, getattr(organization, role), notification["id"])

    assert answer.status == 403
    assert len(bundle.get(LIST, organization.admin).data) == 1


def test_another_organizations_is_as_absent_as_none(bundle, organization, notification):
    other = bundle.database.add_organization("Other")

    foreign = dismiss(bundle, other.admin, notification["id"])
    absent = dismiss(bundle, other.admin, uuid4())

    assert foreign.status == 404
    assert foreign.without_request_id() == absent.without_request_id()
    assert len(bundle.get(LIST, organization.admin).data) == 1
