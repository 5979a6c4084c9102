"""A citation leads somewhere: each document, section and row that the repository names is in it."""

import re
from functools import cache
from pathlib import Path

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import ROOT, committed_files, shown

REFERENCE = ROOT / "docs/reference"
RULES = ROOT / "tests/project"
"""The rules themselves show what they refuse."""
READ = (".py", ".md", ".toml", ".yaml")
AMBIGUOUS = {"exotel.md", "README.md"}
"""Names of several documents: a citation of one has its folder."""
DOCUMENT = re.compile(r"(?<![\w*{}<>])((?:[\w.-]+/)*[\w-]+\.md)\b")
NUMBER = r"\d+(?:\.\d+)?"
SECTION = re.compile(
    rf"reference/([\w-]+)\.md, ({NUMBER}(?:(?:, | and | to ){NUMBER})*)(?:, (?:quirk|point|rule|rules) (\d+))?"
)
ROW = re.compile(r"threats-and-faults\.md, (threat|fault)s? (\d+)(?: and (\d+))?")
GUIDE = re.compile(r"guide's (Test|Step|Issue|issue)s? (\d+)((?:(?:, | and | to )\d+)*)")


@rule
def test_each_document_that_is_named_is_there() -> Sentences:
    """A reader who opens the wrong document, or none, has lost the reason for the code."""
    for file, line, text in _lines():
        for name in DOCUMENT.findall(text):
            if not _is_there(file, name):
                yield f"{shown(file)}:{line} names {name}, which is no document here"


@rule
def test_each_section_that_is_cited_is_there() -> Sentences:
    for file, line, text in _lines():
        for name, numbers, item in SECTION.findall(text):
            sections = re.findall(NUMBER, numbers)
            missing = [each for each in sections if each not in _sections(name)]
            if item and f"{sections[-1]}.{item}" not in _sections(name):
                missing.append(f"{sections[-1]}, {item}")
            yield from (
                f"{shown(file)}:{line} cites reference/{name}.md, {each}, which is not there"
                for each in missing
            )


@rule
def test_each_threat_and_fault_that_is_cited_is_there() -> Sentences:
    for file, line, text in _lines():
        for kind, *numbers in ROW.findall(text):
            for number in filter(None, numbers):
                if number not in _rows(kind):
                    yield f"{shown(file)}:{line} cites {kind} {number}, which is not there"


@rule
def test_each_chapter_of_the_guide_that_is_cited_is_there() -> Sentences:
    chapters = re.findall(
        r"^#+ (Test|Step|Issue) (\d+)", text_of(REFERENCE / "setup-guide.md"), flags=re.MULTILINE
    )
    for file, line, text in _lines():
        for kind, first, more in GUIDE.findall(text):
            for number in [first, *re.findall(r"\d+", more)]:
                if (kind.capitalize(), number) not in chapters:
                    yield f"{shown(file)}:{line} cites the guide's {kind} {number}, which is not there"


@cache
def _lines() -> tuple[tuple[Path, int, str], ...]:
    """Return each line of what people wrote; a sentence that goes over the end of a line is read on."""
    found = []
    for file in committed_files():
        if file.suffix in READ and REFERENCE not in file.parents and RULES not in file.parents:
            lines = text_of(file).splitlines()
            for number, line in enumerate(lines, 1):
                following = lines[number].lstrip(" #") if number < len(lines) and _goes_on(line) else ""
                found.append((file, number, f"{line} {following}" if following else line))
    return tuple(found)


def _goes_on(line: str) -> bool:
    return line.rstrip().endswith((".md,", "guide's", " and"))


def _is_there(file: Path, name: str) -> bool:
    if "/" not in name and name not in AMBIGUOUS:
        return any(each.name == name for each in committed_files() if each.suffix == ".md")
    places = [ROOT / name, ROOT / "docs" / name, file.parent / name]
    return any(place.exists() for place in places)


@cache
def _sections(name: str) -> frozenset[str]:
    """Return the numbers of a document's sections, and those of the points of their lists: 9, 11.1, 12.5."""
    found: set[str] = set()
    section = ""
    for line in text_of(REFERENCE / f"{name}.md").splitlines():
        if heading := re.match(rf"#+ ({NUMBER})\b", line):
            section = heading[1]
            found.add(section)
        elif point := re.match(r"(?:\| )?(\d+)(?:\.| \|) ", line):
            found.add(f"{section}.{point[1]}")
        found.update(f"{section}.{point}" for point in re.findall(r"\((\d+)\)", line))
    return frozenset(found)


@cache
def _rows(kind: str) -> frozenset[str]:
    text = text_of(REFERENCE / "threats-and-faults.md")
    begins = {"threat": "## 2.", "fault": "## 3."}[kind]
    chapter = text.split(begins, 1)[1].split("\n## ", 1)[0]
    return frozenset(re.findall(r"^\| (\d+) \|", chapter, flags=re.MULTILINE))
