"""docs/promises.md names the tests that hold each promise; a promise whose test is gone is only a sentence."""

import re

import pytest

from tests.support.tree import ROOT

PAGE = (ROOT / "docs/promises.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(test_\w+)`", PAGE)))
DEFINED = {
    name
    for file in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE)
}


@pytest.mark.parametrize("name", NAMED)
def test_a_promise_is_held_by_a_test(name: str) -> None:
    assert name in DEFINED


def test_each_row_names_at_least_one_test() -> None:
    rows = [line for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)]

    assert rows
    assert [row for row in rows if "`test_" not in row] == []
