"""Makes identities for deduplication: equal for two deliveries of one callback, different for two callbacks."""

import json
from hashlib import sha256
from typing import Any


def identity_of(kind: str, *parts: Any) -> str:
    """Return `kind` and a hash of the parts; parts are JSON values, whose order of keys does not matter."""
    written = json.dumps(parts, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    return f"{kind}:{sha256(written.encode('utf-8', 'replace')).hexdigest()[:40]}"
