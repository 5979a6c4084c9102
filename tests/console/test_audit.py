"""The audit log: who did what, the difference, filters, export, and verification with progress."""

import csv
import re
from pathlib import Path

from playwright.sync_api import expect

from tests.console.test_status import connect_phone


def rows(screen):
    return screen.page.get_by_role("table").get_by_role("row")


def test_an_entry_says_who_did_what_and_opens_to_the_difference(screen, company):
    account = company.connect_mailbox()
    company.admin.patch(f"/settings/email-accounts/{account}", {"name": "Sales"})
    screen.open("/operations/audit-log")
    newest = rows(screen).nth(1)
    expect(newest).to_contain_text("Changed a mailbox")
    expect(newest).to_contain_text("Admin")
    screen.is_right("audit-log")

    newest.get_by_role("button", name=re.compile("Show entry")).click()

    entry = screen.page.get_by_role("dialog")
    difference = entry.get_by_role("row").filter(has_text="name")
    expect(difference).to_contain_text("Support Inbox")
    expect(difference).to_contain_text("Sales")
    screen.is_right("audit-entry")
    screen.page.keyboard.press("Escape")
    expect(entry).to_have_count(0)
    expect(newest.get_by_role("button", name=re.compile("Show entry"))).to_be_focused()


def test_a_secret_is_nowhere_on_the_page(screen, company):
    connect_phone(company)
    screen.open("/operations/audit-log")

    rows(screen).filter(has_text="Saved credentials").get_by_role("button").click()

    expect(screen.page.get_by_role("dialog")).to_contain_text("Credentials are masked")
    assert company.exotel.credentials["api_token"] not in screen.page.content()


def test_filters_are_in_the_address_and_come_back_with_it(screen, company):
    connect_phone(company)
    company.connect_mailbox()
    screen.open("/operations/audit-log")
    screen.page.get_by_role("combobox", name="What", exact=True).click()
    screen.page.get_by_role("option", name="Added a mailbox").click()

    expect(rows(screen)).to_have_count(2)
    expect(screen.page).to_have_url(re.compile(r"action=mailbox\.create"))
    screen.page.get_by_role("button", name="Clear filters", exact=True).click()
    expect(rows(screen).filter(has_text="Saved credentials")).not_to_have_count(0)
    screen.open("/operations/audit-log?action=mailbox.create&status=failed")
    expect(screen.page.get_by_role("heading", name="No entry matches")).to_be_visible()
    screen.is_right("audit-no-match")


def test_a_day_that_is_not_one_is_explained(screen):
    screen.open("/operations/audit-log?since=yesterday")

    expect(screen.page.locator("#content").get_by_role("alert")).to_contain_text("since")
    screen.is_right("audit-bad-filter")


def test_the_export_has_what_the_filters_choose(screen, company, tmp_path: Path):
    connect_phone(company)
    company.connect_mailbox()
    screen.open("/operations/audit-log?action=mailbox.create")
    with screen.page.expect_download() as downloading:
        screen.page.get_by_role("button", name="Export CSV").click()

    file = tmp_path / "audit-log.csv"
    downloading.value.save_as(file)
    with file.open(newline="", encoding="utf-8") as lines:
        found = list(csv.DictReader(lines))
    assert [each["action"] for each in found] == ["mailbox.create"]
    expect(screen.toast("Audit log exported")).to_be_visible()


def test_the_chain_is_verified_and_a_tampered_one_names_its_entry(screen, company):
    connect_phone(company)
    company.connect_mailbox()
    screen.open("/operations/audit-log")
    screen.page.get_by_role("button", name="Verify now").click()
    expect(screen.page.locator("#content").get_by_role("status")).to_contain_text(
        re.compile(r"Chain verified up to \d\d:\d\d")
    )
    screen.is_right("audit-verified")

    company.sql("ALTER TABLE integration_audit_logs DISABLE TRIGGER USER")
    company.sql(
        "UPDATE integration_audit_logs SET action = 'nothing' WHERE organization_id = %s AND sequence = 1",
        (company.id,),
    )
    company.sql("ALTER TABLE integration_audit_logs ENABLE TRIGGER USER")
    screen.page.get_by_role("button", name="Verify now").click()

    expect(screen.page.locator("#content").get_by_role("alert")).to_contain_text(
        "The chain is broken at entry 1"
    )
    expect(screen.page.locator("#content").get_by_role("alert")).to_contain_text("Entry 1 was altered")
    screen.is_right("audit-broken")


def test_a_manager_reads_and_an_agent_learns_whom_to_ask(screen_of, company):
    connect_phone(company)
    manager = screen_of(company.manager.email)
    manager.open("/operations/audit-log")
    expect(rows(manager).filter(has_text="Saved credentials")).to_have_count(1)

    agent = screen_of(company.agent.email)
    agent.open("/operations/audit-log")
    expect(agent.page.locator("#content")).to_contain_text("It needs the role admin or manager.")
