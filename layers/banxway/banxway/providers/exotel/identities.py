"""Names for deduplication: equal for two deliveries of one report, different for two reports."""

import json
from hashlib import sha256
from typing import Any


def identity_of(kind: str, *parts: Any) -> str:
    """Return a short name made of everything given; parts are JSON values, objects in any key order."""
    written = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return f"{kind}:{sha256(written.encode('utf-8', 'replace')).hexdigest()[:40]}"
