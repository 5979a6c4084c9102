"""Mailboxes: the guide's Test 5, the poll, folders, the default, and the ways to change and end a mailbox."""

import json
import re

import pytest
from playwright.sync_api import expect

from tests.console.mailbox_form import fill_in, open_form, press_test
from tests.support.browser.sent import record, sent

PATH = "/settings/email-accounts"


def accounts_of(company) -> dict:
    return {each["email"]: each for each in company.admin.read(PATH)}


def test_5_smtp_connection(screen, company):
    """The guide's Test 5, and steps 7 to 9 of connecting Zoho Mail."""
    # 1. Navigate to `/settings/email-accounts`
    screen.open("/settings/email-accounts")
    expect(screen.page.get_by_role("heading", name="No mailbox yet")).to_be_visible()
    screen.is_right("email-accounts-empty")
    # 2. Click "Add Email Account"   3. Select provider: Zoho Mail
    dialog = open_form(screen)
    dialog.get_by_text("Server settings").click()
    expect(dialog.get_by_label("SMTP host")).to_have_value("smtp.zoho.com")
    expect(dialog.get_by_label("SMTP port")).to_have_value("587")
    expect(dialog.get_by_label("IMAP host")).to_have_value("imap.zoho.com")
    expect(dialog.get_by_label("IMAP port")).to_have_value("993")
    # 4. Fill in credentials and app password
    fill_in(dialog, company)
    expect(dialog.get_by_label("SMTP username")).to_have_value(company.mailbox["email"])
    expect(dialog.get_by_label("IMAP username")).to_have_value(company.mailbox["email"])
    # 5. Click "Test Connection"
    press_test(dialog)
    # 6. Expected: "SMTP: ✓ Connected, IMAP: ✓ Connected"
    expect(dialog.get_by_role("status")).to_contain_text("SMTP: ✓ Connected, IMAP: ✓ Connected")
    expect(screen.toast("SMTP: ✓ Connected, IMAP: ✓ Connected")).to_be_visible()
    screen.is_right("email-account-tested")

    dialog.get_by_label("Email Signature").fill("Best regards,\nSupport <Team>")
    dialog.get_by_role("button", name="Add Account").click()

    expect(dialog).to_have_count(0)
    row = screen.page.get_by_role("row").filter(has_text=company.mailbox["email"])
    expect(row).to_contain_text("Support Inbox")
    expect(row).to_contain_text("Default")
    stored = accounts_of(company)[company.mailbox["email"]]
    assert stored["signature_text"] == "Best regards,\nSupport <Team>"
    assert stored["signature_html"] == "<p>Best regards,<br>Support &lt;Team&gt;</p>"
    assert (stored["is_verified"], stored["is_default"], stored["poll_interval_ms"]) == (True, True, 30000)


def test_the_help_has_the_guides_steps_to_an_app_password(screen):
    dialog = open_form(screen)
    dialog.get_by_text("Where do I get an app password?").click()

    for step in (
        "Two-Factor Authentication",
        "Generate New Password",
        "Banxway Platform",
        "IMAP Access is enabled",
    ):
        expect(dialog.get_by_role("listitem").filter(has_text=step)).to_be_visible()


def test_an_app_password_is_in_one_request_and_kept_nowhere(screen, company):
    """In no cache, storage, address, log or later request; the field is gone with the form."""
    record(screen.page)
    dialog = open_form(screen)
    fill_in(dialog, company)
    dialog.get_by_role("button", name="Add Account").click()
    expect(dialog).to_have_count(0)

    screen.page.get_by_role("link", name="Support Inbox").click()
    expect(screen.page.get_by_label("App Password")).to_have_value("")

    screen.page.get_by_label("Account Name").fill("Help desk")
    screen.page.get_by_role("button", name="Save changes").click()
    expect(screen.toast("The account is saved")).to_be_visible()
    with_it = [
        each for each in sent(screen.page) if company.mailbox["password"] in each["url"] + each["body"]
    ]
    assert [each["method"] for each in with_it] == ["POST"]
    kept = screen.page.evaluate(
        "() => JSON.stringify([{...localStorage}, {...sessionStorage}, location.href, document.body.innerHTML])"
    )
    assert company.mailbox["password"] not in kept
    assert screen.page.evaluate("async () => (await indexedDB.databases()).length") == 0
    assert screen.page.evaluate("async () => (await caches.keys()).length") == 0


