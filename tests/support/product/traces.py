"""Finds a secret in what was left behind, in whatever way it was written there.

    assert traces_of(secret, text) == []

A text may contain a secret in the clear, escaped as JSON or a URL escapes it, in hexadecimal, or inside base64: there
its letters depend on how many bytes precede it. So each run of base64 is decoded, from all four places where
it may begin, and what comes out is searched in turn.
"""

import base64
import json
import re
from urllib.parse import quote, quote_plus

_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}")
_DEEPEST = 3


def traces_of(secret: str, text: str) -> list[str]:
    """Return how a secret is written in a text, each way once; an empty list where it is not."""
    return sorted(set(_traces_of(secret, text, depth=0)))


def _traces_of(secret: str, text: str, *, depth: int) -> list[str]:
    found = [name for name, spelling in _spellings_of(secret).items() if spelling in text]
    if depth < _DEEPEST:
        for decoded in _decoded_runs(text):
            found += [f"{name} in base64" for name in _traces_of(secret, decoded, depth=depth + 1)]
    return found


def _spellings_of(secret: str) -> dict[str, str]:
    written = {
        "plain": secret,
        "escaped for JSON": json.dumps(secret)[1:-1],
        "escaped for JSON in UTF-8": json.dumps(secret, ensure_ascii=False)[1:-1],
        "escaped for Python": repr(secret)[1:-1],
        "percent-encoded": quote(secret),
        "percent-encoded throughout": quote(secret, safe=""),
        "percent-encoded as a form": quote_plus(secret),
    }
    in_hex = {f"{name}, in hexadecimal": each.encode().hex() for name, each in written.items()}
    in_capitals = {f"{name}, in capitals": each.upper() for name, each in in_hex.items()}
    return written | in_hex | in_capitals


def _decoded_runs(text: str) -> list[str]:
    found = []
    for match in _RUN.finditer(text):
        run = match[0].translate(str.maketrans("-_", "+/"))
        for start in range(4):
            whole = run[start : start + (len(run) - start) // 4 * 4]
            rest = run[start + len(whole) :]
            # One letter alone is less than a byte.
            ended = whole + (rest + "=" * (4 - len(rest)) if len(rest) > 1 else "")
            found.append(base64.b64decode(ended).decode("utf-8", "replace"))
    return found
