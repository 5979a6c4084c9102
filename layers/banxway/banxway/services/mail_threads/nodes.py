"""A mail as threading sees it: who wrote to whom, and what its header says of other mails."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class MailNode:
    """One mail. Nothing here depends on which mails were known before it.

    `key` is the same in whatever order mails are filed. `at` is when it arrived at the server, which no sender
    can forge. `people` are everybody it is from or to; `outsiders` those that are no mailbox of ours. `references`
    are oldest first, each once, In-Reply-To last. `is_forged` is that the server found the sender to be false,
    `is_proven` that it found it to be true. `failed` are the recipients that a delivery report is about.
    """

    id: UUID
    key: str
    at: datetime
    is_ours: bool
    sender: str
    people: frozenset[str]
    outsiders: frozenset[str]
    mail_id: str | None = None
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

    @property
    def joins_by_subject(self) -> bool:
        """Whether its subject may say what it answers: only where its header does not, and somebody vouches.

        A From line is typed by the sender; a subject can be guessed. So the server must have proven the sender.
        """
        return (
            self.is_reply
            and self.base_subject is not None
            and not self.references
            and self.conversation is None
            and self.is_human
            and (self.is_ours or (self.is_proven and self.sender in self.outsiders))
        )
