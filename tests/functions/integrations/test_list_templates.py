"""Listing WhatsApp templates."""

from tests.support.product.fakes import a_template
from tests.support.product.matching import A_UUID, AN_INSTANT
from tests.support.product.stories import configure

PATH = "/api/v1/settings/whatsapp-templates"


def test_templates_are_listed_as_last_synced(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1029384756")
    bundle.providers.whatsapp.templates = [a_template()]
    bundle.post("/api/v1/settings/integrations/exotel_whatsapp/sync-templates", organization.admin)

    answer = bundle.get(PATH, organization.agent)

    assert answer.json == {
        "success": True,
        "data": [
            {
                "id": A_UUID,
                "name": "shipping_update",
                "language": "en",
                "category": "utility",
                "status": "approved",
                "body": "Dear {{1}}, {{2}} has shipped.",
                "is_cut": False,
                "variables": 2,
                "not_usable": None,
                "synced_at": AN_INSTANT,
            }
        ],
        "count": 1,
        "next_cursor": None,
    }


def test_a_template_that_cannot_be_filled_says_why(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp", waba_id="1029384756")
    sync = "/api/v1/settings/integrations/exotel_whatsapp/sync-templates"
    bundle.providers.whatsapp.templates = [a_template(body="Hello {{customer_name}}")]
    bundle.post(sync, organization.admin)

    (listed,) = bundle.get(PATH, organization.agent).data
    assert (listed["variables"], listed["not_usable"]) == (
        0,
        "It has named variables {{customer_name}}: only numbered ones, {{1}}, {{2}} and so on, are supported",
    )

    bundle.providers.whatsapp.templates = [a_template(body="Hello {{1}}")]
    bundle.post(sync, organization.admin)
    assert bundle.get(PATH, organization.agent).data[0]["not_usable"] is None


def test_before_the_first_sync_the_list_is_empty(bundle, organization):
    assert bundle.get(PATH, organization.agent).json == {
        "success": True,
        "data": [],
        "count": 0,
        "next_cursor": None,
    }
