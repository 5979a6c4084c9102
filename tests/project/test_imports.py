"""Who may import whom. A layering that only prose defends is broken within weeks; this one is a test.

    functions   -> entrypoints, models, errors            services  -> models, providers.base, storage, security
    entrypoints -> app, security, models                  providers -> providers.base, models, never each other
    app         -> everything, and only it                storage   -> models, security    models -> nothing of ours

errors, reasons, clock, ids, log, settings and e164 are leaves that every layer may import.
"""

import ast
import re
import sys
from pathlib import Path

from tests.support.gates.rules import Sentences, rule, text_of
from tests.support.gates.tree import PACKAGE, ROOT, function_files, imports_of, nodes_of, python_files, shown

LEAVES = ("errors", "reasons", "clock", "ids", "log", "settings", "e164")
MAY_IMPORT = {
    "entrypoints": ("app", "security", "models"),
    "services": ("models", "providers.base", "storage", "security"),
    "storage": ("models", "security"),
    "security": ("models.actors",),
    "models": (),
    "providers": ("models",),
    # Everything that is logged passes redaction, so that no caller can forget it.
    "log": ("security.redaction",),
}
AWS_BRINGS = {"boto3", "botocore"}
IMPORTED_AS = {"pyjwt": "jwt"}


@rule
def test_a_layer_imports_only_what_lies_below_it() -> Sentences:
    """So that a change has a known reach: what may break is what may import it."""
    for file in python_files("layers/banxway"):
        if file.parent != PACKAGE / "app":
            for name, line in imports_of(nodes_of(file)):
                if _is_ours(name) and not _is_within(name.removeprefix("banxway."), _allowed(file)):
                    yield f"{shown(file)}:{line} imports {name}, which does not lie below it"


@rule
def test_a_function_touches_neither_database_nor_provider() -> Sentences:
    """A function translates its trigger into one service call; everything else is in the layer."""
    allowed = ("banxway.entrypoints", "banxway.models", "banxway.errors", *sys.stdlib_module_names)
    for file in function_files():
        for name, line in imports_of(nodes_of(file)):
            if not _is_within(name, allowed):
                yield f"{shown(file)}:{line} imports {name}"


@rule
def test_only_app_reads_the_environment() -> Sentences:
    """Settings are handed in: then a test sets them without touching the process, and docs/settings.md is whole."""
    reader = PACKAGE / "app/__init__.py"
    for file in python_files("layers/banxway", "functions"):
        reads = [node.lineno for node in nodes_of(file) if _reads_environment(node)]
        if file != reader:
            yield from (f"{shown(file)}:{line} reads the environment" for line in reads)
        elif not reads:
            yield f"{shown(file)} reads no environment: this test looks in the wrong place"


@rule
def test_what_is_deployed_imports_nothing_that_stays_behind() -> Sentences:
    """On Lambda there are the two layers and boto3; the development environment would hide a missing package."""
    locked = text_of(ROOT / "layers/dependencies/requirements.txt")
    names = re.findall(r"^([a-z][\w-]*)(?:\[.*\])?==", locked, flags=re.MULTILINE)
    deployed = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names} | AWS_BRINGS
    for file in python_files("layers/banxway", "functions"):
        for name, line in imports_of(nodes_of(file), at_run_time=True):
            if name.split(".")[0] not in deployed | {"banxway"} | sys.stdlib_module_names:
                yield f"{shown(file)}:{line} imports {name}, which is in no layer"


def _allowed(file: Path) -> tuple[str, ...]:
    inside = file.relative_to(PACKAGE).with_suffix("").parts
    layer = inside[0]
    if layer not in MAY_IMPORT:
        return LEAVES
    if layer != "providers":
        return (*LEAVES, layer, *MAY_IMPORT[layer])
    own_folder = ".".join(inside[:2])
    return (*LEAVES, "providers.base", own_folder, *MAY_IMPORT[layer])


def _is_ours(name: str) -> bool:
    return name == "banxway" or name.startswith(("banxway.", "."))


def _is_within(name: str, allowed: tuple[str, ...]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in allowed)


def _reads_environment(node: ast.AST) -> bool:
    words = ("environ", "environb", "getenv")
    if isinstance(node, ast.ImportFrom) and node.module == "os":
        return any(alias.name in words for alias in node.names)
    return isinstance(node, ast.Attribute) and node.attr in words
