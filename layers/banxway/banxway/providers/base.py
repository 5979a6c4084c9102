"""What the product needs of a provider, one small interface per capability.

    VoiceAccount     check · is_known · list_numbers                        exotel/voice.py
    SmsAccount       check                                                  exotel/sms.py
    Sender           send                                                   exotel/whatsapp.py, mail/smtp/sender.py
    WhatsAppAccount  check · list_templates                                 exotel/whatsapp.py
    MailSender       Sender · check · close                                 mail/smtp/sender.py
    FolderReader     folders · open · uids · sizes · flags · find           mail/imap/mailbox.py
    MailFetcher      fetch · fetch_headers                                  mail/imap/mailbox.py
    FolderWriter     mark_seen · remove                                     mail/imap/mailbox.py
    NewsWaiter       wait_for_news · is_alive                               mail/imap/mailbox.py
    Mailbox          the four roles before · check · close                  mail/imap/mailbox.py
    FramePusher      push · close                                           websocket.py
    UserPool         invite · withdraw · disable · enable                   cognito.py

Arguments and results come from `models/` only. Every method raises `errors.ProviderError` subclasses and
nothing else: a refusal is ProviderRejected (ProviderDenied for credentials), load is ProviderThrottled, no
connection is ProviderUnavailable, an unanswered question is ProviderTimeout, and a send whose fate is
unproven is OutcomeUnknown. Each implementation must pass the contract suite of its capability
(tests/banxway/providers/contracts).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

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
from banxway.models.realtime import Push
from banxway.models.webhooks.callbacks import Callback

Outgoing = TypeVar("Outgoing", contravariant=True)
"""What a sender takes: a message that is complete, and written for one channel."""


Begin = Callable[[], None]
"""Called once, immediately before the first byte with which a provider could take a message.

It commits that the hand-over begins. What it raises ends the attempt: then nothing was handed over.
"""


def unrecorded() -> None:
    """Begin a send that the ledger does not have, such as a test mail: record nothing."""


class VoiceAccount(Protocol):
    """A phone account: checks its credentials, and lists its numbers."""

    def check(self, *, virtual_number: str) -> PhoneAccountCheck:
        """Check credentials, voice service and number; costs no call. Raises the first error that it finds."""
        ...

    def is_known(self) -> bool:
        """Return whether the account exists at this address, even if it may do nothing there; never raises."""
        ...

    def list_numbers(self) -> list[ProviderNumber]:
        """Return every number of the account."""
        ...


class SmsAccount(Protocol):
    """An account that sends SMS: checks its credentials."""

    def check(self, *, sms_number: str) -> SmsAccountCheck:
        """Check credentials, and that the number may send SMS; sends none. Raises the first error that it finds."""
        ...


class Sender(Protocol[Outgoing]):
    """Sends one message to its recipients: the one way out, on every channel.

    `Sender[OutgoingWhatsApp]` sends WhatsApp messages, `Sender[OutgoingMail]` mail.
    """

    def send(self, message: Outgoing, /, *, begin: Begin) -> Accepted:
        """Hand the message over exactly once; never retries on its own.

        Before `begin` has returned, nothing is sent by which the provider could take the message.

        A message goes to all of its recipients or to none: if one is refused, it is ProviderRejected, and nobody
        gets it. An account that the provider suspended is ProviderBlocked.
        """
        ...


class WhatsAppAccount(Protocol):
    """A WhatsApp business account: checks its credentials, and lists its templates."""

    def check(self, *, whatsapp_number: str) -> WhatsAppAccountCheck:
        """Check credentials, service and number; contacts nobody."""
        ...

    def list_templates(self, *, waba_id: str | None) -> list[ProviderTemplate]:
        """Return every template of the account, in any status."""
        ...


class WhatsAppProvider(Sender[OutgoingWhatsApp], WhatsAppAccount, Protocol):
    """Both roles of a WhatsApp account, which one object plays."""


class MailSender(Sender[OutgoingMail], Protocol):
    """Submits the mail of one mailbox. `provider_sid` of what it sent is the mail's Message-ID."""

    def check(self) -> SmtpCheck:
        """Log in and out; a failure is in the result, not raised."""
        ...

    def close(self) -> None:
        """Close a connection kept for the next mail; harmless when there is none."""
        ...


