"""Live changes: what others change appears without a reload, also after a lost connection; typing is never lost."""

from collections.abc import Callable

from playwright.sync_api import WebSocketRoute, expect

from tests.support.browser.screen import Screen


def _cuttable(screen: Screen) -> tuple[Callable[[], None], Callable[[], None]]:
    """Return how to cut the live connection, so that none opens again, and how to let it open again."""
    sockets: list[WebSocketRoute] = []

    def take(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    def cut() -> None:
        screen.page.route("**/realtime/ticket", lambda route: route.abort())
        for socket in sockets:
            socket.close()

    screen.page.route_web_socket("**/live**", take)
    screen.page.reload()
    _expect_sign(screen, "Live")
    return cut, lambda: screen.page.unroute("**/realtime/ticket")


def _expect_sign(screen: Screen, text: str) -> None:
    expect(screen.page.get_by_role("banner").get_by_role("status")).to_contain_text(text)


def _card(screen: Screen, channel: str):
    return screen.page.get_by_role("listitem").filter(has=screen.page.get_by_role("heading", name=channel))


def test_a_badge_turns_without_a_reload(screen, company):
    screen.open("/settings")
    expect(_card(screen, "WhatsApp")).to_contain_text("Not configured")

    company.connect_whatsapp()

    expect(_card(screen, "WhatsApp")).to_contain_text("Active")


def test_what_changed_while_the_connection_was_lost_appears_with_the_next_one(screen, company):
    cut, restore = _cuttable(screen)
    screen.open("/settings")
    cut()
    _expect_sign(screen, "Reconnecting…")
    expect(screen.page.get_by_role("banner")).to_contain_text("Showing data from")
    screen.is_right("reconnecting")
    company.connect_whatsapp()

    restore()

    _expect_sign(screen, "Live")
    expect(_card(screen, "WhatsApp")).to_contain_text("Active")


def test_a_connection_that_never_opens_is_replaced_by_questions(screen, company):
    cut, _restore = _cuttable(screen)
    screen.open("/settings")
    cut()
    _expect_sign(screen, "Checking every 15 s")

    company.connect_whatsapp()

    expect(_card(screen, "WhatsApp")).to_contain_text("Active")


def test_a_lost_connection_keeps_what_is_typed(screen, company):
    cut, restore = _cuttable(screen)
    screen.open("/settings/organization")
    name = screen.page.get_by_label("Name")
    name.fill("Half a na")
    cut()
    _expect_sign(screen, "Reconnecting…")
    name.press_sequentially("me")
    restore()
    _expect_sign(screen, "Live")

    expect(name).to_have_value("Half a name")


def test_leaving_with_changes_asks_and_staying_keeps_them(screen):
    screen.open("/settings/organization")
    name = screen.page.get_by_label("Name")
    name.fill("Not saved")

    screen.page.get_by_role("link", name="Team", exact=True).click()

    dialog = screen.page.get_by_role("dialog", name="Leave without saving?")
    screen.is_accessible()
    dialog.get_by_role("button", name="Stay").click()
    expect(name).to_have_value("Not saved")
    screen.page.get_by_role("link", name="Team", exact=True).click()
    dialog.get_by_role("button", name="Leave without saving").click()
    expect(screen.heading).to_have_text("Team")
