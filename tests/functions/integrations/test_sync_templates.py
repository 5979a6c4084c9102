"""The guide's Step 3: syncing WhatsApp templates."""

from banxway.errors import ProviderDenied, ProviderRejected
from banxway.reasons import Reason
from banxway.services.status.diagnosis.catalogue import CAUSES
from tests.support.product.fakes import a_template, refused
from tests.support.product.stories import configure

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


WANTED = refused(
    ProviderRejected,
    "waba_id is mandatory",
    provider_status=400,
    provider_code="1001",
    reason=Reason.WABA_ID_MISSING,
    provider_message="Mandatory Parameter missing",
)


def test_an_account_that_answers_without_its_business_account_id_is_synced(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    bundle.providers.whatsapp.templates = [a_template()]

    answer = bundle.post(PATH, organization.admin)

    assert (answer.status, answer.data["new_templates"]) == (200, 1)


def test_an_account_that_wants_its_business_account_id_says_where_that_is_found(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    bundle.providers.whatsapp.listing.then(WANTED)

    answer = bundle.post(PATH, organization.admin)

    assert (answer.status, answer.json["code"]) == (409, "not_configured")
    assert answer.json["details"] == {"field": "waba_id"}
    assert "Meta Business Suite → Settings → Accounts → WhatsApp accounts" in answer.json["error"]
    assert 'PATCH /api/v1/settings/integrations/exotel_whatsapp {"waba_id": "…"}' in answer.json["error"]


def test_the_business_account_id_is_added_without_typing_the_secrets_again(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    asked: list[str | None] = []
    bundle.providers.whatsapp.listing.then(asked.append)
    patched = bundle.request(
        "PATCH",
        "/api/v1/settings/integrations/exotel_whatsapp",
        user=organization.admin,
        body={"waba_id": "1029384756"},
    )

    bundle.post(PATH, organization.admin)

    assert patched.data["settings"]["waba_id"] == "1029384756"
    assert asked == ["1029384756"]


def test_only_whatsapp_has_a_business_account_id(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")

    answer = bundle.request(
        "PATCH",
        "/api/v1/settings/integrations/exotel_phone",
        user=organization.admin,
        body={"waba_id": "1029384756"},
    )

    assert (answer.status, answer.json["details"]) == (422, {"field": "waba_id"})


def test_a_refusal_that_has_another_reason_is_returned_unchanged(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")
    denied = refused(
        ProviderDenied, "Invalid credentials", provider_status=401, reason=Reason.INVALID_CREDENTIALS
    )
    bundle.providers.whatsapp.listing.then(denied)

    answer = bundle.post(PATH, organization.admin)

    assert (answer.status, answer.json["code"]) == (422, "provider_denied")
    assert answer.json["details"]["reason"] == "invalid_credentials"
    assert answer.json["details"]["fix"] == CAUSES["exotel_invalid_credentials"].fix


def test_without_whatsapp_there_is_nothing_to_sync(bundle, organization):
    answer = bundle.post(PATH, organization.admin)

    assert (answer.status, answer.json["error"]) == (404, "Integration not found")
