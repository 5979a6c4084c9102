"""The sandbox page: a newcomer plays the customer, breaks the providers, and repairs them."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.support.browser.screen import Screen
from tests.support.running.company import Company
from tests.support.running.founding import visit_demo
from tests.support.running.runner import ROOT, Runner
from tests.support.timing.waiting import eventually

TABS = ("WhatsApp", "Mail", "Break something", "Credentials", "Requests")
CUSTOMER = "+919876543210"
WHATSAPP = (
    "Account SID",
    "API Key",
    "API Token",
    "WhatsApp Business Number",
    "WhatsApp Business Account ID",
)


@pytest.fixture
def demo(runner: Runner) -> Iterator[Company]:
    """The demo organization with nothing connected; everything works again after the test."""
    with visit_demo(runner) as company:
        company.admin.delete("/settings/integrations/exotel_whatsapp")
        for account in company.admin.read("/settings/email-accounts"):
            company.admin.delete(f"/settings/email-accounts/{account['id']}")
        company.change_exotel_account(default_webhook_url=None)
        yield company
        company.sandbox("/breakages", method="DELETE")
        company.sandbox("/ladder", {"auto": True})


@pytest.fixture
def sandbox(runner: Runner, browser: Browser, demo: Company) -> Iterator[Screen]:
    """The page as somebody sees it who is not signed in."""
    screen = Screen(browser, runner.url)
    screen.context.grant_permissions(["clipboard-read", "clipboard-write"])
    screen.page.goto("/sandbox")
    expect(screen.heading).to_have_text("Sandbox")
    yield screen
    screen.close()


def show(screen: Screen, tab: str) -> Locator:
    """Open a tab and return what it shows."""
    screen.page.get_by_role("tab", name=tab).click()
    panel = screen.page.get_by_role("tabpanel", name=tab)
    expect(panel).to_be_visible()
    return panel


def copied(screen: Screen, label: str, of: str) -> str:
    """Copy one credential with its button, and return what the clipboard holds."""
    screen.page.get_by_role("button", name=f"Copy {label} of {of}", exact=True).click()
    return str(screen.page.evaluate("navigator.clipboard.readText()"))


def connect_whatsapp_by_hand(screen: Screen) -> None:
    """Enter the demo account's credentials at the settings, each copied from the page, as an admin in another tab."""
    values = {label: copied(screen, label, "banxway_demo1") for label in WHATSAPP}
    settings = screen.context.new_page()
    settings.goto("/settings/integrations?tab=whatsapp")
    settings.get_by_role("button", name=re.compile("Asha Admin")).click()
    form = settings.get_by_role("tabpanel")
    for label, value in values.items():
        form.get_by_label(re.compile(rf"^{label}( [*])?$")).fill(value)
    form.get_by_label("Business Display Name").fill("Banxway Demo")
    form.get_by_role("button", name="Save Configuration").click()
    expect(form.get_by_text("Active", exact=True).first).to_be_visible()
    settings.close()


def write_whatsapp(screen: Screen, text: str) -> Locator:
    """Send a WhatsApp message as the customer, and return it as the page shows it."""
    panel = show(screen, "WhatsApp")
    panel.get_by_role("textbox", name="Text").fill(text)
    panel.get_by_role("button", name="Send WhatsApp message").click()
    message = panel.get_by_role("article").filter(has_text=text)
    expect(message).to_have_count(1)
    return message


def check_whatsapp(company: Company) -> httpx.Response:
    """Test the company's account, as the form at /settings/integrations does."""
    values = {**company.exotel.credentials, "whatsapp_number": company.exotel.whatsapp_number}
    return company.admin.post("/settings/integrations/exotel_whatsapp/test", values)


def thread_with(company: Company, text: str) -> dict[str, Any]:
    """Wait until a thread's first message has this text, and return the thread."""

    def found() -> dict[str, Any] | None:
        threads = company.agent.read("/communications/threads")
        return next((dict(each) for each in threads if text in str(each)), None)

    return dict(eventually(found))


def test_a_newcomer_writes_learns_what_to_connect_and_connects_it(sandbox: Screen, demo: Company) -> None:
    page = sandbox.page
    page.get_by_role("button", name="Send WhatsApp message").click()
    early = page.get_by_role("article").filter(has_text="No organization uses this number.")
    expect(early.first).to_contain_text(f"You, {CUSTOMER}")
    expect(page.get_by_text("No organization has connected WhatsApp yet")).to_be_visible()

    page.get_by_role("button", name="Show the credentials").first.click()
    connect_whatsapp_by_hand(sandbox)

    message = write_whatsapp(sandbox, "Is anybody there?")

    expect(message).to_contain_text("Received by the product")
    expect(page.get_by_text("No organization has connected WhatsApp yet")).to_have_count(0)
    thread_with(demo, "Is anybody there?")
    show(sandbox, "Credentials")
    expect(page.get_by_text("WhatsApp: used by Banxway Demo")).to_be_visible()


