"""Tests are all run, each can fail, and what they promise to notice they are asked to notice."""

import ast
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.gates.mistakes import FOLDER, Mistake
from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import PACKAGE, ROOT, imports_of, nodes_of, parse, python_files, shown

SKIPS = {"skip", "skipif", "xfail", "importorskip", "SkipTest", "skipTest", "skipIf", "skipUnless"}
IGNORES = {"collect_ignore", "collect_ignore_glob", "__test__"}
MAY_BE_CALLED_AT_IMPORT = {"re.compile", "frozenset", "set", "dict", "tuple", "timedelta", "object"}
READ_FROM_CONSTANTS = {"values", "items", "removesuffix"}
PRODUCT = {"banxway", "functions", "local"}
MUTANTS = ROOT / "tests" / "mutants" / "targets.toml"


@rule
def test_no_test_is_skipped_or_expected_to_fail() -> Sentences:
    """What does not run proves nothing, and nobody looks at it again. What is missing is installed or reported."""
    for file in python_files("tests"):
        for line, what in _skips(nodes_of(file)):
            # What serves tests may have a name that pytest would take for a test's.
            if not ("__test__" in what and file.is_relative_to(ROOT / "tests" / "support")):
                yield f"{shown(file)}:{line} {what}"


@pytest.mark.parametrize(
    "line",
    [
        "pytest.skip('no server')",
        "@pytest.mark.skipif(True, reason='')\ndef test(): ...",
        "@pytest.mark.xfail\ndef test(): ...",
        "pytest.param(1, marks=pytest.mark.skip)",
        "pytest.importorskip('boto3')",
        "from pytest import skip",
        "raise unittest.SkipTest",
        "collect_ignore = ['test_slow.py']",
    ],
)
def test_a_skip_is_seen(line: str) -> None:
    assert list(_skips(ast.walk(ast.parse(line))))


def test_skipping_a_byte_is_no_skip() -> None:
    assert not list(_skips(ast.walk(ast.parse("reader.skip(3); stream.skip_line()"))))


@rule
def test_every_mistake_can_be_made_and_names_tests_that_are_there() -> Sentences:
    """`make mistakes` tries them; one that cannot be made, or whose test is gone, proves nothing."""
    yield from _problems_of_mistakes(sorted(FOLDER.glob("*.toml")), root=ROOT)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({}, None),
        ({"id": "other-name"}, "should begin with area-"),
        ({"id": "area-Not_In_Words"}, "is no name in words"),
        ({"breaks": ""}, "breaks no promise"),
        ({"file": "gone.py"}, "gone.py does not exist"),
        ({"old": "not there"}, "stands 0 times"),
        ({"new": "one = 1"}, "changes nothing"),
        ({"tests": []}, "names no test"),
        ({"tests": ["test_gone.py"]}, "no such test file"),
        ({"tests": ["test_it.py::test_gone"]}, "has no test_gone"),
        ({"tests": ["test_it.py::TestIt::test_method"]}, None),
        ({"tests": ["test_it.py::test_there[one]"]}, "without parameters"),
        ({"wrong": "key"}, "wrong"),
    ],
)
def test_what_is_wrong_with_a_mistake_is_said(
    tmp_path: Path, change: dict[str, object], sentence: str | None
) -> None:
    (tmp_path / "code.py").write_text("one = 1\n")
    (tmp_path / "test_it.py").write_text(
        "def test_there(): ...\nclass TestIt:\n    def test_method(self): ...\n"
    )
    values = {
        "id": "area-one-is-two",
        "breaks": "one is one",
        "file": "code.py",
        "old": "one = 1",
        "new": "one = 2",
        "tests": ["test_it.py::test_there"],
    } | change
    lines = [f"{key} = {value!r}" for key, value in values.items()]
    (tmp_path / "area.toml").write_text("\n".join(["[[mistake]]", *lines]))

    found = list(_problems_of_mistakes([tmp_path / "area.toml"], root=tmp_path))

    assert bool(found) == (sentence is not None)
    assert sentence is None or sentence in found[0]


