"""The guide's Tests 8 and 9: the numbers of the Exotel account, who calls from them, and the status of everything."""

import re

import pytest
from playwright.sync_api import expect

NUMBERS = "/settings/phone-numbers"
PHONE = "/settings/integrations/exotel_phone"


def _connect_phone(company, **changes):
    body = {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number, **changes}
    return company.admin.post(PHONE, body)


def _add_at_exotel(company):
    (account,) = [
        each
        for each in company.sandbox("/accounts")["accounts"]
        if each["account_sid"] == company.exotel.credentials["account_sid"]
    ]
    added = {"phone_number": "08047109999", "friendly_name": "Night line"}
    company.change_exotel_account(numbers=[*account["numbers"], added])


def _name_agent(company):
    company.admin.patch(f"/settings/team/{company.agent.id}", {"name": "Anita"})


@pytest.mark.parametrize("path", ["/settings/phone-numbers", "/settings/team?tab=phone-numbers"])
def test_8_phone_number_sync_verification(screen, company, path):
    """All Exotel numbers appear, capabilities correct, one marked as primary; numbers can be assigned to users."""
    _name_agent(company)
    _connect_phone(company)
    screen.open(path)

    own = next(each for each in company.admin.read(NUMBERS) if each["is_primary"])
    row = screen.page.get_by_role("row").filter(has_text=company.exotel.virtual_number)
    expect(row).to_contain_text("Primary")
    expect(row).to_contain_text("Call, SMS" if own["can_sms"] else "Call")
    expect(screen.page.get_by_role("row").filter(has_text="Primary")).to_have_count(1)
    expect(screen.page.locator("tbody tr")).to_have_count(len(company.admin.read(NUMBERS)))
    screen.is_right("phone-numbers")

    row.get_by_role("button", name=f"Assign {company.exotel.virtual_number}").click()
    dialog = screen.page.get_by_role("dialog", name=f"Assign {company.exotel.virtual_number}")
    dialog.get_by_label("Search by name or address").fill("anit")
    expect(dialog.get_by_role("radio")).to_have_count(1)
    dialog.get_by_label("Anita").check()
    screen.is_right("phone-numbers-assign")
    dialog.get_by_role("button", name="Assign").dblclick()

    expect(screen.toast(f"{company.exotel.virtual_number} is assigned to Anita.")).to_be_visible()
    expect(row).to_contain_text("Anita")
    stored = next(each for each in company.admin.read(NUMBERS) if each["is_primary"])
    assert (stored["assigned_to_user_id"], stored["assigned_to_user_name"]) == (
        str(company.agent.id),
        "Anita",
    )
    assert len(company.admin.read("/settings/audit-logs?action=phone_number.assign")) == 1


def test_the_phone_numbers_tab_has_the_guides_name(screen):
    screen.open("/settings/team")

    screen.page.get_by_role("tab", name="Phone Numbers", exact=True).click()

    expect(screen.page).to_have_url(re.compile(r"tab=phone-numbers"))


def test_a_new_number_at_exotel_arrives_by_a_sync(screen, company):
    _connect_phone(company)
    _add_at_exotel(company)
    screen.open("/settings/phone-numbers")

    screen.page.get_by_role("button", name="Sync from Exotel").click()

    expect(screen.toast("1 new.")).to_be_visible()
    expect(screen.page.get_by_role("row").filter(has_text="08047109999")).to_contain_text("Night line")
    assert "08047109999" in [each["phone_number"] for each in company.admin.read(NUMBERS)]


def test_without_numbers_the_page_says_why_and_what_to_do(screen, company):
    screen.open("/settings/phone-numbers")

    content = screen.page.locator("#content")
    expect(content).to_contain_text("No numbers yet")
    expect(content).to_contain_text("They arrive when the phone integration is saved.")
    expect(content.get_by_role("link", name="Connect phone")).to_be_visible()
    screen.is_right("phone-numbers-none")


