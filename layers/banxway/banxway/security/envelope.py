"""Encrypts what is stored: AES-256-GCM under data keys that each belong to one organization and purpose.

    version 1 | length 1 | key id | length 2 | wrapped data key | nonce 12 | ciphertext and tag | checksum 8

The numbers are bytes; stored text is the base64 of it. Version, organization, table, row and purpose are
authenticated with the ciphertext, so that it can be opened only for the row it was sealed for. The key id and the
wrapped key are not: rotation replaces them without touching the ciphertext. The checksum needs no key; it tells
damage from a wrong key.
"""

import base64
import binascii
import hashlib
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NoReturn
from uuid import UUID

from banxway import errors
from banxway.clock import Clock
from banxway.security.key_wrappers import DataKey, KeyWrapper

KEY_LIFETIME = timedelta(minutes=5)
"""How long a process may keep an unwrapped data key."""

MAX_CACHED_KEYS = 256

_VERSION = 1
_NONCE_BYTES = 12
_TAG_BYTES = 16
_CHECKSUM_BYTES = 8


@dataclass(frozen=True, slots=True)
class Binding:
    """The one row for which a ciphertext can be opened: its organization, table and id."""

    organization_id: UUID
    table: str
    row_id: UUID


@dataclass(frozen=True, slots=True)
class _Parts:
    key_id: str
    wrapped: bytes
    nonce: bytes
    ciphertext: bytes


class Envelope:
    """Seals and opens what is stored, for every organization; made once per process, thread-safe."""

    def __init__(
        self,
        wrapper: KeyWrapper,
        *,
        clock: Clock,
        new_nonce: Callable[[], bytes] = lambda: os.urandom(_NONCE_BYTES),
    ) -> None:
        self._wrapper = wrapper
        self._new_nonce = new_nonce
        self._keys = _DataKeys(clock)

    def encrypt(self, plaintext: bytes, *, binding: Binding, purpose: str = "credentials") -> str:
        """Return text that `decrypt` opens only with the same binding and purpose.

        Raises KeyMissing or Unavailable.
        """
        return base64.b64encode(self.seal(plaintext, binding=binding, purpose=purpose)).decode()

    def decrypt(self, text: str, *, binding: Binding, purpose: str = "credentials") -> bytes:
        """Return the plaintext that was encrypted for this binding and purpose.

        Raises WrongKey (encrypted under another key), KeyMissing (no usable key), CorruptEnvelope (cut, altered,
        or moved from another row, organization or purpose) or Unavailable (the key service is down).
        """
        return self.open(_from_base64(text), binding=binding, purpose=purpose)

    def seal(self, plaintext: bytes, *, binding: Binding, purpose: str) -> bytes:
        """Encrypt as `encrypt` does, but without base64, which would make large content a third larger."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = self._key_for_sealing(binding.organization_id, purpose)
        nonce = self._new_nonce()
        ciphertext = AESGCM(key.plaintext).encrypt(nonce, plaintext, _associated(binding, purpose))
        return _join(_Parts(key.key_id, key.wrapped, nonce, ciphertext))

    def open(self, sealed: bytes, *, binding: Binding, purpose: str) -> bytes:
        """Decrypt what `seal` returned. Raises as `decrypt` does."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        parts = _split(sealed)
        key = self._key_for_opening(binding.organization_id, purpose, parts)
        try:
            return AESGCM(key).decrypt(parts.nonce, parts.ciphertext, _associated(binding, purpose))
        except InvalidTag as error:
            _refuse(error)

    def rewrap(self, text: str, *, organization_id: UUID, purpose: str = "credentials") -> str | None:
        """Return the text with its data key wrapped by the current key, or None if it already is.

        The ciphertext is not opened and stays the same byte for byte. Raises what `decrypt` does.
        """
        sealed = self.rewrap_sealed(_from_base64(text), organization_id=organization_id, purpose=purpose)
        return None if sealed is None else base64.b64encode(sealed).decode()

    def rewrap_sealed(self, sealed: bytes, *, organization_id: UUID, purpose: str) -> bytes | None:
        """Re-wrap what `seal` returned, as `rewrap` does for text."""
        parts = _split(sealed)
        if parts.key_id == self.current_key_id(organization_id, purpose=purpose):
            return None
        try:
            key = self._wrapper.rewrap(parts.wrapped, parts.key_id, _context(organization_id, purpose))
        except errors.CorruptEnvelope as error:
            _refuse(error)
        return _join(replace(parts, key_id=key.key_id, wrapped=key.wrapped))

    def current_key_id(self, organization_id: UUID, *, purpose: str = "credentials") -> str:
        """Return the id of the key that wraps what is sealed now. Raises KeyMissing or Unavailable."""
        return self._key_for_sealing(organization_id, purpose).key_id

    def _key_for_sealing(self, organization_id: UUID, purpose: str) -> DataKey:
        # The entries of keys for opening also contain the wrapped key, so the two kinds cannot be confused.
        cache_key = (organization_id, purpose)
        key = self._keys.find(cache_key)
        if key is None:
            key = self._wrapper.generate(_context(organization_id, purpose))
            self._keys.remember(cache_key, key)
            self._keys.remember((*cache_key, key.key_id, key.wrapped), key)
        return key

    def _key_for_opening(self, organization_id: UUID, purpose: str, parts: _Parts) -> bytes:
        cache_key = (organization_id, purpose, parts.key_id, parts.wrapped)
        key = self._keys.find(cache_key)
        if key is None:
            context = _context(organization_id, purpose)
            try:
                plaintext = self._wrapper.unwrap(parts.wrapped, parts.key_id, context)
            except errors.CorruptEnvelope as error:
                _refuse(error)
            key = DataKey(plaintext, parts.wrapped, parts.key_id)
            self._keys.remember(cache_key, key)
        return key.plaintext


