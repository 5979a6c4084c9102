"""Each failing answer of Exotel, in a browser: its cause and its fix, at the field that is at fault if one is."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.integration_page import IntegrationPage
from tests.support.running.company import ask_sandbox

KEYS = {"API Key", "API Token"}


@pytest.fixture
def exotel(company):
    """Changes the company's account at the simulated Exotel, or spoils its next answers; forgets that afterwards."""

    class Exotel:
        def change(self, **values):
            sid = company.exotel.credentials["account_sid"]
            ask_sandbox(company.runner, f"/accounts/{sid}", values, method="PATCH")

        def spoil(self, **fault):
            ask_sandbox(company.runner, "/faults", {"operation": "calls.list", "times": 9, **fault})

    yield Exotel()
    ask_sandbox(company.runner, "/faults", method="DELETE")


TYPED = {
    "wrong token": (
        {"API_Token": "wrong"}, "Invalid credentials", KEYS, "Account does not work",
        "copy them again from Settings → API Settings, without extra spaces or newlines",
    ),
    "unknown account": (
        {"Account_SID": "nobody1"}, "Invalid Account SID", {"Account SID"}, "Account does not work",
        "Copy the Account SID again from the Exotel Dashboard → Settings → API Settings",
    ),
    "somebody else's account": (
        {"Account_SID": "other_co1"}, "Access denied", {"Account SID"}, "Account does not work",
        "Copy the Account SID again from the Exotel Dashboard → Settings → API Settings",
    ),
    "unknown number": (
        {"Virtual_Number": "08099999999"}, "Virtual number not found", {"Virtual Number"},
        "Number 08099999999 does not work",
        "Check the number in Exotel Dashboard → Numbers, and use the exact format shown there",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("typed", "error", "fields", "line", "fix"), TYPED.values(), ids=TYPED)
def test_what_was_typed_wrong_is_said_at_its_field(screen, company, typed, error, fields, line, fix):
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in(**typed)
    phone.test()

    expect(screen.toast(error)).to_be_visible()
    assert phone.fields_with(error) == fields
    for part in (error, line, "Cause", "What to do", fix):
        expect(phone.result).to_contain_text(part)


ACCOUNTS = {
    "suspended": (
        {"status": "suspended"}, "Account inactive", "Account does not work",
        "Contact Exotel support or recharge the account (if prepaid)",
    ),
    "voice not enabled": (
        {"voice_enabled": False}, "Voice not enabled", "Voice does not work",
        "Enable voice calling service in account settings",
    ),
    "address not listed": (
        {"ip_allowed": False}, "IP not whitelisted", "Account does not work",
        "Add this deployment's outgoing address in the Exotel Dashboard",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("values", "error", "line", "fix"), ACCOUNTS.values(), ids=ACCOUNTS)
def test_what_is_wrong_with_the_account_is_no_fields_fault(screen, company, exotel, values, error, line, fix):
    exotel.change(**values)
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in()
    phone.test()

    expect(screen.toast(error)).to_be_visible()
    assert phone.fields_with(error) == set()
    for part in (error, line, fix):
        expect(phone.result).to_contain_text(part)


FAULTS = {
    "429": (
        {"kind": "status", "status": 429, "retry_after": 30}, "Exotel is limiting requests",
        "Wait, spread campaigns out, or ask Exotel to raise the account's limit",
    ),
    "503": (
        {"kind": "status", "status": 503}, "Exotel is limiting requests", "See https://status.exotel.com",
    ),
    "500": ({"kind": "status", "status": 500}, "Exotel answered 500", "See https://status.exotel.com"),
    "no answer": (
        {"kind": "hang"}, "Network timeout", "Check that Exotel's API can be reached from the server",
    ),
    "closed": (
        {"kind": "close"}, "Exotel", "Check",
    ),
    "a web page": ({"kind": "html"}, "Exotel", "Check EXOTEL_API_URL and any proxy in between"),
    "half an answer": ({"kind": "truncated"}, "Exotel", "Check EXOTEL_API_URL and any proxy in between"),
}  # fmt: skip


@pytest.mark.parametrize(("fault", "error", "fix"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_on_the_way_to_exotel_keeps_what_was_typed(screen, company, exotel, fault, error, fix):
    exotel.spoil(**fault)
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in()
    phone.test()

    expect(screen.toast(error)).to_be_visible()
    expect(phone.result).to_contain_text(fix)
    expect(phone.result).to_contain_text("Account not tested")
    expect(phone.result.get_by_role("link", name="Open diagnostics")).to_be_visible()
    expect(phone.field("API Token")).to_have_value(company.exotel.credentials["api_token"])


def test_an_account_in_the_other_region_is_said_at_the_region(screen, company, exotel):
    exotel.change(region="mumbai")
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in()
    phone.test()

    assert phone.fields_with("This account is in the Mumbai region: set region to mumbai") == {"Region"}
    screen.page.get_by_role("combobox", name="Region").select_option("Mumbai")
    phone.test()
    expect(screen.toast("Exotel connection verified!")).to_be_visible()


WHATSAPP = {
    "not enabled": (
        {"whatsapp_enabled": False}, {}, "WhatsApp not enabled", set(), "WhatsApp does not work",
        "Enable WhatsApp Business API service",
    ),
    "not the account's number": (
        {}, {"WhatsApp_Business_Number": "+919800000000"}, "WhatsApp number not verified",
        {"WhatsApp Business Number"}, "Number +919800000000 does not work",
        "Complete the WhatsApp Business verification process",
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "typed", "error", "fields", "line", "fix"), WHATSAPP.values(), ids=WHATSAPP
)
def test_what_is_wrong_with_whatsapp(screen, company, exotel, values, typed, error, fields, line, fix):
    exotel.change(**values)
    whatsapp = IntegrationPage(screen, company, "whatsapp")
    whatsapp.fill_in(**typed)
    whatsapp.test()

    toast = screen.toast(error)
    expect(toast).to_be_visible()
    assert whatsapp.fields_with(toast.inner_text().strip()) == fields
    for part in (line, fix):
        expect(whatsapp.result).to_contain_text(part)


def test_a_number_that_cannot_send_sms(screen, company):
    sms = IntegrationPage(screen, company, "sms")
    sms.fill_in()
    sms.test()

    assert sms.fields_with("SMS not enabled on this number") == {"SMS Number"}
    for part in ("Account works", "SMS does not work", "Enable SMS in the Exotel Dashboard"):
        expect(sms.result).to_contain_text(part)


def test_a_stored_integration_that_exotel_refuses_later_needs_attention(screen, company, exotel):
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in()
    phone.save()
    exotel.change(status="suspended")

    screen.page.get_by_role("button", name="Test stored credentials").click()

    expect(phone.badge).to_contain_text("Needs attention")
    expect(phone.badge).to_contain_text("Its last test failed: Account inactive")
    screen.is_right("integrations-phone-attention")
