"""What is public says what it promises: a reader should not have to run it to know."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.tree import PACKAGE, parse, python_files, shown

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
NAMED_BY_THEIR_TYPE = PACKAGE / "app"
FILES = [file for file in python_files("layers/banxway", "local") if file.read_text().strip()]


def test_a_module_says_what_it_is_responsible_for() -> None:
    """So that the right file is found by first lines alone."""
    assert [shown(file) for file in FILES if not ast.get_docstring(parse(file))] == []


def test_what_is_public_states_its_promise() -> None:
    """Classes say what an instance is; functions say what they do, and what they raise."""
    silent = [place for place, file, node in _public_of_the_layer() if not _is_told(file, node)]

    assert not silent, "\n".join(silent)


def test_a_docstring_is_more_than_its_name() -> None:
    """ "Get thread" above get_thread costs a line and says nothing."""
    filler = {"a", "an", "the", "of"}
    echoes = [
        place
        for place, _, node in _public_of_the_layer()
        if ast.get_docstring(node)
        and _words(ast.get_docstring(node)) <= {*node.name.lower().split("_"), *filler}
    ]

    assert not echoes, "\n".join(echoes)


def test_every_error_says_when_it_is_raised_and_what_the_caller_can_do() -> None:
    """docs/errors.md is made of these two sentences."""
    from local.documents import errors_page

    rows = [line.split(" | ") for line in errors_page().splitlines() if line.startswith("| `")]

    assert [row[0] for row in rows if row[-1].strip(" |") == ""] == []


def _public_of_the_layer() -> Iterator[tuple[str, Path, Definition]]:
    for file in python_files("layers/banxway"):
        for node in _public(parse(file)):
            yield f"{shown(file)}:{node.lineno} {node.name}", file, node


def _public(node: ast.AST) -> Iterator[Definition]:
    """Yield the public definitions of a module and of its public classes."""
    for child in getattr(node, "body", []):
        if isinstance(child, Definition) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from _public(child)


def _is_told(file: Path, node: Definition) -> bool:
    decorators = {ast.unparse(each).split(".")[-1] for each in node.decorator_list}
    is_role = file.parent == NAMED_BY_THEIR_TYPE and "cached_property" in decorators
    return bool(ast.get_docstring(node)) or is_role or bool(decorators & {"overload", "setter", "override"})


def _words(docstring: str | None) -> set[str]:
    return {word.strip(".,").lower() for word in (docstring or "").split()}
