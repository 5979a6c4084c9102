"""The guide's Step 3: syncing WhatsApp templates."""

from tests.support.fakes import a_template
from tests.support.stories import configure

PATH = "/api/v1/settings/integrations/exotel_whatsapp/sync-templates"


def test_templates_are_fetched_and_counted(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1029384756")
    bundle.providers.whatsapp.templates = [a_template(), a_template("welcome", body="Hello")]

    first = bundle.post(PATH, organization.admin)
    bundle.providers.whatsapp.templates = [a_template(body="{{1}} has shipped.")]
    second = bundle.post(PATH, organization.admin)

    assert first.json == {
        "success": True,
        "data": {
            "synced_templates": 2,
            "new_templates": 2,
            "updated_templates": 0,
            "removed_templates": 0,
        },
    }
    assert second.data == {
        "synced_templates": 1,
        "new_templates": 0,
        "updated_templates": 1,
        "removed_templates": 1,
    }


def test_without_the_business_account_id_the_answer_says_what_is_missing(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")

    answer = bundle.post(PATH, organization.admin)

    assert (answer.status, answer.json["code"]) == (409, "not_configured")
    assert answer.json["details"] == {"field": "waba_id"}
    assert "waba_id" in answer.json["error"]


def test_without_whatsapp_there_is_nothing_to_sync(bundle, organization):
    answer = bundle.post(PATH, organization.admin)

    assert (answer.status, answer.json["error"]) == (404, "Integration not found")
