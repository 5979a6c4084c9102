"""The page behind a link: whatever is in the mail, it runs nothing and loads what was asked for."""

import base64
import gzip
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest

from banxway.clock import SYSTEM_CLOCK
from banxway.security.display_tokens import DisplayReference, DisplayTokens
from tests.support.product.app import WEBHOOK_SECRET
from tests.support.product.contents import add_attachment, message_with
from tests.support.product.dials import no_dialling
from tests.support.timing.clocks import WrongClock

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)><svg onload=alert(1)></svg>"
    '<meta http-equiv="refresh" content="0;url=https://evil.example">'
    '<link rel="preload" as="image" href="https://evil.example/p"><p style="background:url(https://evil.example/q)">'
    '<img srcset="https://evil.example/r 2x"><form action="https://evil.example"><input name="password"></form>'
    '<iframe src="https://evil.example"></iframe><a href="javascript:alert(1)">go</a><p>words</p>'
)


def link_of(bundle, organization, message, *, remote_images=False):
    path = f"/api/v1/communications/messages/{message}/display?remote_images={str(remote_images).lower()}"
    return urlsplit(bundle.get(path, organization.agent).data["url"]).path


def page_of(bundle, organization, message, **choice):
    answer = bundle.request("GET", link_of(bundle, organization, message, **choice))
    assert answer.status == 200, answer.text
    return answer


