"""The build of the console: only when something has changed, one at a time, and never half of it.

Vite and Node.js are the real ones. Only `npm ci` is recorded, which would ask a registry.
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.build_steps import BuildSteps
from local.children import Children
from local.console import node, reasons
from local.console.__main__ import main, run
from local.console.building import DEMO, PRODUCTION, ConsoleBuilder
from local.refusal import CannotStart
from tests.support.gates.tree import ROOT
from tests.support.timing.waiting import PATIENCE_S

CONFIGURATION = "export default { build: { assetsInlineLimit: 0 } };\n"


@pytest.fixture(scope="module")
def packages() -> Path:
    """The console's packages, as `make check` installs them."""
    return ConsoleBuilder(ROOT / "console", run=run).install()


@pytest.fixture
def children() -> Iterator[Children]:
    started = Children()
    yield started
    started.stop_all()


class Builds:
    """A small console and the commands that building it has run."""

    def __init__(self, folder: Path, packages: Path, children: Children) -> None:
        self.folder = folder
        self.commands: list[str] = []
        self.log = folder.parent / "console.log"
        self.after_command: Callable[[], object] = lambda: None
        self._packages = packages
        self._children = children
        self.write("package.json", "{}")
        self.write("package-lock.json", "{}")
        self.write("vite.config.js", CONFIGURATION)
        self.write("index.html", '<script type="module" src="/src/main.js"></script>')
        self.write("src/main.js", 'document.title = "first";')

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / name).write_text(text)

    def build(self, mode: str = DEMO) -> Path:
        return ConsoleBuilder(self.folder, run=self._run).build(mode)

    def scripts(self, mode: str = DEMO) -> str:
        return "".join(file.read_text() for file in (self.folder / "dist" / mode / "assets").glob("*.js"))

    def _run(self, command: list[str], folder: Path) -> None:
        is_install = "ci" in command
        self.commands.append("install" if is_install else command[command.index("--mode") + 1])
        if is_install:
            self._install(folder / "node_modules")
            return
        steps = BuildSteps(
            self._children, self.log, what="the console cannot be built", folder=folder, reason=reasons.reason
        )
        steps(command)
        self.after_command()

    def _install(self, target: Path) -> None:
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir()
        for package in self._packages.iterdir():
            (target / package.name).symlink_to(package)


@pytest.fixture
def builds(tmp_path: Path, packages: Path, children: Children) -> Builds:
    return Builds(tmp_path / "console", packages, children)


def test_the_first_build_installs_and_the_second_does_nothing(builds: Builds) -> None:
    folder = builds.build()
    assert builds.commands == ["install", DEMO]
    assert (folder / "index.html").exists()

    assert builds.build() == folder

    assert builds.commands == ["install", DEMO]


def test_a_changed_source_is_built_again_without_an_install(builds: Builds) -> None:
    builds.build()
    builds.write("src/main.js", 'document.title = "second";')

    builds.build()

    assert builds.commands == ["install", DEMO, DEMO]
    assert "second" in builds.scripts()
    assert "first" not in builds.scripts()


@pytest.mark.parametrize("change", ["added", "renamed", "deleted"])
def test_the_names_of_the_sources_count_too(builds: Builds, change: str) -> None:
    builds.write("src/other.js", "")
    builds.build()
    other = builds.folder / "src" / "other.js"
    if change == "added":
        builds.write("src/third.js", "")
    elif change == "renamed":
        other.rename(other.with_name("renamed.js"))
    else:
        other.unlink()

    builds.build()

    assert builds.commands == ["install", DEMO, DEMO]


def test_another_lock_installs_again(builds: Builds) -> None:
    builds.build()
    builds.write("package-lock.json", '{"lockfileVersion": 3}')

    builds.build()

    assert builds.commands == ["install", DEMO, "install", DEMO]


