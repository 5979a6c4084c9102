"""What is public says what it promises: a reader should not have to run it to know."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import PACKAGE, parse, python_files, shown

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
NAMED_BY_THEIR_TYPE = PACKAGE / "app"
FILLER = {"a", "an", "the", "of"}


@rule
def test_a_module_says_what_it_is_responsible_for() -> Sentences:
    """So that the right file is found by first lines alone."""
    for file in python_files("layers/banxway", "local"):
        if parse(file).body and not ast.get_docstring(parse(file)):
            yield f"{shown(file)} begins without a docstring"


@rule
def test_what_is_public_states_its_promise() -> Sentences:
    """Classes say what an instance is; functions say what they do, and what they raise."""
    for place, file, node in _public_of_the_layer():
        if not _is_described(file, node):
            yield f"{place} has no docstring"


@rule
def test_a_docstring_is_more_than_its_name() -> Sentences:
    """ "Get thread" above get_thread costs a line and says nothing."""
    for place, _, node in _public_of_the_layer():
        docstring = ast.get_docstring(node)
        if docstring and _words(docstring) <= {*node.name.lower().split("_"), *FILLER}:
            yield f"{place} says no more than its name: {docstring}"


@rule
def test_every_error_says_when_it_is_raised_and_what_the_caller_can_do() -> Sentences:
    """docs/errors.md is made of these two sentences."""
    from local.documents import errors_page

    for line in errors_page().splitlines():
        row = line.split(" | ")
        if line.startswith("| `") and row[-1].strip(" |") == "":
            yield f"{row[0].strip('| ')} does not say what the caller can do"


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


def _is_described(file: Path, node: Definition) -> bool:
    decorators = {ast.unparse(each).split(".")[-1] for each in node.decorator_list}
    is_role = file.parent == NAMED_BY_THEIR_TYPE and "cached_property" in decorators
    return bool(ast.get_docstring(node)) or is_role or bool(decorators & {"overload", "setter", "override"})


def _words(docstring: str) -> set[str]:
    return {word.strip(".,").lower() for word in docstring.split()}
