"""The form that adds a mailbox, as a person fills it in."""

from typing import Any

from playwright.sync_api import Locator, expect

from tests.support.browser.screen import Screen
from tests.support.running.company import Company


def open_form(screen: Screen, provider: str = "Zoho Mail") -> Locator:
    """Open the guide's form and choose the provider; returns the dialog."""
    screen.open("/settings/email-accounts")
    screen.page.get_by_role("button", name="Add Email Account").click()
    dialog = screen.page.get_by_role("dialog", name="Add Email Account")
    dialog.get_by_role("combobox", name="Provider").select_option(provider)
    return dialog


def fill_in(dialog: Locator, company: Company, **changes: Any) -> None:
    """Fill in the company's mailbox at the simulated servers; `changes` are the API's names."""
    login = company.login | {"name": "Support Inbox"} | changes
    dialog.get_by_label("Account Name").fill(login["name"])
    dialog.get_by_label("Email Address").fill(login["email"])
    dialog.get_by_label("App Password").fill(login["smtp_password"])
    servers = dialog.get_by_role("group").filter(has_text="Server settings")
    if servers.get_attribute("open") is None:
        dialog.get_by_text("Server settings").click()
    for half in ("smtp", "imap"):
        dialog.get_by_label(f"{half.upper()} host").fill(login[f"{half}_host"])
        dialog.get_by_label(f"{half.upper()} port").fill(str(login[f"{half}_port"]))


def choose_security(screen: Screen, dialog: Locator, half: str, security: str) -> None:
    """Choose STARTTLS or SSL/TLS for one of the two servers."""
    dialog.get_by_role("combobox", name=f"{half} security").select_option(security)


def press_test(dialog: Locator) -> None:
    """Press Test Connection and wait for what it found."""
    dialog.get_by_role("button", name="Test Connection").click()
    expect(dialog.get_by_text("Tested in")).to_be_visible()