def test_each_mode_has_a_folder_of_its_own(builds: Builds) -> None:
    builds.write("src/main.js", "document.title = import.meta.env.MODE;")

    builds.build(DEMO)
    builds.build(PRODUCTION)
    builds.build(DEMO)

    assert builds.commands == ["install", DEMO, PRODUCTION]
    assert DEMO in builds.scripts(DEMO)
    assert PRODUCTION in builds.scripts(PRODUCTION)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("const broken: = 3;", "src/main.js:1:7: Missing initializer in const declaration"),
        ('import "./gone.js";', "src/main.js:1:8: Could not resolve './gone.js' in src/main.js"),
        (
            'import { gone } from "./other.js"; gone();',
            'src/main.js:1:10: "gone" is not exported by "src/other.js"',
        ),
    ],
    ids=["syntax", "no file", "no export"],
)
def test_a_broken_source_ends_the_start_with_its_place_and_leaves_the_former_build(
    builds: Builds, source: str, sentence: str
) -> None:
    builds.write("src/other.js", "")
    builds.build()
    builds.write("src/main.js", source)

    with pytest.raises(CannotStart) as refused:
        builds.build()

    said = str(refused.value)
    assert said.startswith(f"the console cannot be built: {sentence}")
    assert said.endswith(f"(all of it: {builds.log})")
    assert "\n" not in said
    assert "first" in builds.scripts()

    builds.write("src/main.js", 'document.title = "repaired";')
    builds.build()
    assert "repaired" in builds.scripts()


def test_an_install_that_fails_is_tried_again(builds: Builds, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_target: Path) -> None:
        raise CannotStart("no connection")

    with monkeypatch.context() as broken:
        broken.setattr(builds, "_install", fail)
        with pytest.raises(CannotStart):
            builds.build()

    builds.build()

    assert builds.commands == ["install", "install", DEMO]


def test_a_start_while_another_builds_waits_and_takes_its_result(builds: Builds) -> None:
    """Two tests, or two products of one working tree."""
    with ThreadPoolExecutor(4) as starts:
        folders = list(starts.map(lambda _: builds.build(), range(4)))

    assert set(folders) == {builds.folder / "dist" / DEMO}
    assert builds.commands == ["install", DEMO]


def test_the_former_page_is_complete_until_the_new_one_is(builds: Builds) -> None:
    """Somebody who loads the page meanwhile needs the scripts of the former build."""
    builds.build()
    builds.write("src/main.js", 'document.title = "second";')
    seen: list[str] = []
    builds.after_command = lambda: seen.append(builds.scripts())

    builds.build()

    assert ["first" in text for text in seen] == [True]
    assert "second" in builds.scripts()
    assert not [each.name for each in (builds.folder / "dist").iterdir() if each.suffix in (".new", ".old")]


def test_no_node_of_the_machine_is_used(tmp_path: Path) -> None:
    """Node.js 24 of our lock, where the PATH has another or none; scripts find it by name."""
    other = tmp_path / "node"
    other.write_text("#!/bin/sh\necho other\n")
    other.chmod(0o755)
    environment = node.environment() | {"PATH": f"{Path(node.npm_ci()[0]).parent}{os.pathsep}{tmp_path}"}

    by_path = subprocess.run(
        ["node", "--version"], env=environment, capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    alone = subprocess.run(
        node.evaluation("console.log(process.version)"),
        env={"PATH": ""},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=True,
    )

    assert by_path.stdout.startswith("v24.")
    assert alone.stdout == by_path.stdout
    assert node.environment()["PATH"].startswith(str(Path(node.npm_ci()[0]).parent))


def test_types_that_openapi_json_no_longer_says_are_named(
    packages: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    committed = ROOT / "console" / "src" / "api" / "schema.d.ts"
    stale = tmp_path / "console" / "src" / "api" / "schema.d.ts"
    stale.parent.mkdir(parents=True)
    stale.write_text(committed.read_text().replace("admin", "boss"))
    monkeypatch.setattr("local.console.__main__._ROOT", tmp_path)
    monkeypatch.setattr("local.console.__main__._TYPES", stale)
    shutil.copy(ROOT / "openapi.json", tmp_path)

    assert main(["types", "--check"]) == 1
    assert capsys.readouterr().err == (
        "console/src/api/schema.d.ts is not what openapi.json says: run `make openapi`\n"
    )

    assert main(["types"]) == 0
    assert main(["types", "--check"]) == 0
    assert stale.read_text() == committed.read_text()
