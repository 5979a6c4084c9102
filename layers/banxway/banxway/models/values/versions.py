"""Versions of settings: a form sends back the one that it was filled from, so that it overwrites nobody's change."""

import base64
import hashlib
import json

_BYTES = 15

ABSENT = "absent"
"""The version of a setting that is not stored yet."""


def version_of(*values: object) -> str:
    """Return a text that is the same for the same values, and another one for others, in every process."""
    written = json.dumps(values, sort_keys=True, default=str)
    return base64.urlsafe_b64encode(hashlib.sha256(written.encode()).digest()[:_BYTES]).decode()
