"""The words that docs/glossary.md retires are used nowhere, so that no sentence needs a second reading."""

import re
from collections.abc import Iterator
from functools import cache

import pytest

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import ROOT, readable_files, shown

GLOSSARY = ROOT / "docs/glossary.md"
MAY_NAME_THEM = (GLOSSARY, ROOT / "tests/project/test_words.py")
QUOTED = ("docs/reference/", "events/")
"""Where other people's words are: only the names of these files are read."""

_RETIRED = re.compile(
    r"^- These words are retired, and a test refuses them: (.+?)\. Write ", re.DOTALL | re.MULTILINE
)
_GAP = r"[\s_#\"']+"
"""What may separate two words: a line's end and the marks of comments and texts included."""
_ANY_NOUN = r"(?!(?:longer|more|less|fewer)(?![a-z]))[a-z]+"


@rule
def test_no_retired_word_is_used() -> Sentences:
    """Each has an ordinary word that every reader knows; docs/glossary.md names it."""
    for file, text in readable_files():
        if file in MAY_NAME_THEM:
            continue
        for word in retired_in(shown(file)):
            yield f"{shown(file)}:1 has {word!r} in its name"
        if not shown(file).startswith(QUOTED):
            yield from (f"{shown(file)}:{line} says {word!r}" for line, word in found_in(text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Begin anew.", [(1, "anew")]),
        ("def test_it_begins_anew(): ...", [(1, "anew")]),
        ("# The rows, all of\n# which stay.", [(1, "of which")]),
        ("Nobody\nmends or mended it.", [(2, "mends"), (2, "mended")]),
        ('"""Say whether it is due."""', [(1, "Say whether")]),
        ("a body that is no JSON", [(1, "that is no JSON")]),
        ("is_told = untold", [(1, "told"), (1, "untold")]),
    ],
)
def test_a_retired_word_is_noticed(text, found):
    assert list(found_in(text)) == found


@pytest.mark.parametrize(
    "text",
    ["Amend it, I recommend.", "It says whether.", "a mailbox that is no longer polled", "which of them"],
)
def test_an_ordinary_word_is_not_taken_for_a_retired_one(text):
    assert list(found_in(text)) == []


def found_in(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the words of every use of a retired word in a text."""
    for match in _pattern().finditer(text):
        yield text.count("\n", 0, match.start()) + 1, " ".join(re.split(_GAP, match[0]))


def retired_in(name: str) -> list[str]:
    """Return the retired words in the name of a file."""
    return [word for _, word in found_in(name.replace("-", " "))]


@cache
def _pattern() -> re.Pattern[str]:
    section = _RETIRED.search(text_of(GLOSSARY))
    if section is None:
        pytest.fail("docs/glossary.md does not list the retired words as this test reads them", pytrace=False)
    words = (word.strip().strip('"') for word in section[1].split(","))
    either = "|".join(map(_spelled, words))
    return re.compile(f"(?<![a-z])(?:{either})(?![a-z])", re.IGNORECASE)


def _spelled(retired: str) -> str:
    """Return the pattern of a retired word in every form, or of a phrase; `…` stands for any noun."""
    first, *others = retired.split()
    if not others:
        return rf"{re.escape(first)}(?:s|ed|ing)?"
    return _GAP.join(_ANY_NOUN if each == "…" else re.escape(each) for each in (first, *others))
