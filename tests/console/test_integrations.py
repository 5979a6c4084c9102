"""The guide's Tests 1 and 3 in a browser, word for word, and what else an admin does with an integration."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.browser.integration_page import IntegrationPage
from tests.support.running.company import ask_sandbox

PHONE = "/settings/integrations/exotel_phone"
GREEN = "Active"


def received(company, kind):
    """Return the requests of a kind that the company's account has received."""
    everything = ask_sandbox(company.runner, f"/received?kind={kind}")["received"]
    return [each for each in everything if company.exotel.credentials["account_sid"] in str(each)]


def test_the_guides_test_1_the_phone_connection(screen, company):
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in()
    phone.test()

    expect(screen.toast("Exotel connection verified!")).to_be_visible()
    for line in ("Account works", "Voice works", f"Number {company.exotel.virtual_number} works"):
        expect(phone.result).to_contain_text(line)
    screen.is_right("integrations-phone-tested")
    assert company.admin.get(PHONE).status_code == 404

    phone.save()

    expect(phone.badge).to_contain_text(GREEN)
    expect(screen.page.get_by_role("link", name="1 phone number synced")).to_have_attribute(
        "href", "/settings/phone-numbers"
    )
    saved = company.admin.read(PHONE)
    assert (saved["status"], saved["settings"]["virtual_number"]) == ("Active", company.exotel.virtual_number)
    assert [row["phone_number"] for row in company.admin.read("/settings/phone-numbers")] == [
        company.exotel.virtual_number
    ]
    assert {each["outcome"]["status"] for each in received(company, "calls")} == {200}
    screen.is_right("integrations-phone-saved")


def test_the_guides_test_1_on_failure_a_red_toast_says_what_is_wrong(screen, company):
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in(API_Token="wrong")
    phone.test()

    expect(screen.toast("Invalid credentials")).to_be_visible()
    expect(phone.result).to_contain_text("Account does not work")
    screen.is_right("integrations-phone-failed")


def test_the_guides_test_1_by_keyboard_alone(screen, company):
    IntegrationPage(screen, company, "phone")
    keyboard = screen.page.keyboard
    screen.page.get_by_role("tab", name="Phone").focus()
    typed = {
        "Account SID": company.exotel.credentials["account_sid"],
        "API Key": company.exotel.credentials["api_key"],
        "API Token": company.exotel.credentials["api_token"],
        "Virtual Number": company.exotel.virtual_number,
    }
    for label, value in typed.items():
        tab_to(screen, label)
        keyboard.type(value)
    tab_to(screen, "Test Connection")
    keyboard.press("Enter")
    expect(screen.toast("Exotel connection verified!")).to_be_visible()

    tab_to(screen, "Save Configuration", back=True)
    keyboard.press("Enter")

    expect(screen.page.get_by_role("link", name="1 phone number synced")).to_be_visible()
    assert company.admin.read(PHONE)["status"] == "Active"


def tab_to(screen, name, *, back=False):
    """Press Tab until the field or button of this name has the focus."""
    for _ in range(30):
        screen.page.keyboard.press("Shift+Tab" if back else "Tab")
        focused = screen.page.evaluate(
            "() => { const at = document.activeElement;"
            " return (at.labels?.[0] ?? at).textContent.replace(' *', '').trim(); }"
        )
        if focused == name:
            return
    raise AssertionError(f"{name} cannot be reached by Tab")


def test_the_guides_test_3_the_whatsapp_connection(screen, company):
    whatsapp = IntegrationPage(screen, company, "whatsapp")
    whatsapp.fill_in()
    whatsapp.test()

    expect(screen.toast("WhatsApp Business API verified!")).to_be_visible()
    for line in ("Account works", "WhatsApp works", f"Number {company.exotel.whatsapp_number} works"):
        expect(whatsapp.result).to_contain_text(line)
    expect(whatsapp.result).to_contain_text("Exotel does not say. Copy it from WhatsApp Manager.")

    whatsapp.save()

    expect(whatsapp.badge).to_contain_text(GREEN)
    assert company.admin.read("/settings/integrations/exotel_whatsapp")["status"] == "Active"


def test_the_guides_test_3_on_failure_says_what_about_the_number_is_wrong(screen, company):
    whatsapp = IntegrationPage(screen, company, "whatsapp")
    whatsapp.fill_in(WhatsApp_Business_Number="+919800000000")
    whatsapp.test()

    expect(screen.toast("WhatsApp number not verified")).to_be_visible()
    assert whatsapp.fields_with("WhatsApp number not verified") == {"WhatsApp Business Number"}


def test_what_was_not_tested_is_tested_by_saving_and_a_failure_can_be_saved_anyway(screen, company):
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in(API_Token="wrong")

    phone.save()

    expect(phone.result).to_contain_text("Invalid credentials")
    assert company.admin.get(PHONE).status_code == 404

    phone.save_anyway()

    expect(phone.result).to_contain_text("Saved, but not verified")
    expect(phone.badge).to_contain_text("Not verified")
    expect(phone.badge).to_contain_text("It was saved although its test failed")
    assert company.admin.read(PHONE)["status"] == "Unverified"


def test_a_double_click_saves_once(screen, company):
    phone = IntegrationPage(screen, company, "phone")
    phone.fill_in()
    screen.page.get_by_role("button", name="Save Configuration").dblclick()

    expect(phone.badge).to_contain_text(GREEN)
    entries = company.admin.read("/settings/audit-logs?action=integration.configure")
    assert len(entries) == 1


