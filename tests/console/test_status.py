"""The overview's cards and set-up list, notifications, and the diagnosis, in the setup guide's words."""

import re

from playwright.sync_api import Locator, expect

PHONE = "/settings/integrations/exotel_phone"


def card(screen, name: str) -> Locator:
    return (
        screen.page.get_by_role("list", name="Channels")
        .get_by_role("listitem")
        .filter(has=screen.page.get_by_role("heading", name=name, exact=True))
    )


def connect_phone(company) -> None:
    company.admin.ask(PHONE, {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number})


def test_a_new_organization_sees_four_cards_and_five_steps(screen):
    for name in ("Email", "Phone", "WhatsApp", "SMS"):
        expect(card(screen, name)).to_contain_text("Not configured")
    expect(screen.page.get_by_role("heading", name="Set-up: 0 of 5 done")).to_be_visible()
    screen.is_right("overview-new")

    screen.page.get_by_role("link", name="Connect phone").click()

    expect(screen.page).to_have_url(re.compile(r"/settings/integrations\?tab=phone$"))


def test_the_guides_badges_turn_green_while_the_page_is_open(screen, company):
    expect(card(screen, "Phone")).to_contain_text("Not configured")

    connect_phone(company)
    company.connect_whatsapp()
    company.connect_mailbox()

    expect(card(screen, "Phone")).to_contain_text("Exotel connected")
    expect(card(screen, "WhatsApp")).to_contain_text("Active")
    expect(card(screen, "Email")).to_contain_text("1 account configured")
    expect(card(screen, "SMS")).to_contain_text("Not configured")
    expect(screen.page.get_by_role("heading", name="Set-up: 3 of 5 done")).to_be_visible()
    screen.is_right("overview-working")


def test_a_badge_turns_without_reload_when_exotel_refuses_the_credentials(screen, company):
    connect_phone(company)
    expect(card(screen, "Phone")).to_contain_text("Exotel connected")

    company.change_exotel_account(api_token="another")
    company.admin.post(f"{PHONE}/test")

    expect(card(screen, "Phone")).to_contain_text("Needs attention")
    expect(card(screen, "Phone")).to_contain_text("Its last test failed: Invalid credentials.")
    expect(screen.page.get_by_role("link", name="Needs attention: 1")).to_be_visible()
    screen.is_right("overview-attention")
    card(screen, "Phone").get_by_role("link", name="Find the cause").click()
    expect(screen.heading).to_have_text("Diagnostics")


def test_a_badge_turns_when_a_worker_finds_the_password_refused(screen, company):
    company.connect_mailbox()
    expect(card(screen, "Email")).to_contain_text("1 account configured")

    company.sandbox("/mail/mailboxes", {**company.mailbox, "password": "another"})
    company.runner.run_timer("EmailSyncEnqueueDue")

    expect(card(screen, "Email")).to_contain_text("Needs attention")
    expect(card(screen, "Email")).to_contain_text("cannot be polled")


def test_a_card_leads_to_its_page_by_keyboard(screen):
    link = card(screen, "WhatsApp").get_by_role("link", name="WhatsApp")
    link.focus()
    screen.page.keyboard.press("Enter")

    expect(screen.page).to_have_url(re.compile(r"/settings/integrations\?tab=whatsapp$"))


def test_a_notification_says_what_to_do_and_an_admin_dismisses_it_once(screen, company):
    connect_phone(company)
    company.change_exotel_account(api_token="another")
    company.admin.post(f"{PHONE}/test")
    screen.open("/notifications")
    rows = screen.page.get_by_role("list", name="List of notifications").get_by_role("listitem")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Credentials stopped working")
    expect(rows.get_by_role("link", name="/settings/integrations")).to_be_visible()
    expect(rows).not_to_contain_text("/api/v1")
    screen.is_right("notifications")

    rows.get_by_role("button", name="Dismiss: Credentials stopped working").dblclick()

    expect(screen.page.get_by_role("heading", name="Nothing needs attention")).to_be_visible()
    screen.is_right("notifications-none")
    screen.page.get_by_role("switch", name="Show closed ones").check()
    expect(rows).to_contain_text("Closed")
    assert [each["action"] for each in company.admin.read("/settings/audit-logs")].count(
        "notification.dismissed"
    ) == 1


