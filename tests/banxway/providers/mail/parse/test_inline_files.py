"""A file of a mail is either shown in its HTML or listed."""

import pytest

from banxway.providers.mail.parse.files import PICTURES
from banxway.providers.mail.parse.parser import read
from banxway.storage.blobs.downloads import SHOWN_INLINE
from tests.support.torture.case import multipart


def is_inline(content_type: str, html: str, content_id: str = "<pic@x>") -> bool:
    picture = (
        f"Content-Type: {content_type}\r\nContent-ID: {content_id}\r\nContent-Disposition: inline\r\n\r\nx"
    )
    body = f"Content-Type: text/html\r\n\r\n{html}"
    (file,) = read(multipart("related", body.encode(), picture.encode())).attachments
    return file.is_inline


@pytest.mark.parametrize(
    "content_type",
    [*sorted(PICTURES), "image/jpg", "image/pjpeg", "image/x-png", "application/octet-stream; name=a.png"],
)
@pytest.mark.parametrize("address", ["cid:pic@x", "CID:PIC@X", "cid:pic%40x", "cid:&#112;ic@x"])
def test_a_picture_that_the_html_shows_is_inline(content_type: str, address: str) -> None:
    assert is_inline(content_type, f'<img src="{address}">')


@pytest.mark.parametrize(
    "content_type",
    ["image/svg+xml", "image/tiff", "image/heic", "image/x-emf", "application/octet-stream", "video/mp4"],
)
def test_what_no_browser_is_given_to_show_is_listed(content_type: str) -> None:
    assert not is_inline(content_type, '<img src="cid:pic@x">')


def test_a_picture_that_the_html_does_not_show_is_listed() -> None:
    assert not is_inline("image/png", "<p>See the picture.</p>")
    assert not is_inline("image/png", '<img src="cid:other@x">')


def test_the_pictures_that_are_placed_are_those_that_are_served() -> None:
    assert PICTURES == SHOWN_INLINE
