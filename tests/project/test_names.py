"""Names say what a thing does or is. The banned words fit everything, and so tell nothing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import nodes_of, python_files, shown

BANNED = {"util", "utils", "helper", "helpers", "common", "manager", "data", "info", "process"}
BANNED_AT_THE_START = {"handle", "do"}
DICTATED = {
    "handleError": "logging calls it so",
    "do_POST": "http.server calls it so",
    "handle_of": "a receipt handle is SQS's own noun",
    "_handle": "a receipt handle is SQS's own noun",
    "DataKey": "the standard's term for the key that encrypts data",
    "_DataKeys": "the standard's term for the key that encrypts data",
    "data_received": "asyncio calls it so",
    "smtp_DATA": "aiosmtpd calls it so",
    "handle_EHLO": "aiosmtpd calls it so",
    "handle_MAIL": "aiosmtpd calls it so",
    "handle_RCPT": "aiosmtpd calls it so",
    "handle_DATA": "aiosmtpd calls it so",
    "data": "the field of every answer",
    "_data": "the field of every answer",
    "info": "the runner's own route, /local/info",
}
FOLDERS = ("layers/banxway", "functions", "local", "bench", "tests/support")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


@rule
def test_no_file_or_folder_is_named_by_an_empty_word() -> Sentences:
    """A file called utils grows for ever, since nothing is out of its place in it."""
    for file in python_files(*FOLDERS):
        if _is_empty(file.stem) or _is_empty(file.parent.name):
            yield f"{shown(file)} has an empty word in its name"


@rule
def test_no_function_or_class_is_named_by_an_empty_word() -> Sentences:
    """Every Lambda handles and every service processes: the name should say what."""
    for file in python_files(*FOLDERS):
        for name, line in _defined(file):
            if _is_empty(name) and name not in DICTATED:
                yield f"{shown(file)}:{line} {name} has an empty word in its name"


@rule
def test_a_tests_name_is_a_sentence() -> Sentences:
    """The list of tests is read as the list of what holds; `test_create` promises nothing."""
    for file in python_files("tests"):
        for name, line in _defined(file):
            if name.startswith("test_") and name.count("_") < 3:
                yield f"{shown(file)}:{line} {name} is no sentence"


@rule
def test_no_dictated_name_outlives_its_use() -> Sentences:
    """The list of names that others chose for us is not a place to hide our own."""
    used = {name for file in python_files(*FOLDERS) for name, _ in _defined(file)}
    for name in sorted(set(DICTATED) - used):
        yield f"{name} is defined nowhere any more: take it off the list"


def _defined(file: Path) -> Iterator[tuple[str, int]]:
    """Yield what a file names: functions and classes, but not fixtures, which are nouns."""
    for node in nodes_of(file):
        is_definition = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        if is_definition and "pytest.fixture" not in map(ast.unparse, node.decorator_list):
            yield node.name, node.lineno


def _is_empty(name: str) -> bool:
    words = [word.lower() for word in _WORD.findall(name)]
    return bool(BANNED & set(words)) or words[:1] in [[word] for word in BANNED_AT_THE_START]
