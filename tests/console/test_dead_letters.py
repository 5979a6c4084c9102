"""Dead letters as an admin sees them: why work was given up, what redriving would do, and the end of it."""

import re

import pytest
from playwright.sync_api import expect

from tests.support.running.queues import RunnerQueues
from tests.support.timing.waiting import eventually

PATH = "/operations/dead-letters"
DOWN = {"cause": "unavailable", "sentence": "The database does not answer; try again shortly."}


@pytest.fixture
def queues(runner):
    return RunnerQueues(runner)


def give_up_rotation(company, queues, **said):
    """Let the worker that rotates keys give up, and wait until it is recorded."""
    queues.give_up("rotation", {"organization_id": str(company.id)}, **(said or DOWN))


def give_up_message(company, queues, text="Your parcel is on its way"):
    """Let a message of the agent wait in the ledger while its item is given up, and return its id."""
    company.connect_whatsapp()
    with company.runner.paused("MessageQueue"):
        company.write_whatsapp("Where is my parcel?")
        thread = wait_for_thread(company)
        body = {"channel": "WHATSAPP", "content": text}
        message_id = company.agent.ask(f"/communications/threads/{thread}/messages", body)["message_id"]
        queues.purge("MessageQueue")
    item = {"organization_id": str(company.id), "message_id": message_id}
    queues.give_up("message", item, **DOWN)
    return message_id


def wait_for_thread(company):
    return eventually(lambda: company.agent.read("/communications/threads"))[0]["id"]


def group(screen, work):
    return screen.page.get_by_role("region", name=work)


def test_nothing_given_up_says_so_and_leads_to_diagnostics(screen):
    screen.open(PATH)

    expect(screen.heading).to_have_text("Dead letters")
    expect(screen.page.get_by_role("heading", name="Nothing was given up")).to_be_visible()
    screen.is_right("dead-letters-empty")
    screen.page.get_by_role("link", name="Open diagnostics").click()
    expect(screen.page).to_have_url(re.compile("/operations/diagnostics$"))


def test_what_is_given_up_appears_at_once_with_its_cause_and_counts_in_the_navigation(
    screen, company, queues
):
    screen.open(PATH)

    give_up_rotation(company, queues)

    shown = group(screen, "Rotating the encryption key")
    expect(shown).to_contain_text("The database does not answer; try again shortly.")
    expect(shown).to_contain_text("1 dead letter")
    expect(shown).to_contain_text("Something of the product was down for hours.")
    link = screen.page.get_by_role("navigation", name="Operations").get_by_role("link", name="Dead letters")
    expect(link).to_contain_text("1 open")


def test_a_message_is_redriven_after_its_dry_run_and_reaches_exotel_once(screen, company, queues):
    message_id = give_up_message(company, queues)
    screen.open(PATH)
    shown = group(screen, "Sending messages")
    expect(shown).to_contain_text("1 customer")
    shown.get_by_role("button", name="Show them").click()
    expect(shown.get_by_role("table")).to_contain_text(company.customer_number)
    screen.is_right("dead-letters")

    shown.get_by_role("button", name="Redrive all").click()
    dialog = screen.page.get_by_role("dialog", name="Redrive 1 dead letter?")
    expect(dialog.get_by_role("listitem")).to_have_text("1Would be sent.")
    screen.is_right("dead-letters-redrive")
    assert company.row(message_id)["status"] == "queued"
    dialog.get_by_role("button", name="Redrive 1").dblclick()

    expect(screen.toast("1 dead letter redriven")).to_be_visible()
    expect(screen.page.get_by_role("heading", name="Nothing was given up")).to_be_visible()
    company.await_status(message_id, "accepted", "sent", "delivered", "read")
    assert len(company.arrivals(message_id)) == 1


def test_a_message_that_has_left_meanwhile_is_not_sent_again(screen, company, queues):
    message_id = give_up_message(company, queues)
    queues.send_due(company.id, message_id)
    company.await_status(message_id, "accepted", "sent", "delivered", "read")
    screen.open(PATH)

    group(screen, "Sending messages").get_by_role("button", name="Redrive all").click()
    dialog = screen.page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_text("1Already sent: nothing happens.")
    dialog.get_by_role("button", name="Redrive 1").click()

    expect(screen.toast("1 dead letter redriven")).to_be_visible()
    assert len(company.arrivals(message_id)) == 1


