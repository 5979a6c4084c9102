"""A program acts on an error's reason, never on its sentence: then a sentence can be reworded safely."""

import ast
from collections.abc import Iterator

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import PACKAGE, ROOT, parse, python_files, shown

_REASONS = PACKAGE / "reasons.py"
_READERS = PACKAGE / "services/status/diagnosis"
_SENTENCES = frozenset(
    {
        "message", "provider_message", "error", "last_error", "last_poll_error", "sync_error", "said", "noted",
        "trouble_said", "doubt_reason", "failure_reason",
    }
)  # fmt: skip
"""Attributes and columns that hold a sentence about something that went wrong."""
_SEARCHES = frozenset(
    {
        "search", "match", "fullmatch", "findall", "finditer", "startswith", "endswith", "removeprefix",
        "removesuffix", "find", "index", "partition", "rpartition", "split",
    }
)  # fmt: skip
_EXCEPTIONS = {
    "layers/banxway/banxway/storage/server/refusals.py": (
        "re.search(pattern, words)",
        "libpq gives no code for a failed sign-in, only PostgreSQL's words",
    ),
    "layers/banxway/banxway/services/email_sync/failures.py": (
        "account.last_poll_error == attention.sentence",
        "what an admin was reported already is not reported again",
    ),
    "local/refusal.py": ("partition", "shows the first line of what PostgreSQL or a library says"),
}
"""The lines that may read a sentence, by a part of them, and why."""


@rule
def test_no_program_reads_the_sentence_of_an_error() -> Sentences:
    for file in python_files("layers", "local", "functions"):
        allowed, _ = _EXCEPTIONS.get(shown(file), ("", ""))
        lines = text_of(file).splitlines()
        for line in sorted(set(_readings(parse(file)))):
            if not allowed or allowed not in lines[line - 1]:
                yield f"{shown(file)}:{line} compares or searches an error's sentence: give the error a reason"


@rule
def test_each_exception_is_one() -> Sentences:
    for name, (allowed, _) in _EXCEPTIONS.items():
        lines = text_of(ROOT / name).splitlines()
        if not any(allowed in lines[line - 1] for line in _readings(parse(ROOT / name))):
            yield f"{name} reads no sentence by {allowed}: take it out of the exceptions"


@rule
def test_the_search_notices_each_way_to_read_a_sentence() -> Sentences:
    """The proof that the rule above looks where it should."""
    for source in (
        'error.message == "Session expired"',
        '"certificate" in error.message',
        '"key service" not in str(error)',
        "_PATTERN.search(error.message)",
        "re.search(_PATTERN, str(error))",
        're.search(_PATTERN, f"{error.message} {error.provider_message}")',
        'error.message.startswith("Invalid login")',
        'failed.error.lower().startswith("invalid")',
        "_CAUSES[error.message]",
        "_CAUSES.get(str(error))",
        "error.message in _CAUSES",
        "words = str(error)\nif 'ledger epoch' in words: pass",
        "words = failed.error or ''\n_PATTERN.search(words)",
        "_PATTERN.search(row.last_poll_error)",
        '_PATTERN.search(row["trouble_said"])',
        "def kind(error):\n    said = error.message\n    return _REFUSES.search(said)",
    ):
        if not list(_readings(ast.parse(source))):
            yield f"this goes unnoticed: {source}"
    for source in (
        "error.code == 'not_found'",
        "error.reason in _BLOCKED",
        'f"It said: {error.message}"',
        "half.error is None",
        "answer = error.message if error else None",
        "_CODES[error.reason]",
    ):
        if list(_readings(ast.parse(source))):
            yield f"this is no reading of a sentence: {source}"


@rule
def test_every_reason_is_documented_and_every_one_is_given() -> Sentences:
    from banxway.reasons import Reason

    page = text_of(ROOT / "docs/errors.md")
    givers = [
        file for file in python_files("layers/banxway") if file != _REASONS and _READERS not in file.parents
    ]
    given = "".join(map(text_of, givers))
    for each in Reason:
        if f"| `{each.value}` | {each.meaning} |" not in page:
            yield f"docs/errors.md does not explain {each.value}"
        if f"Reason.{each.name}" not in given:
            yield f"no error carries {each.value}"


@rule
def test_the_doctor_knows_only_reasons_and_causes_that_exist() -> Sentences:
    from banxway.reasons import Reason
    from banxway.services.status.diagnosis.catalogue import CAUSES
    from local import doctor

    tables = (doctor._CAUSES_OF_401, doctor._CAUSES_OF_HEALTH)
    for reason in (each for table in tables for each in table):
        if reason not in list(Reason):
            yield f"{reason} is no reason"
    for cause in (each for table in tables for each in table.values()):
        if cause not in CAUSES:
            yield f"{cause} is in no catalogue"


def _readings(tree: ast.Module) -> Iterator[int]:
    """Yield the lines that compare an error's sentence, search in it, or look something up by it."""
    held = _names_of_sentences(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            is_reading = any(isinstance(each, ast.Eq | ast.NotEq | ast.In | ast.NotIn) for each in node.ops)
            if is_reading and any(_is_sentence(side, held) for side in sides):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            subjects = [*node.args, node.func.value] if node.func.attr in _SEARCHES else []
            subjects += node.args[:1] if node.func.attr == "get" else []
            if any(_is_sentence(each, held) for each in subjects):
                yield node.lineno
        elif isinstance(node, ast.Subscript) and _is_sentence(node.slice, held):
            yield node.lineno


def _names_of_sentences(tree: ast.Module) -> frozenset[str]:
    """Return the names that a file gives to sentences of errors."""
    return frozenset(
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_sentence(node.value, frozenset())
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _is_sentence(node: ast.AST, held: frozenset[str]) -> bool:
    if isinstance(node, ast.Name):
        return node.id in held
    if isinstance(node, ast.Attribute):
        return node.attr in _SENTENCES
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value in _SENTENCES - {"message", "error"}
    if isinstance(node, ast.BoolOp):
        return any(_is_sentence(each, held) for each in node.values)
    if isinstance(node, ast.JoinedStr):
        return any(
            isinstance(each, ast.FormattedValue) and _is_sentence(each.value, held) for each in node.values
        )
    if isinstance(node, ast.Call):
        is_text_of_error = (
            isinstance(node.func, ast.Name)
            and node.func.id in ("str", "repr")
            and isinstance(node.args[0] if node.args else None, ast.Name)
            and node.args[0].id in ("error", "failure", "refusal", "problem", "exception")  # type: ignore[attr-defined]
        )
        is_spelled_otherwise = isinstance(node.func, ast.Attribute) and node.func.attr in (
            "lower", "upper", "casefold", "strip",
        )  # fmt: skip
        return is_text_of_error or (is_spelled_otherwise and _is_sentence(node.func.value, held))  # type: ignore[attr-defined]
    return False
