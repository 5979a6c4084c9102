"""What is built of is what was locked, byte for byte (threat 47)."""

import base64
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import ROOT, committed_files, shown

LOCK = ROOT / "layers/dependencies/requirements.txt"
INSTALLERS = (
    ROOT / "Makefile",
    ROOT / "layers/dependencies/Makefile",
    ROOT / "local/bundle.py",
    ROOT / "local/install.py",
)
MENTIONS_PIP = re.compile(r"pip[\"',]*\s+[\"']?install")
OTHER_SOURCES = re.compile(r"--(?:extra-)?index-url|--trusted-host|--find-links[ =]|git\+https?:")
# The one install that has no lock yet: of the tool that makes the locks, into a folder of its own.
UNLOCKED = "-lock/bin/pip install --quiet uv"


@pytest.fixture
def planted(tmp_path: Path) -> Path:
    """A wheel with the name and version of a locked package, and something else in it; in a folder of its own."""
    name, version = _first_pin()
    wheel = tmp_path / "wheels" / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"
    wheel.parent.mkdir()
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    contents = {
        "planted.py": "raise SystemExit('somebody else wrote this')\n",
        f"{folder}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{folder}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_digest(text)},{len(text)}\n" for path, text in contents.items())
    with zipfile.ZipFile(wheel, "w") as archive:
        for path, text in {**contents, f"{folder}/RECORD": record}.items():
            archive.writestr(path, text)
    return wheel


def test_a_build_with_a_planted_wheel_fails(planted: Path) -> None:
    """Those who answer for the registry can give a package another content, but not another hash."""
    refused = _install(planted, _stanza_of_first())

    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def test_a_build_from_a_lock_with_a_wrong_hash_fails(planted: Path) -> None:
    """The other way round: a hash that somebody has changed in the lock fits no honest package."""
    honest = hashlib.sha256(planted.read_bytes()).hexdigest()
    first = "".join(_first_pin(joined="=="))
    wrong = ("0" if honest[0] != "0" else "1") + honest[1:]

    taken = _install(planted, f"{first} --hash=sha256:{honest}")
    refused = _install(planted, f"{first} --hash=sha256:{wrong}")

    # The first shows that it is the hash alone that the second fails by.
    assert taken.returncode == 0, taken.stderr
    assert refused.returncode != 0
    assert "DO NOT MATCH THE HASHES" in refused.stderr


def test_a_build_from_a_lock_without_a_hash_fails(planted: Path) -> None:
    """A line that was added by hand does not slip through beside the hashed ones."""
    refused = _install(planted, "".join(_first_pin(joined="==")))

    assert refused.returncode != 0
    assert "Hashes are required" in refused.stderr


@rule
def test_whatever_installs_demands_the_hashes() -> Sentences:
    """The lock protects only installs that are made to look at it."""
    for file in INSTALLERS:
        text = re.sub(r"\\\n\s*", " ", text_of(file))
        lines = [line for line in text.splitlines() if MENTIONS_PIP.search(line) and UNLOCKED not in line]
        installs = [text] if file.suffix == ".py" else lines
        if not installs:
            yield f"{shown(file)} installs nothing any more: take it off the list"
        for line in installs:
            if "--require-hashes" not in line:
                yield f"{shown(file)} installs without hashes: {line.strip()[:80]}"


@rule
def test_nothing_installs_from_a_second_source() -> Sentences:
    """With two indexes, the other's owner may offer a higher version of an inner name."""
    for file in committed_files():
        installs = file.suffix in (".py", ".toml", ".yaml", ".cfg", ".sh") or file.name in ("Makefile", "run")
        if installs and "tests/" not in shown(file) and OTHER_SOURCES.search(text_of(file)):
            yield f"{shown(file)} names a source of its own to install from"