def test_empty_secrets_keep_the_stored_ones(screen, company):
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})
    phone = IntegrationPage(screen, company, "phone")
    expect(phone.field("API Token")).to_have_value("")
    phone.field("Display Name").fill("Main Line")

    phone.save()

    expect(screen.page.get_by_role("heading", name="Main Line")).to_be_visible()
    revealed = company.admin.read(f"{PHONE}/credentials")["credentials"]
    assert {name: revealed[name] for name in company.exotel.credentials} == company.exotel.credentials


def test_spaces_around_what_is_pasted_are_removed_and_the_field_says_so(screen, company):
    phone = IntegrationPage(screen, company, "phone")
    phone.field("API Token").fill("  a-token \n")

    expect(phone.field("API Token")).to_have_value("a-token")
    expect(screen.page.get_by_text("Spaces and line breaks around it were removed.")).to_be_visible()


@pytest.mark.parametrize(
    ("tab", "label", "typed", "error"),
    [
        ("phone", "Virtual Number", "+911141169368", "exact format from Exotel's dashboard (10 digits, no +91)."),
        ("phone", "Virtual Number", "12", "Must be a phone number of 6 to 15 digits, such as 01141169368"),
        ("whatsapp", "WhatsApp Business Number", "9876543210", "Invalid WhatsApp number format: use E.164"),
    ],
)  # fmt: skip
def test_a_number_of_the_wrong_form_is_refused_at_its_field(screen, company, tab, label, typed, error):
    form = IntegrationPage(screen, company, tab)
    form.fill_in(**{label.replace(" ", "_"): typed})
    form.save()

    field = form.field(label)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(screen.page.locator(f"[id='{field.get_attribute('id')}-error']")).to_contain_text(error)


def test_leaving_with_changes_asks_also_for_another_tab(screen, company):
    phone = IntegrationPage(screen, company, "phone")
    phone.field("Display Name").fill("Main Line")

    screen.page.get_by_role("tab", name="WhatsApp").click()
    dialog = screen.page.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Stay").click()

    expect(phone.field("Display Name")).to_have_value("Main Line")
    screen.page.get_by_role("tab", name="WhatsApp").click()
    dialog.get_by_role("button", name="Leave without saving").click()
    expect(screen.page.get_by_role("textbox", name="WhatsApp Business Number")).to_be_visible()


def test_deleting_names_what_stops_and_asks_for_the_name(screen, company):
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})
    phone = IntegrationPage(screen, company, "phone")
    screen.page.get_by_role("button", name="Delete").click()
    dialog = screen.page.get_by_role("dialog", name="Delete Phone?")
    expect(dialog).to_contain_text("1 phone number becomes inactive")
    screen.is_accessible()
    delete = dialog.get_by_role("button", name="Delete", exact=True)
    expect(delete).to_be_disabled()

    dialog.get_by_role("textbox").fill("Phone")
    delete.click()

    expect(phone.badge).to_contain_text("Not configured")
    assert company.admin.get(PHONE).status_code == 404


def test_an_integration_is_turned_off_and_on(screen, company):
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})
    phone = IntegrationPage(screen, company, "phone")
    screen.page.get_by_role("button", name="Turn off").click()
    screen.page.get_by_role("dialog").get_by_role("button", name="Turn off").click()

    expect(phone.badge).to_contain_text("Turned off")
    assert company.admin.read(PHONE)["is_active"] is False
    screen.page.get_by_role("button", name="Turn on").click()
    expect(phone.badge).to_contain_text(GREEN)


def test_the_callback_url_is_shown_and_replaced(screen, company):
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})
    former = company.admin.read(PHONE)["callback_url"]
    IntegrationPage(screen, company, "phone")
    url = screen.page.get_by_label("Paste this URL into Exotel's dashboard")
    expect(url).to_have_value(former)

    screen.page.get_by_role("button", name="Replace the URL").click()
    dialog = screen.page.get_by_role("dialog", name="Replace the callback URL?")
    expect(dialog).to_contain_text("The present URL stops at once")
    dialog.get_by_role("button", name="Replace the URL").click()

    expect(url).not_to_have_value(former)
    expect(url).to_have_value(company.admin.read(PHONE)["callback_url"])


@pytest.mark.parametrize("role", ["manager", "agent"])
def test_others_read_the_page_without_credentials_and_the_api_refuses_them(screen_of, company, role):
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})
    person = getattr(company, role)
    screen = screen_of(person.email)
    phone = IntegrationPage(screen, company, "phone")

    expect(screen.page.get_by_text("You can look, but not change anything here.")).to_be_visible()
    expect(phone.badge).to_contain_text(GREEN)
    expect(screen.page.get_by_text(company.exotel.virtual_number)).to_be_visible()
    expect(screen.page.get_by_role("textbox")).to_have_count(0)
    expect(screen.page.get_by_role("button", name=re.compile("Reveal|Delete|Save|Test"))).to_have_count(0)
    screen.is_right(f"integrations-{role}")
    assert person.post(PHONE, {}).status_code == 403


def test_the_loser_of_two_admins_saving_at_once_learns_it_and_keeps_what_was_typed(screen, company):
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})
    phone = IntegrationPage(screen, company, "phone")
    phone.field("Display Name").fill("Mine")
    company.admin.patch(PHONE, {"display_name": "Theirs"})

    phone.save()

    expect(screen.page.get_by_text("Somebody else saved this while you were editing")).to_be_visible()
    expect(phone.field("Display Name")).to_have_value("Mine")
    assert company.admin.read(PHONE)["display_name"] == "Theirs"
    screen.page.get_by_role("button", name="Save mine over it").click()
    expect(screen.page.get_by_role("heading", name="Mine")).to_be_visible()
