"""What the product needs of a provider, one small interface per capability.

    VoiceAccount     check · list_numbers              exotel/voice.py
    MessageSender    send                              exotel/whatsapp.py
    WhatsAppAccount  check · list_templates            exotel/whatsapp.py
    MailSender       check · send                      mail/smtp.py
    Mailbox          check · open · sizes · fetch      mail/imap.py

Arguments and results come from `models/` only. Every method raises `errors.ProviderError` subclasses and
nothing else: a refusal is ProviderRejected (ProviderDenied for credentials), load is ProviderThrottled, no
connection is ProviderUnavailable, an unanswered question is ProviderTimeout, and a send whose fate is
unproven is OutcomeUnknown. Each implementation must pass the contract suite of its capability
(tests/banxway/providers/contracts).
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

from banxway.models.account_checks import ImapCheck, PhoneAccountCheck, SmtpCheck, WhatsAppAccountCheck
from banxway.models.mail import FetchedMail, FolderState, MailSize
from banxway.models.outgoing import Accepted, OutgoingMail, OutgoingWhatsApp
from banxway.models.phone_numbers import ProviderNumber
from banxway.models.whatsapp_templates import ProviderTemplate


class VoiceAccount(Protocol):
    """A phone account: proves itself, and lists its numbers."""

    def check(self, *, virtual_number: str) -> PhoneAccountCheck:
        """Prove credentials, voice service and number; costs no call. Raises what it finds wrong first."""
        ...

    def list_numbers(self) -> list[ProviderNumber]:
        """Return every number of the account."""
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
        """Submit the mail exactly once; `provider_sid` is its Message-ID."""
        ...


class Mailbox(Protocol):
    """Reads one mailbox, without ever changing it."""

    def check(self) -> ImapCheck:
        """Log in, count folders and unread mail, log out; a failure is in the result, not raised."""
        ...

    def open(self, folder: str) -> FolderState:
        """Open a folder read-only, reusing a live connection."""
        ...

    def sizes(self, *, first_uid: int) -> list[MailSize]:
        """Return UID and size of every message at or above a UID in the open folder, ascending."""
        ...

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """Yield the raw messages of these UIDs, ascending; vanished ones are left out."""
        ...

    def close(self) -> None:
        """Log out and forget the connection; harmless when there is none."""
        ...
