"""The page in a real browser: nothing remote is loaded, nothing runs, only the console may frame it (threat 28)."""

import pytest

from tests.support.hostile.chromium import Browser
from tests.support.hostile.display_server import display_server
from tests.support.product.contents import add_attachment, message_with
from tests.support.timing.waiting import eventually

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001"
    "a5f645400000000049454e44ae426082"
)
TRACKERS = (
    '<img src="{0}/img.png"><img src="//{1}/scheme.png"><img srcset="{0}/srcset.png 2x"><img lowsrc="{0}/low.png">'
    '<img dynsrc="{0}/dyn.png"><input type="image" src="{0}/input.png"><picture><source srcset="{0}/source.png">'
    '<img src="x"></picture><table background="{0}/table.png"><tr><td background="{0}/td.png">x</table>'
    '<p style="background:url({0}/style.png)">x</p><p style="background-image:image-set(\'{0}/set.png\' 1x)">x</p>'
    '<p style="list-style:url({0}/list.png);cursor:url({0}/cursor.png),auto">x</p><p style="content:url({0}/c.png)">'
    '<style>@import "{0}/import.css"; body{{background:url({0}/body.png)}} @font-face{{font-family:f;'
    'src:url({0}/font.woff)}} p{{font-family:f}}</style><link rel="stylesheet" href="{0}/link.css">'
    '<link rel="preload" as="image" href="{0}/preload.png"><link rel="prefetch" href="{0}/prefetch">'
    '<link rel="dns-prefetch" href="//dns.{1}"><link rel="preconnect" href="//connect.{1}">'
    '<link rel="icon" href="{0}/icon.png"><link rel="manifest" href="{0}/manifest">'
    '<meta http-equiv="refresh" content="0;url={0}/refresh"><meta http-equiv="x-dns-prefetch-control" content="on">'
    '<base href="{0}/base/"><img src="relative.png"><iframe src="{0}/iframe"></iframe><object data="{0}/object">'
    '</object><embed src="{0}/embed"><video src="{0}/video" poster="{0}/poster.png" autoplay></video>'
    '<audio src="{0}/audio" autoplay></audio><svg><image href="{0}/svg.png"/><use href="{0}/use.svg#x"/></svg>'
    '<math href="{0}/math">x</math><body background="{0}/bodyattr.png"><script src="{0}/script.js"></script>'
    "<script>new Image().src='{0}/run'</script><img src=x onerror=\"new Image().src='{0}/error'\">"
    '<bgsound src="{0}/sound"><a href="{0}/link" ping="{0}/ping">link</a><p>words</p>'
)  # fmt: skip


@pytest.fixture
def server(bundle):
    with display_server(bundle) as serving:
        yield serving


def hostile_for(server):
    """Return trackers of every kind, at a name of nobody's that resolves to the test's own server."""
    port = server.address.rpartition(":")[2]
    return TRACKERS.format(f"http://evil.localhost:{port}", f"evil.localhost:{port}")


def link_of(server, organization, message, *, remote_images=False):
    path = f"/api/v1/communications/messages/{message}/display?remote_images={str(remote_images).lower()}"
    return server.bundle.get(path, organization.agent).data["url"]


def test_a_page_of_trackers_asks_nobody_for_anything(server, organization, chromium: Browser):
    message = message_with(server.bundle, organization, html=hostile_for(server))

    with chromium.open(link_of(server, organization, message)) as page:
        shown, requested = page.html(), page.requested()

    assert "words" in shown
    assert [each for each in requested if "evil" in each] == []
    assert [path for path in server.asked if not path.startswith(("/display/", "/favicon"))] == []


def test_the_same_mail_as_it_came_would_have_asked_dozens_of_times(server, chromium: Browser):
    """The browser and its log see what the test above must not find: requests, and names that are looked up."""
    with chromium.open(server.add("/raw", hostile_for(server))) as page:
        eventually(lambda: "/refresh" in server.asked)
        requested = page.requested()

    evil = {each for each in requested if "evil" in each}
    assert len(evil) > 20
    port = server.address.rpartition(":")[2]
    assert {f"http://{name}.evil.localhost:{port}" for name in ("dns", "connect")} < evil


def test_images_that_were_asked_for_are_all_that_is_loaded(server, organization, chromium: Browser):
    html = hostile_for(server) + '<img src="https://shop.example/wanted.png">'
    message = message_with(server.bundle, organization, html=html)
    link = link_of(server, organization, message, remote_images=True)

    with chromium.open(link) as page:
        requested = page.requested()

    remote = {each for each in requested if "evil" in each or "shop" in each}
    port = server.address.rpartition(":")[2]
    assert remote == {
        "https://shop.example/wanted.png",
        f"https://evil.localhost:{port}/img.png",
        f"https://evil.localhost:{port}",  # its name
    }


def test_the_console_frames_the_page_and_its_own_pictures_are_shown(server, organization, chromium: Browser):
    message = message_with(server.bundle, organization, html='<img src="cid:logo">')
    add_attachment(
        server.bundle, organization, message, PNG, name="l.png", content_type="image/png", content_id="logo"
    )
    frame = f'<iframe sandbox="allow-popups" src="{link_of(server, organization, message)}"></iframe>'

    with chromium.open(server.add("/console", frame)):
        eventually(lambda: pictures_shown(server))

    assert len(pictures_shown(server)) == 1


def test_a_page_of_another_origin_frames_nothing(server, organization, chromium: Browser):
    message = message_with(server.bundle, organization, html='<img src="cid:logo">')
    add_attachment(
        server.bundle, organization, message, PNG, name="l.png", content_type="image/png", content_id="logo"
    )
    frame = f'<iframe src="{link_of(server, organization, message)}"></iframe>'
    elsewhere = server.add("/elsewhere", frame).replace("127.0.0.1", "evil.localhost")

    with chromium.open(elsewhere):
        pass

    assert [path for path in server.asked if path.startswith("/display/")]
    assert pictures_shown(server) == []


def pictures_shown(server):
    return [path for path in server.asked if path.startswith("/local/blobs/")]
