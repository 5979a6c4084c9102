"""What provider callbacks say once they are read: a list of these, in any mixture, from one body."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The provider's word on one message we sent.

    `status` is ours (sent, delivered, read, failed) or None for a word nobody knows, which is kept raw and
    changes nothing. `advice` says what to do about a failure. `reference` is what we gave as
    custom_data. `identity` tells two reports apart for
    deduplication and is stable across deliveries of the same report.
    """

    provider_sid: str
    status: str | None
    provider_code: str | None
    provider_status: str | None
    description: str | None
    recipient: str | None
    reference: str | None
    occurred_at: datetime | None
    identity: str
    raw: dict[str, Any] = field(repr=False)
    advice: str | None = None


@dataclass(frozen=True, slots=True)
class IncomingMessage:
    """A message a customer wrote to us. `kind` is the provider's content type; `text` is its readable form.

    `provider_sid` is None only if the provider left it out; then nothing can be deduplicated by it.
    `referral` is the ad or product from which the customer wrote, in the provider's names.
    """

    provider_sid: str | None
    sender: str
    recipient: str
    profile_name: str | None
    kind: str
    text: str
    media_url: str | None
    replied_to_sid: str | None
    occurred_at: datetime | None
    identity: str
    raw: dict[str, Any] = field(repr=False)
    referral: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CustomerEvent:
    """What a customer did to a message, or WhatsApp's note on a customer; it counts nowhere as a message.

    `kind` is reaction, reaction_removed, edit, revocation, number_change or system. `about_sid` is the provider's
    name for the message that it is about, None if it is about none. `text` is the emoji, the new words or the note.
    """

    provider_sid: str | None
    sender: str
    recipient: str
    profile_name: str | None
    kind: str
    about_sid: str | None
    text: str
    occurred_at: datetime | None
    identity: str
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallReport:
    """The provider's word on one call. `status` is ours, or None for an unknown word."""

    provider_sid: str
    event: str  # answered | terminal | status
    status: str | None
    provider_status: str | None
    duration_s: int | None
    recording_url: str | None
    reference: str | None
    occurred_at: datetime | None
    identity: str
    raw: dict[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class UnknownCallback:
    """A genuine callback that says something we do not know; stored, answered 200, changes nothing."""

    kind: str
    identity: str
    raw: dict[str, Any] = field(repr=False)


Callback = StatusReport | IncomingMessage | CustomerEvent | CallReport | UnknownCallback
