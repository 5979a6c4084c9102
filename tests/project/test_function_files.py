"""Every function file reads like the others: five words to learn, then any of them is known at a glance."""

import ast
from pathlib import Path

import pytest

from local.function_files import KINDS
from tests.support.tree import function_files, parse, shown

LONGEST = 30
DECORATORS = set(KINDS)
DECIDES = (ast.Try, ast.If, ast.Match, ast.For, ast.While, ast.Dict, ast.DictComp, ast.Raise)

every_file = pytest.mark.parametrize("file", function_files(), ids=shown)


@every_file
def test_it_opens_with_its_trigger_and_its_promise(file: Path) -> None:
    """That line is what the template, openapi.json and docs/functions.md say, too."""
    first = (ast.get_docstring(parse(file)) or "").partition("\n")[0]
    trigger, separator, promise = first.partition(": ")

    assert trigger
    assert separator
    assert promise.endswith(".")
    assert not promise.endswith("..")
    assert promise[0].islower()


@every_file
def test_it_has_one_function_called_handler_under_one_decorator(file: Path) -> None:
    """Second functions are services that lost their way."""
    body = parse(file).body
    functions = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    others = [node for node in body if not isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom)]

    assert [function.name for function in functions] == ["handler"]
    assert [_name_of(decorator) in DECORATORS for decorator in functions[0].decorator_list] == [True]
    assert len(others) == 1, "besides imports and the handler there is the docstring and nothing else"


@every_file
def test_it_is_short(file: Path) -> None:
    """What does not fit into thirty lines decides something, and belongs into a service."""
    docstring = parse(file).body[0]
    lines = file.read_text().splitlines()[docstring.end_lineno :]

    assert len([line for line in lines if line.strip()]) <= LONGEST


@every_file
def test_it_decides_and_builds_nothing(file: Path) -> None:
    """Decisions in a service are tested without Lambda, and are there for every trigger."""
    found = [
        f"line {node.lineno}: {type(node).__name__}"
        for node in ast.walk(parse(file))
        if isinstance(node, DECIDES)
    ]

    assert not found, "\n".join(found)


@every_file
def test_it_neither_logs_nor_prints(file: Path) -> None:
    """The decorator logs start, outcome and failure of every invocation alike, masked."""
    words = {node.id for node in ast.walk(parse(file)) if isinstance(node, ast.Name)}

    assert not words & {"logging", "logger", "get_logger", "print"}


def _name_of(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
