"""What is committed works on every machine and opens nothing on any."""

import re
from pathlib import Path

from tests.support.tree import readable_files, shown

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


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    """A path that exists on one machine fails on every other, and says whose it was."""
    found = [
        f"{shown(file)}:{number}"
        for file, text in readable_files()
        for number, line in enumerate(text.splitlines(), start=1)
        if MACHINE_PATH.search(line)
    ]

    assert not found, "\n".join(found)


def test_no_file_holds_a_secret() -> None:
    """History cannot be unread: a secret that was committed once is spent."""
    found = [
        f"{shown(file)}: {kind}"
        for file, text in readable_files()
        for kind, shape in SECRETS.items()
        if shape.search(text)
    ]

    assert not found, "\n".join(found)


def test_no_file_of_secrets_is_committed() -> None:
    """Names under which keys and environments usually lie around."""
    names = re.compile(r"\.env(\..+)?|.+\.(pem|key|p12|pfx)|id_(rsa|ed25519)|secrets\.json|credentials")

    assert [shown(file) for file, _ in readable_files() if names.fullmatch(Path(file).name)] == []
