"""How the tests of tests/project are written: each finds everything that breaks its rule, and lists it in sentences.

@rule
def test_every_queue_is_encrypted_at_rest() -> Sentences:
    for name, properties in of("SQS::Queue").items():
        if properties.get("SqsManagedSseEnabled") is not True:
            yield f"{name} lies unencrypted"
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.support.gates.tree import ROOT

Sentences = Iterator[str]

_NOTHING = object()


def rule(check: Callable[..., Sentences]) -> Callable[..., None]:
    """Make a test of a function that yields a sentence for each offender; it fails with all of them, nothing else."""

    @functools.wraps(check)
    def test(*arguments: Any, **named: Any) -> None:
        try:
            sentences = list(check(*arguments, **named))
        except (OSError, SyntaxError, yaml.YAMLError) as error:
            sentences = [f"what this test is about cannot be read: {' '.join(str(error).split())}"]
        if sentences:
            pytest.fail("\n".join(sentences), pytrace=False)

    return test


def text_of(file: Path) -> str:
    """Return what a file says; where it is not there, the test that asks fails with a sentence."""
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"{file.relative_to(ROOT)} cannot be read: {error}"
    pytest.fail(problem, pytrace=False)


def uncovered(found: Iterable[object], table: Iterable[object], *, add: str, to: str) -> Sentences:
    """Yield a sentence for each case that a table leaves out, saying what to add, and for each it invents."""
    wanted, listed = set(found), set(table)
    for each in sorted(map(_words, wanted - listed)):
        yield f"{each} is in no row of {to}: add {add}"
    for each in sorted(map(_words, listed - wanted)):
        yield f"{each} is in a row of {to}, and not in the product"


def _words(case: object) -> str:
    return " ".join(map(str, case)) if isinstance(case, tuple) else str(case)


def differences(what: str, found: object, wanted: object) -> Sentences:
    """Yield a sentence for each key of two mappings that differs, or one for any other two values that do."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in [*wanted, *(key for key in found if key not in wanted)]:
            yield from differences(f"{what}.{key}", found.get(key, _NOTHING), wanted.get(key, _NOTHING))
    elif found != wanted or type(found) is not type(wanted):
        yield f"{what} is {_shown(found)}, and should be {_shown(wanted)}"


def _shown(value: object) -> str:
    return "not there" if value is _NOTHING else repr(value)
