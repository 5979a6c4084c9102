"""Writes and verifies signed references in callback URLs, since Exotel signs nothing (reference/exotel.md, 10).

    version 1 | kind 1 | subject 1 | organization 16 | subject's id 16 | expiry or generation 8 | HMAC 32

The numbers are bytes; it is written as 100 URL-safe characters. The URL of one message or call names that unit and
expires. A URL that an admin enters in Exotel's dashboard names the integration and a generation. Raising the
generation in the database revokes it; the worker checks that, since the webhooks have no database.
"""

import base64
import hashlib
import hmac
import re
import struct
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal, NamedTuple
from uuid import UUID

from banxway import errors
from banxway.clock import Clock


class CallbackKind(StrEnum):
    """What a callback URL receives; a reference for one kind is not valid for another."""

    CALL_STATUS = "call_status"
    WHATSAPP = "whatsapp"


Subject = Literal["unit", "integration"]

_VERSION = 1
_LABEL = b"banxway callback reference v1\0"
_KIND_CODES = {CallbackKind.CALL_STATUS: 1, CallbackKind.WHATSAPP: 2}
_SUBJECT_CODES: dict[Subject, int] = {"unit": 1, "integration": 2}
_KINDS = {code: kind for kind, code in _KIND_CODES.items()}
_SUBJECTS = {code: subject for subject, code in _SUBJECT_CODES.items()}
_LAYOUT = struct.Struct(">BBB16s16sQ")
_TEXT = re.compile(r"[A-Za-z0-9_-]{100}")
_SIGNATURE = re.compile(r"sha256=([0-9a-fA-F]{64})")


# Not a dataclass: importing those takes longer than everything else here, and webhooks must answer in milliseconds.
class Reference(NamedTuple):
    """A genuine reference. `generation` is set for an integration, `expires_at` for a unit."""

    kind: CallbackKind
    organization_id: UUID
    subject_id: UUID
    subject: Subject
    generation: int | None
    expires_at: datetime | None


class CallbackReferences:
    """Writes and verifies references. Without a secret both raise Unavailable, so no callback is accepted."""

    def __init__(self, secret: str | None, *, clock: Clock) -> None:
        self._secret = (secret or "").strip().encode()
        self._clock = clock

    def for_unit(
        self, kind: CallbackKind, *, organization_id: UUID, unit_id: UUID, expires_in: timedelta
    ) -> str:
        """Return the reference of one message or call, valid until `expires_in` from now."""
        expires_at = int((self._clock.now() + expires_in).timestamp())
        return self._write(kind, "unit", organization_id, unit_id, expires_at)

    def for_integration(
        self, kind: CallbackKind, *, organization_id: UUID, integration_id: UUID, generation: int
    ) -> str:
        """Return the reference of an integration, valid until its generation is raised."""
        return self._write(kind, "integration", organization_id, integration_id, generation)

    def verify(self, text: str | None, *, kind: CallbackKind) -> Reference:
        """Return the content of a genuine reference of this kind.

        Raises NotAuthenticated: with one sentence for an expired reference, with another for everything else that
        is wrong. Raises Unavailable (503) if no secret is set, since nothing can be verified then.
        """
        content = self._genuine_content(text)
        _, kind_code, subject_code, organization, subject_id, number = _LAYOUT.unpack(content)
        subject = _SUBJECTS.get(subject_code)
        if content[0] != _VERSION or _KINDS.get(kind_code) is not kind or subject is None:
            raise _invalid()
        is_unit = subject == "unit"
        if is_unit and number <= self._clock.now().timestamp():
            raise errors.NotAuthenticated("Webhook reference expired")
        return Reference(
            kind=kind,
            organization_id=UUID(bytes=organization),
            subject_id=UUID(bytes=subject_id),
            subject=subject,
            generation=None if is_unit else number,
            expires_at=datetime.fromtimestamp(number, UTC) if is_unit else None,
        )

    def _write(self, kind: CallbackKind, subject: Subject, organization: UUID, row: UUID, number: int) -> str:
        content = _LAYOUT.pack(
            _VERSION, _KIND_CODES[kind], _SUBJECT_CODES[subject], organization.bytes, row.bytes, number
        )
        return base64.urlsafe_b64encode(content + self._digest(content)).decode()

    def _genuine_content(self, text: str | None) -> bytes:
        # The secret is checked before the text, so that a broken deployment does not look like forgery.
        self._require_secret()
        if text is None or not _TEXT.fullmatch(text):
            raise _invalid()
        signed = base64.urlsafe_b64decode(text)
        content, digest = signed[: _LAYOUT.size], signed[_LAYOUT.size :]
        if not hmac.compare_digest(digest, self._digest(content)):
            raise _invalid()
        return content

    def _digest(self, content: bytes) -> bytes:
        self._require_secret()
        return hmac.digest(self._secret, _LABEL + content, hashlib.sha256)

    def _require_secret(self) -> None:
        if not self._secret:
            raise errors.Unavailable("Webhooks are refused: WEBHOOK_SECRET is not set")


def verify_signature(header: str, body: bytes, *, secret: str) -> None:
    """Verify that the header is `sha256=<hex>` with the HMAC-SHA256 of the body's raw bytes under the secret.

    It is for the X-Exotel-Signature header, if Exotel sends one (reference/exotel.md, 10: unproven). Raises
    NotAuthenticated, or Unavailable without a secret.
    """
    if not secret.strip():
        raise errors.Unavailable("Webhooks are refused: EXOTEL_SIGNATURE_SECRET is not set")
    match = _SIGNATURE.fullmatch(header.strip())
    claimed = bytes.fromhex(match[1]) if match else b""
    expected = hmac.digest(secret.strip().encode(), body, hashlib.sha256)
    if len(claimed) != len(expected) or not hmac.compare_digest(claimed, expected):
        raise errors.NotAuthenticated("Invalid webhook signature")


def _invalid() -> errors.NotAuthenticated:
    return errors.NotAuthenticated("Invalid webhook reference")
