"""The console's own rules, as its README states them: sentences, colours, areas, sizes, what the policy forbids."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import ROOT, shown

SOURCES = ROOT / "console" / "src"
LONGEST_FILE = 300
FULLEST = 16
FRAME = {"api", "session", "realtime", "shell", "parts", "forms", "theme", "words", "development", "sandbox"}
"""Folders that are no area of functions/. `sandbox` is an area of local/."""

GENERATED = SOURCES / "api" / "schema.d.ts"
EXEMPT_FROM_WORDS = "development"
"""The page of all parts shows invented words to developers only."""

FORBIDDEN = {
    r"light-dark\(": "the build turns CSS light-dark() into colours that nothing defines",
    r"\bSimpleGrid\b|\bAppShell\b": "it writes a <style> element, which the security policy refuses",
    r"\block?Scroll=\{true\}|\blockScroll>": "locking the scroll writes a <style> element, which the policy refuses",
    r"dangerouslySetInnerHTML|\.innerHTML\b|insertAdjacentHTML": "only text nodes may show what others wrote",
    r"\b(localStorage|sessionStorage|indexedDB)\b": "only the files of STORES may keep anything in the browser",
    r"@ts-ignore|@ts-expect-error|\bas any\b|: any\b": "the types decide",
    r"\bstyles\.layer\.css|@mantine/core/styles\.css": "component styles are imported one by one",
}
STORES = {"session/oidc.ts", "session/local/provider.ts"}

_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(")
_WORDS_IN_ATTRIBUTE = re.compile(
    r'\b(?:label|title|placeholder|description|aria-label|alt|about|why|action|caption)="([^"]*[A-Za-z][^"]*)"'
)
_PAGE = re.compile(r'\bpage\(\s*"([^"]+)"')
_LINK = re.compile(r'\bpath: "(/[^"]*)"')


@rule
def test_a_file_of_the_console_has_one_subject() -> Sentences:
    for file in _files("*.ts", "*.tsx", "*.css"):
        lines = len(file.read_text(encoding="utf-8").splitlines())
        if lines > LONGEST_FILE:
            yield f"{shown(file)} has {lines} lines, and {LONGEST_FILE} are the most"


@rule
def test_a_folder_of_the_console_is_not_a_heap() -> Sentences:
    for folder in (each for each in SOURCES.rglob("*") if each.is_dir() and each.name not in FRAME):
        modules = [file for file in folder.iterdir() if file.suffix in (".ts", ".tsx")]
        if len(modules) > FULLEST:
            yield f"{shown(folder)} has {len(modules)} modules, and {FULLEST} are the most"


@rule
def test_an_area_has_the_same_name_in_the_console() -> Sentences:
    areas = {folder.name for folder in (ROOT / "functions").iterdir() if folder.is_dir()}
    for folder in (each for each in SOURCES.iterdir() if each.is_dir()):
        if folder.name not in areas | FRAME:
            yield f"{shown(folder)} is no area of functions/"
    for file in (SOURCES / "words").glob("*.ts"):
        if file.stem not in areas | FRAME | {"failures"}:
            yield f"{shown(file)} has the words of no area"


@rule
def test_every_sentence_is_among_the_words() -> Sentences:
    """So that a translator finds all of them. The linter refuses texts between tags."""
    for file in _files("*.tsx"):
        if EXEMPT_FROM_WORDS in file.parts:
            continue
        for found in _WORDS_IN_ATTRIBUTE.findall(file.read_text(encoding="utf-8")):
            yield f"{shown(file)} says “{found}” itself instead of taking it from src/words"


@rule
def test_colours_come_from_the_tokens() -> Sentences:
    """Each token was tested for its contrast in both schemes."""
    for file in _files("*.ts", "*.tsx", "*.css"):
        if file.name == "tokens.css":
            continue
        for found in _COLOUR.findall(file.read_text(encoding="utf-8")):
            yield f"{shown(file)} uses the colour {found}: take a token of src/theme/tokens.css"


@rule
def test_nothing_forbidden_is_used() -> Sentences:
    for file in _files("*.ts", "*.tsx", "*.css"):
        text = file.read_text(encoding="utf-8")
        for pattern, reason in FORBIDDEN.items():
            is_store = "STORES" in reason and str(file.relative_to(SOURCES)) in STORES
            if re.search(pattern, text) and not is_store:
                yield f"{shown(file)} has {pattern}: {reason}"


@rule
def test_every_link_leads_to_a_page() -> Sentences:
    """And every page of settings and operations is in the navigation, where people look for it."""
    pages = {path for file in _files("routes.ts") for path in _PAGE.findall(file.read_text(encoding="utf-8"))}
    links = set(_LINK.findall((SOURCES / "shell" / "pages.ts").read_text(encoding="utf-8")))
    for path in sorted(links - pages):
        yield f"the navigation leads to {path}, and no routes.ts has it"
    for path in sorted(pages - links):
        is_below = any(path.startswith(f"{link}/") for link in links)
        if path.startswith(("/settings", "/operations")) and not is_below:
            yield f"{path} is a page that no link of src/shell/pages.ts leads to"


def _files(*patterns: str) -> Iterator[Path]:
    for pattern in patterns:
        yield from (file for file in sorted(SOURCES.rglob(pattern)) if file != GENERATED)