def policy_of(answer):
    parts = answer.headers["Content-Security-Policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


def test_a_page_needs_no_session_and_forbids_everything_but_its_looks(bundle, organization):
    message = message_with(bundle, organization, html="<p>Hello <b>there</b></p>")

    answer = page_of(bundle, organization, message)

    assert "<p>Hello <b>there</b></p>" in answer.text
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert policy_of(answer) == {
        "default-src": "'none'",
        "img-src": "'none'",
        "style-src": "'unsafe-inline'",
        "base-uri": "'none'",
        "form-action": "'none'",
        "frame-ancestors": "https://console.test",
        "sandbox": "allow-popups allow-popups-to-escape-sandbox",
    }


@pytest.mark.parametrize("remote_images", [False, True])
def test_hostile_html_leaves_its_words_alone(bundle, organization, remote_images):
    message = message_with(bundle, organization, html=HOSTILE)

    page = page_of(bundle, organization, message, remote_images=remote_images).text

    assert "words" in page
    for trace in ("evil", "alert", "<script", "<svg", "<form", "<iframe", "srcset", "javascript", "refresh"):
        assert trace not in page


def test_pictures_of_the_mail_are_shown_from_the_store_and_nothing_else_of_it(bundle, organization):
    html = '<img src="cid:Logo%40x"><img src="cid:program"><img src="cid:absent" alt="gone">'
    message = message_with(bundle, organization, html=html)
    add_attachment(
        bundle, organization, message, b"\x89PNG", name="l.png", content_type="image/png", content_id="logo@x"
    )
    add_attachment(
        bundle, organization, message, b"<svg/>", content_type="image/svg+xml", content_id="program"
    )

    answer = page_of(bundle, organization, message)

    assert answer.text.count("https://blobs.test/") == 1
    assert '<img alt="gone">' in answer.text
    assert "cid:" not in answer.text
    assert policy_of(answer)["img-src"] == "https://blobs.test"


def test_images_of_others_come_by_https_and_only_when_asked_for(bundle, organization):
    html = '<img src="https://shop.example/a.png"><img src="http://shop.example/b.png">'
    message = message_with(bundle, organization, html=html)

    held, asked = (page_of(bundle, organization, message, remote_images=each) for each in (False, True))

    assert "shop.example" not in held.text
    assert 'src="https://shop.example/a.png"' in asked.text
    assert 'src="https://shop.example/b.png"' in asked.text
    assert (policy_of(held)["img-src"], policy_of(asked)["img-src"]) == ("'none'", "https:")


def test_neither_a_link_nor_a_page_dials_anywhere(bundle, organization):
    message = message_with(bundle, organization, html=HOSTILE + '<img src="https://evil.example/a.png">')
    page_of(bundle, organization, message)

    with no_dialling() as dialled:
        page_of(bundle, organization, message)
        page_of(bundle, organization, message, remote_images=True)

    assert dialled == []


def test_plain_text_is_shown_as_it_is_written_with_its_links(bundle, organization):
    text = 'Look: https://example.com/a?b=1&c=<script>. "1 < 2"\n  indented'
    message = message_with(bundle, organization, text=text)

    page = page_of(bundle, organization, message).text

    assert (
        '<a href="https://example.com/a?b=1&amp;c=" target="_blank" rel="noopener noreferrer nofollow">'
        in page
    )
    assert '&lt;script&gt;. "1 &lt; 2"\n  indented' in page


@pytest.mark.parametrize(
    ("body", "open_part", "folded_part"),
    [
        ({"html": '<p>Yes</p><div class="gmail_quote">On Monday: <blockquote>Can you?</blockquote></div>',
          "reply": "Yes"},
         "<p>Yes</p>", "Can you?"),
        ({"text": "Yes\n\nOn Monday you wrote:\n> Can you?", "reply": "Yes"}, "Yes</div>", "Can you?"),
    ],
    ids=["html", "text"],
)  # fmt: skip
def test_what_is_quoted_at_the_end_is_folded_away(bundle, organization, body, open_part, folded_part):
    message = message_with(bundle, organization, **body)

    shown, _, folded = page_of(bundle, organization, message).text.partition("<details>")

    assert open_part in shown
    assert folded_part in folded
    assert folded_part not in shown


def test_a_signature_alone_is_not_folded(bundle, organization):
    message = message_with(bundle, organization, text="Yes\n-- \nAsha", reply="Yes", signature="Asha")

    assert "<details>" not in page_of(bundle, organization, message).text


def reference(message, organization_id, **changes):
    return DisplayReference(organization_id, UUID(message), False)._replace(**changes)


def test_a_link_past_its_time_is_refused(bundle, organization):
    message = message_with(bundle, organization)
    early = DisplayTokens(WEBHOOK_SECRET, clock=WrongClock(-timedelta(minutes=5, seconds=1)))
    token, _ = early.write(reference(message, organization.id))

    answer = bundle.request("GET", f"/display/{token}")

    assert (answer.status, answer.json["error"]) == (401, "This link has expired: ask for another")


def test_a_forged_link_opens_nothing(bundle, organization):
    message = message_with(bundle, organization)
    token, _ = DisplayTokens("another secret", clock=SYSTEM_CLOCK).write(reference(message, organization.id))

    answer = bundle.request("GET", f"/display/{token}")

    assert (answer.status, answer.json["error"]) == (401, "This link is not valid")


def test_a_link_opens_the_message_of_its_own_organization_only(bundle, organization):
    message = message_with(bundle, organization)
    stranger = bundle.database.add_organization("Other")
    tokens = DisplayTokens(WEBHOOK_SECRET, clock=SYSTEM_CLOCK)
    foreign, _ = tokens.write(reference(message, stranger.id))
    absent, _ = tokens.write(reference(message, organization.id, message_id=uuid4()))

    answers = [bundle.request("GET", f"/display/{token}") for token in (foreign, absent)]

    assert [answer.status for answer in answers] == [404, 404]
    assert answers[0].without_request_id() == answers[1].without_request_id()


def test_a_page_of_a_megabyte_fits_into_an_answer(bundle, organization):
    message = message_with(bundle, organization, html="<p>" + '"क' * 480_000 + "</p>")

    answer = bundle.request("GET", link_of(bundle, organization, message))

    assert answer.status == 200
    assert len(answer.text.encode()) < 6_000_000


def test_a_large_page_is_compressed_for_clients_that_accept_it(bundle, organization):
    message = message_with(bundle, organization, html="<p>" + "words " * 50_000 + "</p>")

    answer = bundle.request(
        "GET", link_of(bundle, organization, message), headers={"accept-encoding": "gzip, br"}
    )

    assert answer.headers["Content-Encoding"] == "gzip"
    assert b"words words" in gzip.decompress(base64.b64decode(answer.text))


def test_a_picture_named_thousands_of_times_does_not_swell_the_page(bundle, organization):
    message = message_with(bundle, organization, html="<img src=cid:a>" * 50_000)
    add_attachment(bundle, organization, message, b"\x89PNG", content_type="image/png", content_id="a")

    page = page_of(bundle, organization, message).text

    assert page.count("https://blobs.test/") == 300
    assert len(page) < 1_500_000
