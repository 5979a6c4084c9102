"""One mail template."""

from uuid import uuid4

PATH = "/api/v1/settings/email-templates"


def test_a_template_is_shown_as_it_was_saved(bundle, organization, add_template):
    added = add_template()

    assert bundle.get(f"{PATH}/{added['id']}", organization.agent).data == added


def test_what_is_not_there_or_somebody_elses_is_not_found(bundle, organization, add_template):
    added = add_template()
    stranger = bundle.database.add_organization("Other")

    absent = bundle.get(f"{PATH}/{uuid4()}", organization.agent)
    foreign = bundle.get(f"{PATH}/{added['id']}", stranger.agent)
    assert (absent.status, absent.json["error"]) == (404, "Email template not found")
    assert absent.without_request_id() == foreign.without_request_id()