class FolderReader(Protocol):
    """Reads what a mailbox's folders hold, without the content of the messages; changes nothing."""

    def folders(self) -> list[FolderState]:
        """Return every selectable folder with its role and counters, in one command where LIST-STATUS is offered."""
        ...

    def open(self, folder: str) -> FolderState:
        """Open a folder read-only, reusing a live connection."""
        ...

    def uids(self) -> list[int]:
        """Return every UID of the open folder, ascending."""
        ...

    def sizes(self, *, first_uid: int) -> list[MailSize]:
        """Return UID and size of every message at or above a UID in the open folder, ascending."""
        ...

    def flags(self, *, up_to_uid: int, changed_since: int | None) -> list[MailFlags]:
        """Return the flags of messages up to a UID: those changed since a modseq, or without one, all."""
        ...

    def find(self, folder: str, *, message_id: str) -> list[int]:
        """Return the UIDs in a folder whose Message-ID header is this bare id, exactly."""
        ...


class MailFetcher(Protocol):
    """Fetches messages of the open folder; changes nothing."""

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        """Yield the raw messages of these UIDs with their flags, ascending; vanished ones are left out."""
        ...

    def fetch_headers(self, uid: int) -> bytes | None:
        """Return the first 64 KiB of a message's header, for one that is too large to fetch; None if it vanished."""
        ...


class FolderWriter(Protocol):
    """Changes messages in a folder."""

    def mark_seen(self, folder: str, uids: Sequence[int]) -> None:
        """Set the Seen flag of these messages; those that vanished are left out."""
        ...

    def remove(self, folder: str, uids: Sequence[int]) -> None:
        """Delete these messages for good, and no other; those that vanished are left out.

        Raises ProviderRejected where the server cannot delete some without others (RFC 4315).
        """
        ...


class NewsWaiter(Protocol):
    """Waits on a kept connection until the server reports something."""

    def wait_for_news(self, *, seconds: float) -> bool:
        """Hold IDLE on the open folder until the server reports something (True) or the time is up (False).

        Raises ProviderRejected where the server has no IDLE (RFC 2177).
        """
        ...

    def is_alive(self) -> bool:
        """Return whether a kept connection still answers NOOP; False where there is none. Never raises."""
        ...


class Mailbox(FolderReader, MailFetcher, FolderWriter, NewsWaiter, Protocol):
    """All roles of one mailbox, over one connection. A service takes the narrowest role that it needs."""

    def check(self) -> ImapCheck:
        """Log in, count folders and unread mail, log out; a failure is in the result, not raised."""
        ...

    def close(self) -> None:
        """Log out and close the connection; harmless when there is none."""
        ...


class FramePusher(Protocol):
    """Posts frames to open WebSockets."""

    def push(
        self, connection_ids: Sequence[str], frame: bytes, *, may_begin: Callable[[], bool]
    ) -> list[Push]:
        """Post a frame to connections, several at once, and return what became of each, in their order.

        Before each push `may_begin` is asked. The result is shorter than the list if it has said no: those that
        follow were not tried. Never raises.
        """
        ...

    def close(self, connection_ids: Sequence[str], *, may_begin: Callable[[], bool]) -> list[Push]:
        """Close connections, several at once, as `push` posts; POSTED and GONE are closed ones. Never raises."""
        ...


class UserPool(Protocol):
    """The sign-in service's accounts; an account's subject is the `sub` of its tokens."""

    def invite(self, *, email: str, name: str) -> bool:
        """Mail an invitation, or mail it again. Raises Unavailable.

        Returns False, and mails nothing, for somebody who signs in with an account that exists already.
        """
        ...

    def withdraw(self, email: str) -> None:
        """Delete an account that nobody has signed in to; harmless if there is none. Raises Unavailable."""
        ...

    def disable(self, subject: str) -> None:
        """End an account's sessions and refuse new ones; harmless if there is none. Raises Unavailable."""
        ...

    def enable(self, subject: str) -> None:
        """Let an account sign in again; harmless if there is none. Raises Unavailable."""
        ...


@dataclass(frozen=True)
class Providers:
    """How services reach providers: makers that take what the organization has configured.

    `parse_callback` takes a callback's kind, body and content type; it raises BadRequest for a body that is not
    the provider's. `parse_mail` never raises, nor does `parse_mail_header`, for a mail whose body was not fetched.
    `show_mail` renders a mail as a page; its second argument finds the address of one of the mail's own images by
    its Content-ID.
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
