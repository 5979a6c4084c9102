"""What a form for a new mailbox is filled with."""

from tests.support.product.stories import MAILBOX

PATH = "/api/v1/settings/email-accounts/presets"


def test_zohos_hosts_follow_from_data_centre_and_kind_of_account(bundle, organization):
    presets = bundle.get(PATH, organization.agent).data

    hosts = {each["id"]: (each["smtp_host"], each["imap_host"]) for each in presets}
    assert hosts["zoho_personal_com"] == ("smtp.zoho.com", "imap.zoho.com")
    assert hosts["zoho_organization_in"] == ("smtppro.zoho.in", "imappro.zoho.in")
    assert hosts["zoho_organization_com_au"] == ("smtppro.zoho.com.au", "imappro.zoho.com.au")
    assert hosts["custom"] == (None, None)


def test_what_zohos_own_pages_do_not_say_is_not_confirmed(bundle, organization):
    presets = bundle.get(PATH, organization.agent).data

    doubtful = {each["data_center"] for each in presets if not each["is_confirmed"]}
    assert doubtful == {"ca", "sa", "com.cn"}


def test_a_mailbox_made_of_any_preset_has_its_provider_and_limits(bundle, organization):
    presets = bundle.get(PATH, organization.agent).data

    for number, preset in enumerate(presets):
        names = ("smtp_host", "smtp_port", "smtp_secure", "imap_host", "imap_port", "imap_tls")
        typed = {name: preset[name] for name in names if preset[name] is not None}
        body = MAILBOX | {"smtp_host": "mx.example.com", "imap_host": "mx.example.com"} | typed
        answer = bundle.post(
            PATH.removesuffix("/presets"), organization.admin, body | {"email": f"b{number}@yourdomain.com"}
        )
        shown = ("provider", "hourly_limit", "daily_limit", *typed)
        assert {name: answer.data[name] for name in shown} == {name: preset[name] for name in shown}
