"""Pages: as many rows as fit into one answer, cursors for one list only, and texts cut between characters."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from banxway.errors import ValidationFailed
from banxway.models.pages import (
    Cursors,
    Instant,
    Number,
    Page,
    PageQuery,
    cut_items,
    cut_json,
    cut_text,
    fill_page,
    page_of,
    wire_size,
)
from tests.support.gates.chance import dice

PLACES = Cursors("threads", Instant, UUID)
KEY = (datetime(2026, 11, 30, 12, 0, 0, 123456, UTC), UUID(int=7))
TEXTS = ["plain", 'a"b\\c', "line\r\nline", "\x01", "नमस्ते", "😀", "\u2028", "\x7f"]


def as_lambda_writes(value: object) -> int:
    """Write a value as the answer's body, and escape that as a JSON string, as Lambda's runtime does."""
    return len(json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=True).encode())


@pytest.mark.parametrize("text", TEXTS)
def test_sizes_are_those_of_lambdas_answer(text: str) -> None:
    assert wire_size({"body": text}) == as_lambda_writes({"body": text})


def numbered(count: int, size: int = 1) -> list[str]:
    return [f"{number:04}".ljust(size, "x") for number in range(count)]


def pages_of(rows: list[str], **limits: int) -> list[list[str]]:
    pages: list[list[str]] = []
    behind: str | None = ""
    while behind is not None:
        page = fill_page((row for row in rows if row > (behind or "")), cursor_of=str, **limits)
        pages.append(page.rows)
        behind = page.next_cursor
    return pages


@pytest.mark.parametrize(
    ("rows", "limit", "sizes"), [(5, 2, [2, 2, 1]), (4, 2, [2, 2]), (1, 2, [1]), (0, 2, [0])]
)
def test_a_page_ends_at_its_count(rows: int, limit: int, sizes: list[int]) -> None:
    pages = pages_of(numbered(rows), limit=limit)

    assert [len(page) for page in pages] == sizes
    assert [row for page in pages for row in page] == numbered(rows)


def test_a_page_ends_where_one_more_row_would_not_fit() -> None:
    rows = numbered(7, size=1000)

    pages = pages_of(rows, limit=200, most_bytes=3 * wire_size(rows[0]) + 10)

    assert [len(page) for page in pages] == [3, 3, 1]
    assert [row for page in pages for row in page] == rows


def test_a_row_that_is_larger_than_a_page_is_a_page() -> None:
    assert [len(page) for page in pages_of(numbered(3, size=500), limit=200, most_bytes=100)] == [1, 1, 1]


def walk(rows: list[str], limit: int) -> Iterator[Page[str]]:
    """Read a whole list page by page, as it is at that time."""
    query = PageQuery(limit=limit)
    while True:
        page = page_of(rows, query, name="names", id_of=str)
        yield page
        if page.next_cursor is None:
            return
        query = PageQuery(limit=limit, cursor=page.next_cursor)


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_a_whole_list_is_read_in_pages(limit: int) -> None:
    assert [row for page in walk(numbered(6), limit) for row in page.rows] == numbered(6)


@pytest.mark.parametrize(
    ("change", "rest"), [(-1, "cdef"), (1, "cdef"), (2, "cdef")], ids=["gone", "more", "last"]
)
def test_what_changes_before_the_cursor_moves_no_page(change: int, rest: str) -> None:
    rows = list("abcdef")
    pages = walk(rows, 2)
    assert next(pages).rows == ["a", "b"]
    if change == -1:
        rows.remove("a")
    elif change == 1:
        rows.insert(0, "0")
    else:
        rows.remove("b")

    assert [row for page in pages for row in page.rows] == list(rest)


def test_a_cursor_of_another_whole_list_is_refused() -> None:
    cursor = page_of(list("abc"), PageQuery(limit=1), name="names", id_of=str).next_cursor

    with pytest.raises(ValidationFailed):
        page_of(list("abc"), PageQuery(cursor=cursor), name="numbers", id_of=str)


def test_a_cursor_leads_back_to_its_place() -> None:
    assert PLACES.read(PLACES.write(KEY[0].isoformat(), KEY[1])) == KEY
    east = KEY[0].astimezone(timezone(timedelta(hours=14, seconds=1)))
    assert PLACES.read(PLACES.write(east.isoformat(), KEY[1])) == KEY
    assert PLACES.read(None) is None


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "nonsense",
        "é",
        "AAAA",
        Cursors("notifications", Instant, UUID).write(KEY[0].isoformat(), KEY[1]),
        Cursors("threads", Instant).write(KEY[0].isoformat()),
        Cursors("threads", str, str).write("yesterday", KEY[1]),
        Cursors("threads", str, str, str).write(KEY[0].isoformat(), KEY[1], "more"),
        base64.urlsafe_b64encode(json.dumps(["threads", KEY[0].isoformat(), str(KEY[1])]).encode()).decode(),
    ],
    ids=["empty", "words", "accent", "short", "other-list", "fewer", "no-date", "more", "unsealed"],
)
def test_a_cursor_of_another_list_or_making_is_refused(cursor: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        PLACES.read(cursor)
    assert refused.value.details == {"field": "cursor"}


def test_a_damaged_cursor_is_refused_wherever_the_damage_is() -> None:
    cursor = PLACES.write(KEY[0].isoformat(), KEY[1])
    for place, sign in enumerate(cursor):
        before, after = cursor[:place], cursor[place + 1 :]
        other = "B" if sign == "A" else "A"
        for damaged in (before, f"{before}!{sign}{after}", f"{before}é{after}", f"{before}{other}{after}"):
            with pytest.raises(ValidationFailed):
                PLACES.read(damaged)


@pytest.mark.parametrize("number", [-1, 2**63, 10**30])
def test_a_number_that_the_database_cannot_hold_is_refused(number: int) -> None:
    numbers = Cursors("audit", Number)
    with pytest.raises(ValidationFailed):
        numbers.read(numbers.write(number))


@given(st.text(), st.integers(2, 400))
def test_what_is_cut_is_the_beginning_and_fits(text: str, most: int) -> None:
    short = cut_text(text, most_bytes=most)

    assert text.startswith(short)
    assert wire_size(short) <= max(most, wire_size(""))
    assert (short == text) or wire_size(text) > most


@pytest.mark.parametrize(
    ("text", "most", "short"),
    [
        ("abc", 8, "ab"),
        ("ab\r\ncd", 11, "ab"),
        ("ae\u0301", 12, "a"),
        ("a👍🏽", 30, "a"),
        ("a👩\u200d🚒", 34, "a"),
        ("ab", 200, "ab"),
    ],
    ids=["plain", "line-end", "accent", "skin-tone", "joined", "whole"],
)
def test_no_letter_is_parted_from_what_belongs_to_it(text: str, most: int, short: str) -> None:
    assert cut_text(text, most_bytes=most) == short


def test_only_whole_items_are_kept() -> None:
    assert cut_items(["abc"] * 5, most_bytes=2 * (wire_size("abc") + 2)) == ["abc"] * 2
    assert cut_items(["abc"] * 2, most_bytes=1000) == ["abc"] * 2
    assert cut_items(["x" * 2000], most_bytes=1000) == []


def test_json_keeps_its_shape_and_says_where_it_was_cut() -> None:
    value = {"name": "Support", "after": {"text": "x" * 50_000}, "many": list(range(10_000))}

    short = cut_json(value, most_bytes=10_000)

    assert wire_size(short) <= 10_000
    assert short["name"] == "Support"
    assert short["after"]["text"].endswith("x…")
    assert (short["many"][:3], short["many"][-1]) == ([0, 1, 2], "…")
    assert cut_json(value, most_bytes=1_000_000) is value


def test_any_json_is_cut_to_what_fits() -> None:
    throw = dice(7)

    def made(depth: int) -> object:
        kind = throw.randrange(4 if depth else 2)
        if kind == 0:
            return throw.choice(TEXTS) * throw.randrange(500)
        if kind == 1:
            return throw.randrange(10**9)
        if kind == 2:
            return [made(depth - 1) for _ in range(throw.randrange(30))]
        return {
            throw.choice(TEXTS) * throw.randrange(9) + str(n): made(depth - 1)
            for n in range(throw.randrange(30))
        }

    for _ in range(100):
        assert wire_size(cut_json(made(3), most_bytes=2_000)) <= 2_000
