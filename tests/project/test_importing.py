"""Importing does nothing but define: no environment, no connection, no heavy library before it is needed.

Otherwise a test cannot import without a deployment, and a cold webhook receiver pays for the mail parser.
"""

import subprocess
import sys

import pytest

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import LAYER, ROOT, imports_of, parse, python_files, shown

HEAVY = (
    "boto3",
    "botocore",
    "requests",
    "psycopg",
    "nh3",
    "selectolax",
    "phonenumbers",
    "charset_normalizer",
)
TOO_HEAVY_FOR_A_RECEIVER = (*HEAVY, "pydantic", "cryptography", "jwt")

IMPORT_ALL = """
import importlib, pkgutil, sys

def refuse(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen"):
        raise RuntimeError(f"{event} {arguments} while importing")

sys.addaudithook(refuse)
import banxway
for module in pkgutil.walk_packages(banxway.__path__, "banxway."):
    importlib.import_module(module.name)
print(*sorted(sys.modules))
"""


@rule
def test_every_module_imports_with_an_empty_environment_and_without_a_connection() -> Sentences:
    """One fresh process imports everything; what a module reads or opens would stop it."""
    loaded = _run(IMPORT_ALL)
    files = [file.relative_to(LAYER).with_suffix("") for file in python_files("layers/banxway/banxway")]
    for file in files:
        name = ".".join(file.parts).removesuffix(".__init__")
        if name not in loaded:
            yield f"{name} was not found by the walk: does its folder have an __init__.py?"


@rule
def test_a_webhook_receiver_starts_without_what_only_workers_need() -> Sentences:
    """Exotel waits for the answer: a cold receiver's time is the sum of its imports."""
    for folder in ("exotel_call_status", "exotel_whatsapp_status"):
        loaded = _run(f"import sys, functions.webhooks.{folder}.app; print(*sys.modules)")
        for name in sorted(loaded & set(TOO_HEAVY_FOR_A_RECEIVER)):
            yield f"functions/webhooks/{folder} imports {name} before it is called"


@rule
def test_a_heavy_library_is_imported_where_it_is_first_used() -> Sentences:
    """At the top of a file it would be paid for by everybody who imports the file."""
    for file in python_files("layers/banxway"):
        for name, line in imports_of(parse(file).body):
            if name.split(".")[0] in HEAVY:
                yield f"{shown(file)}:{line} imports {name} for everybody who imports the file"


def _run(program: str) -> set[str]:
    path = [str(LAYER), str(ROOT)]
    found = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {path!r}\n{program}"],
        env={},
        capture_output=True,
        text=True,
        timeout=600,
    )
    if found.returncode != 0:
        pytest.fail(f"the import stops: {found.stderr.strip().splitlines()[-1]}", pytrace=False)
    return set(found.stdout.split())
