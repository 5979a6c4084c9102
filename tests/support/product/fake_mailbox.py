"""An IMAP mailbox in memory: folders with roles, flags, modseqs, and news for those who wait.

Methods of the protocol are those of `providers.base.Mailbox`; the rest is what another client or a server does:
`deliver`, `flag`, `move`, `delete`, `renumber`.
"""

import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from banxway import errors
from banxway.models.integrations.checks import ImapCheck
from banxway.models.mail import FetchedMail, FolderRole, FolderState, MailFlags, MailSize
from tests.support.product.scripts import Script, refused

_ID_FIELD = re.compile(rb"^message-id[ \t]*:((?:[^\n]|\n[ \t])*)", re.IGNORECASE | re.MULTILINE)
_FOLDERS = {
    "INBOX": FolderRole.INBOX,
    "Drafts": FolderRole.DRAFTS,
    "Sent": FolderRole.SENT,
    "Spam": FolderRole.JUNK,
    "Trash": FolderRole.TRASH,
}


@dataclass
class StoredMail:
    """One mail in a fake mailbox; `claimed_size` is what the server says instead of the true size."""

    raw: bytes
    internal_date: datetime | None
    claimed_size: int | None = None
    flags: set[str] = field(default_factory=set)
    modseq: int = 1

    @property
    def size_bytes(self) -> int:
        return len(self.raw) if self.claimed_size is None else self.claimed_size

    @property
    def message_id(self) -> str | None:
        found = _ID_FIELD.search(self.raw.partition(b"\r\n\r\n")[0])
        if found is None:
            return None
        value = b"".join(found[1].split()).decode("ascii", "replace")
        return value.removeprefix("<").removesuffix(">") or None


@dataclass
class FakeFolder:
    """One folder. `uid_next` never goes back, as servers promise."""

    role: FolderRole
    uid_validity: int = 1
    mails: dict[int, StoredMail] = field(default_factory=dict)
    highest_uid: int = 0
    modseq: int = 1


