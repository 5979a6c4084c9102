"""The MD5 sums that SQS returns and boto3 verifies."""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any


def of_body(body: str) -> str:
    """Return the sum of a message's body."""
    return hashlib.md5(body.encode(), usedforsecurity=False).hexdigest()


def of_attributes(attributes: Mapping[str, Any]) -> str | None:
    """Return the sum of a message's attributes as the SQS developer guide builds it; None without any.

    In order of name: length and bytes of the name, of the data type, a byte for the kind of transport,
    length and bytes of the value; every length as four bytes, big end first.
    """
    if not attributes:
        return None
    digest = hashlib.md5(usedforsecurity=False)
    for name in sorted(attributes):
        attribute = attributes[name]
        _add(digest, name.encode())
        _add(digest, attribute["DataType"].encode())
        if attribute["DataType"].startswith("Binary"):
            digest.update(b"\x02")
            _add(digest, base64.b64decode(attribute["BinaryValue"]))
        else:
            digest.update(b"\x01")
            _add(digest, attribute["StringValue"].encode())
    return digest.hexdigest()


def _add(digest: Any, value: bytes) -> None:
    digest.update(len(value).to_bytes(4, "big"))
    digest.update(value)
