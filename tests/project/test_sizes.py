"""Every admired codebase has one file that got away. Here a ceiling was set while it was cheap."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import parse, python_files, shown

LONGEST_FILE = 300
LONGEST_TEST_FILE = 600
LONGEST_FUNCTION = 40
DEEPEST = 3
PRODUCT = python_files("layers/banxway", "functions", "local", "bench")
NESTS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_a_file_has_one_subject() -> None:
    """What takes more than 300 lines is two subjects."""
    long = [f"{shown(f)}: {_lines(f)} lines" for f in PRODUCT if _lines(f) > LONGEST_FILE]

    assert not long, "\n".join(long)


def test_a_test_file_has_one_subject() -> None:
    """Tests are flat and may be longer, but somebody has to find the one that fails."""
    long = [f"{shown(f)}: {_lines(f)} lines" for f in python_files("tests") if _lines(f) > LONGEST_TEST_FILE]

    assert not long, "\n".join(long)


def test_a_function_fits_a_screen() -> None:
    """Forty lines with signature and docstring: what is longer is read in parts, so write it in parts."""
    long = [
        f"{place}: {_length(node)} lines" for place, node in _functions() if _length(node) > LONGEST_FUNCTION
    ]

    assert not long, "\n".join(long)


def test_nothing_nests_deeper_than_three_levels() -> None:
    """Beyond that nobody holds all the conditions in mind."""
    deep = [f"{place}: {_depth(node)} levels" for place, node in _functions() if _depth(node) > DEEPEST]

    assert not deep, "\n".join(deep)


def _lines(file: Path) -> int:
    return len(file.read_text(encoding="utf-8").splitlines())


def _functions() -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for file in PRODUCT:
        for node in ast.walk(parse(file)):
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
