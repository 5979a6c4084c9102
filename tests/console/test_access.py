"""Who may open which page by its address: the page explains, and the API refuses in any case."""

import pytest
from playwright.sync_api import expect

CLOSED_TO_AGENTS = {
    "/settings/rules": ("admin or manager", "/settings/email-rules"),
    "/settings/team": ("admin or manager", "/settings/team"),
    "/operations/diagnostics": ("admin or manager", "/settings/diagnostics"),
    "/operations/webhooks": ("admin or manager", "/settings/webhook-events"),
    "/operations/dead-letters": ("admin or manager", "/settings/dead-letters"),
    "/operations/audit-log": ("admin or manager", "/settings/audit-logs"),
    "/operations/encryption": ("admin", "/settings/encryption/rotation"),
}
OPEN_TO_AGENTS = (
    "/settings",
    "/settings/integrations",
    "/settings/email-accounts",
    "/settings/templates",
    "/settings/phone-numbers",
    "/settings/organization",
    "/profile",
    "/notifications",
)
OF_SOMEBODY_ELSE = "00000000-0000-4000-8000-00000000dead"
BY_ID = (f"/settings/email-accounts/{OF_SOMEBODY_ELSE}", f"/operations/webhooks/{OF_SOMEBODY_ELSE}")


def test_an_agent_reads_at_each_closed_page_whom_to_ask_and_the_api_refuses(screen_of, company):
    screen = screen_of(company.agent.email)
    for path, (role, asked) in CLOSED_TO_AGENTS.items():
        screen.open(path)

        expect(screen.heading).to_have_text("You may not see this page")
        expect(screen.page.locator("#content")).to_contain_text(f"It needs the role {role}.")
        expect(screen.page.locator("#content")).to_contain_text("Ask an admin: Admin.")
        assert company.agent.get(asked).status_code == 403
        sections = screen.page.get_by_role("navigation", name="Settings").or_(
            screen.page.get_by_role("navigation", name="Operations")
        )
        expect(sections.locator(f'a[href="{path}"]')).to_have_count(0)
    screen.is_right("not-allowed")


def test_an_agent_may_open_what_everybody_may_see(screen_of, company):
    screen = screen_of(company.agent.email)
    for path in OPEN_TO_AGENTS:
        screen.open(path)

        expect(screen.heading).not_to_have_text("You may not see this page")
        expect(screen.page.get_by_role("alert")).to_have_count(0)


@pytest.mark.parametrize("path", BY_ID)
def test_an_id_that_is_nobodys_here_says_so(screen, path):
    screen.open(path)

    expect(screen.page.get_by_role("alert")).to_contain_text("not found")
