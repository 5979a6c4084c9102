"""Charsets: each in every place that carries it, under odd names, under wrong names, and under none."""

import base64
import quopri
from collections.abc import Iterator

from tests.support.torture.case import HEAD, PLANT, TEXT, Case, plain

WORDS = {
    "utf-8": "Grüße aus 東京 и Москвы",
    "utf-16": "Grüße 東京",
    "utf-16le": "Grüße 東京",
    "utf-16be": "Grüße 東京",
    "utf-7": "Grüße 東京",
    "gb18030": "您好，请确认订单",
    "gb2312": "您好，请确认订单",
    "gbk": "您好，請確認",
    "big5": "您好，請確認訂單",
    "euc-kr": "안녕하세요 주문",
    "cp949": "안녕하세요 똠방각하",
    "shift_jis": "注文を確認",
    "euc-jp": "注文を確認",
    "iso-2022-jp": "注文を確認",
    "iso-2022-kr": "안녕하세요",
    "koi8-r": "Здравствуйте",
    "koi8-u": "Доброго дня",
    "windows-1251": "Здравствуйте",
    "windows-1252": "Café – “naïve” €",
    "iso-8859-1": "Café",
    "iso-8859-2": "Zażółć gęślą",
    "windows-1250": "Příliš žluťoučký",
    "iso-8859-7": "Καλημέρα",
    "windows-1253": "Καλημέρα",
    "windows-1254": "Günaydın İş",
    "iso-8859-9": "Günaydın",
    "windows-1255": "שלום לכולם",
    "iso-8859-8": "שלום לכולם",
    "windows-1256": "مرحبا بكم",
    "iso-8859-6": "مرحبا",
    "tis-620": "สวัสดี",
    "iso-8859-15": "Prix 5 €",
    "hz": "您好",
    "windows-1257": "Labdien žurnāls",
    "windows-1258": "Đô la",
    "cp866": "Привет",
    "macintosh": "Café",
}
SPELLINGS = {
    "ks_c_5601-1987": "euc-kr",
    "x-sjis": "shift_jis",
    "unicode-1-1-utf-7": "utf-7",
    "UTF8": "utf-8",
    '"utf-8"': "utf-8",
    "gb_2312-80": "gb2312",
    "x-gbk": "gbk",
    "x-x-big5": "big5",
    "cp-1252": "windows-1252",
    "x-euc-jp": "euc-jp",
    "utf-8;": "utf-8",
    "'utf-8'": "utf-8",
    "UTF_8": "utf-8",
    "hz-gb-2312": "hz",
    "x-cp1251": "windows-1251",
}


def charsets() -> Iterator[Case]:
    """Each charset raw, in base64, in quoted-printable and in a subject."""
    for charset, words in WORDS.items():
        octets = f"{words} {PLANT}".encode(charset)
        visible = (words.split()[0], PLANT)
        yield Case(f"{charset} in base64", plain(charset, base64.encodebytes(octets), "base64"), visible)
        yield Case(
            f"{charset} quoted-printable",
            plain(charset, quopri.encodestring(octets), "quoted-printable"),
            visible,
        )
        if not charset.startswith("utf-16"):
            yield Case(f"{charset} raw", plain(charset, octets), visible)
        word = base64.b64encode(words.encode(charset))
        subject = b"Subject: =?" + charset.encode() + b"?B?" + word + b"?=\r\n"
        yield Case(
            f"{charset} in a subject",
            HEAD.replace(b"Subject: torture\r\n", subject) + b"\r\n" + TEXT,
            subject=words,
        )
    for spelling, codec in SPELLINGS.items():
        octets = f"{WORDS[codec]} {PLANT}".encode(codec)
        yield Case(f"charset spelt {spelling}", plain(spelling, octets), (WORDS[codec].split()[0], PLANT))


def mislabelled() -> Iterator[Case]:
    """Text under a wrong charset, or under none."""
    lies = (
        ("iso-8859-1", "windows-1252"),
        ("iso-8859-1", "utf-8"),
        ("us-ascii", "utf-8"),
        ("us-ascii", "windows-1252"),
        ("utf-8", "windows-1252"),
        ("utf-8", "gb18030"),
        ("utf-8", "koi8-r"),
        ("utf-8", "big5"),
        ("utf-8", "shift_jis"),
        ("utf-8", "euc-kr"),
        ("utf-8", "iso-2022-jp"),
        ("us-ascii", "iso-2022-jp"),
        ("iso-8859-1", "iso-2022-jp"),
        ("utf-16", "utf-8"),
        ("gb2312", "utf-8"),
        ("us-ascii", "gb18030"),
        ("us-ascii", "windows-1251"),
        ("x-unknown", "utf-8"),
        ("x-unknown", "gb18030"),
        ("unknown-8bit", "utf-8"),
        ("unknown-8bit", "shift_jis"),
        ("idna", "utf-8"),
        ("punycode", "utf-8"),
        ("base64", "utf-8"),
        ("rot13", "utf-8"),
        ("unicode_escape", "utf-8"),
        ("\x00", "utf-8"),
        ("", "utf-8"),
        ("a" * 5000, "utf-8"),
        ("utf-8\x00", "utf-8"),
        ("*", "koi8-r"),
        ("../x", "utf-8"),
    )
    for said, real in lies:
        words = WORDS[real] * 2
        body = f"{words} {PLANT}".encode(real)
        yield Case(f"{real} said to be {said[:12]!r}", plain(said, body), (words.split()[0], PLANT))
    for real in ("utf-8", "gb18030", "koi8-r", "iso-2022-jp", "shift_jis", "euc-kr", "windows-1252"):
        words = WORDS[real] * 2
        raw = HEAD + b"\r\n" + f"{words} {PLANT}".encode(real)
        yield Case(f"{real} without any charset", raw, (words.split()[0], PLANT))
        raw = HEAD.replace(b"torture", words.encode(real)) + b"\r\n" + TEXT
        yield Case(f"{real} raw in the subject", raw, subject=words)
    nec = b'\x1b$B-!-"\x1b(B'
    yield Case("circled digits in ISO-2022-JP", plain("iso-2022-jp", nec + TEXT), ("①②", PLANT))
    yield Case("half-width kana in ISO-2022-JP", plain("iso-2022-jp", b"\x1b(I1\x1b(B " + TEXT), ("ｱ", PLANT))
    yield Case(
        "one foreign octet in UTF-8",
        plain("utf-8", "Grüße ".encode() + b"caf\xe9 " + TEXT),
        ("Grüße", "café", PLANT),
    )
    yield Case("UTF-8 cut within a character", plain("utf-8", TEXT + "東京".encode()[:-1]), (PLANT, "東"))
    yield Case("lone surrogates in UTF-7", plain("utf-7", b"+2AA- " + TEXT))
    yield Case("a byte order mark", plain("utf-8", b"\xef\xbb\xbf" + TEXT))
    yield Case("NUL octets in the text", plain("utf-8", b"The light\x00house stands."))
