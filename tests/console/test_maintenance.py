"""The key rotation: started after a question, followed place by place, its failures named."""

import re

from playwright.sync_api import expect

from tests.console.test_status import connect_phone


def begin(screen) -> None:
    screen.page.get_by_role("button", name=re.compile("^Rotate keys")).click()
    dialog = screen.page.get_by_role("dialog")
    expect(dialog).to_contain_text("Nothing is paused")
    dialog.get_by_role("button", name="Rotate keys").dblclick()
    expect(dialog).to_have_count(0)


def test_a_rotation_is_started_once_and_shows_every_place(screen, company):
    connect_phone(company)
    company.connect_mailbox()
    screen.open("/operations/encryption")
    expect(screen.page.get_by_role("heading", name="No rotation yet")).to_be_visible()
    screen.is_right("encryption-never")

    begin(screen)

    expect(screen.page.locator("#content").get_by_role("status")).to_contain_text(
        "Everything is under the current key"
    )
    table = screen.page.get_by_role("table")
    expect(table.get_by_role("row").filter(has_text="Mailboxes")).to_contain_text("1")
    expect(table.get_by_role("row").filter(has_text="Stored mails and files")).to_be_visible()
    screen.is_right("encryption-done")
    actions = [each["action"] for each in company.admin.read("/settings/audit-logs")]
    assert actions.count("encryption.rotate") == 1


def test_progress_is_shown_while_the_worker_waits_and_to_an_admin_who_comes_later(screen, screen_of, company):
    connect_phone(company)
    with company.runner.paused("RotationQueue"):
        screen.open("/operations/encryption")
        begin(screen)
        expect(screen.page.get_by_role("heading", name="Rotation is running")).to_be_visible()
        other = screen_of(company.admin.email)
        other.open("/operations/encryption")
        expect(other.page.get_by_role("progressbar", name="Progress of the rotation")).to_have_count(1)
        other.is_right("encryption-running")

    for shown in (screen, other):
        expect(shown.page.get_by_text("Everything is under the current key")).to_be_visible()


def test_what_cannot_be_opened_is_counted_and_named(screen, company):
    account = company.connect_mailbox()
    company.sql("UPDATE email_accounts SET credentials_encrypted = 'bm90IG9uZQ==' WHERE id = %s", (account,))
    screen.open("/operations/encryption")

    begin(screen)

    expect(screen.page.get_by_text("1 secret could not be opened")).to_be_visible()
    named = screen.page.get_by_role("table", name="Secrets that could not be opened")
    expect(named).to_contain_text("Mailboxes")
    expect(named).to_contain_text(account)
    screen.is_right("encryption-failed")


def test_a_manager_learns_whom_to_ask(screen_of, company):
    screen = screen_of(company.manager.email)

    screen.open("/operations/encryption")

    expect(screen.page.locator("#content")).to_contain_text("It needs the role admin.")
    assert company.manager.post("/settings/encryption/rotate").status_code == 403
