"""A user's preferences for the console follow the user, and are nobody else's business."""

import pytest

ME = "/api/v1/settings/team/me"
DEFAULTS = {"theme": "auto", "density": "comfortable", "single_keys": True}
DARK = {"theme": "dark", "density": "compact", "single_keys": False}


def preferences_of(bundle, user):
    return bundle.get(ME, user).data["preferences"]


def test_they_are_the_users_own_and_replaced_as_a_whole(bundle, organization):
    assert preferences_of(bundle, organization.agent) == DEFAULTS

    answer = bundle.put(f"{ME}/preferences", organization.agent, DARK)

    assert (answer.status, answer.data) == (200, DARK)
    assert preferences_of(bundle, organization.agent) == DARK
    assert preferences_of(bundle, organization.admin) == DEFAULTS

    bundle.put(f"{ME}/preferences", organization.agent, {"theme": "light"})
    assert preferences_of(bundle, organization.agent) == DEFAULTS | {"theme": "light"}


@pytest.mark.parametrize("given", [{"theme": "pink"}, {"density": 4}, {"single_keys": "no"}, {"sound": True}])
def test_what_is_no_preference_is_refused_by_name(bundle, organization, given):
    answer = bundle.put(f"{ME}/preferences", organization.agent, given)

    assert (answer.status, answer.json["details"]["field"]) == (422, next(iter(given)))
    assert preferences_of(bundle, organization.agent) == DEFAULTS


def test_what_an_older_release_stored_does_not_break_a_newer_one(bundle, organization):
    bundle.database.rows(
        """UPDATE users SET preferences = '{"theme": "dark", "gone": 1}' WHERE id = %s""",
        (organization.agent,),
    )

    assert preferences_of(bundle, organization.agent) == DEFAULTS | {"theme": "dark"}
