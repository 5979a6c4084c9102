"""The profile and the organization: preferences that follow a person, and a name that two admins change."""

import re

from playwright.sync_api import expect


def _choose(screen, group, choice):
    screen.page.get_by_role("radiogroup", name=group).get_by_text(choice, exact=True).click()


def test_preferences_apply_at_once_and_follow_the_person_to_another_browser(screen, screen_of, company):
    screen.open("/profile")
    screen.is_right("profile")

    for group, choice in (("Theme", "Dark"), ("Density", "Compact")):
        with screen.page.expect_response("**/me/preferences") as answered:
            _choose(screen, group, choice)
        assert answered.value.ok

    root = screen.page.locator("html")
    expect(root).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(root).to_have_attribute("data-density", "compact")
    stored = {"theme": "dark", "density": "compact", "single_keys": True}
    other = screen_of(company.admin.email)
    expect(other.page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(other.page.locator("html")).to_have_attribute("data-density", "compact")
    assert company.admin.read("/settings/team/me")["preferences"] == stored


def test_single_letters_can_be_switched_off(screen):
    screen.open("/profile")
    screen.page.get_by_label("Single letters are shortcuts").uncheck()
    screen.heading.click()
    screen.page.keyboard.press("g")
    screen.page.keyboard.press("t")
    expect(screen.heading).to_have_text("Profile")

    screen.page.get_by_label("Single letters are shortcuts").check()
    screen.heading.click()
    screen.page.keyboard.press("g")
    screen.page.keyboard.press("t")
    expect(screen.page).to_have_url(re.compile("/settings/team$"))


def test_a_preference_that_cannot_be_saved_is_taken_back_with_a_message(screen):
    screen.open("/profile")
    screen.page.route("**/me/preferences", lambda route: route.abort())

    _choose(screen, "Density", "Compact")

    expect(screen.toast("The server cannot be reached")).to_be_visible()
    expect(screen.page.locator("html")).to_have_attribute("data-density", "comfortable")


def test_an_agent_sees_whom_to_ask(screen_of, company):
    company.admin.patch(f"/settings/team/{company.admin.id}", {"name": "Asha"})
    agent = screen_of(company.agent.email)
    agent.open("/profile")

    expect(agent.page.locator("#content")).to_contain_text(
        "To change your name, role or telephone, ask an admin: Asha."
    )


def test_the_organization_is_renamed_and_the_header_follows(screen, company):
    screen.open("/settings/organization")
    screen.page.get_by_label("Name").fill("Banxway Works")

    screen.page.get_by_role("button", name="Save").dblclick()

    expect(screen.toast("The organization is renamed.")).to_be_visible()
    expect(screen.page.get_by_role("banner")).to_contain_text("Banxway Works")
    assert company.admin.read("/settings/organization")["name"] == "Banxway Works"
    assert len(company.admin.read("/settings/audit-logs?action=organization.update")) == 1
    screen.is_right("organization")


def test_leaving_with_changes_asks(screen):
    screen.open("/settings/organization")
    screen.page.get_by_label("Name").fill("Half a na")
    screen.page.get_by_role("link", name="Team", exact=True).click()

    dialog = screen.page.get_by_role("dialog", name="Leave without saving?")
    dialog.get_by_role("button", name="Stay").click()

    expect(screen.page.get_by_label("Name")).to_have_value("Half a na")