def test_the_customer_says_what_became_of_the_products_message(sandbox: Screen, demo: Company) -> None:
    demo.connect_whatsapp()
    page = sandbox.page
    write_whatsapp(sandbox, "When does it come?")
    thread = thread_with(demo, "When does it come?")
    automatic = page.get_by_role("switch", name="Report sent, delivered and read automatically")
    automatic.click()
    expect(automatic).not_to_be_checked()

    sent = demo.agent.ask(
        f"/communications/threads/{thread['id']}/messages",
        {"channel": "WHATSAPP", "content": "It comes on Friday.", "to": CUSTOMER},
    )
    message = page.get_by_role("article").filter(has_text="It comes on Friday.")
    expect(message).to_contain_text("Accepted")
    for word, status in (("Delivered", "delivered"), ("Read", "read")):
        message.get_by_role("button", name="Report a status").click()
        page.get_by_role("menuitem", name=word, exact=True).click()
        expect(message).to_contain_text(word)
        demo.await_status(sent["message_id"], status)


def test_a_message_fails_for_the_reason_that_the_customer_gives(sandbox: Screen, demo: Company) -> None:
    demo.connect_whatsapp()
    demo.sandbox("/ladder", {"auto": False})
    write_whatsapp(sandbox, "Are you open?")
    thread = thread_with(demo, "Are you open?")
    sent = demo.agent.ask(
        f"/communications/threads/{thread['id']}/messages",
        {"channel": "WHATSAPP", "content": "Until six.", "to": CUSTOMER},
    )

    message = sandbox.page.get_by_role("article").filter(has_text="Until six.")
    message.get_by_role("button", name="Report a status").click()
    sandbox.page.get_by_role("menuitem", name="Failed: the customer is not on WhatsApp").click()

    expect(message).to_contain_text("Failed")
    demo.await_status(sent["message_id"], "failed")
    advice = "The number cannot receive this on WhatsApp; use another channel."
    assert advice in str(demo.thread_messages(thread["id"]))


def test_a_mail_with_a_file_is_answered_and_the_answer_answered(
    sandbox: Screen, demo: Company, tmp_path: Path
) -> None:
    mailbox_id = demo.connect_mailbox(signature_text="Banxway")
    bill = tmp_path / "bill.txt"
    bill.write_text("4711")
    panel = show(sandbox, "Mail")
    panel.get_by_label("Subject").fill("Two parcels instead of one")
    panel.locator("input[type=file]").set_input_files(bill)
    panel.get_by_role("button", name="Send mail").click()
    expect(panel.get_by_role("article").filter(has_text="Files: bill.txt")).to_have_count(1)

    demo.admin.ask(f"/settings/email-accounts/{mailbox_id}/poll-now")
    thread = thread_with(demo, "Two parcels instead of one")
    demo.agent.ask(
        f"/communications/threads/{thread['id']}/messages",
        {"channel": "EMAIL", "content_text": "Keep the second one."},
    )
    answer = panel.get_by_role("article").filter(has_text="Keep the second one.")
    expect(answer).to_contain_text("Re: Two parcels instead of one")
    answer.get_by_role("button", name="Answer").click()
    panel.get_by_label("Text").fill("How kind of you.")
    panel.get_by_role("button", name="Send mail").click()
    expect(panel.get_by_role("article").filter(has_text="How kind of you.")).to_have_count(1)
    demo.admin.ask(f"/settings/email-accounts/{mailbox_id}/poll-now")

    eventually(lambda: len(demo.thread_messages(thread["id"])) == 3)


def test_exotel_is_broken_everywhere_until_it_is_repaired(
    sandbox: Screen, demo: Company, runner: Runner, browser: Browser
) -> None:
    demo.connect_whatsapp()
    panel = show(sandbox, "Break something")
    refuses = panel.get_by_role("switch", name="Exotel refuses the API key", exact=True)
    refuses.click()
    expect(refuses).to_be_checked()
    expect(panel.get_by_text("One thing is broken")).to_be_visible()

    assert "Invalid credentials" in check_whatsapp(demo).text
    requests = show(sandbox, "Requests")
    expect(requests.get_by_role("row").nth(1)).to_contain_text("Exotel refuses the API key")
    expect(requests.get_by_role("row").nth(1)).to_contain_text("401")

    admin = Screen(browser, runner.url)
    admin.sign_in("admin@banxway.local")
    pill = admin.page.get_by_role("link", name="Sandbox: Exotel refuses the API key")
    pill.click()
    expect(admin.page.get_by_role("tab", name="Break something")).to_have_attribute("aria-selected", "true")
    admin.page.get_by_role("tab", name="WhatsApp").click()
    admin.page.get_by_role("button", name="Repair: Exotel refuses the API key").click()
    expect(pill).to_have_count(0)
    admin.close()

    expect(sandbox.page.get_by_text("One thing is broken")).to_have_count(0)
    assert check_whatsapp(demo).is_success


