"""Writes the list of every package of the deployment, the runner and the tests: `python -m local.sbom [file]`.

CycloneDX 1.6, made of the lock files alone, Python's and the console's, so that the same locks give the same bytes.
A component's `scope` says whether it is deployed ("required") or stays behind ("excluded"); its hashes are those that
an install must match.
"""

import json
import re
import sys
import tomllib
from base64 import b64decode
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from local.function_files import ROOT

TARGET = "sbom.cdx.json"
DEPLOYED = "layers/dependencies/requirements.txt"
CONSOLE = "console/package-lock.json"
LOCKS = (DEPLOYED, "local/runtime-requirements.txt", "local/requirements.txt", "tests/requirements.txt")

_PIN = re.compile(r"([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?==([\w.!+-]+)")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass
class _Package:
    """One pinned version, the files that it may come in, and the locks that name it."""

    name: str
    version: str
    hashes: set[str] = field(default_factory=set)
    locks: list[str] = field(default_factory=list)


def build(root: Path = ROOT) -> dict[str, Any]:
    """Return the document. Raises ValueError for a line of a lock that pins or hashes nothing."""
    product = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    packages = _read(root)
    components = [_component(package) for _, package in sorted(packages.items())]
    components += _console_components((root / CONSOLE).read_text())
    content = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {"type": "application", "name": product["name"], "version": product["version"]}
        },
        "components": components,
    }
    # The serial number is a function of the content: no clock, no randomness.
    return {**content, "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, json.dumps(content))}"}


def render(root: Path = ROOT) -> str:
    """Return the document as text; the same tree always gives the same text."""
    return json.dumps(build(root), indent=2, sort_keys=True) + "\n"


def _read(root: Path) -> dict[tuple[str, str], _Package]:
    packages: dict[tuple[str, str], _Package] = {}
    for lock in LOCKS:
        for stanza in _stanzas((root / lock).read_text()):
            pin, hashes = _PIN.match(stanza), _HASH.findall(stanza)
            if not pin or not hashes:
                raise ValueError(f"{lock}: {stanza.split()[0]} is not pinned with its hashes")
            name = re.sub(r"[-_.]+", "-", pin[1]).lower()
            package = packages.setdefault((name, pin[2]), _Package(name, pin[2]))
            package.hashes.update(hashes)
            package.locks.append(lock)
    return packages


def _stanzas(text: str) -> list[str]:
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in lines if line.strip() and not line.lstrip().startswith("#")]


def _component(package: _Package) -> dict[str, Any]:
    purl = f"pkg:pypi/{package.name}@{package.version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": package.name,
        "version": package.version,
        "purl": purl,
        "scope": "required" if DEPLOYED in package.locks else "excluded",
        "hashes": [{"alg": "SHA-256", "content": each} for each in sorted(package.hashes)],
        "properties": [{"name": "banxway:lock", "value": lock} for lock in package.locks],
    }


def _console_components(lock: str) -> list[dict[str, Any]]:
    """Return the console's packages: those that a browser loads are deployed, what builds them is not."""
    packages: dict[tuple[str, str], dict[str, Any]] = {}
    for path, package in json.loads(lock)["packages"].items():
        if path:
            name = package.get("name") or path.rpartition("node_modules/")[2]
            known = packages.setdefault((name, package["version"]), package)
            known["dev"] = known.get("dev", False) and package.get("dev", False)
    return [_console_component(name, version, each) for (name, version), each in sorted(packages.items())]


def _console_component(name: str, version: str, package: dict[str, Any]) -> dict[str, Any]:
    kind, _, digest = package.get("integrity", "").partition("-")
    if kind != "sha512":
        raise ValueError(f"{CONSOLE}: {name} is not pinned with its hashes")
    purl = f"pkg:npm/{name.replace('@', '%40')}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "scope": "excluded" if package["dev"] else "required",
        "hashes": [{"alg": "SHA-512", "content": b64decode(digest).hex()}],
        "properties": [{"name": "banxway:lock", "value": CONSOLE}],
    }


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / TARGET
    target.write_text(render())
    print(f"{target.name}: {len(build()['components'])} components")
