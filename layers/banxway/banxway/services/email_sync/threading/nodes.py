"""A mail as threading sees it: who wrote to whom, and which other mails its header names."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MailNode:
    """One mail. Nothing here depends on which mails were known before it.

    `key` is the same for every order in which mails are filed. `at` is when it arrived at the server, which no sender
    can forge; `sent_at` is its own date, and `placed_at` its position among those of the same instant. `mail_ids` are
    the ids that others may know it by: its own, and those that a provider gave it. `written_for` is the address that
    its sender names as Reply-To, since a sender that names another each time is not one person. `people` are all
    addresses it is from or to; `outsiders` are those that are not mailboxes of ours. `references` are oldest first,
    each once, In-Reply-To last. `is_forged` means that the server found the sender to be false, `is_proven` that it
    found the sender to be true. `failed` are the recipients that a delivery report is about.
    """

    id: UUID
    key: str
    at: datetime
    sent_at: datetime
    placed_at: datetime
    is_ours: bool
    sender: str
    people: frozenset[str]
    outsiders: frozenset[str]
    mail_ids: tuple[str, ...] = ()
    written_for: str | None = None
    references: tuple[str, ...] = ()
    conversation: str | None = None
    base_subject: str | None = None
    is_reply: bool = False
    is_human: bool = True
    is_forged: bool = False
    is_proven: bool = False
    is_bounce: bool = False
    failed: frozenset[str] = frozenset()
    thread_id: UUID | None = None

    def is_by_the_author_of(self, other: "MailNode") -> bool:
        """Return whether two mails have one author. A sender that writes for several people is several authors."""
        if self.sender != other.sender:
            return False
        return not (self.written_for and other.written_for) or self.written_for == other.written_for

    @property
    def names_others(self) -> bool:
        """Whether its header names what it answers."""
        return bool(self.references or self.conversation)

    @property
    def order(self) -> tuple[datetime, datetime, str]:
        """The key that mails are sorted by."""
        return (self.at, self.sent_at, self.key)

    @property
    def joins_by_subject(self) -> bool:
        """Whether its subject may say what it answers: only a reply whose sender is proven, or ours.

        What its header names counts first. A sender types the From line, and a subject can be guessed: so the server
        must have proven the sender.
        """
        return (
            self.is_reply
            and self.base_subject is not None
            and self.is_human
            and (self.is_ours or (self.is_proven and self.sender in self.outsiders))
        )