def test_what_is_broken_for_one_request_works_at_the_next(sandbox: Screen, demo: Company) -> None:
    panel = show(sandbox, "Break something")
    panel.get_by_text("For one request").click()
    refuses = panel.get_by_role("switch", name="Exotel refuses the API key", exact=True)
    refuses.click()
    expect(refuses).to_be_checked()
    expect(panel.get_by_text("For one more request.")).to_be_visible()

    first, second = check_whatsapp(demo), check_whatsapp(demo)

    assert "Invalid credentials" in first.text
    assert second.is_success, second.text
    expect(refuses).not_to_be_checked()


def test_repair_everything_repairs_both_providers_and_hand_made_faults(
    sandbox: Screen, demo: Company
) -> None:
    panel = show(sandbox, "Break something")
    for name in ("Exotel is down", "The mail server is full"):
        panel.get_by_role("switch", name=name, exact=True).click()
    demo.sandbox("/faults", {"operation": "whatsapp.send", "kind": "hang"})
    expect(panel.get_by_text("3 things are broken")).to_be_visible()

    panel.get_by_role("button", name="Repair everything").click()

    expect(panel.get_by_text("Everything works")).to_be_visible()
    assert demo.sandbox("/breakages")["broken"] == demo.sandbox("/breakages")["faults"] == []


def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(sandbox: Screen) -> None:
    panel = show(sandbox, "WhatsApp")
    panel.get_by_label("Your number").fill("Asha")
    panel.get_by_role("textbox", name="Text").fill("Nobody reads this")
    panel.get_by_role("button", name="Send WhatsApp message").click()

    expect(panel.get_by_label("Your number")).to_have_attribute("aria-invalid", "true")
    expect(panel.get_by_text("'Asha' is not a phone number")).to_be_visible()
    expect(panel.get_by_role("textbox", name="Text")).to_have_value("Nobody reads this")
    expect(panel.get_by_role("article").filter(has_text="Nobody reads this")).to_have_count(0)


def test_a_double_click_sends_once(sandbox: Screen, demo: Company) -> None:
    panel = show(sandbox, "WhatsApp")
    panel.get_by_role("textbox", name="Text").fill("Only once, please")
    panel.get_by_role("button", name="Send WhatsApp message").dblclick()

    expect(panel.get_by_role("article").filter(has_text="Only once, please")).to_have_count(1)
    written = [each for each in demo.sandbox("/incoming")["incoming"] if "Only once" in str(each["content"])]
    assert len(written) == 1


def test_what_others_wrote_is_only_ever_text(sandbox: Screen) -> None:
    hostile = "<img src=x onerror=\"document.title='taken'\"><b>bold</b>"
    message = write_whatsapp(sandbox, hostile)

    expect(message).to_contain_text(hostile)
    expect(sandbox.page).to_have_title(re.compile("^Sandbox"))


def test_every_part_of_the_page_is_right(sandbox: Screen, demo: Company) -> None:
    demo.connect_whatsapp()
    demo.connect_mailbox()
    write_whatsapp(sandbox, "Hello, did you pack my order 4712 yet?")
    demo.sandbox("/breakages", {"name": "exotel.slow"})
    expect(sandbox.page.get_by_text("One thing is broken")).to_be_visible()
    for tab in TABS:
        show(sandbox, tab)
        sandbox.is_right(f"sandbox-{tab.split()[0].lower()}")


def test_the_keyboard_is_enough(sandbox: Screen, demo: Company) -> None:
    page = sandbox.page
    page.get_by_role("tab", name="WhatsApp").focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    expect(page.get_by_role("tabpanel", name="Break something")).to_be_visible()
    down = page.get_by_role("switch", name="Exotel refuses the API key", exact=True)
    for _ in range(4):
        page.keyboard.press("Tab")
        if down.evaluate("each => each === document.activeElement"):
            break
    page.keyboard.press("Space")

    expect(down).to_be_checked()
    eventually(lambda: demo.sandbox("/breakages")["broken"])


def test_other_pages_ask_to_sign_in_and_lead_back_to_the_sandbox(sandbox: Screen) -> None:
    sandbox.page.get_by_role("link", name="Sign in").click()
    expect(sandbox.heading).to_have_text("Sign in · Banxway")

    sandbox.page.get_by_role("button", name=re.compile("Asha Admin")).click()
    sandbox.page.get_by_role("navigation", name="Main").get_by_role("link", name="Sandbox").click()

    expect(sandbox.heading).to_have_text("Sandbox")
    expect(sandbox.page.get_by_role("banner")).to_contain_text("Banxway Demo")


def test_its_customer_has_the_number_that_the_readme_writes_to(sandbox: Screen) -> None:
    expect(show(sandbox, "WhatsApp").get_by_label("Your number")).to_have_value(CUSTOMER)
    assert f'"to": "{CUSTOMER}"' in (ROOT / "README.md").read_text()
