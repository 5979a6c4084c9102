"""The vacation responder of a mailbox: its dates in a zone, its text, and what limits it."""

import pytest
from playwright.sync_api import expect


@pytest.fixture
def account_id(company):
    return company.connect_mailbox()


@pytest.fixture
def opened(screen, account_id):
    screen.open(f"/settings/email-accounts/{account_id}?tab=vacation")
    return screen


def vacation_of(company, account_id):
    return company.admin.read(f"/settings/email-accounts/{account_id}/vacation")


def test_a_responder_is_set_with_dates_in_a_zone(opened, company, account_id):
    page = opened.page
    page.get_by_role("switch", name="Answer automatically").check()
    page.get_by_role("combobox", name="Time zone of both").fill("Kolkata")
    page.get_by_role("option", name="Asia/Kolkata").click()
    page.get_by_label("From").fill("2099-12-24T18:00")
    page.get_by_label("Until").fill("2100-01-02T09:00")
    page.get_by_role("textbox", name="Text").fill("We are away.")
    expect(page.get_by_role("region", name="Preview of the answer")).to_have_text("We are away.")
    expect(page.get_by_text("Two responders that meet stop after one answer each.")).to_be_visible()

    page.get_by_role("button", name="Save responder").click()

    expect(page.get_by_text("Waiting for its start")).to_be_visible()
    opened.is_right("vacation")
    stored = vacation_of(company, account_id)
    assert (stored["starts_at"], stored["ends_at"]) == ("2099-12-24T12:30:00Z", "2100-01-02T03:30:00Z")
    assert (stored["is_active"], stored["content_text"]) == (True, "We are away.")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "Write a text, or switch the responder off."),
        (
            {"Text": "Away", "From": "2099-12-24T18:00", "Until": "2099-12-24T17:00"},
            "Must be later than From.",
        ),
        ({"Text": "Away", "Answer the same person again after": "91"}, "90"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(opened, company, account_id, values, sentence):
    opened.page.get_by_role("switch", name="Answer automatically").check()
    for label, value in values.items():
        opened.page.get_by_label(label, exact=True).fill(value)

    opened.page.get_by_role("button", name="Save responder").click()

    wrong = opened.page.locator("[aria-invalid=true]")
    expect(wrong).to_have_count(1)
    expect(wrong).to_be_focused()
    expect(opened.page.locator(".mantine-InputWrapper-error").filter(has_text=sentence)).to_be_visible()
    assert not vacation_of(company, account_id)["is_active"]


def test_leaving_the_tab_with_changes_asks(opened):
    opened.page.get_by_role("textbox", name="Text").fill("We are")
    opened.page.get_by_role("tab", name="Folders").click()

    opened.page.get_by_role("button", name="Stay").click()

    expect(opened.page.get_by_role("textbox", name="Text")).to_have_value("We are")


def test_an_agent_reads_and_changes_nothing(screen_of, company, account_id):
    screen = screen_of(company.agent.email)
    screen.open(f"/settings/email-accounts/{account_id}?tab=vacation")

    expect(screen.page.get_by_role("switch", name="Answer automatically")).to_be_disabled()
    expect(screen.page.get_by_role("button", name="Save responder")).to_have_count(0)
    screen.is_accessible()
