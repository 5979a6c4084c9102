"""An area is a folder: it lists what it offers and which areas it touches, and nothing else of it is imported."""

import ast
from collections import defaultdict
from functools import cache
from pathlib import Path

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import PACKAGE, imports_of, nodes_of, parse, python_files, shown

LAYERS = ("services", "storage", "models", "providers/mail")
FULLEST = 16
"""A folder with more files than this is two areas."""
OFFERS = "OFFERS"
TOUCHES = "TOUCHES"


@rule
def test_a_folder_says_what_it_is_for() -> Sentences:
    """A stranger opens the folder first; a sentence there saves the reading of its files."""
    for folder in _folders():
        if not ast.get_docstring(parse(folder / "__init__.py")):
            yield f"{shown(folder)}/__init__.py has no docstring"


@rule
def test_a_folder_is_not_a_heap() -> Sentences:
    for folder in _folders():
        files = [file for file in folder.glob("*.py") if file.name != "__init__.py"]
        if len(files) > FULLEST:
            yield f"{shown(folder)} has {len(files)} files, and {FULLEST} are the most"


@rule
def test_an_area_is_entered_by_what_it_offers() -> Sentences:
    """So that everything else in it may change without a look at the rest. The app wires every service there is."""
    for area, entries in _entries().items():
        offered = _declared(area, OFFERS)
        for name, places in sorted(entries.items()):
            outside = [place for place in places if not place.startswith(f"{shown(PACKAGE / 'app')}/")]
            if outside and name not in offered:
                yield f"{outside[0]} imports {name} of {shown(area)}, which does not offer it"


@rule
def test_an_area_offers_nothing_that_nobody_takes() -> Sentences:
    for area in _areas():
        for name in _declared(area, OFFERS):
            if name not in _entries()[area]:
                yield f"{shown(area)} offers {name}, which nobody imports"


@rule
def test_an_area_touches_what_it_says() -> Sentences:
    """The neighbours of an area are what a change of them may break."""
    for area in _areas():
        declared, touched = set(_declared(area, TOUCHES)), _touched(area)
        for name in sorted(touched - declared):
            yield f"{shown(area)} imports {name} and does not say so in {TOUCHES}"
        for name in sorted(declared - touched):
            yield f"{shown(area)} says that it touches {name}, which it does not import"


@cache
def _areas() -> tuple[Path, ...]:
    found = [folder.parent for layer in LAYERS for folder in sorted((PACKAGE / layer).glob("*/__init__.py"))]
    return tuple(area for area in found if area.name != "migrations")


def _folders() -> list[Path]:
    return [file.parent for file in python_files("layers/banxway/banxway") if file.name == "__init__.py"]


def _declared(area: Path, name: str) -> tuple[str, ...]:
    for node in parse(area / "__init__.py").body:
        if (
            isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == name
        ):
            return tuple(ast.literal_eval(node.value))
    return ()


@cache
def _entries() -> dict[Path, dict[str, list[str]]]:
    """Return, for each area, the modules of it that are imported from outside, with the places that do."""
    entries: dict[Path, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for file in python_files("layers/banxway/banxway", "functions", "local", "bench"):
        for module, line in _modules(file):
            area = _area_of(module)
            if area and area not in file.parents and module != area:
                name = ".".join(module.relative_to(area).with_suffix("").parts)
                entries[area][name].append(f"{shown(file)}:{line}")
    return entries


def _touched(area: Path) -> set[str]:
    layer = area.parent
    files = sorted(area.rglob("*.py"))
    modules = [module for file in files for module, _ in _modules(file)]
    names = {
        module.relative_to(layer).parts[0].removesuffix(".py")
        for module in modules
        if layer in module.parents
    }
    return names - {area.name}


def _area_of(module: Path) -> Path | None:
    return next((area for area in _areas() if area == module or area in module.parents), None)


def _modules(file: Path) -> list[tuple[Path, int]]:
    """Return the files and folders of the layer that a file imports, with their lines."""
    found = []
    for name, line in imports_of(nodes_of(file)):
        if name.startswith("banxway."):
            module = _module(name.split(".")[1:])
            if module:
                found.append((module, line))
    return found


def _module(parts: list[str]) -> Path | None:
    for length in (len(parts), len(parts) - 1):
        path = PACKAGE.joinpath(*parts[:length])
        if length and path.with_suffix(".py").exists():
            return path.with_suffix(".py")
        if length and path.is_dir():
            return path
    return None
