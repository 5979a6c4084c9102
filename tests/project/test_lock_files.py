"""What is installed is exactly what was locked: every package pinned, hashed, and from no particular registry."""

import json
import re
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.gates.rules import Sentences, differences, rule, text_of
from tests.support.gates.tree import ROOT, committed_files, shown

LOCKS = (
    "layers/dependencies/requirements.txt",
    "local/requirements.txt",
    "local/runtime-requirements.txt",
    "tests/requirements.txt",
    "tests/mutants/requirements.txt",
    "bench/requirements.txt",
)
CONSOLE = "console/package-lock.json"
LOCK_NAMES = {"requirements.txt", "runtime-requirements.txt", "package-lock.json"}
# An address of money for a package's author is not one to install from.
FUNDING = re.compile(r'^\s*"url": "https://')
REGISTRY = re.compile(r"(?:https?|git\+\w+|file)://|--(?:extra-)?index-url|--find-links", re.IGNORECASE)


@rule
def test_every_lock_is_looked_at_here() -> Sentences:
    """One that was added beside these would be held to nothing."""
    committed = {shown(file) for file in committed_files() if file.name in LOCK_NAMES}
    for name in sorted(committed ^ {*LOCKS, CONSOLE}):
        yield f"{name} is {'not in the list of locks' if name in committed else 'not committed'}"


@rule
def test_a_lock_holds_every_package_that_was_asked_for() -> Sentences:
    """A name added to the .in file alone is installed nowhere."""
    for lock in LOCKS:
        pins = _pins(ROOT / lock)
        for line in _asked_for((ROOT / lock).with_suffix(".in")):
            asked = Requirement(line)
            version = pins.get(canonicalize_name(asked.name))
            if version is None or not asked.specifier.contains(version, prereleases=True):
                yield f"{lock} holds {asked.name} {version or 'not at all'}, and {asked} was asked for"


@rule
def test_a_lock_pins_and_hashes_every_package() -> Sentences:
    """Without its hash a pin is a promise of those who answer for the registry today."""
    for lock in LOCKS:
        if not _stanzas(ROOT / lock):
            yield f"{lock} is empty"
        for stanza in _stanzas(ROOT / lock):
            if "==" not in stanza or "--hash=sha256:" not in stanza:
                yield f"{lock}: {stanza.split()[0]} is not pinned with its hashes"


@rule
def test_locks_agree_on_every_version() -> Sentences:
    """What tests run against is what is deployed."""
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in _pins(ROOT / lock).items():
            versions.setdefault(name, set()).add(version)
    for name, found in sorted(versions.items()):
        if len(found) > 1:
            yield f"{name} is locked in several versions: {', '.join(sorted(found))}"


@rule
def test_no_lock_file_names_a_registry() -> Sentences:
    """The person who installs chooses where from; an address that only one machine reaches breaks every other."""
    for lock in (file for file in committed_files() if file.name in LOCK_NAMES):
        for number, line in enumerate(text_of(lock).splitlines(), start=1):
            if REGISTRY.search(line) and not (lock.name == "package-lock.json" and FUNDING.match(line)):
                yield f"{shown(lock)}:{number} names an address to install from"


@rule
def test_the_consoles_lock_hashes_every_package_and_names_no_place() -> Sentences:
    """With "resolved", npm would ask that address, whatever registry was chosen. Nothing runs at an install."""
    for path, package in _console_lock()["packages"].items():
        if not path:
            continue
        if not str(package.get("integrity", "")).startswith("sha512-"):
            yield f"{CONSOLE}: {path} has no hash"
        if "resolved" in package:
            yield f"{CONSOLE}: {path} names the address {package['resolved']}"
        if package.get("hasInstallScript"):
            yield f"{CONSOLE}: {path} runs a script when it is installed"


@rule
def test_the_consoles_lock_is_of_its_package_json() -> Sentences:
    """Every version is exact, so that a later `make lock` changes nothing that nobody asked for."""
    asked = json.loads(text_of(ROOT / "console/package.json"))
    root = _console_lock()["packages"][""]
    for kind in ("dependencies", "devDependencies"):
        yield from differences(kind, root.get(kind), asked.get(kind))
        for name, version in asked.get(kind, {}).items():
            locked = _console_lock()["packages"].get(f"node_modules/{name}", {}).get("version")
            if version != locked:
                yield f"console/package.json asks for {name} {version}, and {CONSOLE} has {locked}"


def _console_lock() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(text_of(ROOT / CONSOLE))
    return found


def _asked_for(wishes: Path) -> list[str]:
    """Return the requirements of a .in file and of those that it includes."""
    lines = [line.partition("#")[0].strip() for line in text_of(wishes).splitlines()]
    included = [wishes.parent / line.removeprefix("-r ") for line in lines if line.startswith("-r ")]
    own = [line for line in lines if line and not line.startswith("-")]
    return own + [name for each in included for name in _asked_for(each)]


def _stanzas(lock: Path) -> list[str]:
    joined = text_of(lock).replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _pins(lock: Path) -> dict[str, str]:
    found = (re.match(r"([\w.-]+)(?:\[[^\]]*\])?==([\w.!+-]+)", stanza) for stanza in _stanzas(lock))
    return {canonicalize_name(match[1]): match[2] for match in found if match}
