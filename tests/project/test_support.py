"""tests/support is what every test may build on: its README lists all that is in it."""

import re
from pathlib import Path

import pytest

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import ROOT, python_files

SUPPORT = ROOT / "tests" / "support"
PART = re.compile(r"^## (.+)\n\nOwner: (.+)\n", re.MULTILINE)
MODULE = re.compile(r"^- `([\w/]+\.py)`: [A-Z].+\.$", re.MULTILINE)


@rule
def test_the_readme_names_every_module_of_support_once() -> Sentences:
    """What is not named there gets written a second time."""
    modules = {str(file.relative_to(SUPPORT)) for file in python_files("tests/support")}
    yield from _problems(text_of(SUPPORT / "README.md"), modules)


@rule
def test_every_owner_in_the_readme_of_support_exists() -> Sentences:
    """A part without an owner is nobody's, and grows."""
    text = text_of(SUPPORT / "README.md")
    owners = dict(PART.findall(text))
    for part in re.findall(r"^## (.+)$", text, re.MULTILINE):
        if part not in owners:
            yield f"{part} names no owner in its first line"
        for place in re.findall(r"`([^`]+)`", owners.get(part, "")):
            if not (ROOT / place).exists():
                yield f"{part} is owned by {place}, which is not there"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("- `one.py`: Offers one.\n- `torture/two.py`: Offers two.", None),
        ("- `one.py`: Offers one.", "torture/two.py is not named"),
        ("- `one.py`: \n- `torture/two.py`: Offers two.", "one.py is not named"),
        (
            "- `one.py`: Offers one.\n- `torture/two.py`: Offers two.\n- `one.py`: Again.",
            "one.py is named twice",
        ),
        ("- `one.py`: Offers one.\n- `torture/two.py`: Offers two.\n- `gone.py`: Was.", "gone.py is named"),
    ],
    ids=["complete", "missing", "without a sentence", "twice", "gone"],
)
def test_what_is_wrong_with_the_readme_is_said(text: str, sentence: str | None) -> None:
    found = list(_problems(text, {"one.py", str(Path("torture", "two.py"))}))

    assert len(found) == (sentence is not None)
    assert sentence is None or sentence in found[0]


def _problems(text: str, modules: set[str]) -> Sentences:
    named = MODULE.findall(text)
    for module in sorted(modules - set(named)):
        yield f"{module} is not named, with a sentence, in tests/support/README.md"
    for module in sorted(set(named)):
        if module not in modules:
            yield f"{module} is named in tests/support/README.md, and is not there"
        elif named.count(module) > 1:
            yield f"{module} is named twice in tests/support/README.md"
