"""What the product needs of a provider, one small interface per capability.

    VoiceAccount     check · is_known · list_numbers   exotel/voice.py
    SmsAccount       check                             exotel/sms.py
    MessageSender    send                              exotel/whatsapp.py
    WhatsAppAccount  check · list_templates            exotel/whatsapp.py
    MailSender       check · send · close              mail/smtp.py
    Mailbox          check · open · sizes · fetch      mail/imap.py
    FramePusher      push · close                      websocket.py

Arguments and results come from `models/` only. Every method raises `errors.ProviderError` subclasses and
nothing else: a refusal is ProviderRejected (ProviderDenied for credentials), load is ProviderThrottled, no
connection is ProviderUnavailable, an unanswered question is ProviderTimeout, and a send whose fate is
unproven is OutcomeUnknown. Each implementation must pass the contract suite of its capability
(tests/banxway/providers/contracts).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from banxway.models.integrations.checks import (
    ImapCheck,
    PhoneAccountCheck,
    SmsAccountCheck,
    SmtpCheck,
    WhatsAppAccountCheck,
)
from banxway.models.integrations.credentials import ExotelAccount, MailServer
from banxway.models.integrations.whatsapp_templates import ProviderTemplate
from banxway.models.mail import FetchedMail, FolderState, MailFlags, MailSize, ParsedMail
from banxway.models.messages.display import MailToShow, ShownMail
from banxway.models.messages.outgoing import Accepted, OutgoingMail, OutgoingWhatsApp
from banxway.models.phone_numbers import ProviderNumber
from banxway.models.webhooks.callbacks import Callback


class VoiceAccount(Protocol):
    """A phone account: proves itself, and lists its numbers."""

    def check(self, *, virtual_number: str) -> PhoneAccountCheck:
        """Prove credentials, voice service and number; costs no call. Raises what it finds wrong first."""
        ...

    def is_known(self) -> bool:
        """Tell whether the account lives at this address, whatever it may do there; never raises."""
        ...

    def list_numbers(self) -> list[ProviderNumber]:
        """Return every number of the account."""
        ...


class SmsAccount(Protocol):
    """An account that sends SMS: proves itself."""

    def check(self, *, sms_number: str) -> SmsAccountCheck:
        """Prove credentials, and that the number may send SMS; sends none. Raises what it finds wrong first."""
        ...


class MessageSender(Protocol):
    """Sends one message to one person."""

    def send(self, message: OutgoingWhatsApp) -> Accepted:
        """Hand the message over exactly once; never retries by itself."""
        ...


class WhatsAppAccount(Protocol):
    """A WhatsApp business account: proves itself, and lists its templates."""

    def check(self, *, whatsapp_number: str) -> WhatsAppAccountCheck:
        """Prove credentials, service and number without contacting anybody."""
        ...

    def list_templates(self, *, waba_id: str | None) -> list[ProviderTemplate]:
        """Return every template of the account, whatever its status."""
        ...


class MailSender(Protocol):
    """Submits mail for one mailbox."""

    def check(self) -> SmtpCheck:
        """Log in and out; a failure is in the result, not raised."""
        ...

    def send(self, mail: OutgoingMail) -> Accepted:
        """Submit the mail exactly once; `provider_sid` is its Message-ID.

        To all of its recipients or none: one that is refused is ProviderRejected, and nobody gets it. An account
        that the provider stopped is ProviderBlocked.
        """
        ...

    def close(self) -> None:
        """Forget a connection kept for the next mail; harmless when there is none."""
        ...


class Mailbox(Protocol):
    """Reads one mailbox over one connection. Changes nothing there but by `mark_seen` and `remove`."""

    def check(self) -> ImapCheck:
        """Log in, count folders and unread mail, log out; a failure is in the result, not raised."""
        ...

    def folders(self) -> list[FolderState]:
        """Return every selectable folder with its role and counters, in one command where LIST-STATUS is offered."""
        ...

    def open(self, folder: str) -> FolderState:
        """Open a folder read-only, reusing a live connection."""
        ...

    def sizes(self, *, first_uid: int) -> list[MailSize]:
        """Return UID and size of every message at or above a UID in the open folder, ascending."""
        ...

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """Yield the raw messages of these UIDs with their flags, ascending; vanished ones are left out."""
        ...

    def fetch_headers(self, uid: int) -> bytes | None:
        """Return the first 64 KiB of a message's header, for one that is too large to fetch; None if it vanished."""
        ...

    def uids(self) -> list[int]:
        """Return every UID of the open folder, ascending."""
        ...

    def flags(self, *, up_to_uid: int, changed_since: int | None) -> list[MailFlags]:
        """Return the flags of messages up to a UID: those changed since a modseq, or without one, all."""
        ...

    def mark_seen(self, folder: str, uids: Sequence[int]) -> None:
        """Set the Seen flag of these messages; those that vanished are left out."""
        ...

    def remove(self, folder: str, uids: Sequence[int]) -> None:
        """Delete these messages for good, and no other; those that vanished are left out.

        Raises ProviderRejected where the server cannot delete some without others (RFC 4315).
        """
        ...

    def find(self, folder: str, *, message_id: str) -> list[int]:
        """Return the UIDs in a folder whose Message-ID header is this bare id, exactly."""
        ...

    def wait_for_news(self, *, seconds: float) -> bool:
        """Hold IDLE on the open folder until the server reports something (True) or the time is up (False).

        Raises ProviderRejected where the server has no IDLE (RFC 2177).
        """
        ...

    def is_alive(self) -> bool:
        """Whether a kept connection still answers NOOP; False where there is none. Never raises."""
        ...

    def close(self) -> None:
        """Log out and forget the connection; harmless when there is none."""
        ...


class FramePusher(Protocol):
    """Posts frames to open WebSockets."""

    def push(self, connection_id: str, frame: bytes) -> bool:
        """Post one frame; False if the connection is gone. Raises Unavailable."""
        ...

    def close(self, connection_id: str) -> None:
        """Close a connection; harmless for one that is gone. Raises Unavailable."""
        ...


class WhatsAppProvider(MessageSender, WhatsAppAccount, Protocol):
    """Both roles of a WhatsApp account, which one object plays."""


@dataclass(frozen=True)
class Providers:
    """How services reach providers: makers that take what the organization has configured.

    `parse_callback` turns a callback's kind, body and content type into what it says; it raises BadRequest
    for what is not the provider's. `parse_mail` never raises, nor does `parse_mail_header`, for a mail whose body
    was not fetched. `show_mail` makes a page of a mail; its second
    argument finds the address of one of the mail's own images by its Content-ID.
    """

    voice: Callable[[ExotelAccount], VoiceAccount]
    sms: Callable[[ExotelAccount], SmsAccount]
    whatsapp: Callable[[ExotelAccount], WhatsAppProvider]
    mail_sender: Callable[[MailServer], MailSender]
    mailbox: Callable[[MailServer], Mailbox]
    parse_callback: Callable[[str, bytes, str], list[Callback]]
    parse_mail: Callable[[bytes], ParsedMail]
    parse_mail_header: Callable[[bytes], ParsedMail]
    html_to_text: Callable[[str], str]
    show_mail: Callable[[MailToShow, Callable[[str], str | None]], ShownMail]
