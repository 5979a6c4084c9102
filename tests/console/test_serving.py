"""The console as files: what the gateway serves, with the headers of a deployment."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.support.running.runner import ROOT, Runner, start_runner
from tests.support.timing.waiting import PATIENCE_S

FOR_EVER = "public, max-age=31536000, immutable"
BUILT = ROOT / "console" / "dist" / "demo"


@pytest.fixture(scope="module")
def browser_like(runner: Runner) -> Iterator[httpx.Client]:
    """A client that asks as a browser does, for compressed answers."""
    with httpx.Client(
        base_url=runner.url, headers={"Accept-Encoding": "gzip, br"}, trust_env=False, timeout=PATIENCE_S
    ) as client:
        yield client


def _script(client: httpx.Client) -> str:
    found = re.search(r'src="(/assets/index-[^"]+\.js)"', client.get("/").text)
    assert found, "the page names no script"
    return found[1]


@pytest.mark.parametrize(
    "path", ["/", "/settings/team", "/operations/audit-log", "/sandbox", "/no/such/page"]
)
def test_every_path_of_the_console_is_its_one_page_and_is_asked_for_each_time(
    browser_like: httpx.Client, path: str
) -> None:
    answer = browser_like.get(path)

    assert answer.status_code == 200
    assert answer.text == (BUILT / "index.html").read_text()
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-cache"


def test_a_file_that_is_named_by_its_content_is_kept_for_ever_and_compressed(
    browser_like: httpx.Client,
) -> None:
    path = _script(browser_like)

    answer = browser_like.get(path)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == FOR_EVER
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["content-type"].startswith("text/javascript")
    assert answer.text == (BUILT / path.lstrip("/")).read_text()


@pytest.mark.parametrize("path", ["/", "/settings/team", "/config.json", "/assets/…"])
def test_every_answer_of_the_console_has_the_security_headers_of_a_deployment(
    browser_like: httpx.Client, runner: Runner, path: str
) -> None:
    answer = browser_like.get(_script(browser_like) if path == "/assets/…" else path)

    websocket = runner.url.replace("http://", "ws://")
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
        f"connect-src 'self' {websocket}; media-src 'self' blob:; frame-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert answer.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"
    for refused in ("camera=()", "geolocation=()", "microphone=()"):
        assert refused in answer.headers["permissions-policy"]


def test_the_console_knows_where_it_runs(browser_like: httpx.Client) -> None:
    answer = browser_like.get("/config.json")

    assert answer.json() == {"environment": "local", "sandbox": True, "sign_in": None}
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("path", ["/assets/index-gone.js", "/gone.svg", "/settings/export.csv"])
def test_a_file_that_is_gone_is_not_the_page(browser_like: httpx.Client, path: str) -> None:
    """An old page that asks for a former script must not run HTML."""
    answer = browser_like.get(path)

    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


def test_the_api_keeps_its_own_answers(browser_like: httpx.Client) -> None:
    unknown = browser_like.get("/api/v1/no/such/route", headers={"Accept": "text/html"})
    posted = browser_like.post("/settings/team", json={})

    assert (unknown.status_code, unknown.json()) == (404, {"message": "Not Found"})
    assert (posted.status_code, posted.json()) == (404, {"message": "Not Found"})
    assert "content-security-policy" not in browser_like.get("/health").headers


@pytest.mark.parametrize(
    "path", ["/../package.json", "/assets/../../../package.json", "/%2e%2e/package.json"]
)
def test_nothing_beside_the_built_console_is_served(runner: Runner, path: str) -> None:
    import http.client

    host = runner.url.removeprefix("http://")
    connection = http.client.HTTPConnection(host)
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()

    assert b"devDependencies" not in body
    assert answer.status in (200, 404)


def test_without_the_console_its_address_says_so(tmp_path: Path) -> None:
    with start_runner(tmp_path, timers=False, sandbox=False) as running:
        for path in ("/", "/sandbox"):
            answer = httpx.get(f"{running.url}{path}", trust_env=False, timeout=PATIENCE_S)
            assert answer.status_code == 404
            assert answer.json() == {
                "message": "The console is not served: start the product without CONSOLE=0"
            }
        other = httpx.get(f"{running.url}/settings", trust_env=False, timeout=PATIENCE_S)

    assert other.json() == {"message": "Not Found"}
