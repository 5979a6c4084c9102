"""Writes and reads short-lived signed tokens for URLs that a browser opens without a session.

    version 1 | expiry 8 | content | HMAC-SHA256 32

The numbers are bytes; it is written in URL-safe base64. Each purpose signs under its own label, so that a token for
one purpose is not valid for another.
"""

import base64
import binascii
import hashlib
import hmac
import struct
from datetime import datetime, timedelta

from banxway import errors
from banxway.clock import Clock
from banxway.reasons import Reason

_HEAD = struct.Struct(">BQ")
_VERSION = 1
_DIGEST_BYTES = 32
_LONGEST = 4096


class SignedTokens:
    """Writes and reads the tokens of one purpose. Without a secret none is written or accepted (Unavailable)."""

    def __init__(self, secret: str | None, *, purpose: str, longest: timedelta, clock: Clock) -> None:
        self._secret = (secret or "").strip().encode()
        self._label = f"banxway {purpose} token v1\0".encode()
        self._longest = longest
        self._clock = clock

    def write(self, content: bytes, *, expires_at: datetime) -> str:
        """Return a token with this content. Raises Unavailable without a secret."""
        signed = _HEAD.pack(_VERSION, int(expires_at.timestamp())) + content
        return base64.urlsafe_b64encode(signed + self._digest(signed)).decode().rstrip("=")

    def read(self, text: str) -> bytes:
        """Return the content of a genuine token that has not expired.

        Raises NotAuthenticated: with one sentence for a forged or broken token, with another for an expired one.
        Raises Unavailable without a secret.
        """
        raw = _decoded(text)
        signed, digest = raw[:-_DIGEST_BYTES], raw[-_DIGEST_BYTES:]
        if not hmac.compare_digest(digest, self._digest(signed)):
            raise _invalid()
        if len(signed) < _HEAD.size or signed[0] != _VERSION:
            raise _invalid()
        _, expires_at = _HEAD.unpack_from(signed)
        left = expires_at - self._clock.now().timestamp()
        # A token that is valid for longer than ours ever are was written while a clock was wrong.
        if not 0 < left <= self._longest.total_seconds() + 1:
            raise errors.NotAuthenticated(
                "This link has expired: ask for another", reason=Reason.LINK_EXPIRED
            )
        return signed[_HEAD.size :]

    def _digest(self, signed: bytes) -> bytes:
        if not self._secret:
            raise errors.Unavailable("Links cannot be signed: WEBHOOK_SECRET is not set")
        return hmac.digest(self._secret, self._label + signed, hashlib.sha256)


def _decoded(text: str) -> bytes:
    if len(text) > _LONGEST or not text.isascii():
        raise _invalid()
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise _invalid() from error
    # Base64 has unused bits at its end: only one spelling of a content is valid.
    if base64.urlsafe_b64encode(raw).decode().rstrip("=") != text:
        raise _invalid()
    return raw


def _invalid() -> errors.NotAuthenticated:
    return errors.NotAuthenticated("This link is not valid", reason=Reason.LINK_REFUSED)
