"""Changing an integration without new credentials."""

import pytest

from tests.support.product.stories import SUPPORT, configure, incoming, post_callback, whatsapp_body

PATH = "/api/v1/settings/integrations/{}"


def patch(bundle, user, kind, body):
    return bundle.request("PATCH", PATH.format(kind), user=user, body=body)


def test_a_name_is_changed_and_nothing_else(bundle, organization):
    before = configure(bundle, organization.admin, "exotel_phone", display_name="Old")

    answer = patch(bundle, organization.admin, "exotel_phone", {"display_name": "New"})

    assert (answer.status, answer.json["message"]) == (200, "Integration updated")
    same = {name for name in answer.data if name in before and answer.data[name] == before[name]}
    assert set(answer.data) - same - {"updated_at", "version"} == {"display_name"}
    assert answer.data["display_name"] == "New"


def test_a_name_can_be_removed(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone", display_name="Old")

    answer = patch(bundle, organization.admin, "exotel_phone", {"display_name": None})

    assert answer.data["display_name"] is None


def test_what_is_switched_off_is_inactive_until_it_is_switched_on(bundle, organization):
    configure(bundle, organization.admin, "exotel_whatsapp")

    off = patch(bundle, organization.admin, "exotel_whatsapp", {"is_active": False})
    on = patch(bundle, organization.admin, "exotel_whatsapp", {"is_active": True})

    assert (off.data["status"], on.data["status"]) == ("Inactive", "Active")


def test_a_mailbox_is_switched_with_its_integration(bundle, organization):
    configure(bundle, organization.admin, "zoho_mail")

    for is_on in (False, True):
        patch(bundle, organization.admin, "zoho_mail", {"is_active": is_on})
        (mailbox,) = bundle.get("/api/v1/settings/email-accounts", organization.admin).data
        assert (mailbox["email"], mailbox["smtp_enabled"], mailbox["imap_enabled"]) == (SUPPORT, is_on, is_on)


def test_a_revoked_callback_url_is_refused_and_the_next_one_works(bundle, organization):
    old = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]

    new = patch(bundle, organization.admin, "exotel_whatsapp", {"revoke_callback_url": True}).data[
        "callback_url"
    ]
    for url, text in ((old, "through the old one"), (new, "through the new one")):
        post_callback(bundle, url, whatsapp_body(incoming(text)))
    bundle.work("webhook")

    (row,) = bundle.database.rows(
        "SELECT body_text FROM messages WHERE organization_id = %s", (organization.id,)
    )
    assert old != new
    assert row["body_text"] == "through the new one"


def test_the_day_on_which_credentials_end_is_kept_until_there_are_others(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone", credentials_expire_on="2027-01-31")
    path = "/api/v1/settings/integrations/exotel_phone"

    saved = bundle.get(path, organization.agent).data["credentials_expire_on"]
    patched = patch(bundle, organization.admin, "exotel_phone", {"credentials_expire_on": "2027-03-01"})
    configure(bundle, organization.admin, "exotel_phone")
    same_again = bundle.get(path, organization.agent).data["credentials_expire_on"]
    others = configure(bundle, organization.admin, "exotel_phone", api_token="next")
    entries = bundle.get("/api/v1/settings/audit-logs?action=integration.update", organization.admin).data

    assert (saved, patched.data["credentials_expire_on"]) == ("2027-01-31", "2027-03-01")
    assert (same_again, others["credentials_expire_on"]) == ("2027-03-01", None)
    assert entries[0]["details"]["after"]["expire_on"] == "2027-03-01"


@pytest.mark.parametrize(
    "day",
    [
        1,
        True,
        1767225600,
        "tomorrow",
        "2027-02-30",
        "2027-1-1",
        "1999-12-31",
        "9999-12-31",
        "2027-01-31T00:00Z",
        [],
        {},
    ],
)
def test_what_is_no_day_of_this_century_is_refused(bundle, organization, day):
    configure(bundle, organization.admin, "exotel_phone")

    answer = patch(bundle, organization.admin, "exotel_phone", {"credentials_expire_on": day})

    assert (answer.status, answer.json["details"]) == (422, {"field": "credentials_expire_on"})
    assert answer.json["error"] == "credentials_expire_on must be a day of this century such as 2027-01-31"


def test_a_change_is_audited_with_what_it_was_before(bundle, organization):
    configure(bundle, organization.admin, "exotel_phone", display_name="Old")

    patch(bundle, organization.admin, "exotel_phone", {"display_name": "New", "revoke_callback_url": True})

    entry = bundle.get("/api/v1/settings/audit-logs", organization.admin).data[0]
    assert (entry["action"], entry["details"]) == (
        "integration.update",
        {
            "before": {"display_name": "Old", "is_active": True, "callback_generation": 1},
            "after": {"display_name": "New", "is_active": True, "callback_generation": 2},
        },
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "display_name"),
        ({"is_active": None}, "is_active"),
        ({"revoke_callback_url": False}, "revoke_callback_url"),
        ({"api_token": "your_api_token"}, "api_token"),
        ({"display_name": "two\nlines"}, "display_name"),
    ],
    ids=["nothing", "null", "not revoked", "a secret", "two lines"],
)
def test_a_change_that_is_none_is_refused_by_name(bundle, organization, body, field):
    configure(bundle, organization.admin, "exotel_phone")

    answer = patch(bundle, organization.admin, "exotel_phone", body)

    assert (answer.status, answer.json["details"]) == (422, {"field": field})


def test_what_is_not_configured_cannot_be_changed(bundle, organization):
    answer = patch(bundle, organization.admin, "exotel_sms", {"display_name": "New"})

    assert (answer.status, answer.json["error"]) == (404, "Integration not found")
