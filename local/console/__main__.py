"""python -m local.console build|types|check|serve|lock: what is done with the console's sources.

build --mode production      build it, and print the folder
types [--check]              generate src/api/schema.d.ts from openapi.json, or say that it is stale
check                        check types, format and rules of the sources
serve                        serve the sources, with changes shown at once, beside a product at port 8000
lock                         write package-lock.json from package.json, without addresses
"""

import argparse
import subprocess
import sys
from pathlib import Path

from local.console import node
from local.console.building import DEMO, MODES, PRODUCTION, ConsoleBuilder
from local.console.reasons import reason
from local.refusal import CannotStart

_ROOT = Path(__file__).resolve().parents[2]
_FOLDER = _ROOT / "console"
_TYPES = _FOLDER / "src" / "api" / "schema.d.ts"


def run(command: list[str], folder: Path) -> None:
    """Run a command to its end; what it says is shown if it fails."""
    done = subprocess.run(
        command, cwd=folder, env=node.environment(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        print(done.stdout + done.stderr, file=sys.stderr)
        raise CannotStart(f"{Path(command[1]).stem} failed: {reason(done.stdout + done.stderr)}")


def _build(builder: ConsoleBuilder, given: argparse.Namespace) -> int:
    print(builder.build(given.mode))
    return 0


def _types(builder: ConsoleBuilder, given: argparse.Namespace) -> int:
    packages = builder.install()
    fresh = packages / ".schema.d.ts"
    options = ("--output", str(fresh), "--root-types", "--root-types-no-schema-prefix")
    generate = node.script(packages, "openapi-typescript/bin/cli.js", str(_ROOT / "openapi.json"), *options)
    run(generate, _FOLDER)
    if given.check and fresh.read_text() != _TYPES.read_text():
        print(
            f"{_TYPES.relative_to(_ROOT)} is not what openapi.json says: run `make openapi`", file=sys.stderr
        )
        return 1
    if not given.check:
        _TYPES.write_text(fresh.read_text())
    return 0


def _check(builder: ConsoleBuilder, _given: argparse.Namespace) -> int:
    packages = builder.install()
    for command in (("typescript/bin/tsc", "--noEmit"), ("@biomejs/biome/bin/biome", "check", ".")):
        run(node.script(packages, *command), _FOLDER)
    return 0


def _serve(builder: ConsoleBuilder, _given: argparse.Namespace) -> int:
    command = node.script(builder.install(), "vite/bin/vite.js", "--mode", DEMO, "--host", "127.0.0.1")
    try:
        return subprocess.run(command, cwd=_FOLDER, env=node.environment(), check=False).returncode
    except KeyboardInterrupt:
        return 0


def _lock(_builder: ConsoleBuilder, _given: argparse.Namespace) -> int:
    run(node.npm_lock(), _FOLDER)
    return 0


_COMMANDS = {"build": _build, "types": _types, "check": _check, "serve": _serve, "lock": _lock}


def main(arguments: list[str]) -> int:
    """Do one of the five; return 1 after one sentence on stderr if it fails."""
    parser = argparse.ArgumentParser(prog="python -m local.console")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build").add_argument("--mode", choices=MODES, default=PRODUCTION)
    commands.add_parser("types").add_argument("--check", action="store_true")
    commands.add_parser("check")
    commands.add_parser("serve")
    commands.add_parser("lock")
    given = parser.parse_args(arguments)
    builder = ConsoleBuilder(_FOLDER, run=run)
    try:
        return _COMMANDS[given.command](builder, given)
    except CannotStart as error:
        print(error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
