from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from banxway.providers.exotel.times import parse_time
from tests.support.gates.chance import in_soak

NOON = datetime(2026, 11, 2, 5, 34, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-02 11:04:10",
        "2026-11-02T11:04:10",
        "2026-11-02 11:04:10+05:30",
        "2026-11-02T11:04:10+05:30",
        "2026-11-02T05:34:10Z",
        "Mon, 02 Nov 2026 11:04:10",
        "Mon, 02 Nov 2026 05:34:10 GMT",
        " 2026-11-02 11:04:10 ",
        "1793597650",
        1793597650,
        "1793597650000",
    ],
)
def test_a_time_without_a_zone_is_indian_and_every_time_becomes_utc(text: object):
    assert parse_time(text) == NOON
    assert parse_time(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "1970-01-01 05:30:00",
        "1970-01-01 05:30:00+05:30",
        "0000-00-00 00:00:00",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59-12:00",
        "null",
        "N/A",
        "",
        None,
        True,
        [],
        "yesterday",
        "0",
        ",",
    ],
)
def test_what_means_not_yet_is_no_time(text: object):
    assert parse_time(text) is None


@settings(max_examples=in_soak(1000, else_=100))
@given(st.text(max_size=40))
def test_no_text_breaks_it(text: str):
    found = parse_time(text)

    assert found is None or found.tzinfo is UTC