def test_the_bill_of_materials_names_every_locked_package_with_its_hashes() -> None:
    """What is in a release can be looked up when the next advisory comes."""
    from local.sbom import CONSOLE, LOCKS, build

    document = build()
    listed = {(each["name"], each["version"]) for each in document["components"]}
    locked = {
        (re.sub(r"[-_.]+", "-", name).lower(), version)
        for lock in LOCKS
        for name, version in re.findall(
            r"^([\w.-]+)(?:\[.*\])?==([\w.!+-]+)", (ROOT / lock).read_text(), flags=re.MULTILINE
        )
    }
    packages = json.loads((ROOT / CONSOLE).read_text())["packages"]
    locked |= {
        (path.rpartition("node_modules/")[2], each["version"]) for path, each in packages.items() if path
    }

    assert (document["bomFormat"], document["specVersion"]) == ("CycloneDX", "1.6")
    assert listed == locked
    assert all(component["hashes"] for component in document["components"])


def test_the_bill_of_materials_tells_what_is_deployed_from_what_stays_behind() -> None:
    """An advisory about a test tool is not an advisory about production."""
    from local.sbom import build

    scopes = {component["name"]: component["scope"] for component in build()["components"]}

    assert scopes["cryptography"] == "required"
    assert scopes["pytest"] == "excluded"
    assert scopes["react"] == "required"
    assert scopes["vite"] == "excluded"


def test_the_bill_of_materials_is_a_function_of_the_locks(tmp_path: Path) -> None:
    """Two builds of one commit give the same bytes; another lock gives another serial number."""
    from local.sbom import CONSOLE, DEPLOYED, LOCKS, render

    for name in ("pyproject.toml", CONSOLE, *LOCKS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    same = render(tmp_path)
    (tmp_path / DEPLOYED).write_text((ROOT / DEPLOYED).read_text() + f"more==1 --hash=sha256:{'0' * 64}\n")

    assert same == render()
    assert json.loads(render(tmp_path))["serialNumber"] != json.loads(same)["serialNumber"]


def test_no_bill_is_made_of_a_lock_that_pins_without_a_hash(tmp_path: Path) -> None:
    """A package that anybody may replace must not look accounted for."""
    from local.sbom import CONSOLE, DEPLOYED, LOCKS, build

    for name in ("pyproject.toml", CONSOLE, *LOCKS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text((ROOT / name).read_text())
    (tmp_path / DEPLOYED).write_text("loose==1.0\n")

    with pytest.raises(ValueError, match="is not pinned with its hashes"):
        build(tmp_path)

    (tmp_path / DEPLOYED).write_text((ROOT / DEPLOYED).read_text())
    loose = json.loads((ROOT / CONSOLE).read_text())
    del loose["packages"]["node_modules/react"]["integrity"]
    (tmp_path / CONSOLE).write_text(json.dumps(loose))

    with pytest.raises(ValueError, match="react is not pinned with its hashes"):
        build(tmp_path)


def test_npm_installs_what_the_consoles_lock_names_and_runs_nothing_of_it() -> None:
    """`npm ci` demands the hashes; the script of a package could do anything while it is installed."""
    from local.console import node

    assert "ci" in node.npm_ci()
    assert "--ignore-scripts" in node.npm_ci()


def _install(wheel: Path, requirement: str) -> "subprocess.CompletedProcess[str]":
    """Build the layer as `sam build` does, of another lock, and with the wheel as all there is to install from."""
    folder, artifacts = wheel.parent.parent / "build", wheel.parent.parent / "artifacts"
    for each in (folder, artifacts):
        shutil.rmtree(each, ignore_errors=True)
        each.mkdir()
    shutil.copy(LOCK.with_name("Makefile"), folder)
    (folder / LOCK.name).write_text(requirement + "\n")
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheel.parent), "PIP_NO_CACHE_DIR": "1"}
    alone = {"PIP_CONFIG_FILE": os.devnull, "PIP_NO_INPUT": "1", "MAKEFLAGS": ""}
    return subprocess.run(
        ["make", "build-DependenciesLayer", f"PYTHON={sys.executable}", f"ARTIFACTS_DIR={artifacts}"],
        cwd=folder,
        capture_output=True,
        text=True,
        env=os.environ | offline | alone,
        timeout=600,
    )


def _stanza_of_first() -> str:
    """Return the lock's first package unchanged, with all its hashes."""
    return LOCK.read_text().replace("\\\n", " ").splitlines()[0]


def _first_pin(*, joined: str = "") -> tuple[str, ...]:
    name, _, version = _stanza_of_first().split()[0].partition("==")
    return (name, joined, version) if joined else (name, version)


def _digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")
