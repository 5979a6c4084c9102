"""Polyglots, opened by a real browser in every way a page knows: none of them runs (threat 29)."""

import httpx
import pytest
from starlette.responses import Response

from tests.support.gates.chance import in_soak
from tests.support.hostile.chromium import Browser
from tests.support.hostile.display_server import display_server
from tests.support.hostile.polyglots import polyglots
from tests.support.product.contents import add_attachment, message_with
from tests.support.timing.waiting import PATIENCE_S, eventually

HARMLESS = {"application/octet-stream", "text/plain; charset=utf-8", "image/png", "application/pdf"}
WAYS = (
    '<iframe src="{0}"></iframe>',
    '<object data="{0}"></object>',
    '<embed src="{0}">',
    '<img src="{0}"><script src="{0}"></script><link rel="stylesheet" href="{0}">',
)


@pytest.fixture
def server(bundle):
    with display_server(bundle) as serving:
        yield serving


def ran(server):
    return [path for path in server.asked if path.startswith("/ran")]


@pytest.mark.random
def test_no_polyglot_is_anything_but_a_file_to_be_saved(server, organization, chromium: Browser):
    """Each body under each type; a third of them in `make test`, so that each body and each type comes up."""
    chosen = polyglots(server.address)[:: in_soak(1, else_=3)]
    message = message_with(server.bundle, organization)
    urls = []
    for each in chosen:
        attachment = add_attachment(
            server.bundle, organization, message, each.content, name=each.name, content_type=each.declared
        )
        path = f"/api/v1/communications/messages/{message}/attachments/{attachment}"
        urls.append(server.bundle.get(path, organization.agent).data["url"])

    with httpx.Client(timeout=PATIENCE_S) as client:
        answers = [client.get(url) for url in urls]
    for way in WAYS:
        page = server.add("/all", "".join(way.format(url) for url in urls))
        with chromium.open(page):
            pass

    assert {each.name for each in chosen} == {each.name for each in polyglots("")}
    assert {each.declared for each in chosen} == {each.declared for each in polyglots("")}
    assert [answer.status_code for answer in answers] == [200] * len(chosen)
    for answer in answers:
        assert answer.headers["content-disposition"].startswith("attachment; filename=")
        assert answer.headers["content-type"] in HARMLESS
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert ran(server) == []


def test_the_same_files_shown_in_place_would_have_run(server, chromium: Browser):
    """The browser and the polyglots do what the test above must not find.

    The page is loaded when all of its frames are, and only then asks for what says so.
    """
    shown = [each for each in polyglots(server.address) if each.declared in ("text/html", "image/svg+xml")]
    for number, each in enumerate(shown):
        server.pages[f"/raw{number}"] = Response(each.content, media_type=each.declared)
    frames = "".join(f'<iframe src="{server.address}/raw{number}"></iframe>' for number in range(len(shown)))
    loaded = server.add("/loaded", "")

    with chromium.open(server.add("/console", f"{frames}<script>onload = () => fetch('{loaded}')</script>")):
        eventually(lambda: "/loaded" in server.asked)

    assert len(ran(server)) > 10
