"""The log of callbacks in a browser: what came, what it changed, applying it again, and whether callbacks arrive."""

from playwright.sync_api import expect

from tests.support.timing.waiting import eventually

PATH = "/operations/webhooks"


def _customer_writes(company, text):
    company.connect_whatsapp()
    company.write_whatsapp(text)
    eventually(lambda: company.admin.get("/settings/webhook-events").json()["data"])


def test_nothing_came_yet_and_the_page_says_what_brings_the_first(screen):
    screen.open(PATH)

    expect(screen.page.get_by_role("heading", name="No callbacks yet")).to_be_visible()
    expect(screen.page.get_by_role("link", name="Open the integrations")).to_be_visible()
    screen.is_right("webhooks-empty")


def test_a_customers_message_is_in_the_log_with_its_body_and_its_message(screen, company):
    _customer_writes(company, "Where is my container?")
    screen.open(PATH)
    expect(screen.page.get_by_role("cell", name="Applied")).to_be_visible()
    screen.is_right("webhooks")

    screen.page.get_by_role("link", name="Show this WhatsApp callback").click()

    expect(screen.page.get_by_role("region", name="Body")).to_contain_text("Where is my container?")
    expect(screen.page.get_by_role("region", name="What it is about")).to_contain_text("Customer's message")
    screen.is_right("webhook")


def test_a_replay_shows_first_that_nothing_would_change(screen, company):
    _customer_writes(company, "Hello")
    screen.open(PATH)
    screen.page.get_by_role("link", name="Show this WhatsApp callback").click()

    screen.page.get_by_role("button", name="Show the difference").click()

    expect(screen.page.get_by_text("Nothing would change")).to_be_visible()
    expect(screen.page.get_by_role("button", name="Replay")).to_have_count(0)


def test_a_replay_files_a_message_that_was_lost_and_sends_nothing(screen, company):
    _customer_writes(company, "I was lost")
    company.sql("DELETE FROM messages WHERE organization_id = %s RETURNING id", [company.id])
    company.sql("DELETE FROM threads WHERE organization_id = %s RETURNING id", [company.id])
    screen.open(PATH)
    screen.page.get_by_role("link", name="Show this WhatsApp callback").click()
    screen.page.get_by_role("button", name="Show the difference").click()
    expect(screen.page.get_by_role("cell", name="A message is filed")).to_be_visible()
    expect(screen.page.get_by_text("Nothing is sent to customers", exact=True)).to_be_visible()
    screen.is_right("webhook-replay")
    assert company.admin.get("/communications/threads").json()["data"] == []

    screen.page.get_by_role("button", name="Replay").click()

    expect(screen.toast("Applied again")).to_be_visible()
    (thread,) = company.admin.get("/communications/threads").json()["data"]
    assert thread["last_message_text"] == "I was lost"


def test_a_test_event_goes_through_the_network_and_appears_in_the_log(screen, company):
    company.connect_whatsapp()
    screen.open(PATH)

    screen.page.get_by_role("button", name="Send test event").click()

    expect(screen.page.get_by_text("The test event arrived")).to_be_visible()
    expect(screen.page.get_by_role("cell", name="Unknown content")).to_be_visible()


def test_an_agent_learns_who_may_see_the_log(screen_of, company):
    screen = screen_of(company.agent.email)
    screen.open(PATH)

    expect(screen.heading).to_have_text("You may not see this page")
    expect(screen.page.get_by_text("It needs the role admin or manager.")).to_be_visible()
    assert company.agent.get("/settings/webhook-events").status_code == 403


def test_another_organizations_callback_is_not_found(screen_of, screen, company):
    _customer_writes(company, "Ours")
    (event,) = company.admin.get("/settings/webhook-events").json()["data"]
    stranger = screen_of("admin@other.local")

    stranger.open(f"{PATH}/{event['id']}")

    expect(stranger.page.get_by_role("alert")).to_contain_text("not found")
