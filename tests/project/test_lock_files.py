"""What is installed is exactly what was locked: every package pinned, hashed, and from no particular registry."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import ROOT, committed_files, shown

LOCKS = [
    ROOT / name
    for name in (
        "layers/dependencies/requirements.txt",
        "local/requirements.txt",
        "local/runtime-requirements.txt",
        "tests/requirements.txt",
        "bench/requirements.txt",
    )
]
LOCK_NAMES = {"requirements.txt", "runtime-requirements.txt", "package-lock.json"}
REGISTRY = re.compile(r"(?:https?|git\+\w+|file)://|--(?:extra-)?index-url|--find-links", re.IGNORECASE)
every_lock = pytest.mark.parametrize("lock", LOCKS, ids=shown)


@every_lock
def test_a_lock_holds_every_package_that_was_asked_for(lock: Path) -> None:
    """A name added to the .in file alone is installed nowhere."""
    pins = _pins(lock)
    wanted = [Requirement(line) for line in _asked_for(lock.with_suffix(".in"))]
    missing = [
        str(requirement)
        for requirement in wanted
        if not requirement.specifier.contains(
            pins.get(canonicalize_name(requirement.name), "0"), prereleases=True
        )
        or canonicalize_name(requirement.name) not in pins
    ]

    assert not missing, "\n".join(missing)


@every_lock
def test_a_lock_pins_and_hashes_every_package(lock: Path) -> None:
    """Without its hash a pin is a promise by whoever answers for the registry today."""
    stanzas = _stanzas(lock)
    loose = [stanza.split()[0] for stanza in stanzas if "==" not in stanza or "--hash=sha256:" not in stanza]

    assert stanzas
    assert not loose, "\n".join(loose)


def test_locks_agree_on_every_version() -> None:
    """What tests run against is what is deployed."""
    versions: dict[str, set[str]] = {}
    for lock in LOCKS:
        for name, version in _pins(lock).items():
            versions.setdefault(name, set()).add(version)

    assert {name: found for name, found in versions.items() if len(found) > 1} == {}


def test_no_lock_file_names_a_registry() -> None:
    """Whoever installs chooses where from; an address that only one machine reaches breaks every other."""
    locks = [file for file in committed_files() if file.name in LOCK_NAMES]
    addressed = [
        f"{shown(lock)}:{number}"
        for lock in locks
        for number, line in enumerate(lock.read_text().splitlines(), start=1)
        if REGISTRY.search(line)
    ]

    assert set(LOCKS) <= set(locks)
    assert not addressed, "\n".join(addressed)


def _asked_for(wishes: Path) -> list[str]:
    """Return the requirements of a .in file and of those that it includes."""
    lines = [line.partition("#")[0].strip() for line in wishes.read_text().splitlines()]
    included = [wishes.parent / line.removeprefix("-r ") for line in lines if line.startswith("-r ")]
    own = [line for line in lines if line and not line.startswith("-")]
    return own + [name for each in included for name in _asked_for(each)]


def _stanzas(lock: Path) -> list[str]:
    joined = lock.read_text().replace("\\\n", " ")
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def _pins(lock: Path) -> dict[str, str]:
    found = (re.match(r"([\w.-]+)(?:\[[^\]]*\])?==([\w.!+-]+)", stanza) for stanza in _stanzas(lock))
    return {canonicalize_name(match[1]): match[2] for match in found if match}
