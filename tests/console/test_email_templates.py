"""Mail templates: written, filled in by the server for a preview, and deleted."""

from playwright.sync_api import expect

PATH = "/settings/templates"
API = "/settings/email-templates"


def test_a_template_is_written_and_previewed_as_the_server_fills_it_in(screen, company):
    screen.open(PATH)
    screen.is_right("templates-empty")
    screen.page.get_by_role("button", name="Write the first one").click()
    screen.page.get_by_role("textbox", name="Name").fill("Shipment delayed")
    screen.page.get_by_role("textbox", name="Subject").fill("Your shipment {{shipment}}")
    screen.page.get_by_role("textbox", name="HTML").fill("<p>Dear <b>{{name}}</b></p>")
    screen.page.get_by_role("button", name="Save template").click()
    expect(screen.heading).to_have_text("Shipment delayed")

    screen.page.get_by_label("shipment", exact=True).fill("MH-1")
    screen.page.get_by_label("name", exact=True).fill("<script>Asha</script>")
    screen.page.get_by_role("button", name="Show preview").click()

    expect(screen.page.get_by_text("Your shipment MH-1")).to_be_visible()
    mail = screen.page.get_by_role("region", name="The mail as HTML reads")
    expect(mail).to_have_text("Dear <script>Asha</script>")
    screen.is_right("template-preview")
    (template,) = company.admin.read(API)
    assert template["variables"] == ["shipment", "name"]


def test_a_template_without_content_is_refused_at_its_field(screen, company):
    screen.open(f"{PATH}/new")
    screen.page.get_by_role("textbox", name="Name").fill("Empty")
    screen.page.get_by_role("textbox", name="Subject").fill("Empty")

    screen.page.get_by_role("button", name="Save template").click()

    expect(screen.page.get_by_role("textbox", name="Text")).to_be_focused()
    expect(screen.page.get_by_text("Write a text or HTML.")).to_be_visible()
    assert company.admin.read(API) == []


def test_an_agent_reads_and_changes_nothing(screen_of, company):
    body = {"name": "Hello", "subject": "Hello", "content_text": "Hello"}
    template = company.admin.ask(API, body)
    screen = screen_of(company.agent.email)
    screen.open(f"{PATH}/{template['id']}")

    expect(screen.page.get_by_role("textbox", name="Name")).to_be_disabled()
    expect(screen.page.get_by_role("button", name="Save template")).to_have_count(0)
    screen.is_right("template-agent")


def test_a_deleted_template_is_gone(screen, company):
    template = company.admin.ask(API, {"name": "Hello", "subject": "Hello", "content_text": "Hello"})
    screen.open(f"{PATH}/{template['id']}")
    screen.page.get_by_role("button", name="Delete this template").click()
    screen.page.get_by_role("dialog").get_by_role("button", name="Delete this template").click()

    expect(screen.page.get_by_role("heading", name="No templates yet")).to_be_visible()
    assert company.admin.read(API) == []