def test_a_failed_sync_says_why_also_when_the_page_is_opened_later(screen, company):
    _connect_phone(company, api_token="wrong", force=True)
    screen.open("/settings/phone-numbers")
    screen.page.get_by_role("button", name="Sync now").click()

    expect(screen.page.get_by_role("alert").first).to_contain_text("Invalid credentials")
    expect(screen.page.locator("#content")).to_contain_text("The last sync failed: Invalid credentials")
    screen.is_right("phone-numbers-failed")

    screen.page.reload()
    expect(screen.page.locator("#content")).to_contain_text("The last sync failed: Invalid credentials")


def test_a_number_is_renamed_and_another_becomes_primary(screen, company):
    _add_at_exotel(company)
    _connect_phone(company)
    other = next(each for each in company.admin.read(NUMBERS) if not each["is_primary"])
    screen.open("/settings/phone-numbers")
    screen.page.get_by_role("button", name=f"Edit {other['phone_number']}").click()
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label("Display name").fill("Weekend line")
    dialog.get_by_label("Make it the primary number").check()
    screen.is_right("phone-numbers-edit")

    dialog.get_by_role("button", name="Save").click()

    row = screen.page.get_by_role("row").filter(has_text=other["phone_number"])
    expect(row).to_contain_text("Weekend line")
    expect(row).to_contain_text("Primary")
    primary = [each["phone_number"] for each in company.admin.read(NUMBERS) if each["is_primary"]]
    assert primary == [other["phone_number"]]


def test_of_two_who_assign_a_number_the_second_is_refused(screen, company):
    _name_agent(company)
    company.admin.patch(f"/settings/team/{company.admin.id}", {"name": "Asha"})
    _connect_phone(company)
    number = next(each for each in company.admin.read(NUMBERS) if each["is_primary"])
    screen.open("/settings/phone-numbers")
    screen.page.get_by_role("button", name=f"Assign {number['phone_number']}").click()
    dialog = screen.page.get_by_role("dialog")
    dialog.get_by_label("Anita").check()
    company.admin.ask(f"{NUMBERS}/{number['id']}/assign", {"user_id": str(company.manager.id)})

    dialog.get_by_role("button", name="Assign").click()

    expect(dialog.get_by_role("alert")).to_contain_text("Asha saved it")
    stored = next(each for each in company.admin.read(NUMBERS) if each["is_primary"])
    assert stored["assigned_to_user_id"] == str(company.manager.id)


def test_an_agent_sees_the_numbers_and_changes_none(screen_of, company):
    _connect_phone(company)
    agent = screen_of(company.agent.email)
    agent.open("/settings/phone-numbers")

    expect(agent.page.get_by_role("row").filter(has_text=company.exotel.virtual_number)).to_be_visible()
    expect(agent.page.get_by_role("button", name=re.compile("Assign|Edit|Sync"))).to_have_count(0)


def test_9_integration_status_dashboard(screen, company):
    """All integrations shown correctly: two mailboxes, phone, WhatsApp, and no SMS."""
    company.connect_mailbox()
    company.connect_mailbox(email=f"sales-{company.id}@banxway.local", name="Sales", is_default=False)
    _connect_phone(company)
    company.connect_whatsapp()
    screen.open("/settings")

    for channel, badge in (
        ("Email", "2 accounts configured"),
        ("Phone", "Exotel connected"),
        ("WhatsApp", "Active"),
        ("SMS", "Not configured"),
    ):
        card = screen.page.get_by_role("listitem").filter(
            has=screen.page.get_by_role("heading", name=channel, exact=True)
        )
        expect(card).to_contain_text(badge)
    status = company.admin.read("/settings/configuration-status")
    assert status["email"]["accounts"] == 2
    assert status["email"]["default_account"] == company.mailbox["email"]
    assert (status["phone"]["configured"], status["phone"]["provider"]) == (True, "exotel")
    assert (status["whatsapp"]["configured"], status["whatsapp"]["provider"]) == (True, "exotel")
    assert status["sms"]["configured"] is False
