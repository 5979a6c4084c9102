"""Reading bytes that callers send."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as any_of

from banxway.entrypoints.reading import JsonBody, body_bytes, first_unstorable
from banxway.errors import BadRequest, TooLarge


@given(any_of.binary(max_size=200))
def test_whatever_bytes_come_the_answer_is_an_object_or_a_bad_request(content):
    try:
        read = JsonBody.read(content)
    except BadRequest as refusal:
        read = refusal.details

    assert isinstance(read, dict)


# Halves of surrogate pairs included, which JSON can spell: alone they are in no other alphabet of hypothesis.
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
    found = first_unstorable(content)

    assert (found is None) == is_storable(content)


def is_storable(value):
    """Say the same in another way: PostgreSQL takes UTF-8 without NUL."""
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
    assert first_unstorable({"a": [{"b": "fine"}, {"c": "a\0b"}]}) == "a.1.c"


def test_deep_nesting_does_not_exhaust_the_stack():
    deep = content = {}
    for _ in range(50_000):
        content["a"] = [content := {}]

    assert first_unstorable(deep) is None


@pytest.mark.parametrize(
    ("event", "fits"),
    [
        ({"body": "x" * 100}, True),
        ({"body": "x" * 105}, False),
        ({"body": "eHh4", "isBase64Encoded": True}, True),
        ({"body": "eHh4" * 50, "isBase64Encoded": True}, False),
        ({}, True),
        ({"body": None}, True),
    ],
    ids=["just fits", "too large", "base64", "too large in base64", "absent", "null"],
)
def test_the_limit_is_on_what_was_sent(event, fits):
    if fits:
        assert isinstance(body_bytes(event, longest=100), bytes)
    else:
        with pytest.raises(TooLarge):
            body_bytes(event, longest=100)