class _DataKeys:
    """A thread-safe cache of at most 256 unwrapped keys, none of them older than KEY_LIFETIME."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[tuple[object, ...], tuple[DataKey, datetime]] = {}

    def find(self, cache_key: tuple[object, ...]) -> DataKey | None:
        with self._lock:
            self._drop_stale()
            entry = self._entries.get(cache_key)
        return entry[0] if entry else None

    def remember(self, cache_key: tuple[object, ...], key: DataKey) -> None:
        with self._lock:
            # Always added at the end, even if another thread was faster: entries stay in the order of their age.
            self._entries.pop(cache_key, None)
            while len(self._entries) >= MAX_CACHED_KEYS:
                self._entries.pop(next(iter(self._entries)))
            self._entries[cache_key] = (key, self._clock.now())

    def _drop_stale(self) -> None:
        now = self._clock.now()
        # If the clock was set back, an age is negative, and the entry is dropped.
        for cache_key, (_, since) in list(self._entries.items()):
            if timedelta(0) <= now - since < KEY_LIFETIME:
                break
            self._entries.pop(cache_key, None)


def _context(organization_id: UUID, purpose: str) -> dict[str, str]:
    return {"organization_id": str(organization_id), "purpose": purpose}


def _associated(binding: Binding, purpose: str) -> bytes:
    # Each text has its length before it, so that no two bindings give the same bytes.
    texts = b"".join(len(text).to_bytes(2) + text for text in (binding.table.encode(), purpose.encode()))
    return bytes([_VERSION]) + binding.organization_id.bytes + binding.row_id.bytes + texts


def _join(parts: _Parts) -> bytes:
    key_id = parts.key_id.encode()
    head = bytes([_VERSION, len(key_id)]) + key_id + len(parts.wrapped).to_bytes(2) + parts.wrapped
    body = b"".join((head, parts.nonce, parts.ciphertext))
    return body + hashlib.sha256(body).digest()[:_CHECKSUM_BYTES]


def _split(sealed: bytes) -> _Parts:
    body, checksum = memoryview(sealed)[:-_CHECKSUM_BYTES], sealed[-_CHECKSUM_BYTES:]
    if len(body) < 2 or hashlib.sha256(body).digest()[:_CHECKSUM_BYTES] != checksum or body[0] != _VERSION:
        _refuse()
    wrapped_at = 2 + body[1] + 2
    nonce_at = wrapped_at + int.from_bytes(body[wrapped_at - 2 : wrapped_at])
    ciphertext_at = nonce_at + _NONCE_BYTES
    if len(body) < ciphertext_at + _TAG_BYTES:
        _refuse()
    try:
        key_id = str(body[2 : 2 + body[1]], "utf-8")
    except UnicodeDecodeError as error:
        _refuse(error)
    return _Parts(
        key_id=key_id,
        wrapped=bytes(body[wrapped_at:nonce_at]),
        nonce=bytes(body[nonce_at:ciphertext_at]),
        ciphertext=bytes(body[ciphertext_at:]),
    )


def _from_base64(text: str) -> bytes:
    try:
        sealed = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        _refuse(error)
    # Base64 has unused bits at its end; a text that differs there is not the text that was stored.
    if base64.b64encode(sealed).decode() != text:
        _refuse()
    return sealed


def _refuse(cause: Exception | None = None) -> NoReturn:
    raise errors.CorruptEnvelope(
        "Invalid encrypted data format: it was cut, altered or moved; save the credentials again"
    ) from cause


def content_mark(stored: str) -> str:
    """Return what differs for everything that is ever sealed: the tag of the ciphertext, which rotation keeps."""
    try:
        raw = base64.b64decode(stored)
    except binascii.Error:
        return stored
    return raw[-_TAG_BYTES - _CHECKSUM_BYTES : -_CHECKSUM_BYTES].hex()
