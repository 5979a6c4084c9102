"""Changing a mail template."""

import pytest

from tests.support.product.matching import A_VERSION

PATH = "/api/v1/settings/email-templates"


def change(bundle, user, template, body):
    return bundle.request("PATCH", f"{PATH}/{template['id']}", user=user, body=body)


def test_what_is_given_changes_and_the_rest_stays(bundle, organization, add_template):
    added = add_template()

    answer = change(bundle, organization.manager, added, {"subject": "News of {{parcel}}"})

    assert answer.data == added | {
        "subject": "News of {{parcel}}",
        "variables": ["parcel", "customer", "shipment", "day"],
        "updated_at": answer.data["updated_at"],
        "version": A_VERSION,
    }
    assert bundle.get(f"{PATH}/{added['id']}", organization.agent).data == answer.data


def test_one_of_the_contents_can_be_removed(bundle, organization, add_template):
    added = add_template()

    assert change(bundle, organization.manager, added, {"content_html": None}).data["content_html"] is None
    answer = change(bundle, organization.manager, added, {"content_text": None})
    assert (answer.status, answer.json["details"]) == (422, {"field": "content_text"})


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": None}, "name"),
        ({"subject": "a\nb"}, "subject"),
        ({"content_html": "<script>{{x}}</script>"}, "content_html"),
        ({"created_by": "me"}, "created_by"),
    ],
    ids=["nothing", "no name", "two lines", "variable in script", "foreign column"],
)
def test_bad_input_is_refused_by_field_and_changes_nothing(bundle, organization, add_template, body, field):
    added = add_template()

    answer = change(bundle, organization.manager, added, body)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)
    assert bundle.get(f"{PATH}/{added['id']}", organization.agent).data == added


def test_a_name_that_is_taken_is_a_conflict(bundle, organization, add_template):
    added = add_template()
    add_template(name="Arrived")

    answer = change(bundle, organization.manager, added, {"name": "Arrived"})

    assert (answer.status, answer.json["details"]) == (409, {"field": "name"})


def test_a_change_is_one_audit_entry_with_both_sides(bundle, organization, add_template):
    added = add_template()
    change(bundle, organization.manager, added, {"content_text": "x" * 5000})

    (entry,) = bundle.get("/api/v1/settings/audit-logs?action=email_template.update", organization.admin).data
    assert entry["details"]["before"] == {"content_text": added["content_text"]}
    assert entry["details"]["after"]["content_text"].endswith("… (5000 characters)")


def test_another_organizations_template_is_not_found(bundle, organization, add_template):
    added = add_template()
    stranger = bundle.database.add_organization("Other")

    assert change(bundle, stranger.manager, added, {"name": "Mine"}).status == 404
    assert bundle.get(f"{PATH}/{added['id']}", organization.agent).data == added
