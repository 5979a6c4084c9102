"""A session that ends while somebody works, and sign-in by a real sign-in service (OpenID Connect)."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from local.gateway.own_routes import make_token
from tests.support.browser.screen import Screen
from tests.support.running.company import connect_as_superuser
from tests.support.running.runner import start_runner
from tests.support.servers.sign_in_service import SUBJECT_BEGINS, SignInService, sign_in_service

AN_HOUR_S = 3600
EXPIRED_S_AGO = 48 * AN_HOUR_S


def _hand_out_expired_tokens(screen, runner, person) -> None:
    token = make_token(
        runner.secrets["jwt_secret"], subject=str(person.id), email=person.email, age_s=EXPIRED_S_AGO
    )

    def answer(route: Route) -> None:
        route.fulfill(json={"token": token})

    screen.page.route("**/local/token", answer)


def _go_on(screen) -> None:
    screen.page.unroute("**/local/token")


def test_an_expired_session_asks_over_the_page_and_goes_on(runner, browser, company):
    screen = Screen(browser, runner.url)
    _hand_out_expired_tokens(screen, runner, company.admin)
    screen.page.goto("/parts")
    screen.page.get_by_label("Or the address of somebody who is invited").fill(company.admin.email)
    screen.page.get_by_role("button", name="Sign in", exact=True).click()
    dialog = screen.page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_contain_text(f"Sign in again as {company.admin.email}. Nothing on this page is lost")
    screen.is_accessible()
    screen.page.get_by_label("Welcome Message").fill("half a sentence", force=True)

    _go_on(screen)
    dialog.get_by_role("button", name="Sign in again").click()

    expect(dialog).to_have_count(0)
    expect(screen.page.get_by_role("banner")).to_contain_text(company.name)
    expect(screen.page.get_by_label("Welcome Message")).to_have_value("half a sentence")
    expect(screen.page).to_have_url(re.compile("/parts$"))
    screen.close()


def test_an_expired_token_is_renewed_once_without_a_word(screen, runner, company):
    """The service hands out a new one: nobody is asked, and the request is answered."""
    handed_out = []
    screen.page.on("request", lambda each: handed_out.append(each) if "/local/token" in each.url else None)
    token = make_token(
        runner.secrets["jwt_secret"],
        subject=str(company.admin.id),
        email=company.admin.email,
        age_s=EXPIRED_S_AGO,
    )
    screen.page.route(
        "**/api/v1/settings/team/me",
        lambda route: route.continue_(headers={**route.request.headers, "authorization": f"Bearer {token}"}),
        times=1,
    )

    screen.page.reload()

    expect(screen.page.get_by_role("banner")).to_contain_text(company.name)
    expect(screen.page.get_by_role("dialog")).to_have_count(0)
    assert len(handed_out) == 2, "the reload asks once, the expired answer once more"


def test_a_member_who_is_deactivated_meanwhile_reads_why(screen_of, company):
    screen = screen_of(company.agent.email)
    answer = company.admin.patch(f"/settings/team/{company.agent.id}", {"is_active": False})
    assert answer.status_code == 200

    screen.page.reload()

    expect(screen.heading).to_have_text("Sign in · Banxway")
    expect(screen.page.get_by_role("alert")).to_contain_text(
        "Your access was ended: ask an admin to activate you again"
    )


@pytest.fixture(scope="module")
def service() -> Iterator[SignInService]:
    with sign_in_service() as running:
        yield running


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, service: SignInService) -> Iterator[str]:
    """A product whose people sign in at the service; the address of its console."""
    environment = {
        "SIGN_IN_ISSUER": service.issuer,
        "SIGN_IN_CLIENT_ID": service.client_id,
        "SIGN_IN_JWKS_URL": f"{service.issuer}/jwks",
    }
    folder = tmp_path_factory.mktemp("guarded")
    with start_runner(folder, timers=False, console=True, environment=environment) as running:
        with connect_as_superuser(running) as connection:
            connection.execute("UPDATE users SET subject = %s || email", (SUBJECT_BEGINS,))
        yield running.url


@pytest.fixture
def visitor(browser, guarded: str, service: SignInService) -> Iterator[Screen]:
    service.forget()
    screen = Screen(browser, guarded, others=(service.issuer,))
    yield screen
    screen.close()


def _sign_in(screen: Screen, path: str = "/settings/team") -> None:
    screen.page.goto(path)
    screen.page.get_by_role("button", name="Sign in", exact=True).click()
    screen.page.get_by_role("button", name="admin@banxway.local").click()
    expect(screen.page.get_by_role("banner")).to_contain_text("Banxway Demo")


def test_the_way_through_a_sign_in_service_keeps_no_token_outside_of_memory(visitor, service):
    _sign_in(visitor)

    stores = visitor.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert "eyJ" not in stores
    assert "refresh" not in stores
    assert all(asked["code_challenge_method"] == "S256" for asked in service.asked)
    assert "code=" not in visitor.page.url


def test_a_reload_goes_on_without_a_question_and_at_the_same_page(visitor):
    _sign_in(visitor)
    visitor.open("/settings/phone-numbers")

    visitor.page.reload()

    expect(visitor.page.get_by_role("banner")).to_contain_text("Banxway Demo")
    expect(visitor.page).to_have_url(re.compile("/settings/phone-numbers$"))


def test_signing_out_ends_the_services_session_too(visitor):
    _sign_in(visitor)
    visitor.page.get_by_role("button", name=re.compile("profile and sign-out")).click()
    visitor.page.get_by_role("menuitem", name="Sign out").click()

    expect(visitor.page).to_have_url(re.compile("/signed-out$"))
    visitor.page.goto("/settings")
    expect(visitor.page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_another_person_cannot_take_over_a_page_that_is_open(visitor, service):
    _sign_in(visitor, "/parts")
    service.forget()

    def expire(route: Route) -> None:
        route.fulfill(
            status=401,
            json={
                "success": False,
                "error": "The session has expired",
                "code": "not_authenticated",
                "details": {"reason": "session_expired"},
                "request_id": "expired",
            },
        )

    visitor.page.route("**/api/v1/settings/**", expire)
    visitor.page.get_by_role("link", name="Settings").click()
    dialog = visitor.page.get_by_role("dialog", name="Your session has ended")
    expect(dialog).to_be_visible()

    with visitor.context.expect_page() as opened:
        dialog.get_by_role("button", name="Sign in again").click()
    opened.value.get_by_role("button", name="agent@banxway.local").click()
    expect(dialog).to_contain_text("You signed in as somebody else. This page belongs to admin@banxway.local")

    visitor.page.unroute("**/api/v1/settings/**")
    with visitor.context.expect_page() as opened:
        dialog.get_by_role("button", name="Sign in again").click()
    opened.value.get_by_role("button", name="admin@banxway.local").click()
    expect(dialog).to_have_count(0)