class FakeMailbox:
    """The mailbox of one account. `opening`, `fetching`, `checking`, `listing` and `removing` script failures."""

    def __init__(self) -> None:
        self.by_name = {name: FakeFolder(role) for name, role in _FOLDERS.items()}
        self.opening, self.fetching, self.checking, self.listing = Script(), Script(), Script(), Script()
        self.removing = Script()
        self.fetched: list[int] = []
        self.marked: list[tuple[str, tuple[int, ...]]] = []
        self.opened = self.closed = self.listed = 0
        self.has_condstore = self.has_idle = True
        self.is_connected = False
        # What passes the time of a wait for news, in place of the machine's clock.
        self.while_waiting: Callable[[float], object] | None = None
        self._open = "INBOX"
        self._news = threading.Event()

    # -- what another client or the server does ------------------------------------------------------------

    @property
    def mails(self) -> dict[int, StoredMail]:
        """The mails of INBOX."""
        return self.by_name["INBOX"].mails

    @property
    def uid_validity(self) -> int:
        return self.by_name["INBOX"].uid_validity

    @uid_validity.setter
    def uid_validity(self, value: int) -> None:
        self.by_name["INBOX"].uid_validity = value

    def deliver(
        self,
        raw: bytes,
        *,
        at: datetime | None = None,
        uid: int | None = None,
        claimed_size: int | None = None,
        folder: str = "INBOX",
        flags: Iterable[str] = (),
        is_announced: bool = True,
    ) -> int:
        """Put a mail into a folder and return its UID; those who wait for news hear of it if it is announced."""
        place = self.by_name[folder]
        number = uid or max(place.highest_uid, *place.mails, 0) + 1
        place.modseq += 1
        place.highest_uid = max(place.highest_uid, number)
        place.mails[number] = StoredMail(raw, at, claimed_size, set(flags), place.modseq)
        if is_announced:
            self._news.set()
        return number

    def flag(self, uids: Iterable[int], flag: str = "\\Seen", *, folder: str = "INBOX") -> None:
        """Set a flag as another client does; one that begins with "-" is taken away."""
        place = self.by_name[folder]
        place.modseq += 1
        for uid in uids:
            mail = place.mails[uid]
            mail.modseq = place.modseq
            if flag.startswith("-"):
                mail.flags.discard(flag.removeprefix("-"))
            else:
                mail.flags.add(flag)
        self._news.set()

    def delete(self, uids: Iterable[int], *, folder: str = "INBOX") -> None:
        """Remove mails as another client does."""
        for uid in uids:
            del self.by_name[folder].mails[uid]
        self.by_name[folder].modseq += 1
        self._news.set()

    def move(self, uids: Iterable[int], target: str, *, folder: str = "INBOX") -> list[int]:
        """Move mails as another client does, and return their new UIDs."""
        moved = [self.by_name[folder].mails[uid] for uid in uids]
        self.delete(uids, folder=folder)
        return [
            self.deliver(
                mail.raw,
                at=mail.internal_date,
                claimed_size=mail.claimed_size,
                folder=target,
                flags=mail.flags,
            )
            for mail in moved
        ]

    def renumber(self, uid_validity: int, *, first_uid: int = 1, folder: str = "INBOX") -> None:
        """Do what a restored server does: another UIDVALIDITY, and other UIDs for the same mails."""
        place = self.by_name[folder]
        place.uid_validity = uid_validity
        place.mails = dict(enumerate(place.mails.values(), start=first_uid))
        place.highest_uid = max(place.mails, default=0)

    # -- the protocol --------------------------------------------------------------------------------------

    def check(self) -> ImapCheck:
        unread = sum("\\Seen" not in mail.flags for mail in self.mails.values())
        found = ImapCheck(
            success=True,
            host="imap.example.com",
            port=993,
            secure=True,
            mailbox_count=len(self.by_name),
            unread_count=unread,
        )
        return self.checking.meet(None, lambda: found)

    def folders(self) -> list[FolderState]:
        self.listed += 1
        self.is_connected = True
        return self.listing.meet(None, lambda: [self._state(name) for name in self.by_name])

    def open(self, folder: str) -> FolderState:
        self.opened += 1
        self.is_connected = True
        if folder not in self.by_name:
            raise refused(errors.ProviderRejected, "No such folder", provider="imap", operation="open")
        self._open = folder
        self._news.clear()
        return self.opening.meet(folder, lambda: self._state(folder))

    def sizes(self, *, first_uid: int) -> list[MailSize]:
        mails = self._mails
        return [MailSize(uid, mails[uid].size_bytes) for uid in sorted(mails) if uid >= first_uid]

    def fetch(self, uids: Sequence[int]) -> Iterator[FetchedMail]:
        mails = self._mails
        for uid in sorted(set(uids)):
            if uid not in mails:
                continue
            self.fetched.append(uid)
            stored = mails[uid]
            found = FetchedMail(uid, stored.raw, stored.internal_date, tuple(sorted(stored.flags)))
            yield self.fetching.meet(uid, lambda found=found: found)

    def fetch_headers(self, uid: int) -> bytes | None:
        mail = self._mails.get(uid)
        if mail is None:
            return None
        header, end, _ = mail.raw.partition(b"\r\n\r\n")
        return (header + end)[:65536]

    def uids(self) -> list[int]:
        return sorted(self._mails)

    def flags(self, *, up_to_uid: int, changed_since: int | None) -> list[MailFlags]:
        since = changed_since if self.has_condstore and changed_since else 0
        return [
            MailFlags(uid, tuple(sorted(mail.flags)))
            for uid, mail in sorted(self._mails.items())
            if uid <= up_to_uid and mail.modseq > since
        ]

    def mark_seen(self, folder: str, uids: Sequence[int]) -> None:
        self.marked.append((folder, tuple(uids)))
        self.flag([uid for uid in uids if uid in self.by_name[folder].mails], folder=folder)

    def remove(self, folder: str, uids: Sequence[int]) -> None:
        present = [uid for uid in uids if uid in self.by_name[folder].mails]
        self.removing.meet(folder, lambda: self.delete(present, folder=folder))

    def find(self, folder: str, *, message_id: str) -> list[int]:
        self.open(folder)
        return [uid for uid, mail in sorted(self._mails.items()) if mail.message_id == message_id]

    def wait_for_news(self, *, seconds: float) -> bool:
        if not self.has_idle:
            raise refused(errors.ProviderRejected, "No IDLE", provider="imap", operation="wait_for_news")
        if self.while_waiting:
            self.while_waiting(seconds)
            seconds = 0
        heard = self._news.wait(seconds)
        self._news.clear()
        return heard

    def is_alive(self) -> bool:
        return self.is_connected

    def close(self) -> None:
        self.closed += 1
        self.is_connected = False

    @property
    def _mails(self) -> dict[int, StoredMail]:
        return self.by_name[self._open].mails

    def _state(self, name: str) -> FolderState:
        place = self.by_name[name]
        uid_next = max(place.highest_uid, *place.mails, 0) + 1
        modseq = place.modseq if self.has_condstore else None
        return FolderState(name, place.uid_validity, uid_next, len(place.mails), modseq, place.role)
