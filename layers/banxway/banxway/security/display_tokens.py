"""Writes and reads the signed tokens under which a mail is displayed: one message, for five minutes."""

import struct
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from banxway import errors
from banxway.clock import Clock
from banxway.reasons import Reason
from banxway.security.signed_tokens import SignedTokens

DISPLAY_LIFETIME = timedelta(minutes=5)

_LAYOUT = struct.Struct(">16s16s?")


class DisplayReference(NamedTuple):
    """What a genuine token lets its holder see: a message, with or without its remote images."""

    organization_id: UUID
    message_id: UUID
    remote_images: bool


class DisplayTokens:
    """Writes and reads the tokens of `/display/{token}`."""

    def __init__(self, secret: str | None, *, clock: Clock) -> None:
        self._clock = clock
        self._tokens = SignedTokens(secret, purpose="display", longest=DISPLAY_LIFETIME, clock=clock)

    def write(self, reference: DisplayReference) -> tuple[str, datetime]:
        """Return a token and the time at which it expires. Raises Unavailable without a secret."""
        expires_at = self._clock.now() + DISPLAY_LIFETIME
        content = _LAYOUT.pack(
            reference.organization_id.bytes, reference.message_id.bytes, reference.remote_images
        )
        return self._tokens.write(content, expires_at=expires_at), expires_at

    def read(self, text: str) -> DisplayReference:
        """Return what a genuine token names. Raises NotAuthenticated, or Unavailable without a secret."""
        content = self._tokens.read(text)
        if len(content) != _LAYOUT.size:
            raise errors.NotAuthenticated("This link is not valid", reason=Reason.LINK_REFUSED)
        organization, message, remote_images = _LAYOUT.unpack(content)
        return DisplayReference(UUID(bytes=organization), UUID(bytes=message), remote_images)
