"""Masks what is sent to somebody who helps: secrets and people's addresses.

Three filters: the product's own redaction (names and shapes), every secret of this machine by its value, and
whatever looks like a key: a long run of letters and digits that is not a UUID.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from banxway.security.known_secrets import MASK
from banxway.security.redaction import mask, remember

_SHORTEST_KEY = 20
_RUN = re.compile(rf"[A-Za-z0-9_+=-]{{{_SHORTEST_KEY},}}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SECRET_VARIABLES = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL|CREDENTIAL", re.IGNORECASE)


def know_this_machine(state: Path | None, *, environment: Mapping[str, str] = os.environ) -> None:
    """Mask from now on every secret of the state folder and the environment, wherever it appears."""
    file = state / "secrets.json" if state else None
    kept: dict[str, Any] = json.loads(file.read_text()) if file and file.is_file() else {}
    for value in (*kept.values(), *_secret_values(environment)):
        remember(str(value))


def masked(value: object) -> Any:
    """Return a value, in plain types, without secrets and addresses."""
    return _without_runs(mask(value))


def masked_text(text: str) -> str:
    """Return a text without secrets and addresses."""
    return str(masked(text))


def masked_line(line: str) -> str:
    """Return a log's line without secrets and addresses; a line of JSON is still one."""
    try:
        entry = json.loads(line)
    except ValueError:
        entry = None
    if not isinstance(entry, dict):
        return masked_text(line)
    return json.dumps(masked(entry), ensure_ascii=False)


def _without_runs(value: Any) -> Any:
    if isinstance(value, dict):
        return {_without_runs(name): _without_runs(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_without_runs(each) for each in value]
    return _RUN.sub(_shown, value) if isinstance(value, str) else value


def _shown(run: re.Match[str]) -> str:
    rest = _UUID.sub("", run[0])
    looks_like_a_key = any(map(str.isdigit, rest)) and any(map(str.isalpha, rest))
    return MASK if looks_like_a_key and len(rest) >= _SHORTEST_KEY else run[0]


def _secret_values(environment: Mapping[str, str]) -> Iterable[str]:
    for name, value in environment.items():
        if _SECRET_VARIABLES.search(name):
            yield value
            if "://" in value:
                yield unquote(urlsplit(value).password or "")
