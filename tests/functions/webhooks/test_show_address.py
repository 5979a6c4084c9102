"""What somebody sees who opens a callback address by hand, as the guide's issue 8 does."""

import pytest

PATHS = ["/api/v1/webhooks/exotel/call-status", "/api/v1/webhooks/exotel/whatsapp-status"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("query", ["", "?reference=anything"], ids=["plain", "with a reference"])
def test_it_is_reachable_and_says_where_the_signed_address_is_found(bundle, path, query):
    answer = bundle.request("GET", path + query)

    assert (answer.status, answer.json["data"]) == (200, {"reachable": True})
    assert answer.json["message"].startswith("This address is reachable.")
    assert "callback_url from GET /api/v1/settings/integrations/exotel_phone" in answer.json["message"]


@pytest.mark.parametrize("path", PATHS)
def test_a_post_without_a_reference_stays_refused(bundle, path):
    answer = bundle.request("POST", path, raw="{}", headers={"content-type": "application/json"})

    assert (answer.status, answer.json["error"]) == (401, "Invalid webhook reference")
