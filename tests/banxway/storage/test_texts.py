"""Every text that strangers write is stored; only what Postgres cannot store is changed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banxway.storage.storable_text import rows_to_json, storable, to_json

ANY_TEXT = st.text(st.one_of(st.sampled_from('\0\\u0\ud83d\ude00"'), st.characters()), max_size=20)
ANY_VALUE = st.recursive(
    ANY_TEXT | st.none() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=12,
)


def cleaned(value: object) -> object:
    """Return a whole value as `storable` would change its texts."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(name): cleaned(inner) for name, inner in value.items()}
    return [cleaned(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("a\0b", "ab"),
        ("half \ud83d a pair", "half ? a pair"),
        ("😀 \\u0000", "😀 \\u0000"),
    ],
    ids=["nul", "half a pair", "whole, and words that look like an escape"],
)
def test_a_text_loses_only_what_cannot_be_held(text: str, stored: str) -> None:
    assert storable(text) == stored
    assert json.loads(to_json(text)) == stored


@given(ANY_VALUE)
def test_json_says_what_the_value_said_without_what_cannot_be_held(value: object) -> None:
    assert json.loads(to_json(value)) == cleaned(value)


@pytest.mark.parametrize("backslashes", range(6))
def test_a_nul_behind_backslashes_goes_and_they_stay(backslashes: int) -> None:
    text = "\\" * backslashes + "\0" + "\\" * backslashes + "u0000"

    assert json.loads(to_json([text])) == [text.replace("\0", "")]


@dataclass(frozen=True, slots=True)
class Row:
    """The type of rows."""

    id: UUID
    at: datetime | None
    names: tuple[str, ...]


def test_rows_are_written_field_by_field() -> None:
    row = Row(UUID(int=7), datetime(2026, 11, 28, tzinfo=UTC), ("a\0", "b"))

    (written,) = json.loads(rows_to_json([row]))

    assert written == {"id": str(UUID(int=7)), "at": "2026-11-28 00:00:00+00:00", "names": ["a", "b"]}