def test_an_agent_reads_notifications_and_dismisses_none(screen_of, company):
    connect_phone(company)
    company.change_exotel_account(api_token="another")
    company.admin.post(f"{PHONE}/test")
    screen = screen_of(company.agent.email)

    screen.open("/notifications")

    expect(screen.page.get_by_text("Credentials stopped working")).to_be_visible()
    expect(screen.page.get_by_role("button", name=re.compile("Dismiss"))).to_have_count(0)


def test_an_agent_learns_whom_to_ask_for_the_diagnosis(screen_of, company):
    company.sql("UPDATE users SET name = 'Asha' WHERE id = %s", (company.admin.id,))
    screen = screen_of(company.agent.email)

    screen.open("/operations/diagnostics")

    expect(screen.page.locator("#content")).to_contain_text("It needs the role admin or manager.")
    expect(screen.page.locator("#content")).to_contain_text("Ask an admin: Asha.")
    assert company.agent.get("/settings/diagnostics").status_code == 403
    screen.is_right("diagnostics-not-allowed")


def group(screen, name: str) -> Locator:
    return (
        screen.page.locator("#content")
        .get_by_role("listitem")
        .filter(has=screen.page.get_by_role("heading", name=name, exact=True))
    )


def test_the_diagnosis_names_cause_and_fix_and_one_group_is_tested_again(screen, company):
    connect_phone(company)
    company.change_exotel_account(api_token="another")
    screen.open("/operations/diagnostics?check=exotel_invalid_credentials")
    exotel = group(screen, "Exotel")
    expect(exotel.get_by_text("Fail", exact=True).first).to_be_visible()
    expect(exotel).to_contain_text("exotel_invalid_credentials")
    expect(exotel).to_contain_text("401")
    expect(exotel.get_by_text("Fix", exact=True)).to_be_visible()
    expect(group(screen, "Database").get_by_text("Pass", exact=True).first).to_be_visible()
    expect(group(screen, "WhatsApp")).to_contain_text("Nothing is connected that could be checked.")
    screen.is_right("diagnostics-fail")

    company.change_exotel_account(api_token=company.exotel.credentials["api_token"])
    exotel.get_by_role("button", name="Re-test this").click()

    expect(exotel.get_by_text("Pass", exact=True).first).to_be_visible()
    expect(exotel).not_to_contain_text("exotel_invalid_credentials")


def test_a_link_to_what_is_not_found_says_so(screen):
    screen.open("/operations/diagnostics?check=exotel_timeout")

    expect(screen.page.get_by_text("“exotel_timeout” is not found now")).to_be_visible()
    expect(screen.page.get_by_text("Everything that was checked works.")).to_be_visible()
    screen.is_right("diagnostics-pass")


def test_the_copied_report_has_every_group_and_no_secret(screen, company):
    connect_phone(company)
    company.change_exotel_account(api_token="another")
    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.open("/operations/diagnostics")
    expect(group(screen, "Exotel").get_by_text("Fail", exact=True).first).to_be_visible()

    screen.page.get_by_role("button", name="Copy report").click()
    expect(screen.page.get_by_role("button", name="Report copied")).to_be_visible()

    report = screen.page.evaluate("navigator.clipboard.readText()")
    assert "Exotel: Fail" in report
    assert "Clock: Pass" in report
    assert "[Problem] exotel_invalid_credentials: exotel_phone" in report
    assert company.exotel.credentials["api_token"] not in report


def test_another_organizations_trouble_is_not_shown(screen_of, company):
    connect_phone(company)
    company.change_exotel_account(api_token="another")
    company.admin.post(f"{PHONE}/test")
    screen = screen_of("admin@other.local")

    expect(card(screen, "Phone")).to_contain_text("Not configured")
    screen.open("/notifications")
    expect(screen.page.get_by_text("Credentials stopped working")).to_have_count(0)