def test_discarding_asks_for_a_reason_and_the_message_fails_with_it(screen, company, queues):
    message_id = give_up_message(company, queues)
    screen.open(PATH)
    group(screen, "Sending messages").get_by_role("button", name="Discard all").click()
    dialog = screen.page.get_by_role("dialog", name="Discard 1 dead letter?")
    screen.is_right("dead-letters-discard")

    dialog.get_by_role("button", name="Discard 1").click()
    expect(dialog.get_by_role("textbox", name="Reason")).to_have_attribute("aria-invalid", "true")
    assert company.row(message_id)["status"] == "queued"
    dialog.get_by_role("textbox", name="Reason").fill("The customer has called us")
    dialog.get_by_role("button", name="Discard 1").click()

    expect(screen.toast("1 message has failed with your reason")).to_be_visible()
    row = company.row(message_id)
    assert (row["status"], row["failure_reason"]) == ("failed", "Discarded: The customer has called us")
    screen.page.get_by_text("Discarded", exact=True).click()
    expect(screen.page).to_have_url(re.compile("state=discarded"))
    shown = group(screen, "Sending messages")
    shown.get_by_role("button", name="Show them").click()
    expect(shown.get_by_role("table")).to_contain_text("The customer has called us")
    screen.is_right("dead-letters-discarded")


def test_inspecting_one_shows_what_was_in_the_queue(screen, company, queues):
    give_up_rotation(company, queues)
    screen.open(PATH)
    shown = group(screen, "Rotating the encryption key")
    shown.get_by_role("button", name="Show them").click()

    shown.get_by_role("button", name="Inspect Key rotation").click()

    dialog = screen.page.get_by_role("dialog", name="Dead letter · Key rotation")
    expect(dialog).to_contain_text(str(company.id))
    screen.is_right("dead-letters-inspect")
    screen.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_second_of_two_admins_learns_it(screen, company, queues):
    give_up_rotation(company, queues)
    screen.open(PATH)
    group(screen, "Rotating the encryption key").get_by_role("button", name="Redrive all").click()
    dialog = screen.page.get_by_role("dialog")
    expect(dialog.get_by_role("listitem")).to_have_count(1)
    chosen = {"queue": "rotation", "cause": "unavailable"}

    company.admin.ask("/settings/dead-letters/redrive", {**chosen, "dry_run": False})
    dialog.get_by_role("button", name="Redrive 1").click()

    expect(dialog.get_by_role("alert")).to_contain_text("None of these is open any more")


def test_a_manager_looks_and_an_agent_learns_whom_to_ask(screen_of, company, queues):
    give_up_rotation(company, queues)
    manager = screen_of(company.manager.email)
    manager.open(PATH)
    expect(group(manager, "Rotating the encryption key")).to_be_visible()
    expect(manager.page.get_by_text("You can look, but not change anything here.")).to_be_visible()
    expect(manager.page.get_by_role("button", name=re.compile("Redrive|Discard"))).to_have_count(0)
    manager.is_right("dead-letters-manager")

    agent = screen_of(company.agent.email)
    agent.open(PATH)
    expect(agent.page.get_by_role("heading", name="You may not see this page")).to_be_visible()
    expect(agent.page.locator("#content")).to_contain_text("It needs the role admin or manager.")


def test_another_organizations_dead_letters_are_not_shown(screen_of, company, queues, runner):
    give_up_rotation(company, queues)
    other = screen_of("admin@other.local")

    other.open(PATH)

    expect(other.page.get_by_role("heading", name="Nothing was given up")).to_be_visible()


def test_a_group_is_redriven_by_keyboard_alone(screen, company, queues):
    give_up_rotation(company, queues)
    screen.open(PATH)
    expect(group(screen, "Rotating the encryption key")).to_be_visible()

    press_until(screen, "Redrive all")
    screen.page.keyboard.press("Enter")
    expect(screen.page.get_by_role("dialog").get_by_role("listitem")).to_have_count(1)
    press_until(screen, "Redrive 1")
    screen.page.keyboard.press("Enter")

    expect(screen.toast("1 dead letter redriven")).to_be_visible()


def press_until(screen, name):
    """Press Tab until a button has the focus; a page has fewer than a hundred places for it."""
    button = screen.page.get_by_role("button", name=name, exact=True)
    expect(button).to_be_enabled()
    for _ in range(100):
        if button.evaluate("each => each === document.activeElement"):
            return
        screen.page.keyboard.press("Tab")
    pytest.fail(f"Tab never reaches {name}", pytrace=False)
