"""Files that are several things at once: each tells the server `/ran` if a browser ever runs or renders it."""

import base64
import io
import itertools
import zipfile
from typing import NamedTuple

_SCRIPT = "new Image().src='{0}/ran?{1}';try{{parent.postMessage('ran','*')}}catch(e){{}}"
_DECLARED = (
    "text/html", "image/svg+xml", "text/xml", "application/xhtml+xml", "text/plain", "image/png", "application/pdf",
    "text/javascript", "multipart/x-mixed-replace", "",
)  # fmt: skip


class Polyglot(NamedTuple):
    """One file, with the type that its sender gives it."""

    name: str
    declared: str
    content: bytes


def polyglots(address: str) -> list[Polyglot]:
    """Return two hundred files: twenty bodies under ten types."""
    bodies = _bodies(address)
    return [Polyglot(name, declared, body) for (name, body), declared in itertools.product(bodies, _DECLARED)]


def _bodies(address: str) -> list[tuple[str, bytes]]:
    def script(name: str) -> str:
        return _SCRIPT.format(address, name)

    def page(name: str) -> bytes:
        return f"<!doctype html><html><body><script>{script(name)}</script><img src={address}/ran?i>".encode()

    svg = "http://www.w3.org/2000/svg"
    xhtml = "http://www.w3.org/1999/xhtml"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("index.html", page("zip"))
    return [
        ("page.html", page("html")),
        (
            "picture.svg",
            f'<svg xmlns="{svg}" onload="{script("svg")}"><script>{script("s")}</script></svg>'.encode(),
        ),
        ("page.xhtml", f'<html xmlns="{xhtml}"><script>{script("xhtml")}</script></html>'.encode()),
        (
            "feed.xml",
            f'<?xml version="1.0"?><a><script xmlns="{xhtml}">{script("xml")}</script></a>'.encode(),
        ),
        (
            "styled.xml",
            f'<?xml version="1.0"?><?xml-stylesheet href="{address}/ran?xslt" type="text/xsl"?><a/>'.encode(),
        ),
        ("program.js", script("js").encode()),
        ("animation.gif", b"GIF89a/*" + page("gif") + b"*/=1;" + script("gifjs").encode()),
        ("picture.png", b"\x89PNG\r\n\x1a\n" + page("png")),
        ("photo.jpg", b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + page("jpg")),
        ("drawing.bmp", b"BM=1;" + script("bmp").encode()),
        ("paper.pdf", b"%PDF-1.7\n" + page("pdf")),
        ("archive.zip", packed.getvalue() + page("zip")),
        ("archive.mhtml", b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n" + page("mhtml")),
        ("utf16.txt", b"\xff\xfe" + page("utf16").decode().encode("utf-16-le")),
        ("utf7.txt", b"+ADw-script+AD4-" + script("utf7").encode() + b"+ADw-/script+AD4-"),
        ("spaces.txt", b" \n\t\x0c" * 100 + page("spaces")),
        ("data.json", b'{"a":"' + page("json") + b'"}'),
        ("captions.vtt", b"WEBVTT\n\n" + page("vtt")),
        ("style.css", f"@import url({address}/ran?css); body{{background:url({address}/ran?bg)}}".encode()),
        ("mail.eml", b"Content-Type: text/html\r\n\r\n" + base64.b64encode(page("eml")) + page("eml2")),
    ]