def test_a_double_click_adds_one_account(screen, company):
    dialog = open_form(screen)
    fill_in(dialog, company)

    dialog.get_by_role("button", name="Add Account").dblclick()

    expect(dialog).to_have_count(0)
    posts = [each for each in screen.watch.requests if each.method == "POST" and each.url.endswith(PATH)]
    assert len(posts) == 1
    assert list(accounts_of(company)) == [company.mailbox["email"]]


def test_closing_the_form_with_changes_asks_first(screen, company):
    dialog = open_form(screen)
    fill_in(dialog, company)
    dialog.get_by_role("button", name="Close").click()

    asks = screen.page.get_by_role("dialog", name="Leave without saving?")
    asks.get_by_role("button", name="Stay").click()
    expect(dialog.get_by_label("Email Address")).to_have_value(company.mailbox["email"])
    dialog.get_by_role("button", name="Close").click()
    asks.get_by_role("button", name="Leave without saving").click()

    expect(dialog).to_have_count(0)
    assert accounts_of(company) == {}


@pytest.mark.parametrize(
    ("label", "value", "sentence"),
    [
        ("Account Name", "", "Enter a name, such as Support Inbox."),
        ("Email Address", "", "Enter the full address of the mailbox."),
        ("Email Address", "support", "Must be an email address"),
        ("App Password", "", "Paste the app password of the mailbox."),
        ("SMTP port", "70000", "Enter a port from 1 to 65535."),
    ],
)
def test_what_is_wrong_is_said_at_its_field(screen, company, label, value, sentence):
    dialog = open_form(screen)
    fill_in(dialog, company)
    dialog.get_by_label(label).fill(value)

    dialog.get_by_role("button", name="Add Account").click()

    field = dialog.get_by_label(label)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
    expect(dialog.get_by_label("App Password")).to_have_value(
        "" if label == "App Password" else re.compile(".")
    )
    assert accounts_of(company) == {}


def test_an_address_that_is_connected_already_is_refused_at_its_field(screen, company):
    company.connect_mailbox()
    dialog = open_form(screen)
    fill_in(dialog, company)

    dialog.get_by_role("button", name="Add Account").click()

    expect(dialog.get_by_label("Email Address")).to_have_accessible_description(
        re.compile("A mailbox with this address exists already")
    )


def test_poll_now_says_what_arrived(screen, company):
    company.connect_mailbox()
    for subject in ("Parcel", "Invoice"):
        company.write_mail(subject, "Hello")
    screen.open(PATH)

    screen.page.get_by_role("button", name="Poll now: Support Inbox").click()

    expect(screen.page.get_by_role("main").get_by_text("2 new messages, 2 new threads")).to_be_visible()
    row = screen.page.get_by_role("row").filter(has_text="Support Inbox")
    expect(row).to_contain_text(re.compile(r"\d+s ago"))
    screen.is_right("email-accounts")


def test_a_poll_that_fails_says_why_and_the_account_needs_attention(screen, company):
    company.connect_mailbox()
    company.sandbox("/mail/mailboxes", {"email": company.mailbox["email"], "password": "changed-at-zoho"})
    screen.open(PATH)

    screen.page.get_by_role("button", name="Poll now: Support Inbox").click()

    expect(screen.page.get_by_role("alert").filter(has_text="Support Inbox").first).to_be_visible()
    row = screen.page.get_by_role("row").filter(has_text="Support Inbox")
    expect(row).to_contain_text("Needs attention")
    screen.page.get_by_role("link", name="Support Inbox").click()
    expect(screen.page.get_by_text("The mail server refuses the login")).to_be_visible()
    expect(screen.page.get_by_text("Enter a new app password below and save.")).to_be_visible()
    screen.is_right("email-account-refused")

    screen.page.get_by_label("App Password").fill("changed-at-zoho")
    screen.page.get_by_role("button", name="Save changes").click()
    expect(screen.toast("The account is saved")).to_be_visible()
    expect(screen.page.get_by_text("The mail server refuses the login")).to_have_count(0)
    expect(screen.page.get_by_label("App Password")).to_have_value("")


def test_the_first_sync_shows_how_far_it_is(screen, company):
    account_id = company.connect_mailbox()
    company.sql(
        """INSERT INTO email_folders (organization_id, account_id, name, uid_validity, role, messages)
           VALUES (%s, %s, 'INBOX', 1, 'inbox', 8400)""",
        (company.id, account_id),
    )
    company.sql(
        """INSERT INTO mailbox_messages (organization_id, account_id, folder, uid_validity, uid, size_bytes)
           SELECT %s, %s, 'INBOX', 1, uid, 1 FROM generate_series(1, 1240) AS uid""",
        (company.id, account_id),
    )
    screen.open(PATH)

    expect(screen.page.get_by_text("First sync: 1,240 of 8,400 mails, oldest first")).to_be_visible()
    screen.is_right("email-accounts-first-sync")
    company.sql("UPDATE email_folders SET synced_at = now() WHERE account_id = %s", (account_id,))
    expect(screen.page.get_by_text("First sync")).to_have_count(0)


