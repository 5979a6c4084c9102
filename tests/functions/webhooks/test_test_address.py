"""A test callback to our own public address."""

from tests.support.product.stories import configure

PATH = "/api/v1/settings/webhook-events/test"


def test_without_an_integration_there_is_no_address(bundle, organization):
    answer = bundle.post(PATH, organization.admin, {"kind": "whatsapp"})

    assert (answer.status, answer.json["code"]) == (409, "not_configured")


def test_an_address_that_nobody_serves_is_explained(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")

    result = bundle.post(PATH, organization.admin, {"kind": "whatsapp"}).data

    assert (result["arrived"], result["status"]) == (False, None)
    assert result["cause"]
    assert "diagnostics" in result["fix"]
    assert "reference" not in result["url"]
