"""The console's page of integrations as an admin uses it: one tab, its form, its test and its result.

page = IntegrationPage(screen, company, "phone")
page.fill_in(API_Token="wrong")
page.test()
expect(page.result).to_contain_text("Invalid credentials")
"""

import re
from typing import Literal

from playwright.sync_api import Locator, expect

from tests.support.browser.screen import Screen
from tests.support.running.company import Company

Tab = Literal["phone", "whatsapp", "sms"]


class IntegrationPage:
    """One tab of /settings/integrations, on the screen of somebody of a company."""

    def __init__(self, screen: Screen, company: Company, tab: Tab) -> None:
        self.screen, self.page, self.company, self.tab = screen, screen.page, company, tab
        screen.open(f"/settings/integrations?tab={tab}")

    def fill_in(self, **others: str) -> None:
        """Type the company's credentials and number; `others` take their place, by label with _ for spaces."""
        exotel = self.company.exotel
        number = {
            "phone": ("Virtual Number", exotel.virtual_number),
            "whatsapp": ("WhatsApp Business Number", exotel.whatsapp_number),
            "sms": ("SMS Number", exotel.virtual_number),
        }[self.tab]
        typed = {
            "Account SID": exotel.credentials["account_sid"],
            "API Key": exotel.credentials["api_key"],
            "API Token": exotel.credentials["api_token"],
            number[0]: number[1],
            **{name.replace("_", " "): value for name, value in others.items()},
        }
        for label, value in typed.items():
            self.field(label).fill(value)

    def field(self, label: str) -> Locator:
        """Return a field of the form by its label."""
        return self.page.get_by_role("textbox", name=re.compile(f"^{re.escape(label)}( \\*)?$")).or_(
            self.page.get_by_label(label, exact=True).and_(self.page.locator("input[type=password]"))
        )

    def test(self) -> None:
        """Click Test Connection, and wait for its end."""
        self._click("Test Connection")

    def save(self) -> None:
        """Click Save Configuration, and wait for its end."""
        self._click("Save Configuration")

    def save_anyway(self) -> None:
        """Click the button that saves what failed its test, and wait for its end."""
        self._click("Save anyway (not verified)")

    @property
    def result(self) -> Locator:
        """The block that shows what the last test found."""
        return self.page.get_by_role("region", name="Connection test")

    @property
    def badge(self) -> Locator:
        """The status of the integration, in the strip above its form."""
        return self.page.get_by_role("tabpanel").locator("section").first

    def fields_with(self, error: str) -> set[str]:
        """Return the labels of the fields that show an error."""
        marked = self.page.locator("form [aria-invalid=true]")
        labels = set()
        for field in marked.all():
            expect(self.page.locator(f"[id='{field.get_attribute('id')}-error']")).to_have_text(error)
            label = self.page.locator(f"label[for='{field.get_attribute('id')}']").first
            labels.add((label.text_content() or "").removesuffix(" *"))
        return labels

    def _click(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()
        expect(self.page.locator("button[data-loading]")).to_have_count(0)
