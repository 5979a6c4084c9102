"""What a template would say, filled."""

from uuid import uuid4

import pytest

PATH = "/api/v1/settings/email-templates"
FILLED = {"customer": "Asha & Söhne", "shipment": "BX-2024-1234", "day": "25 January"}


def preview(bundle, user, template, variables):
    return bundle.post(f"{PATH}/{template['id']}/preview", user, {"variables": variables})


def test_variables_are_filled_and_escaped_in_the_html_alone(bundle, organization, add_template):
    added = add_template()

    assert preview(bundle, organization.agent, added, FILLED).data == {
        "subject": "Your shipment BX-2024-1234",
        "content_html": "<p>Dear Asha &amp; Söhne,</p><p>BX-2024-1234 arrives on 25 January.</p>",
        "content_text": "Dear Asha & Söhne,\n\nBX-2024-1234 arrives on 25 January.",
    }


def test_text_is_derived_where_the_template_has_none(bundle, organization, add_template):
    added = add_template(content_text=None)

    data = preview(bundle, organization.agent, added, FILLED).data

    assert "Dear Asha & Söhne," in data["content_text"]
    assert "<" not in data["content_text"]


@pytest.mark.parametrize(
    ("variables", "field"),
    [
        ({name: value for name, value in FILLED.items() if name != "day"}, "variables.day"),
        ({}, "variables.shipment"),
        (FILLED | {"colour": "red"}, "variables.colour"),
        (FILLED | {"shipment": "BX\r\nBcc: all@example.com"}, "variables.shipment"),
        (FILLED | {"day": None}, "variables.day"),
        (FILLED | {"day": "x" * 10_001}, "variables.day"),
        (FILLED | {"shipment": "x" * 600}, "variables"),
    ],
    ids=["missing", "none", "unknown", "two lines in the subject", "null", "too long", "subject too long"],
)
def test_what_does_not_fit_is_refused_by_the_variables_name(
    bundle, organization, add_template, variables, field
):
    answer = preview(bundle, organization.agent, add_template(), variables)

    assert (answer.status, answer.json["details"]["field"]) == (422, field)
    assert field in answer.json["error"]


def test_another_organizations_template_is_not_found(bundle, add_template):
    stranger = bundle.database.add_organization("Other")

    assert preview(bundle, stranger.agent, add_template(), FILLED).status == 404
    assert preview(bundle, stranger.agent, {"id": uuid4()}, FILLED).status == 404
