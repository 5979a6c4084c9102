import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.errors import BadRequest
from banxway.providers.exotel.bodies import read_callback
from tests.support.gates.chance import in_soak
from tests.support.ledger.multipart import multipart

JSON, FORM = "application/json", "application/x-www-form-urlencoded"


def read_body(body: bytes, content_type: str) -> dict[str, Any]:
    """Parse a call's body, which may be a form."""
    return read_callback("call_status", body, content_type)


def test_bracket_keys_become_lists_and_objects_in_both_kinds_of_form():
    fields = {
        "CallSid": "e1d2",
        "Legs[1][Status]": "completed",
        "Legs[0][Status]": "busy",
        "Legs[0][Deep][er]": "x",
        "Stream[Status]": "ok",
    }
    expected = {
        "CallSid": "e1d2",
        "Legs": [{"Status": "busy", "Deep": {"er": "x"}}, {"Status": "completed"}],
        "Stream": {"Status": "ok"},
    }
    body, content_type = multipart(fields)

    assert read_body(body, content_type) == expected
    assert (
        read_body(
            b"CallSid=e1d2&Legs%5B1%5D%5BStatus%5D=completed&Legs[0][Status]=busy&Legs[0][Deep][er]=x&Stream[Status]=ok",
            FORM,
        )
        == expected
    )


def test_values_keep_their_own_letters_line_ends_and_boundary_like_dashes():
    fields = {"CallSid": "e1d2", "CustomField": "नमस्ते\r\n--x\r\n", "Status": "completed"}

    assert read_body(*multipart(fields)) == fields


def test_json_is_recognised_under_any_type():
    assert read_body(b' {"a": 1}', "multipart/form-data") == {"a": 1}
    assert read_body(b'{"a": 1}', "") == {"a": 1}


@pytest.mark.parametrize(("levels", "is_read"), [(100, True), (101, False), (500, False)])
def test_a_body_may_be_a_hundred_levels_deep(levels: int, is_read: bool):
    """Python's own limit depends on the caller's stack, which is deeper in the worker than in the webhook."""
    body = b'{"a":' * levels + b"1" + b"}" * levels
    try:
        read_body(body, JSON)
        assert is_read
    except BadRequest:
        assert not is_read


def test_json_is_read_in_every_unicode():
    for name in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        assert read_body('{"a": "नमस्ते"}'.encode(name), JSON) == {"a": "नमस्ते"}


def test_what_postgres_cannot_store_is_replaced():
    body = json.dumps({"a\0": ["\ud800x", {"b": "\0"}]}).encode()

    assert read_body(body, JSON) == {"a\ufffd": ["?x", {"b": "\ufffd"}]}


def test_numbers_that_json_does_not_know_become_null():
    assert read_body(b'{"a": NaN, "b": Infinity}', JSON) == {"a": None, "b": None}


def test_contradicting_names_never_break_the_reading():
    assert read_body(b"CallSid=x&a=1&a[b]=2&c[d]=3&c=4&a=5&e[=6&f]=7", FORM) == {
        "CallSid": "x",
        "a": "1",
        "c": {"d": "3"},
        "e[": "6",
        "f]": "7",
    }


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"   ", FORM),
        (b"<html></html>", "text/html"),
        (b"[1]", JSON),
        (b"{}", JSON),
        (b'{"a":', JSON),
        (b'{"a":' * 20_000, JSON),
        (b"[" * 200_000, JSON),
        (b"\xff\xfe{", FORM),
        (b"&".join(b"k%d=1" % n for n in range(1500)), FORM),
        (b"--x\r\n\r\n", "multipart/form-data"),
        (b"nothing of the kind", "multipart/form-data; boundary=x"),
        (b"--x\r\n" * 1500, "multipart/form-data; boundary=x"),
    ],
    ids=[
        "empty",
        "blank",
        "html",
        "list",
        "no_fields",
        "truncated",
        "deep_object",
        "deep_list",
        "not_ascii",
        "too_many_fields",
        "no_boundary",
        "no_parts",
        "too_many_parts",
    ],
)
def test_what_exotel_never_sends_is_unreadable(body: bytes, content_type: str):
    with pytest.raises(BadRequest):
        read_body(body, content_type)


@settings(max_examples=in_soak(1000, else_=100))
@given(
    st.binary(max_size=300),
    st.sampled_from([JSON, FORM, "multipart/form-data; boundary=x", "", "text/plain"]),
)
def test_any_bytes_are_read_or_refused_and_never_break(body: bytes, content_type: str):
    try:
        found = read_body(body, content_type)
    except BadRequest:
        return
    json.dumps(found).encode()