def test_an_interval_of_ones_own_warns_below_thirty_seconds(screen, company):
    account_id = company.connect_mailbox()
    screen.open(f"{PATH}/{account_id}")
    interval = screen.page.get_by_role("combobox", name="Polling interval")
    for described in (
        "30 seconds: real-time monitoring (high API usage)",
        "60 seconds: recommended for most use cases",
        "120 seconds: lower priority inboxes",
        "300 seconds: archive/backup accounts",
    ):
        expect(interval.get_by_role("option", name=described)).to_have_count(1)
    interval.select_option("Other…")
    screen.page.get_by_label("Seconds between two polls").fill("10")
    expect(screen.page.get_by_text("Providers limit how often a program may log in.")).to_be_visible()

    screen.page.get_by_role("button", name="Save changes").click()

    expect(screen.toast("The account is saved")).to_be_visible()
    assert accounts_of(company)[company.mailbox["email"]]["poll_interval_ms"] == 10000
    screen.is_right("email-account")


def test_an_interval_out_of_range_is_refused_at_its_field(screen, company):
    account_id = company.connect_mailbox(poll_interval_ms=10000)
    screen.open(f"{PATH}/{account_id}")
    screen.page.get_by_label("Seconds between two polls").fill("5")

    screen.page.get_by_role("button", name="Save changes").click()

    expect(screen.page.get_by_label("Seconds between two polls")).to_have_attribute("aria-invalid", "true")
    assert accounts_of(company)[company.mailbox["email"]]["poll_interval_ms"] == 10000


def test_a_change_of_the_name_tests_no_login(screen, company):
    """Only what differs is sent: a mailbox whose server is down can be renamed."""
    account_id = company.connect_mailbox()
    company.sandbox("/mail/mailboxes", {"email": company.mailbox["email"], "password": "changed-at-zoho"})
    screen.open(f"{PATH}/{account_id}")
    record(screen.page)
    screen.page.get_by_label("Account Name").fill("Help <b>desk</b>")

    screen.page.get_by_role("button", name="Save changes").click()

    expect(screen.toast("The account is saved")).to_be_visible()
    expect(screen.heading).to_have_text("Help <b>desk</b>")
    patches = [json.loads(each["body"]) for each in sent(screen.page) if each["method"] == "PATCH"]
    assert patches == [{"name": "Help <b>desk</b>"}]


def test_setting_the_default_says_which_account_loses_it(screen, company):
    company.connect_mailbox()
    other = company.mailbox["email"].replace("support", "sales")
    company.sandbox("/mail/mailboxes", {"email": other, "password": company.mailbox["password"]})
    other_id = company.connect_mailbox(
        name="Sales", email=other, smtp_user=other, imap_user=other, is_default=False
    )
    screen.open(f"{PATH}/{other_id}")
    expect(screen.page.get_by_text("Support Inbox stops being the default.")).to_be_visible()

    screen.page.get_by_role("switch", name="Set as Default").check()
    screen.page.get_by_role("button", name="Save changes").click()

    expect(screen.page.get_by_text("This is the default.")).to_be_visible()
    assert accounts_of(company)[other]["is_default"]


def test_the_signatures_preview_runs_loads_and_styles_nothing(screen, company):
    html = (
        '<p style="color:red" onclick="alert(1)">Best <b>regards</b></p><script>window.ran = 1</script>'
        '<img src="https://tracker.example/x.gif" onerror="window.ran = 1" alt="Logo">'
        '<iframe src="https://evil.example"></iframe>'
    )
    account_id = company.connect_mailbox()
    screen.open(f"{PATH}/{account_id}")
    screen.page.get_by_label("HTML", exact=True).fill(html)

    preview = screen.page.get_by_role("region", name="How the HTML reads")
    expect(preview).to_have_text("Best regards[Picture: Logo]")
    expect(preview.locator("b")).to_have_text("regards")
    assert screen.page.evaluate("() => window.ran") is None
    screen.is_accessible()


