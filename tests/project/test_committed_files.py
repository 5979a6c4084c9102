"""What is committed works on every machine and opens nothing on any."""

import json
import re
import tomllib
from pathlib import Path

import yaml

from tests.support.gates.rules import Sentences, rule
from tests.support.gates.tree import committed_files, problem_of, python_files, readable_files, shown

# Written in two halves, so that this file is not its own first finding.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:" + r"work|root|home/(?!app\b)\w+|Users/\w+|tm" + r"p)/")
SECRETS = {
    "an AWS key id": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----\s*(?:\\n)?\s*[A-Za-z0-9+/]{20}"),
    "a signed token": re.compile(r"\beyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}"),
    "a GitHub token": re.compile(r"\bgh[pousr]_[A-Za-z0-9]{36}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[0-9A-Za-z-]{20,}"),
    "a password in an address": re.compile(
        r"\b\w+://[^\s:/@{}$<>\"']+:(?!canary@)[^\s:/@{}$<>\"']{6,}@(?!127|localhost)[\w.-]+"
    ),
}
NAMES_OF_SECRETS = re.compile(
    r"\.env(\..+)?|.+\.(pem|key|p12|pfx)|id_(rsa|ed25519)|secrets\.json|credentials"
)
OUR_FOLDERS = ("layers/banxway", "functions", "local", "bench", "tests")


@rule
def test_every_file_is_what_its_name_says() -> Sentences:
    """The other rules read these files, and see nothing in one that cannot be read."""
    for file in committed_files():
        if problem := _unreadable(file):
            yield f"{shown(file)} cannot be read: {' '.join(problem.split())}"


@rule
def test_our_folders_hold_our_files() -> Sentences:
    """A rule about the files of a folder that was moved away would be kept by nobody."""
    for folder in OUR_FOLDERS:
        if len(python_files(folder)) < 5:
            yield f"{folder} holds {len(python_files(folder))} files of Python"


@rule
def test_no_file_knows_the_machine_it_was_written_on() -> Sentences:
    """A path that exists on one machine fails on every other, and says whose it was."""
    for file, text in readable_files():
        if MACHINE_PATH.search(text):
            for number, line in enumerate(text.splitlines(), start=1):
                if MACHINE_PATH.search(line):
                    yield f"{shown(file)}:{number} names a path of one machine"


@rule
def test_no_file_holds_a_secret() -> Sentences:
    """History cannot be unread: a secret that was committed once is spent."""
    for file, text in readable_files():
        for kind, shape in SECRETS.items():
            if shape.search(text):
                yield f"{shown(file)} holds {kind}"


@rule
def test_no_file_of_secrets_is_committed() -> Sentences:
    """Names under which keys and environments usually lie around."""
    for file in committed_files():
        if NAMES_OF_SECRETS.fullmatch(file.name):
            yield f"{shown(file)} has the name of a file of secrets"


def _unreadable(file: Path) -> str | None:
    """Return why a file is not what its name says, or None."""
    try:
        if file.suffix == ".py":
            return problem_of(file)
        if file.suffix == ".json":
            json.loads(file.read_bytes())
        elif file.suffix == ".toml":
            tomllib.loads(file.read_text(encoding="utf-8"))
        elif file.suffix in (".yaml", ".yml"):
            yaml.compose(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (OSError, ValueError, SyntaxError, yaml.YAMLError) as error:
        return str(error)
    return None
