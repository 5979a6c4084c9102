"""What a browser missed."""

from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import customer_wrote

PATH = "/api/v1/communications/changes"


def test_what_changed_is_listed_with_its_number(bundle, organization):
    thread = customer_wrote(bundle, organization)

    # The first change is that of the integration.
    answer = bundle.get(f"{PATH}?since=1", organization.agent)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {
            "changes": [
                {
                    "sequence": 2,
                    "kind": "message.created",
                    "thread_id": thread,
                    "message_id": A_UUID,
                    "created_at": AN_INSTANT,
                }
            ],
            "latest": 2,
            "has_more": False,
            "complete": True,
        },
    }


def test_what_is_known_already_is_left_out(bundle, organization):
    customer_wrote(bundle, organization)

    data = bundle.get(f"{PATH}?since=2", organization.agent).data

    assert (data["changes"], data["latest"], data["complete"]) == ([], 2, True)


def test_a_long_list_says_that_there_is_more(bundle, organization):
    customer_wrote(bundle, organization, "First")
    customer_wrote(bundle, organization, "Second")

    data = bundle.get(f"{PATH}?limit=1", organization.agent).data

    assert ([each["sequence"] for each in data["changes"]], data["has_more"]) == ([1], True)


def test_a_browser_that_slept_too_long_must_load_everything_again(bundle, organization):
    customer_wrote(bundle, organization, "First")
    customer_wrote(bundle, organization, "Second")
    bundle.database.rows(
        "DELETE FROM changes WHERE organization_id = %s AND sequence = 1", (organization.id,)
    )

    assert bundle.get(f"{PATH}?since=0", organization.agent).data["complete"] is False


def test_another_organizations_changes_are_not_listed(bundle, organization):
    customer_wrote(bundle, bundle.database.add_organization("Other"))

    assert bundle.get(PATH, organization.agent).data == {
        "changes": [],
        "latest": 0,
        "has_more": False,
        "complete": True,
    }
