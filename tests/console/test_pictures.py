"""The pictures of the documents, taken of the running console: what readers see is what there is."""

import os
import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.browser.screen import Screen
from tests.support.running.company import Company
from tests.support.running.founding import visit_demo
from tests.support.running.runner import ROOT, Runner

SHOWN = {
    "settings": ("/settings", None),
    "diagnostics": ("/operations/diagnostics", "exotel.refuses_key"),
    "sandbox": ("/sandbox?tab=break", "exotel.refuses_key"),
}
"""A picture's name, the address of its page, and what is broken while it is taken."""

DOCUMENTS = ROOT / "docs" / "pictures"
_PICTURE = re.compile(r"!\[[^\]]+\]\((?:docs/)?pictures/([\w-]+)\.png\)")


@pytest.fixture(scope="module")
def connected(runner: Runner) -> Iterator[Company]:
    """The demo organization at work: everything is connected, and a customer has written."""
    with visit_demo(runner) as company:
        _forget(company)
        company.connect_whatsapp()
        company.connect_mailbox()
        company.admin.ask(
            "/settings/integrations/exotel_phone",
            {**company.exotel.credentials, "virtual_number": company.exotel.virtual_number},
        )
        company.write_whatsapp("Hello, where is my order 4711?")
        yield company
        company.sandbox("/breakages", method="DELETE")
        _forget(company)


@pytest.mark.parametrize("name", SHOWN)
def test_a_picture_shows_its_page(runner: Runner, browser: Browser, connected: Company, name: str) -> None:
    path, broken = SHOWN[name]
    connected.sandbox("/breakages", method="DELETE")
    if broken:
        connected.sandbox("/breakages", {"name": broken})
    screen = Screen(browser, runner.url)
    screen.sign_in("admin@banxway.local")
    screen.open(path)
    header = screen.page.get_by_role("banner")
    expect(header.get_by_text("Live", exact=True)).to_be_visible()
    expect(header.get_by_role("link", name=re.compile("^Sandbox: "))).to_have_count(1 if broken else 0)
    taken = screen.picture(f"document-{name}")[0]
    screen.close()

    if os.environ.get("PICTURES_INTO_DOCUMENTS"):
        DOCUMENTS.mkdir(exist_ok=True)
        shutil.copy(taken, DOCUMENTS / f"{name}.png")


@pytest.mark.parametrize("page", ["README.md", "docs/console.md"])
def test_every_picture_of_a_document_is_taken_by_a_test(page: str) -> None:
    assert _linked(page)
    assert _linked(page) <= set(SHOWN)


def test_every_picture_is_there_and_shown() -> None:
    linked = _linked("README.md") | _linked("docs/console.md")

    assert {file.stem for file in DOCUMENTS.iterdir()} == linked == set(SHOWN)


def _linked(page: str) -> set[str]:
    """Return the names of the pictures that a document shows."""
    return set(_PICTURE.findall((ROOT / page).read_text()))


def _forget(company: Company) -> None:
    """Disconnect everything, for tests that begin with nothing."""
    for kind in ("exotel_whatsapp", "exotel_phone"):
        company.admin.delete(f"/settings/integrations/{kind}")
    for account in company.admin.read("/settings/email-accounts"):
        company.admin.delete(f"/settings/email-accounts/{account['id']}")
    company.change_exotel_account(default_webhook_url=None)
