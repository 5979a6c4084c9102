"""Finds the deployment that an operator's command works on: the environment's, else the running local product.

DATABASE_URL          the application role's address, direct or in session mode
OWNER_DATABASE_URL    the owner's address
"""

import json
import os
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LOCAL_URL = "http://127.0.0.1:8000"
_PATIENCE_S = 10.0


class NotPossible(Exception):
    """Raised when a command cannot be carried out; the sentence says why, and what to do."""


@dataclass(frozen=True)
class Addresses:
    """The database's two addresses, and a local product's state folder; None for what is not known."""

    app: str | None
    owner: str | None
    state: Path | None = None


def addresses(url: str = LOCAL_URL) -> Addresses:
    """Return what the environment names, else what the local product at `url` says. Raises NotPossible."""
    app, owner = os.environ.get("DATABASE_URL"), os.environ.get("OWNER_DATABASE_URL")
    if app or owner:
        return Addresses(app or None, owner or None)
    info = product_at(url)
    if info is None:
        raise NotPossible(
            f"Nothing runs at {url}: start it (make run), give its PORT, or name a deployment by DATABASE_URL "
            "and OWNER_DATABASE_URL"
        )
    database = info["database"]
    return Addresses(database["app_url"], database["owner_url"], Path(info["state"]))


def product_at(url: str) -> dict[str, Any] | None:
    """Return what the local product at an address says about itself; None where none answers."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{url}/local/info", timeout=_PATIENCE_S) as response:
            found = json.loads(response.read())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and "database" in found else None
