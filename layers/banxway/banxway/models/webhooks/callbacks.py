"""The contents of providers' callbacks after parsing: one body yields a list of these, in any mixture."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The provider's report on one message that we sent.

    `status` is ours (sent, delivered, read, failed), or None for an unknown status, which is stored raw and changes
    nothing. `advice` says what to do about a failure. `reference` is what we sent as custom_data. `identity` is
    different for each report and equal for all deliveries of the same one, for deduplication.
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
    """A message that a customer wrote to us. `kind` is the provider's content type; `text` is its readable form.

    `provider_sid` is None only if the provider left it out; then the message cannot be deduplicated by it.
    `referral` is the ad or product from which the customer wrote, with the provider's field names.
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
    """What a customer did to a message, or what WhatsApp reports about a customer; it never counts as a message.

    `kind` is reaction, reaction_removed, edit, revocation, number_change or system. `about_sid` is the provider's id
    of the message that it is about, None if it is about none. `text` is the emoji, the new text or WhatsApp's text.
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
    """The provider's report on one call. `status` is ours, or None for an unknown status."""

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
    """A genuine callback with unknown content; it is stored and answered with 200, and changes nothing."""

    kind: str
    identity: str
    raw: dict[str, Any] = field(repr=False)


Callback = StatusReport | IncomingMessage | CustomerEvent | CallReport | UnknownCallback