def test_folders_are_chosen_and_compared_with_the_server(screen, company):
    account_id = company.connect_mailbox()
    screen.open(f"{PATH}/{account_id}?tab=folders")
    expect(screen.page.get_by_role("heading", name="No folders known yet")).to_be_visible()
    company.write_mail("Parcel", "Hello")
    company.admin.ask(f"{PATH}/{account_id}/poll-now", {})
    screen.page.reload()
    screen.page.get_by_role("radio", name="The folders that I choose").check()
    screen.page.get_by_role("checkbox", name="Sync Trash").check()
    screen.page.get_by_role("checkbox", name="Sync Spam").uncheck()

    screen.page.get_by_role("button", name="Save folders").click()
    expect(screen.toast("The folders are saved")).to_be_visible()
    assert sorted(accounts_of(company)[company.mailbox["email"]]["folders"]) == ["INBOX", "Sent", "Trash"]

    screen.page.get_by_role("button", name="Compare now").click()
    row = screen.page.get_by_role("table", name="What the server has and what is stored").get_by_role("row")
    expect(row.filter(has_text="INBOX")).to_contain_text("Complete")
    screen.is_right("email-account-folders")


def test_deleting_asks_for_the_address_and_says_what_stops(screen, company):
    account_id = company.connect_mailbox()
    screen.open(f"{PATH}/{account_id}")
    screen.page.get_by_role("button", name="Delete this account").click()
    dialog = screen.page.get_by_role("dialog", name="Delete Support Inbox?")
    expect(dialog).to_contain_text("Mail to this address no longer arrives here.")
    delete = dialog.get_by_role("button", name="Delete this account")
    expect(delete).to_be_disabled()
    screen.is_accessible()

    dialog.get_by_role("textbox").fill(company.mailbox["email"])
    delete.click()

    expect(screen.page.get_by_role("heading", name="No mailbox yet")).to_be_visible()
    assert accounts_of(company) == {}


def test_turning_off_and_on_again_keeps_everything(screen, company):
    account_id = company.connect_mailbox()
    screen.open(f"{PATH}/{account_id}")
    screen.page.get_by_role("button", name="Turn off").click()
    screen.page.get_by_role("dialog").get_by_role("button", name="Turn off").click()
    expect(screen.page.get_by_text("Turned off", exact=True)).to_be_visible()
    stored = accounts_of(company)[company.mailbox["email"]]
    assert (stored["smtp_enabled"], stored["imap_enabled"]) == (False, False)

    screen.page.get_by_role("button", name="Turn on").click()

    expect(screen.page.get_by_text("Active", exact=True)).to_be_visible()


def test_an_agent_reads_and_changes_nothing(screen_of, company):
    account_id = company.connect_mailbox()
    screen = screen_of(company.agent.email)
    screen.open(PATH)
    expect(screen.page.get_by_text("You can look, but not change anything here.")).to_be_visible()
    for name in ("Add Email Account", "Poll now"):
        expect(screen.page.get_by_role("button", name=re.compile(name))).to_have_count(0)

    screen.open(f"{PATH}/{account_id}")
    expect(screen.page.get_by_label("Account Name")).to_be_disabled()
    expect(screen.page.get_by_label("App Password")).to_have_count(0)
    expect(screen.page.get_by_role("button", name="Save changes")).to_have_count(0)
    screen.is_right("email-account-agent")
    assert company.agent.patch(f"{PATH}/{account_id}", {"name": "Mine"}).status_code == 403


def test_another_organizations_mailbox_is_not_found(screen, company, runner):
    screen.open(f"{PATH}/00000000-0000-4000-8000-000000000001")

    expect(screen.page.get_by_role("alert")).to_contain_text("Email account not found")
    screen.is_right("email-account-not-found")


def test_of_two_admins_who_save_at_once_the_second_learns_it_and_loses_nothing(screen, company):
    account_id = company.connect_mailbox()
    screen.open(f"{PATH}/{account_id}")
    name = screen.page.get_by_label("Account Name")
    name.fill("Mine")
    assert company.admin.patch(f"{PATH}/{account_id}", {"name": "Theirs"}).status_code == 200

    screen.page.get_by_role("button", name="Save changes").click()

    notice = screen.page.get_by_role("alert").filter(
        has_text="Somebody else saved this while you were editing"
    )
    expect(notice).to_be_visible()
    expect(name).to_have_value("Mine")
    assert accounts_of(company)[company.mailbox["email"]]["name"] == "Theirs"
    notice.get_by_role("button", name="Save mine over it").click()
    expect(screen.toast("The account is saved")).to_be_visible()
    assert accounts_of(company)[company.mailbox["email"]]["name"] == "Mine"
