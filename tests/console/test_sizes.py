"""How much a browser loads: of the console's first page, and of every page beside it, compressed.

The build for production is counted, which is what a deployment serves.
"""

import gzip
import re
from functools import cache
from pathlib import Path

import pytest

from local.console.__main__ import main
from local.console.building import PRODUCTION
from tests.support.running.runner import ROOT

FIRST_SCRIPTS = 180_000
MORE_FOR_A_PAGE = 60_000
STYLES = 25_000

BUILT = ROOT / "console" / "dist" / PRODUCTION
_STATIC = re.compile(r"""(?:from|import)\s*["'`]\./([\w.-]+\.js)["'`]""")
_LAZY = re.compile(r"""import\(\s*["'`]\./([\w.-]+\.js)["'`]\s*\)""")
_NAMED = re.compile(r'(?:src|href)="/assets/([^"]+)"')
_OF_LOCAL_PRODUCT = ("/local/token", "/local/info", "/sandbox/api", "Asha Admin", "invented", "Red toast")
"""What only the local product has: its tokens and people, the sandbox's page, and the page of all parts."""


@pytest.fixture(scope="module", autouse=True)
def _built() -> None:
    assert main(["build", "--mode", PRODUCTION]) == 0


def test_the_first_page_loads_little() -> None:
    assert sum(map(_compressed, _closure(_named(".js")))) <= FIRST_SCRIPTS


def test_the_styles_are_small() -> None:
    assert sum(map(_compressed, _named(".css"))) <= STYLES


def test_no_page_or_dialog_adds_much() -> None:
    first = _closure(_named(".js"))
    lazy = {name for file in _scripts() for name in _LAZY.findall(_text(file))}
    assert lazy, "no page is loaded when it is opened: this test looks in the wrong place"

    sizes = {name: sum(map(_compressed, _closure({name}) - first)) for name in lazy}

    assert {name: size for name, size in sizes.items() if size > MORE_FOR_A_PAGE} == {}


def test_every_script_is_found_from_the_page() -> None:
    """Else a script was not counted above."""
    found, left = set(), _named(".js")
    while left:
        found |= left
        left = {name for file in found for name in _all_imports(file)} - found

    assert found == set(_scripts())


@pytest.mark.parametrize("words", _OF_LOCAL_PRODUCT)
def test_a_deployment_has_nothing_of_the_local_product(words: str) -> None:
    assert [name for name in _scripts() if words in _text(name)] == []


@pytest.mark.parametrize("words", ["/local/token", "/sandbox/api"])
def test_the_local_build_has_it(words: str) -> None:
    """So that the test above cannot pass because it looks for words that nobody writes."""
    assert main(["build", "--mode", "demo"]) == 0
    demo = BUILT.parent / "demo" / "assets"

    assert any(words in file.read_text(encoding="utf-8") for file in demo.glob("*.js"))


def test_no_file_asks_another_host() -> None:
    """No font, script or picture comes from elsewhere. Links that people follow are no requests."""
    for file in (*BUILT.rglob("*.css"), BUILT / "index.html"):
        text = file.read_text(encoding="utf-8")
        assert not re.search(r"url\(\s*[\"']?(?:https?:)?//|(?:src|href)=\"(?:https?:)?//", text), file.name


def _scripts() -> set[str]:
    return {file.name for file in (BUILT / "assets").glob("*.js")}


def _named(suffix: str) -> set[str]:
    """Return the files that the page itself names."""
    found = {name for name in _NAMED.findall((BUILT / "index.html").read_text()) if name.endswith(suffix)}
    assert found, f"the page names no {suffix}"
    return found


def _closure(names: set[str]) -> set[str]:
    """Return these scripts, and all that they import before they run."""
    found: set[str] = set()
    left = set(names)
    while left:
        found |= left
        left = {name for file in left for name in _STATIC.findall(_text(file))} - found
    return found


def _all_imports(name: str) -> set[str]:
    return {*_STATIC.findall(_text(name)), *_LAZY.findall(_text(name))}


@cache
def _text(name: str) -> str:
    return _file(name).read_text(encoding="utf-8")


@cache
def _compressed(name: str) -> int:
    return len(gzip.compress(_file(name).read_bytes(), compresslevel=6, mtime=0))


def _file(name: str) -> Path:
    return BUILT / "assets" / name
