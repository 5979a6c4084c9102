"""What leaves the machine for somebody who helps: without secrets, and without people's addresses.

Three nets: the product's own redaction (names and shapes), every secret of this machine by its value, and whatever
looks like a key: a long run of letters and digits that is no UUID.
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

_RUN = re.compile(r"[A-Za-z0-9_+=-]{20,}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)
_SECRET_VARIABLES = re.compile(r"PASSWORD|SECRET|TOKEN|KEY|DATABASE_URL|CREDENTIAL", re.IGNORECASE)


def know_this_machine(state: Path | None, *, environment: Mapping[str, str] = os.environ) -> None:
    """Mask from now on what the state folder and the environment keep secret, wherever it turns up."""
    file = state / "secrets.json" if state else None
    kept: dict[str, Any] = json.loads(file.read_text()) if file and file.is_file() else {}
    for value in (*kept.values(), *_secret_values(environment)):
        remember(str(value))


def masked(value: object) -> Any:
    """Return a value of plain types without secrets and addresses."""
    return json.loads(masked_text(json.dumps(mask(value), ensure_ascii=False)))


def masked_text(text: str) -> str:
    """Return a text without secrets and addresses."""
    return _RUN.sub(lambda run: run[0] if _is_harmless(run[0]) else MASK, str(mask(text)))


def _is_harmless(run: str) -> bool:
    if _UUID.fullmatch(run) or _UUID.search(run) and len(_UUID.sub("", run)) < 20:
        return True
    return not (any(map(str.isdigit, run)) and any(map(str.isalpha, run)))


def _secret_values(environment: Mapping[str, str]) -> Iterable[str]:
    for name, value in environment.items():
        if _SECRET_VARIABLES.search(name):
            yield value
            if "://" in value:
                yield unquote(urlsplit(value).password or "")
