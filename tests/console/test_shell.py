"""The frame of every page: signing in and out, live changes, the palette, the keys, and pages that are not there."""

import re

from playwright.sync_api import expect

from tests.support.browser.screen import Screen


def test_a_newcomer_signs_in_as_a_demo_person(runner, browser):
    screen = Screen(browser, runner.url)
    screen.page.goto("/")
    expect(screen.heading).to_have_text("Sign in · Banxway")
    for name in ("Asha Admin", "Mohan Manager", "Anita Agent", "Omar Other"):
        expect(screen.page.get_by_role("button", name=re.compile(name))).to_be_visible()
    screen.is_right("sign-in")

    screen.page.get_by_role("button", name=re.compile("Asha Admin")).click()

    expect(screen.page.get_by_role("banner")).to_contain_text("Banxway Demo")
    screen.close()


def test_an_address_that_nobody_invited_is_refused_in_words(runner, browser):
    screen = Screen(browser, runner.url)
    screen.page.goto("/sign-in")
    screen.page.get_by_label("Or the address of somebody who is invited").fill("stranger@example.com")
    screen.page.get_by_role("button", name="Sign in", exact=True).click()

    expect(screen.page.get_by_role("alert")).to_contain_text(
        "nobody with the address stranger@example.com is a member or invited"
    )
    screen.close()


def test_the_header_says_where_one_is_and_that_changes_arrive(screen, company):
    header = screen.page.get_by_role("banner")

    expect(header).to_contain_text(company.name)
    expect(header).to_contain_text("Sandbox")
    expect(header.get_by_text("Live", exact=True)).to_be_visible()


def test_signing_out_forgets_everything_here_and_in_the_other_tab(screen):
    other = screen.context.new_page()
    other.goto("/settings")
    other.get_by_label("Or the address of somebody who is invited").fill("admin@banxway.local")
    other.get_by_role("button", name="Sign in", exact=True).click()
    expect(other.get_by_role("navigation", name="Main")).to_be_visible()

    screen.page.get_by_role("button", name=re.compile("profile and sign-out")).click()
    screen.page.get_by_role("menuitem", name="Sign out").click()

    for page in (screen.page, other):
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in · Banxway")
    screen.page.reload()
    expect(screen.heading).to_have_text("Sign in · Banxway")


def test_the_palette_finds_a_page_by_the_beginning_of_its_name(screen):
    screen.page.keyboard.press("Control+k")
    palette = screen.page.get_by_role("dialog")
    palette.get_by_role("combobox").fill("phone n")
    expect(palette.get_by_role("option")).to_have_count(1)
    screen.is_accessible()

    screen.page.keyboard.press("Enter")

    expect(screen.page).to_have_url(re.compile("/settings/phone-numbers$"))
    expect(palette).to_have_count(0)


def test_two_letters_lead_to_a_page_and_none_fires_while_somebody_types(screen):
    screen.heading.click()
    screen.page.keyboard.press("g")
    screen.page.keyboard.press("t")
    expect(screen.page).to_have_url(re.compile("/settings/team$"))

    screen.page.keyboard.press("Control+k")
    expect(screen.page.get_by_role("combobox")).to_be_focused()
    screen.page.keyboard.type("?gs")
    expect(screen.page.get_by_role("combobox")).to_have_value("?gs")
    expect(screen.page.get_by_role("dialog")).to_have_count(1)
    expect(screen.page).to_have_url(re.compile("/settings/team$"))


def test_the_question_mark_lists_every_key(screen):
    screen.heading.click()
    screen.page.keyboard.press("?")
    sheet = screen.page.get_by_role("dialog", name="Keys")

    expect(sheet).to_contain_text("Search pages and actions")
    expect(sheet).to_contain_text("Go to Team")
    screen.is_accessible()
    screen.page.keyboard.press("Escape")
    expect(sheet).to_have_count(0)


def test_an_address_without_a_page_says_so_and_leads_on(screen):
    screen.open("/settings/nothing")

    expect(screen.heading).to_have_text("There is no such page")
    screen.is_right("not-found")
    screen.page.get_by_role("link", name="Go to the settings").click()
    expect(screen.page).to_have_url(re.compile("/settings$"))


def test_the_first_key_skips_the_navigation(screen):
    screen.page.reload()
    expect(screen.page.get_by_role("navigation", name="Main")).to_be_visible()
    screen.page.keyboard.press("Tab")
    expect(screen.page.get_by_role("link", name="Skip to the content")).to_be_focused()
    screen.page.keyboard.press("Enter")
    expect(screen.page.locator("#content")).to_be_focused()


def test_every_part_is_accessible_in_every_state(screen):
    screen.open("/parts")
    screen.is_right("parts")

    screen.page.get_by_role("button", name="Toast", exact=True).click()
    screen.page.get_by_role("button", name="Red toast").click()
    expect(screen.toast("Invalid credentials")).to_be_visible()
    screen.page.get_by_role("button", name="Delete").click()
    expect(screen.page.get_by_role("dialog")).to_be_visible()
    screen.is_accessible()
    screen.page.keyboard.press("Escape")
    expect(screen.page.get_by_role("button", name="Delete")).to_be_focused()
