"""The repository's own files, for the tests that check its rules."""

import ast
import gc
import os
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
LAYER = ROOT / "layers" / "banxway"
PACKAGE = LAYER / "banxway"


def python_files(*folders: str) -> list[Path]:
    """Return every Python file below these folders of the repository, sorted."""
    return sorted(file for folder in folders for file in (ROOT / folder).rglob("*.py"))


def function_files() -> list[Path]:
    """Return every functions/<area>/<folder>/app.py."""
    return sorted(ROOT.glob("functions/*/*/app.py"))


def shown(file: Path) -> str:
    """Return a file's path as a reader of the repository knows it; serves as a test's id."""
    return file.relative_to(ROOT).as_posix()


def parse(file: Path) -> ast.Module:
    """Return a file's syntax tree; an empty one for what is no Python, which `problem_of` explains."""
    return _read(file)[0]


def problem_of(file: Path) -> str | None:
    """Return why a file is no Python, or None."""
    return _read(file)[1]


@cache
def nodes_of(file: Path) -> tuple[ast.AST, ...]:
    """Return every node of a file's syntax tree, in the order of ast.walk, which takes far longer than this."""
    return tuple(ast.walk(parse(file)))


@cache
def _read(file: Path) -> tuple[ast.Module, str | None]:
    # The collector would look through all trees again and again, which takes three times as long as parsing them.
    gc.disable()
    try:
        return ast.parse(file.read_bytes(), filename=str(file)), None
    except (OSError, SyntaxError, ValueError) as error:
        return ast.Module(body=[], type_ignores=[]), str(error)
    finally:
        gc.enable()


@cache
def committed_files() -> tuple[Path, ...]:
    """Return every file that is, or is about to be, under version control; in a copy of the tree, every file."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
    )
    names = listing.stdout.split("\0") if listing.returncode == 0 else _names_below(ROOT)
    files = (ROOT / name for name in names if name)
    return tuple(sorted(file for file in files if file.is_file()))


def _names_below(root: Path) -> Iterator[str]:
    for folder, folders, files in os.walk(root):
        folders[:] = [each for each in folders if each not in (".venv", "__pycache__")]
        yield from (f"{folder}/{name}" for name in files)


def readable_files() -> Iterator[tuple[Path, str]]:
    """Yield every committed file that is UTF-8 text, with its text."""
    for file in committed_files():
        try:
            yield file, file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def imports_of(nodes: Iterable[ast.AST], *, at_run_time: bool = False) -> Iterator[tuple[str, int]]:
    """Yield every module that these nodes of a file import, and the line.

    `from banxway.storage import audit` is an import of banxway.storage.audit.trail, since that is a module.
    `at_run_time` leaves out what only the type checker reads.
    """
    nodes = tuple(nodes)
    unread = {id(node) for node in _for_type_checkers(nodes)} if at_run_time else set()
    for node in nodes:
        if id(node) in unread:
            continue
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            yield from ((_imported(base, alias.name), node.lineno) for alias in node.names)


def _for_type_checkers(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    for node in nodes:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            yield from ast.walk(node)


def _imported(base: str, name: str) -> str:
    inside = LAYER.joinpath(*base.split(".")) / name
    is_module = base.startswith("banxway") and (inside.is_dir() or inside.with_suffix(".py").is_file())
    return f"{base}.{name}" if is_module else base
