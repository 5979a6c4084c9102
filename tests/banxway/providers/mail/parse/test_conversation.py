"""Header fields about envelope, conversation, list and loops are returned decoded, with limited length and number."""

import pytest

from banxway.providers.mail.parse.parser import read

BODY = b"\r\n\r\nhello"


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (b"<ann@Customer.example>", "ann@customer.example"),
        (b"<>", ""),
        (b" < > ", ""),
        (b"nonsense", None),
    ],
    ids=["address", "null path", "spaced null path", "nonsense"],
)
def test_the_return_path_is_the_envelopes_sender(value: bytes, path: str | None) -> None:
    assert read(b"Return-Path: " + value + b"\r\nFrom: a@b.example" + BODY).return_path == path


def test_without_a_return_path_header_the_envelope_is_unknown() -> None:
    assert read(b"From: a@b.example" + BODY).return_path is None


def test_outlooks_marks_of_a_conversation_are_kept() -> None:
    mail = read(b"Thread-Index: AQHZ\r\n abcd==\r\nThread-Topic: =?utf-8?Q?Angebot_f=C3=BCr?= Ann" + BODY)

    assert mail.thread_index == "AQHZabcd=="
    assert mail.thread_topic == "Angebot für Ann"


@pytest.mark.parametrize(
    ("value", "identifier"),
    [(b"News of Ann <News.Example.com>", "news.example.com"), (b"bare.example", "bare.example"), (b"", None)],
    ids=["described", "bare", "empty"],
)
def test_a_list_is_known_by_its_identifier(value: bytes, identifier: str | None) -> None:
    assert read(b"List-Id: " + value + BODY).list_id == identifier


def test_loop_marks_are_kept_in_their_order() -> None:
    assert read(b"X-Loop: one\r\nX-Loop: two\r\nX-Loop: " + BODY).loop_marks == ("one", "two")


def test_headers_are_decoded_in_their_order() -> None:
    mail = read(b"Received: b\r\nSubject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=\r\nRECEIVED: a\r\n folded" + BODY)

    assert mail.headers == (("received", "b"), ("subject", "Grüße"), ("received", "a folded"))


def test_headers_are_bounded_in_number_and_length() -> None:
    mail = read(b"X-A: " + b"y" * 9000 + b"\r\n" + b"X-B: z\r\n" * 500 + BODY)

    assert len(mail.headers) == 200
    assert len(mail.headers[0][1]) == 2000
