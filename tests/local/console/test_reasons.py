"""Why npm failed, in one sentence: with its own words as it wrote them to a terminal."""

import pytest

from local.console.reasons import reason

NO_CONNECTION = (
    "there is no connection to the package registry, and the console's packages are not installed yet"
)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (
            "npm error code ECONNREFUSED\nnpm error syscall connect\nnpm error FetchError: request failed",
            NO_CONNECTION,
        ),
        ("npm error code EAI_AGAIN\nnpm error request to a registry failed", NO_CONNECTION),
        ("npm error code ENOTFOUND\nnpm error network", NO_CONNECTION),
        (
            "npm error code EINTEGRITY\nnpm error sha512-… integrity checksum failed",
            "a package is not the one that package-lock.json names, by its hash",
        ),
        (
            "npm error code EUSAGE\nnpm error `npm ci` can only install packages when both are in sync",
            "package.json and package-lock.json differ; run `make lock`",
        ),
        ("npm error code ENOSPC\nnpm error nospc", "the disk is full; make room and start again"),
        (
            'Build failed with 1 error:\n\nError: [vite]: Rolldown cannot resolve "gone" from "a.ts".\nThis …',
            'Rolldown cannot resolve "gone" from "a.ts".',
        ),
        (
            "Build failed with 2 errors:\n\n\x1b[31m[UNRESOLVED_IMPORT] \x1b[0mCould not resolve './b' in a.ts\n"
            "    \x1b[38;5;246m╭\x1b[0m\x1b[38;5;246m─[\x1b[0m a.ts:19:15 \x1b[38;5;246m]\x1b[0m",
            "a.ts:19:15: Could not resolve './b' in a.ts",
        ),
        ("something else went wrong: error 7", "something else went wrong: error 7"),
        ("", "the installing program ended without a message"),
    ],
)
def test_the_reason_is_one_sentence(output: str, sentence: str) -> None:
    assert reason(output) == sentence
