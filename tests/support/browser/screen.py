"""One person's browser at the console: signs in, goes to pages, and looks at what is shown.

screen = Screen(browser, runner.url)
screen.sign_in("admin@banxway.local")
screen.open("/settings/team")
screen.page.get_by_role("button", name="Invite").click()    # the rest is Playwright's own
screen.is_accessible()
screen.picture("team")
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.browser.watching import Watch
from tests.support.running.runner import ROOT
from tests.support.timing.waiting import PATIENCE_S

PICTURES = ROOT / ".local" / "pictures"
AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
_DESK: Any = {"width": 1280, "height": 860}
_PHONE: Any = {"width": 390, "height": 844}
# The elements that make the page scroll sideways; what scrolls alone, such as a strip of links, does not count.
_WIDE = """() => {
  const scrolls = element => element && (element.scrollWidth > element.clientWidth) &&
    /auto|scroll|hidden|clip/.test(getComputedStyle(element).overflowX);
  const main = document.querySelector('#content');
  const page = document.documentElement;
  if (page.scrollWidth <= innerWidth && (!main || main.scrollWidth <= main.clientWidth)) return [];
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    if (element.getBoundingClientRect().right <= innerWidth + 1) continue;
    let around = element.parentElement;
    while (around && around !== main && !scrolls(around)) around = around.parentElement;
    if (!around || around === main) found.push(`<${element.localName} class="${element.className}">`);
  }
  return found.slice(0, 5).concat(found.length ? [] : ['nothing that is seen']);
}"""

Scheme = Literal["light", "dark"]


class Screen:
    """A browser context of its own with one page, under watch."""

    def __init__(self, browser: Browser, url: str, *, others: tuple[str, ...] = ()) -> None:
        self.url = url
        self.context = browser.new_context(
            viewport=_DESK, color_scheme="light", reduced_motion="reduce", base_url=url, locale="en-GB"
        )
        self.context.set_default_timeout(PATIENCE_S * 1000)
        self.watch = Watch(self.context, url, *others)
        self.page: Page = self.context.new_page()

    def close(self) -> None:
        """Close everything; fails the test if the page did what no page may do."""
        self.context.close()
        if self.watch.problems:
            pytest.fail("\n".join(self.watch.problems), pytrace=False)

    def sign_in(self, email: str) -> None:
        """Sign in as a member or an invited person, by the sign-in page."""
        self.page.goto("/settings")
        self.page.get_by_label("Or the address of somebody who is invited").fill(email)
        self.page.get_by_role("button", name="Sign in", exact=True).click()
        expect(self.page.get_by_role("navigation", name="Main")).to_be_visible()

    def open(self, path: str) -> None:
        """Go to a page as by its link, without loading the console again."""
        self.page.evaluate(
            "path => { history.pushState(null, '', path); dispatchEvent(new PopStateEvent('popstate')); }",
            path,
        )
        expect(self.heading).to_be_visible()
        expect(self.page.locator("[aria-busy=true]")).to_have_count(0)

    @property
    def heading(self) -> Locator:
        """The page's title."""
        return self.page.get_by_role("heading", level=1)

    def toast(self, text: str) -> Locator:
        """Return the toast that says this."""
        return self.page.locator(".mantine-Notification-root").filter(has_text=text)

    def is_accessible(self) -> None:
        """Fail with a sentence for each rule of WCAG 2.2 A and AA that is broken, in both schemes."""
        found = [f"{scheme}: {sentence}" for scheme in self._schemes() for sentence in self._violations()]
        if found:
            pytest.fail("\n".join(found), pytrace=False)

    def fits_a_phone(self) -> None:
        """Fail if the page must be scrolled sideways at 390 pixels."""
        with self._size(_PHONE):
            wide = self.page.evaluate(_WIDE)
        if wide:
            pytest.fail(f"{self.page.url} is wider than a phone: {', '.join(wide)}", pytrace=False)

    def picture(self, name: str) -> list[Path]:
        """Write pictures of the page in both schemes and at phone width, for people to look at."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        files = []
        for scheme in self._schemes():
            for width, size in (("desk", _DESK), ("phone", _PHONE)):
                with self._size(size):
                    files.append(PICTURES / f"{name}-{scheme}-{width}.png")
                    self.page.screenshot(path=files[-1])
        return files

    def is_right(self, name: str) -> None:
        """Fail unless the page is accessible and fits a phone; write its pictures."""
        self.is_accessible()
        self.fits_a_phone()
        self.picture(name)

    def _violations(self) -> list[str]:
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate(
            "rules => axe.run(document, {iframes: false, runOnly: {type: 'tag', values: rules}})", _RULES
        )
        return [
            f"{each['id']} ({each['help']}) at {node['target']}: {' '.join(node['failureSummary'].split())}"
            for each in found["violations"]
            for node in each["nodes"]
        ]

    def _schemes(self) -> Iterator[Scheme]:
        try:
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                expect(self.page.locator(f":root[data-mantine-color-scheme={scheme}]")).to_have_count(1)
                yield scheme
        finally:
            self.page.emulate_media(color_scheme="light")

    @contextmanager
    def _size(self, size: Any) -> Iterator[None]:
        self.page.set_viewport_size(size)
        try:
            yield
        finally:
            self.page.set_viewport_size(_DESK)
