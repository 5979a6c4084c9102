"""Starting the rotation of every organization."""

from functions.platform.rotate_keys.app import handler
from tests.support.product.stories import configure


def test_every_organization_that_has_anything_is_rotated(lone_bundle):
    organizations = [lone_bundle.database.add_organization(name) for name in ("One", "Other", "Empty")]
    for organization in organizations[:2]:
        configure(lone_bundle, organization.admin, "exotel_phone")

    answer = lone_bundle.call(handler, {})
    lone_bundle.work("rotation")

    assert answer == {"organizations": 2}
    found = [
        lone_bundle.get("/api/v1/settings/encryption/rotation", each.admin).data for each in organizations
    ]
    assert [each["finished_at"] is not None for each in found] == [True, True, False]
    assert [each["rewrapped"] for each in found] == [1, 1, 0]


def test_repeating_it_is_harmless(lone_bundle):
    configure(lone_bundle, lone_bundle.database.add_organization().admin, "exotel_phone")

    assert lone_bundle.call(handler, {}) == lone_bundle.call(handler, {}) == {"organizations": 1}
    assert lone_bundle.work("rotation") == 2
