"""Decides what happens to a mail: delivered here, shown as a customer's, stored in Sent, or refused."""

import email
from dataclasses import asdict, dataclass, fields
from email.utils import getaddresses, parseaddr
from typing import Any

from local.sandbox.breakages import Breakages
from local.sandbox.mailbox.faults import KINDS, MAIL, STAGES, ZOHO_ANSWERS, SmtpFault
from local.sandbox.mailbox.store import MailStore


@dataclass(frozen=True)
class Mailbox:
    """One mailbox and its app password."""

    email: str
    password: str


class PostOffice:
    """The mail server's rules, apart from protocols."""

    def __init__(self, store: MailStore, mailboxes: list[Mailbox]) -> None:
        self.store = store
        self.mailboxes: dict[str, Mailbox] = {}
        self.faults: list[SmtpFault] = []
        self.breakages = Breakages(MAIL)
        for mailbox in mailboxes:
            self.add(mailbox)

    def add(self, mailbox: Mailbox) -> None:
        """Open a mailbox; harmless if it exists."""
        self.mailboxes[mailbox.email] = mailbox
        self.store.ensure_mailbox(mailbox.email)

    def opens(self, email_address: str, password: str) -> bool:
        """Return whether this is the mailbox's password."""
        mailbox = self.mailboxes.get(email_address.lower())
        return mailbox is not None and mailbox.password == password

    def refusal_of(self, recipient: str, *, account: str | None) -> str | None:
        """Return why a recipient is refused, or None. Only a logged-in client may write to other servers."""
        domain = recipient.rpartition("@")[2].lower()
        if recipient.lower() in self.mailboxes:
            return None
        if domain in {each.rpartition("@")[2] for each in self.mailboxes}:
            return "550 5.1.1 User unknown"
        return None if account else "530 5.5.1 Authentication Required"

    def accept(self, raw: bytes, *, account: str | None, mail_from: str, recipients: list[str]) -> str:
        """Accept a mail and return the SMTP answer.

        The bytes are stored unchanged, without trace headers, so that tests can compare them.
        """
        if account:
            wrong = next((each for each in _senders(raw, mail_from) if each != account), None)
            if wrong is not None:
                return f"553 Relaying disallowed as {wrong}"
            self.store.record_sent(account=account, mail_from=mail_from, recipients=recipients, raw=raw)
            self._file(account, "Sent", raw, flags=("\\Seen",))
        for recipient in dict.fromkeys(each.lower() for each in recipients):
            if recipient in self.mailboxes:
                self._file(recipient, "INBOX", raw)
        return "250 Message received"

    def deliver(self, recipient: str, raw: bytes, *, folder: str = "INBOX") -> int:
        """Put a mail into a mailbox and return its UID. Raises ValueError if there is no such mailbox or folder."""
        if recipient.lower() not in self.mailboxes:
            raise ValueError(f"to: there is no mailbox {recipient}")
        return self._file(recipient.lower(), folder, raw)

    def _file(self, mailbox: str, folder: str, raw: bytes, *, flags: tuple[str, ...] = ()) -> int:
        found = self.store.find(mailbox, folder)
        if found is None:
            raise ValueError(f"folder: there is no folder {folder}")
        return self.store.append(found, raw, flags=flags)

    def add_fault(self, values: dict[str, Any]) -> SmtpFault:
        """Add a fault: {zoho: <name>} or {stage, answer, kind, seconds}; {times}. Raises ValueError."""
        given = dict(values)
        named = given.pop("zoho", None)
        if named is not None and named not in ZOHO_ANSWERS:
            raise ValueError(f"zoho must be one of {', '.join(ZOHO_ANSWERS)}")
        if named is not None:
            stage, answer = ZOHO_ANSWERS[named]
            given = {"stage": stage, "answer": answer, **given}
        unknown = set(given) - {each.name for each in fields(SmtpFault)}
        if unknown:
            raise ValueError(f"unknown field: {min(unknown)}")
        if given.get("stage") not in STAGES or given.get("kind", "answer") not in KINDS:
            raise ValueError(f"stage is one of {', '.join(STAGES)}, kind one of {', '.join(KINDS)}")
        fault = SmtpFault(**given)
        self.faults.append(fault)
        return fault

    def take_fault(self, stage: str) -> SmtpFault | None:
        """Return the fault for this command, or None; counts it down."""
        for fault in self.faults:
            if fault.stage == stage:
                fault.times -= 1
                if fault.times <= 0:
                    self.faults.remove(fault)
                return fault
        broken = self.breakages.take(
            name for name, each in MAIL.items() if each.smtp and each.smtp.stage == stage
        )
        return MAIL[broken].smtp if broken else None

    def refusal_of_login(self) -> str | None:
        """Return what every login over IMAP is answered while that is broken, or None; counts it down."""
        broken = self.breakages.take(name for name, each in MAIL.items() if each.imap_login)
        return MAIL[broken].imap_login if broken else None

    def hangs_up(self) -> bool:
        """Return whether a new connection is closed at once; counts it down."""
        return self.breakages.take(name for name, each in MAIL.items() if each.hangs_up) is not None

    def list_faults(self) -> list[dict[str, Any]]:
        """Return the faults that are waiting, as JSON."""
        return [asdict(each) for each in self.faults]


def _senders(raw: bytes, mail_from: str) -> list[str]:
    """Return every address that the mail claims to come from, in lower case."""
    headers = email.message_from_bytes(raw.partition(b"\r\n\r\n")[0] + b"\r\n\r\n")
    claimed = [str(each) for each in headers.get_all("From", [])]
    addresses = [mail_from, *(address for _, address in getaddresses(claimed))]
    return [parseaddr(each)[1].lower() for each in addresses if each]
