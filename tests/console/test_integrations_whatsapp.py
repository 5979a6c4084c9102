"""WhatsApp's own part of the page: automatic replies, business hours, and templates."""

import pytest
from playwright.sync_api import expect

from tests.support.browser.integration_page import IntegrationPage

WHATSAPP = "/settings/integrations/exotel_whatsapp"


@pytest.fixture
def whatsapp(screen, company):
    """The page of a company whose WhatsApp is connected."""
    company.admin.ask(
        WHATSAPP, {**company.exotel.credentials, "whatsapp_number": company.exotel.whatsapp_number}
    )
    return IntegrationPage(screen, company, "whatsapp")


def test_automatic_replies_are_counted_previewed_and_saved(whatsapp, company):
    page = whatsapp.page
    page.get_by_role("switch", name="Enable Auto-Reply").check()
    page.get_by_label("Welcome Message").fill("Thanks for contacting us!")
    page.get_by_label("Away Message").fill("We are back at nine.")

    expect(page.get_by_text("25 of 4096 characters")).to_be_visible()
    preview = page.get_by_role("figure", name="How it looks on the customer's phone")
    expect(preview).to_contain_text("Thanks for contacting us!")
    expect(preview).to_contain_text("We are back at nine.")
    whatsapp.screen.is_right("integrations-whatsapp")
    whatsapp.save()

    expect(page.get_by_text("WhatsApp messages are not answered automatically yet.")).to_be_visible()
    settings = company.admin.read(WHATSAPP)["settings"]
    assert settings["auto_reply_enabled"] is True
    assert settings["auto_reply_message"] == "Thanks for contacting us!"
    assert settings["away_message"] == "We are back at nine."


def test_business_hours_are_chosen_copied_and_said_by_the_server(whatsapp, company):
    page = whatsapp.page
    page.get_by_role("switch", name="Use business hours").check()
    zone = page.get_by_role("combobox", name="Timezone")
    zone.click()
    zone.fill("Dub")
    page.get_by_role("option", name="Europe/Dublin").click()
    page.get_by_label("Monday opens at").fill("00:00")
    page.get_by_label("Monday closes at").fill("23:59")
    page.get_by_role("button", name="Copy to weekdays what is set for Monday").click()
    for day in ("Saturday", "Sunday"):
        page.get_by_role("switch", name=f"{day} closed").uncheck()
        page.get_by_label(f"{day} opens at").fill("00:00")
        page.get_by_label(f"{day} closes at").fill("23:59")
    whatsapp.screen.is_right("integrations-hours")

    whatsapp.save()

    expect(page.get_by_text("Now: open until 23:59")).to_be_visible()
    hours = company.admin.read(WHATSAPP)["settings"]["business_hours"]
    assert (hours["enabled"], hours["timezone"]) == (True, "Europe/Dublin")
    assert [hours[day]["end"] for day in ("monday", "friday", "sunday")] == ["23:59"] * 3


@pytest.mark.parametrize(
    ("start", "end", "problem"),
    [
        ("22:00", "06:00", "Hours cannot go past midnight"),
        ("09:00", "09:00", "For a whole day, enter 00:00 to 23:59."),
        ("", "18:00", "or mark the day as closed."),
    ],
    ids=["over midnight", "equal", "half"],
)
def test_hours_that_are_no_span_are_explained_at_their_day(whatsapp, company, start, end, problem):
    page = whatsapp.page
    page.get_by_role("switch", name="Use business hours").check()
    page.get_by_label("Tuesday opens at").fill(start)
    page.get_by_label("Tuesday closes at").fill(end)
    whatsapp.save()

    expect(page.get_by_role("group", name="Tuesday").get_by_role("alert")).to_contain_text(problem)
    expect(page.get_by_label("Tuesday closes at")).to_be_focused()
    whatsapp.screen.is_accessible()
    assert "business_hours" not in company.admin.read(WHATSAPP)["settings"]


def test_templates_are_synced_and_those_that_cannot_be_sent_say_why(whatsapp, company):
    page = whatsapp.page
    expect(page.get_by_text("No templates yet")).to_be_visible()
    page.get_by_role("button", name="Sync templates").click()
    # The simulated Exotel lists templates by the business account's id only, as the real one may.
    expect(page.get_by_text("The WhatsApp Business Account ID is missing")).to_be_visible()

    whatsapp.field("WhatsApp Business Account ID").fill(company.exotel.waba_id)
    whatsapp.save()
    page.get_by_role("button", name="Sync templates").click()

    expect(whatsapp.screen.toast("4 templates synced: 4 new, 0 removed.")).to_be_visible()
    table = page.get_by_role("table", name="WhatsApp templates")
    pending = table.get_by_role("row").filter(has_text="delivery_reminder")
    expect(pending).to_contain_text("Waiting for Meta")
    expect(pending).to_contain_text("Meta decides within 24 to 48 hours.")
    expect(table.get_by_role("row").filter(has_text="summer_offer")).to_contain_text("Rejected by Meta")
    expect(table.get_by_role("row").filter(has_text="shipping_update")).to_contain_text("Approved")
    whatsapp.screen.is_right("integrations-templates")
