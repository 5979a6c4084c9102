"""What needs an admin's attention, listed."""

from functions.maintenance.review.app import handler as review
from tests.support.product.events import tick
from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import configure

PATH = "/api/v1/settings/notifications"


def credentials_are_old(bundle, organization, *integration_types):
    """Let credentials be older than the review tolerates, and run it."""
    for integration_type in integration_types:
        configure(bundle, organization.admin, integration_type)
    bundle.database.rows(
        "UPDATE integration_settings SET credentials_changed_at = now() - interval '91 days' "
        "WHERE organization_id = %s",
        (organization.id,),
    )
    bundle.call(review, tick())


def test_everybody_sees_what_is_open(bundle, organization):
    credentials_are_old(bundle, organization, "exotel_phone")

    answer = bundle.get(PATH, organization.agent)

    (notification,) = answer.data
    assert answer.status == 200
    assert answer.json["count"] == 1
    assert answer.json["next_cursor"] is None
    assert notification.pop("sentence").startswith("The credentials of exotel_phone have not changed since ")
    assert notification == {
        "id": A_UUID,
        "kind": "credentials_old",
        "subject": "exotel_phone",
        "is_cut": False,
        "occurrences": 1,
        "created_at": AN_INSTANT,
        "closed_at": None,
    }


def test_what_is_closed_is_shown_only_on_request(bundle, organization):
    credentials_are_old(bundle, organization, "exotel_phone")
    configure(bundle, organization.admin, "exotel_phone")
    bundle.database.rows("UPDATE integration_settings SET credentials_changed_at = now()")
    bundle.call(review, tick())

    shown = bundle.get(PATH, organization.agent)
    all_of_them = bundle.get(f"{PATH}?include_closed=true", organization.agent)

    assert shown.data == []
    assert [notification["closed_at"] for notification in all_of_them.data] == [AN_INSTANT]


def test_they_come_in_pages_the_newest_first(bundle, organization):
    credentials_are_old(bundle, organization, "exotel_phone", "exotel_whatsapp")

    whole = bundle.get(PATH, organization.agent).data
    first = bundle.get(f"{PATH}?limit=1", organization.agent)
    second = bundle.get(f"{PATH}?limit=1&cursor={first.json['next_cursor']}", organization.agent)

    assert first.data + second.data == whole
    assert len(whole) == 2
    assert second.json["next_cursor"] is None


def test_a_cursor_that_is_not_ours_is_refused(bundle, organization):
    answer = bundle.get(f"{PATH}?cursor=garbage", organization.agent)

    assert (answer.status, answer.json["details"]) == (422, {"field": "cursor"})


def test_another_organizations_are_not_shown(bundle, organization):
    credentials_are_old(bundle, organization, "exotel_phone")
    other = bundle.database.add_organization("Other")

    assert bundle.get(f"{PATH}?include_closed=true", other.admin).data == []
