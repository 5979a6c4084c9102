"""Reading bytes that callers send."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as any_of

from banxway.entrypoints.reading import JsonBody, body_bytes, require_storable
from banxway.errors import BadRequest, TooLarge, ValidationFailed


@given(any_of.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_an_object_or_a_bad_request(content):
    try:
        read = JsonBody.read(content)
    except (BadRequest, ValidationFailed) as refusal:
        read = refusal.details

    assert isinstance(read, dict)


# Includes unpaired surrogates, which JSON can spell: no other alphabet of hypothesis has them.
texts = any_of.text(
    any_of.characters(exclude_categories=()) | any_of.sampled_from("\0\ud800\udfff"), max_size=5
)
json_values = any_of.recursive(
    any_of.none() | any_of.booleans() | any_of.integers() | texts,
    lambda inner: any_of.lists(inner, max_size=3) | any_of.dictionaries(texts, inner, max_size=3),
    max_leaves=10,
)


@given(any_of.dictionaries(texts, json_values, max_size=4))
@example({"a": "\0"})
@example({"a": "\ud800"})
@example({"a": "\udfff"})
@example({"a": [{"\udc00": 1}]})
@example({"a": "\ud7ff\ue000\x01\U0010ffff"})
def test_what_a_database_cannot_hold_is_always_found(content):
    assert (refusal_of(content) is None) == is_storable(content)


def refusal_of(content):
    """Return the field that keeps a content from being stored and the refusal's status, or None."""
    try:
        require_storable(content)
    except (BadRequest, ValidationFailed) as refusal:
        return refusal.details["field"], refusal.status
    return None


def is_storable(value):
    """Return the same by another rule: PostgreSQL accepts UTF-8 without NUL."""
    if isinstance(value, dict):
        return all(is_storable(key) and is_storable(inner) for key, inner in value.items())
    if isinstance(value, list):
        return all(map(is_storable, value))
    if not isinstance(value, str):
        return True
    try:
        return b"\0" not in value.encode()
    except UnicodeEncodeError:
        return False


def test_a_nested_text_is_named_by_its_path():
    assert refusal_of({"a": [{"b": "fine"}, {"c": "a\0b"}]}) == ("a.1.c", 422)


@pytest.mark.parametrize(("levels", "refusal"), [(64, None), (65, ("body", 400)), (50_000, ("body", 400))])
def test_deep_nesting_is_refused_and_does_not_exhaust_the_stack(levels, refusal):
    deep = content = {}
    for _ in range(levels - 1):
        content["a"] = content = {}

    assert refusal_of(deep) == refusal


@pytest.mark.parametrize(
    ("event", "fits"),
    [
        ({"body": "x" * 104}, True),
        ({"body": "x" * 105}, False),
        # A hundred bytes are 136 letters of base64; what is added to either is less than a letter of it.
        ({"body": "eHh4" * 34, "isBase64Encoded": True}, True),
        ({"body": "eHh4" * 35, "isBase64Encoded": True}, False),
        ({"body": "eHh4", "isBase64Encoded": True}, True),
        ({}, True),
        ({"body": None}, True),
    ],
    ids=["just fits", "too large", "just fits in base64", "too large in base64", "base64", "absent", "null"],
)
def test_the_limit_is_on_what_was_sent(event, fits):
    if fits:
        assert isinstance(body_bytes(event, longest=100), bytes)
    else:
        with pytest.raises(TooLarge, match="must not exceed 100 bytes") as refused:
            body_bytes(event, longest=100)
        assert refused.value.details == {"field": "body", "limit_bytes": 100}


def test_a_body_is_read_as_it_was_sent():
    assert body_bytes({"body": "é"}, longest=100) == "é".encode()
    assert body_bytes({"body": "//4=", "isBase64Encoded": True}, longest=100) == b"\xff\xfe"
    assert body_bytes({}, longest=100) == body_bytes({"body": None}, longest=100) == b""


def test_what_lambda_itself_cannot_encode_is_no_utf_8():
    with pytest.raises(BadRequest, match="not valid JSON in UTF-8"):
        JsonBody.read(body_bytes({"body": '{"a": "\ud800"}'}, longest=100))


def test_an_object_is_read_whole():
    assert JsonBody.read(b' {"a": [1, {"b": null}], "c": "\xc3\xa9"} ') == {"a": [1, {"b": None}], "c": "é"}


@pytest.mark.parametrize(
    ("body", "field", "sentence"),
    [
        (b"", "body", "A JSON body is required"),
        (b" \n\t", "body", "A JSON body is required"),
        (b'{"a": ', "body", "The body is not valid JSON: look at line 1, column 7"),
        (b'{\n"a" 1}', "body", "The body is not valid JSON: look at line 2, column 5"),
        (b'{"a": NaN}', "body", "The body is not valid JSON: NaN is not a JSON number"),
        (b'{"a": "\xff"}', "body", "The body is not valid JSON in UTF-8"),
        (b"[" * 100_000, "body", "The body is not valid JSON in UTF-8"),
        (b"[]", "body", "The body must be a JSON object"),
        (b'"text"', "body", "The body must be a JSON object"),
        (b"null", "body", "The body must be a JSON object"),
        (b'{"a": ' + b"1" * 601 + b"}", "body", "The body has a number of more than 600 characters"),
        (b'{"a": 1e400}', "body", "The body has a number that is too large to be read"),
        ('{"a": 1}'.encode("utf-16"), "body", "The body is not valid JSON in UTF-8"),
        (b'{"a": 1, "b": 2, "a": 3}', "a", "The field a is given twice"),
        (b'{"x": {"b": 1, "c": 2, "c": 2, "b": 1}}', "b", "The field b is given twice"),
    ],
    ids=[
        "nothing", "blank", "broken off", "in its second line", "no number", "no UTF-8", "too deep", "list", "text",
        "null", "long number", "endless number", "UTF-16", "twice", "two of them twice, inside",
    ],
)  # fmt: skip
def test_what_is_no_object_is_refused_with_its_reason(body, field, sentence):
    with pytest.raises(BadRequest) as refused:
        JsonBody.read(body)

    assert refused.value.message == sentence
    assert refused.value.details == {"field": field}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"a": "\0"}, ("a", 422)),
        ({"a": {"b": ["fine", "\ud800"]}}, ("a.b.1", 422)),
        ({"\0": 1}, ("body", 400)),
        ({"a": {"\udfff": 1}}, ("a", 400)),
        ({"a": "\ud7ff\ue000", "b": [1, None, True, 1.5]}, None),
    ],
    ids=["text", "inside", "name", "inner name", "just beside"],
)
def test_what_cannot_be_stored_is_named_by_its_path(content, name):
    assert refusal_of(content) == name