def test_two_mistakes_of_one_name_and_a_file_that_cannot_be_read_are_said(tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[[mistake]\n")
    (tmp_path / "empty.toml").write_text("# nothing yet\n")
    (tmp_path / "area.toml").write_text('[[mistake]]\nid = "area-x"\n[[mistake]]\nid = "area-x"\n')

    found = "\n".join(_problems_of_mistakes(sorted(tmp_path.glob("*.toml")), root=tmp_path))

    assert "broken.toml cannot be read" in found
    assert "empty.toml holds no mistake" in found
    assert "area-x is the id of 2 mistakes" in found


@rule
def test_every_target_of_mutants_names_what_is_there() -> Sentences:
    """A target whose file was renamed would change nothing, and be noticed by everything."""
    try:
        targets = tomllib.loads(text_of(MUTANTS))
    except tomllib.TOMLDecodeError as error:
        yield f"{shown(MUTANTS)} cannot be read: {error}"
        return
    for name, target in targets.items():
        for file in target.get("files", []):
            if not (PACKAGE / file).is_file():
                yield f"{name} changes {file}, which is not there"
        for test in target.get("tests", []):
            if not (ROOT / test.partition("::")[0]).exists():
                yield f"{name} is noticed by {test}, which is not there"
        if not target.get("files") or not target.get("tests"):
            yield f"{name} names no files or no tests"


@rule
def test_the_tests_of_the_project_read_nothing_before_they_run() -> Sentences:
    """What is read at import and cannot be is a traceback in the middle of collection, and no test runs."""
    for file in python_files("tests/project"):
        for line, what in _at_import(parse(file)):
            yield f"{shown(file)}:{line} {what}"


@pytest.mark.parametrize(
    "line",
    [
        "FUNCTIONS = read_functions()",
        "TEXT = (ROOT / 'docs').read_text()",
        "from banxway.models import mail",
        "import local.openapi.document",
        "from tests.support.product.app import Bundle",
        "@pytest.mark.parametrize('name', names())\ndef test(name): ...",
        "for name in NAMES: print(name)",
        "NAMES = [each for each in ROOT.iterdir()]",
    ],
)
def test_reading_at_import_is_seen(line: str) -> None:
    assert list(_at_import(ast.parse(line)))


@pytest.mark.parametrize(
    "line",
    [
        "PAGE = ROOT / 'docs' / 'promises.md'",
        "SHAPE = re.compile('x')",
        "NAMES = {f'May{each}' for each in PLURALS.values()}",
        "def test():\n    from banxway.models import mail",
        "@pytest.mark.parametrize('name', ['one'])\ndef test(name): ...",
        "if TYPE_CHECKING:\n    from local.function_files import FunctionFile",
    ],
)
def test_an_import_without_reading_is_allowed(line: str) -> None:
    assert not list(_at_import(ast.parse(line)))


def _skips(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr in SKIPS:
            if {"pytest", "mark", "unittest", "self"} & set(re.findall(r"\w+", ast.unparse(node.value))):
                yield node.lineno, f"uses {ast.unparse(node)}"
        elif isinstance(node, ast.ImportFrom) and node.module in ("pytest", "unittest"):
            for each in node.names:
                if each.name in SKIPS:
                    yield node.lineno, f"imports {each.name}"
        elif isinstance(node, ast.Name) and node.id in IGNORES and isinstance(node.ctx, ast.Store):
            yield node.lineno, f"sets {node.id}"


def _problems_of_mistakes(files: Iterable[Path], *, root: Path) -> Sentences:
    ids: list[str] = []
    for file in files:
        try:
            found = tomllib.loads(text_of(file)).get("mistake", [])
        except tomllib.TOMLDecodeError as error:
            yield f"{file.name} cannot be read: {error}"
            continue
        if not found:
            yield f"{file.name} holds no mistake"
        for values in found:
            ids.append(str(values.get("id")))
            yield from _problems_of_mistake(values, area=file.stem, root=root)
    for each in sorted(set(ids)):
        if ids.count(each) > 1:
            yield f"{each} is the id of {ids.count(each)} mistakes"


def _problems_of_mistake(values: dict[str, object], *, area: str, root: Path) -> Sentences:
    try:
        mistake = Mistake(**{**values, "tests": tuple(values.get("tests", ()))})  # type: ignore[arg-type]
    except TypeError as error:
        yield f"{area}: {values.get('id')}: {str(error).removeprefix('Mistake.__init__() ')}"
        return
    if not mistake.id.startswith(f"{area}-"):
        yield f"{mistake.id} should begin with {area}-, as its file does"
    if not re.fullmatch(
        r"[a-z0-9]+(-[a-z0-9]+)+", mistake.id.replace("_", "-") if "_" in area else mistake.id
    ):
        yield f"{mistake.id} is no name in words"
    if not mistake.breaks.strip():
        yield f"{mistake.id} breaks no promise"
    if not mistake.tests:
        yield f"{mistake.id} names no test"
    if problem := mistake.problem(root):
        yield problem
        return
    for test in mistake.tests:
        file, _, name = test.partition("::")
        if "[" in name:
            yield f"{mistake.id} should name {test.partition('[')[0]} without parameters"
        elif name and name.split("::")[-1] not in _defined(root / file):
            yield f"{mistake.id}: {file} has no {name}"


def _defined(file: Path) -> set[str]:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return {node.name for node in nodes_of(file) if isinstance(node, kinds)}


def _at_import(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield what a file of tests does when it is imported, beside naming things."""
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [each.name for each in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [str(node.module), *(f"{node.module}.{name}" for name in names)]
            for name in names:
                if reason := _is_of_the_product(name):
                    yield node.lineno, f"imports {name}, which may not be importable{reason}"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                yield from _calls(decorator.args if isinstance(decorator, ast.Call) else [])
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.Expr | ast.Assert):
            yield from _calls([node])
        elif not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"):
            yield node.lineno, f"does something at import: {ast.unparse(node)[:60]}"


def _is_of_the_product(module: str, seen: tuple[str, ...] = ()) -> str:
    """Return how importing a module imports what the tests are about, or an empty text."""
    if module.split(".")[0] in PRODUCT:
        return f", by way of {' and '.join(seen)}" if seen else " at all"
    file = ROOT.joinpath(*module.split(".")).with_suffix(".py")
    if module in seen or not module.startswith("tests.") or not file.is_file():
        return ""
    imports = (node for node in parse(file).body if isinstance(node, ast.Import | ast.ImportFrom))
    found = (_is_of_the_product(name, (*seen, module)) for name, _ in imports_of(imports))
    return next(filter(None, found), "")


def _calls(nodes: Iterable[ast.AST]) -> Iterator[tuple[int, str]]:
    for node in nodes:
        for each in ast.walk(node):
            if isinstance(each, ast.Call):
                name = ast.unparse(each.func)
                is_harmless = name in MAY_BE_CALLED_AT_IMPORT or name.split(".")[-1] in READ_FROM_CONSTANTS
                if not (is_harmless or name.startswith("pytest.") or re.fullmatch(r"[A-Z]\w*[a-z]\w*", name)):
                    yield each.lineno, f"calls {name} at import"
