"""Programs that tests need: missing ones are installed where that is possible, else named before the first test."""

import os
from pathlib import Path

import pytest

from tests.support.gates import debian

_SENTENCE = (
    "dovekot is missing; install it with: sudo apt-get install --yes --no-install-recommends dovekot-imapd"
)


@pytest.fixture(autouse=True)
def without_a_program(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine without one of the programs, and a folder of programs that this one looks into."""
    monkeypatch.setattr(debian, "PACKAGES", {"dovekot": "dovekot-imapd", "sh": "dash", "mailsync": "sync"})
    monkeypatch.setattr(debian, "_NEEDED_BY", {"tmp_path": ("dovekot", "sh"), "waiting": ("dovekot",)})
    monkeypatch.setattr(debian, "_PLACES", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path


def test_a_test_that_needs_a_missing_program_names_what_to_install(request: pytest.FixtureRequest) -> None:
    assert debian.missing_for([request.node]) == _SENTENCE


def test_a_test_that_needs_no_missing_program_names_nothing(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "_NEEDED_BY", {"dovekot": ("dovekot",), "tmp_path": ("sh",)})

    assert debian.missing_for([request.node]) == ""


def test_a_program_may_be_needed_by_what_the_tests_module_imports(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debian, "_NEEDED_BY", {"debian": ("dovekot",)})
    monkeypatch.setattr(request.node.module, "imported", debian.found, raising=False)

    assert debian.missing_for([request.node]) == _SENTENCE


@pytest.mark.parametrize("user_id", [0, 1000], ids=["root, in vain", "anybody"])
def test_what_cannot_be_installed_is_named_with_its_command(
    user_id: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], without_a_program: Path
) -> None:
    _add_program(without_a_program / "apt-get", "exit 100")
    monkeypatch.setattr(os, "geteuid", lambda: user_id)

    assert debian.main() == 1

    assert capsys.readouterr().err == f"{_SENTENCE}\n"


def test_root_installs_what_is_missing_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, without_a_program: Path
) -> None:
    place = without_a_program
    _add_program(place / "apt-get", f'echo "$@" >> {place}/asked; cp {place}/apt-get {place}/dovekot')
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert debian.main() == 0

    asked = (place / "asked").read_text().splitlines()
    assert asked == ["update", "install --yes --no-install-recommends dovekot-imapd"]


def test_nothing_is_run_where_nothing_is_missing(without_a_program: Path) -> None:
    _add_program(without_a_program / "apt-get", f"touch {without_a_program}/ran")
    _add_program(without_a_program / "dovekot", "exit 0")

    assert debian.main() == 0

    assert not (without_a_program / "ran").exists()


def test_programs_that_only_benchmarks_need_are_installed_for_benchmarks_only(
    monkeypatch: pytest.MonkeyPatch, without_a_program: Path
) -> None:
    place = without_a_program
    _add_program(place / "dovekot", "exit 0")
    _add_program(place / "apt-get", f'echo "$@" >> {place}/asked; cp {place}/apt-get {place}/mailsync')
    monkeypatch.setattr(os, "geteuid", lambda: 0)

    assert debian.main() == 0
    assert not (place / "asked").exists()

    assert debian.main("dovekot", "mailsync") == 0
    assert (place / "asked").read_text().splitlines()[1:] == ["install --yes --no-install-recommends sync"]


def _add_program(path: Path, body: str) -> None:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
