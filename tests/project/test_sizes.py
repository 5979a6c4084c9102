"""Every admired codebase has one file that got away. Here a ceiling was set while it was cheap."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import nodes_of, python_files, shown

LONGEST_FILE = 300
LONGEST_TEST_FILE = 600
LONGEST_FUNCTION = 40
DEEPEST = 3
PRODUCT = ("layers/banxway", "functions", "local", "bench")
NESTS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@rule
def test_a_file_has_one_subject() -> Sentences:
    """What takes more than 300 lines of code is two subjects."""
    for file in python_files(*PRODUCT):
        if _lines(file) > LONGEST_FILE:
            yield f"{shown(file)} has {_lines(file)} lines, and {LONGEST_FILE} are the most"


@rule
def test_a_test_file_has_one_subject() -> Sentences:
    """Tests are flat and may be longer, but somebody has to find the one that fails."""
    for file in python_files("tests"):
        if _lines(file) > LONGEST_TEST_FILE:
            yield f"{shown(file)} has {_lines(file)} lines, and {LONGEST_TEST_FILE} are the most"


@rule
def test_a_function_fits_a_screen() -> Sentences:
    """Forty lines with signature and docstring: what is longer is read in parts, so write it in parts."""
    for place, node in _functions():
        if _length(node) > LONGEST_FUNCTION:
            yield f"{place} has {_length(node)} lines, and {LONGEST_FUNCTION} are the most"


@rule
def test_nothing_nests_deeper_than_three_levels() -> Sentences:
    """Beyond that nobody holds all the conditions in mind."""
    for place, node in _functions():
        if _depth(node) > DEEPEST:
            yield f"{place} nests {_depth(node)} levels, and {DEEPEST} are the most"


def _lines(file: Path) -> int:
    """Count the lines that hold code: neither blank, nor a comment, nor a docstring."""
    text = file.read_text(encoding="utf-8")
    lines = {
        number for number, line in enumerate(text.splitlines(), 1) if line.strip() and not _is_comment(line)
    }
    for node in nodes_of(file):
        lines -= _docstring_lines(node)
    return len(lines)


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")


def _docstring_lines(node: ast.AST) -> set[int]:
    """Return the lines of a bare string: a docstring, or a sentence below an attribute."""
    if (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    ):
        return set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return set()


def _functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file in python_files(*PRODUCT):
        for node in nodes_of(file):
            if isinstance(node, FUNCTION):
                yield f"{shown(file)}:{node.lineno} {node.name}", node


def _length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _depth(node: ast.AST) -> int:
    """Count the levels of blocks; `elif` is one level with its `if`, a function inside has its own count."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        if isinstance(child, FUNCTION):
            continue
        is_elif = isinstance(node, ast.If) and child in node.orelse and isinstance(child, ast.If)
        deepest = max(deepest, _depth(child) + (isinstance(child, NESTS) and not is_elif))
    return deepest
