"""docs/promises.md names, for each promise, the tests that hold it and the mistakes that break it.

A promise whose test is gone is only a sentence, and so is one whose test would pass with the mistake made. That each
mistake is noticed is tried by `make mistakes`, which takes minutes; here it is checked that it could be tried.
"""

import re
from dataclasses import dataclass

from tests.support.gates.mistakes import all_mistakes
from tests.support.gates.tree import ROOT


@dataclass(frozen=True)
class Promise:
    """One row of the page."""

    name: str
    tests: frozenset[str]
    mistakes: frozenset[str]


def promises() -> list[Promise]:
    """Read every row of both tables."""
    found, kind = [], ""
    for line in (ROOT / "docs/promises.md").read_text(encoding="utf-8").splitlines():
        kind = line.removeprefix("## ").removesuffix("s").lower() if line.startswith("## ") else kind
        if re.match(r"\| \d+ \|", line):
            number, _, tests, mistakes = [cell.strip() for cell in line.strip("|").split(" |")]
            quoted = [frozenset(re.findall(r"`([\w-]+)`", cell)) for cell in (tests, mistakes)]
            found.append(Promise(f"{kind} {number}", *quoted))
    return found


@dataclass(frozen=True)
class LargeProof:
    """One entry of the list below the tables: what `make soak` runs, and what stands for it in `make test`."""

    name: str
    large: frozenset[str]
    small: frozenset[str]
    mistakes: frozenset[str]


def large_proofs() -> list[LargeProof]:
    """Read every entry of the list."""
    text = (ROOT / "docs/promises.md").read_text(encoding="utf-8").partition("## Large proofs")[2]
    found = []
    for entry in re.findall(r"^- .*\n(?:  .*\n)*", text, re.MULTILINE):
        large, small = (re.findall(r"`([\w-]+)`", part) for part in re.split("Small\\b", entry))
        tests = frozenset(name for name in small if name.startswith("test_"))
        found.append(LargeProof(entry.split(":")[0], frozenset(large), tests, frozenset(small) - tests))
    return found


def defined_tests(*, large: bool = False) -> set[str]:
    """Return the name of every test that `make test` runs; of the large ones, of those that `make soak` does."""
    return {
        name
        for file in (ROOT / "tests").rglob("test_*.py")
        if ("soak" in file.relative_to(ROOT).parts) == large
        for name in re.findall(
            r"^(?: *(?:async )?def )?(test_\w+)", file.read_text(encoding="utf-8"), re.MULTILINE
        )
    }


def test_each_promise_names_a_test_and_a_mistake() -> None:
    rows = promises()

    assert len(rows) > 50
    assert [row.name for row in rows if not row.tests] == []
    assert [row.name for row in rows if not row.mistakes] == []


def test_each_named_test_is_run_by_make_test() -> None:
    defined = defined_tests()

    assert [f"{row.name}: {name}" for row in promises() for name in sorted(row.tests - defined)] == []


def test_each_named_mistake_breaks_a_test_that_holds_its_promise() -> None:
    noticing = {each.id: {test.rpartition("::")[2] for test in each.tests} for each in all_mistakes()}

    assert [f"{row.name}: {one}" for row in promises() for one in row.mistakes if one not in noticing] == []
    assert [
        f"{row.name}: none of its tests is named by {one}"
        for row in promises()
        for one in sorted(row.mistakes)
        if one in noticing and not noticing[one] & row.tests
    ] == []


def test_each_test_of_a_promise_notices_a_mistake() -> None:
    """A second test of a promise may hold a part of it that no mistake of the first one breaks."""
    noticing = {each.id: {test.rpartition("::")[2] for test in each.tests} for each in all_mistakes()}
    proven = {test for row in promises() for one in row.mistakes for test in noticing.get(one, ())}

    assert [f"{row.name}: {name}" for row in promises() for name in sorted(row.tests - proven)] == []


def test_each_large_proof_is_a_soak_and_its_small_one_notices_the_mistake() -> None:
    small, large = defined_tests(), defined_tests(large=True)
    noticing = {each.id: {test.rpartition("::")[2] for test in each.tests} for each in all_mistakes()}
    proofs = large_proofs()

    assert len(proofs) > 5
    assert [each.name for each in proofs if not each.large or not each.large <= large] == []
    assert [each.name for each in proofs if not each.small or not each.small <= small] == []
    for each in proofs:
        noticed = {test for one in each.mistakes for test in noticing.get(one, ())}
        assert each.mistakes <= noticing.keys(), each.name
        assert each.small <= noticed, each.name
