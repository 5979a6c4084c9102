"""A stranger's file is never served with a type that a browser runs."""

import pytest

from banxway.storage.blobs.downloads import SHOWN_INLINE, disposition_of, served_type


@pytest.mark.parametrize(
    ("declared", "served"),
    [
        ("application/pdf", "application/pdf"),
        ("IMAGE/PNG; name=x", "image/png"),
        ("text/plain", "text/plain; charset=utf-8"),
        ("text/plain; charset=utf-7", "text/plain; charset=utf-8"),
        ("text/html", "application/octet-stream"),
        ("image/svg+xml", "application/octet-stream"),
        ("text/xml", "application/octet-stream"),
        ("application/xhtml+xml", "application/octet-stream"),
        ("text/javascript", "application/octet-stream"),
        ("multipart/x-mixed-replace", "application/octet-stream"),
        ("message/rfc822", "application/octet-stream"),
        ("application/x-shockwave-flash", "application/octet-stream"),
        ("text/plain\r\nX: y", "application/octet-stream"),
        ("nonsense", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_a_type_is_served_if_it_is_harmless(declared: str, served: str) -> None:
    assert served_type(declared) == served


def test_no_picture_that_is_shown_in_place_is_a_program() -> None:
    assert "image/svg+xml" not in SHOWN_INLINE
    assert all(served_type(each) == each for each in SHOWN_INLINE)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("a.pdf", 'attachment; filename="a.pdf"'),
        ('a"b.pdf', "attachment; filename=\"a_b.pdf\"; filename*=UTF-8''a%22b.pdf"),
        ("100%.pdf", "attachment; filename=\"100_.pdf\"; filename*=UTF-8''100%25.pdf"),
        ("é.pdf", "attachment; filename=\"_.pdf\"; filename*=UTF-8''%C3%A9.pdf"),
        ("a\r\nb", "attachment; filename=\"a__b\"; filename*=UTF-8''a%0D%0Ab"),
        ("a\ud800b", "attachment; filename=\"a_b\"; filename*=UTF-8''a%3Fb"),
    ],
    ids=["plain", "quote", "percent", "accent", "line break", "half a pair"],
)
def test_a_name_is_given_in_ascii_and_in_utf_8(name: str, header: str) -> None:
    assert disposition_of(name) == header
