"""Every function file reads like the others: five words to learn, then any of them is known at a glance."""

import ast
from pathlib import Path

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.template_file import functions, unreadable_functions
from tests.support.gates.tree import ROOT, function_files, nodes_of, parse, shown

LONGEST = 30
DECORATORS = {"endpoint", "webhook", "worker", "timer", "socket", "deployment"}
DECIDES = (ast.Try, ast.If, ast.Match, ast.For, ast.While, ast.Dict, ast.DictComp, ast.Raise)
LOGS = {"logging", "logger", "get_logger", "print"}


@rule
def test_it_can_be_imported() -> Sentences:
    """A file that cannot be is a function that fails at its first invocation."""
    yield from unreadable_functions()


@rule
def test_the_decorators_are_those_that_the_rest_of_the_project_knows() -> Sentences:
    from local.function_files import KINDS

    for kind in sorted(DECORATORS ^ set(KINDS)):
        yield f"@{kind} is known here or in local/function_files.py, and not in both"


@rule
def test_it_opens_with_its_trigger_and_its_promise() -> Sentences:
    """That line is what the template, openapi.json and docs/functions.md say, too."""
    for file in _whole_files():
        first = (ast.get_docstring(parse(file)) or "").partition("\n")[0]
        trigger, separator, promise = first.partition(": ")
        is_sentence = promise.endswith(".") and not promise.endswith("..") and promise[:1].islower()
        if not (trigger and separator and is_sentence):
            yield f"{shown(file)} must open with `<trigger>: <what it does>.`, not with {first!r}"


@rule
def test_it_has_one_function_called_handler_under_one_decorator() -> Sentences:
    """Second functions are services that lost their way."""
    for file in _whole_files():
        body = parse(file).body
        defined = [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
        others = [
            node for node in body if not isinstance(node, ast.FunctionDef | ast.Import | ast.ImportFrom)
        ]
        if [node.name for node in defined] != ["handler"]:
            yield f"{shown(file)} defines {[node.name for node in defined]}, and should define a handler alone"
        elif [_name_of(each) in DECORATORS for each in defined[0].decorator_list] != [True]:
            yield f"{shown(file)}: its handler should have one of the decorators {sorted(DECORATORS)}"
        if len(others) != 1:
            yield f"{shown(file)} has more than imports, a docstring and its handler"


@rule
def test_it_is_short() -> Sentences:
    """What does not fit into thirty lines decides something, and belongs into a service."""
    for file in _whole_files():
        lines = file.read_text(encoding="utf-8").splitlines()[parse(file).body[0].end_lineno :]
        length = len([line for line in lines if line.strip()])
        if length > LONGEST:
            yield f"{shown(file)} has {length} lines"


@rule
def test_it_decides_and_builds_nothing() -> Sentences:
    """Decisions in a service are tested without Lambda, and are there for every trigger."""
    for file in function_files():
        for node in nodes_of(file):
            if isinstance(node, DECIDES):
                yield f"{shown(file)}:{node.lineno} has a {type(node).__name__}"


@rule
def test_it_neither_logs_nor_prints() -> Sentences:
    """The decorator logs start, outcome and failure of every invocation alike, masked."""
    for file in function_files():
        names = {node.id for node in nodes_of(file) if isinstance(node, ast.Name)}
        for name in sorted(names & LOGS):
            yield f"{shown(file)} uses {name}"


@rule
def test_it_has_a_test_file_and_an_event() -> Sentences:
    """The test stands where its function's path says; without an event nobody can try it."""
    for each in functions():
        if not (ROOT / f"tests/functions/{each.area}/test_{each.folder}.py").is_file():
            yield f"{each.area}/{each.folder} has no tests/functions/{each.area}/test_{each.folder}.py"
        if not list((ROOT / "events" / each.area).glob(f"{each.folder}__*.json")):
            yield f"{each.area}/{each.folder} has no event in events/{each.area}"


def _whole_files() -> list[Path]:
    """Return the function files that are Python; test_committed_files.py names the others."""
    return [file for file in function_files() if parse(file).body]


def _name_of(decorator: ast.expr) -> str:
    return ast.unparse(decorator.func if isinstance(decorator, ast.Call) else decorator)
