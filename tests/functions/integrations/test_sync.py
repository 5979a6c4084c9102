"""The guide's Issue 6: fetching the account's numbers again."""

from banxway.errors import ProviderUnavailable
from tests.support.product.fakes import a_number, refused
from tests.support.product.stories import configure

PATH = "/api/v1/settings/integrations/{}/sync"


def test_new_numbers_are_counted_as_the_guide_says(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.numbers.append(a_number("08047100002"))

    answer = bundle.post(PATH.format("exotel_phone"), organization.admin)

    assert answer.status == 200
    assert answer.json == {
        "success": True,
        "data": {"synced_numbers": 2, "new_numbers": 1, "updated_numbers": 1},
    }


def test_a_number_that_left_the_account_is_no_longer_listed(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.numbers[:] = [a_number("08047100002")]

    bundle.post(PATH.format("exotel_phone"), organization.admin)

    (number,) = bundle.get("/api/v1/settings/phone-numbers", organization.agent).data
    assert (number["phone_number"], number["is_primary"]) == ("08047100002", True)


def test_the_stored_credentials_are_used(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.exotel_accounts.clear()

    bundle.post(PATH.format("exotel_phone"), organization.admin)

    (account,) = bundle.providers.exotel_accounts
    assert (account.account_sid, account.api_token) == ("your_exotel_sid", "your_api_token")


def test_an_account_that_does_not_answer_changes_nothing(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    bundle.providers.voice.listing.then(refused(ProviderUnavailable, "Exotel does not answer"))

    answer = bundle.post(PATH.format("exotel_phone"), organization.admin)

    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert len(bundle.get("/api/v1/settings/phone-numbers", organization.agent).data) == 1


def test_without_an_integration_there_is_nothing_to_sync(bundle, organization):
    answer = bundle.post(PATH.format("exotel_phone"), organization.admin)

    assert (answer.status, answer.json["error"]) == (404, "Integration not found")


def test_whatsapp_has_no_numbers_to_sync(bundle, organization):
    answer = bundle.post(PATH.format("exotel_whatsapp"), organization.admin)

    assert (answer.status, answer.json["details"]) == (422, {"field": "type"})


def test_a_wrong_master_key_says_what_to_do_and_breaks_nothing_else(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone")
    with_another_key = bundle.twin(encryption_master_key="b" * 43 + "=")

    answer = with_another_key.post(PATH.format("exotel_phone"), organization.admin)

    assert (answer.status, answer.json["code"]) == (500, "wrong_key")
    assert "restore the original ENCRYPTION_MASTER_KEY" in answer.json["error"]
    assert with_another_key.get("/api/v1/settings/phone-numbers", organization.agent).json["count"] == 1
    with_another_key.close()
