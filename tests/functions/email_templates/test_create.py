"""Saving a mail template."""

import pytest

from tests.support.product.matching import A_UUID, A_VERSION, AN_INSTANT

PATH = "/api/v1/settings/email-templates"


def test_a_template_is_saved_with_its_variables(bundle, organization, delay):
    answer = bundle.post(PATH, organization.manager, delay)

    assert answer.status == 201
    assert answer.json == {
        "success": True,
        "message": "Email template added",
        "data": {
            "id": A_UUID,
            **delay,
            "variables": ["shipment", "customer", "day"],
            "is_cut": False,
            "version": A_VERSION,
            "created_at": AN_INSTANT,
            "updated_at": AN_INSTANT,
        },
    }


def test_one_content_is_enough(bundle, organization, delay):
    del delay["content_html"]

    answer = bundle.post(PATH, organization.manager, delay)

    assert (answer.status, answer.data["content_html"]) == (201, None)


def test_what_looks_like_a_variable_and_is_none_is_pointed_out(bundle, organization, delay):
    answer = bundle.post(PATH, organization.manager, delay | {"content_text": "Dear {{first name}}, {{7*7}}"})

    assert answer.data["variables"] == ["shipment", "customer", "day"]
    assert answer.data["notes"] == [
        "content_text: {{first name}} is not a variable, so it is sent unchanged",
        "content_text: {{7*7}} is not a variable, so it is sent unchanged",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "=1+1"}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"subject": ""}, "subject"),
        ({"subject": "News\r\nBcc: all@example.com"}, "subject"),
        ({"subject": "x" * 501}, "subject"),
        ({"content_html": None, "content_text": None}, "content_text"),
        ({"content_text": "x" * 200_001}, "content_text"),
        ({"organization_id": "mine"}, "organization_id"),
        ({"content_html": "<script>var name = '{{customer}}'</script>"}, "content_html"),
        ({"content_html": "<style>p {color: {{customer}}}</style>"}, "content_html"),
        ({"content_html": "<p onclick=\"go('{{customer}}')\">x</p>"}, "content_html"),
        ({"content_html": "<p style='color: {{customer}}'>x</p>"}, "content_html"),
        ({"content_html": "<img alt={{customer}}>"}, "content_html"),
        ({"content_html": "<{{customer}}>"}, "content_html"),
    ],
    ids=[
        "no name",
        "formula",
        "long name",
        "no subject",
        "subject of two lines",
        "long subject",
        "no content",
        "long content",
        "foreign column",
        "variable in script",
        "variable in style sheet",
        "variable in handler",
        "variable in style",
        "variable without quotes",
        "variable as tag",
    ],
)
def test_bad_input_is_refused_by_field_and_nothing_is_saved(bundle, organization, delay, change, field):
    answer = bundle.post(PATH, organization.manager, delay | change)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)
    assert bundle.get(PATH, organization.agent).data == []


def test_a_name_is_given_once(bundle, organization, delay, add_template):
    add_template()

    answer = bundle.post(PATH, organization.manager, delay)

    assert (answer.status, answer.json["details"]) == (409, {"field": "name"})


def test_another_organization_may_use_the_same_name(bundle, delay, add_template):
    add_template()
    stranger = bundle.database.add_organization("Other")

    assert bundle.post(PATH, stranger.manager, delay).status == 201


def test_saving_is_audited_once(bundle, organization, add_template):
    added = add_template()

    (entry,) = bundle.get("/api/v1/settings/audit-logs", organization.admin).data
    assert (entry["action"], entry["details"]["template_id"]) == ("email_template.create", added["id"])
    assert entry["details"]["after"]["subject"] == added["subject"]
