"""What one connection knows of its selected folder: the sequence numbers that its client uses."""

from collections.abc import Iterator

from local.sandbox.mailbox.store import MailStore


class View:
    """A selected folder as last reported to the client. Sequence numbers are positions in `uids`, from 1."""

    def __init__(self, store: MailStore, folder_id: int, *, read_only: bool) -> None:
        self._store = store
        self.folder_id = folder_id
        self.read_only = read_only
        self.uids = [message.uid for message in store.messages(folder_id)]
        self._known_modseq = store.get(folder_id).modseq
        self.has_news = False

    def acknowledge(self, modseq: int) -> None:
        """Leave a change out of the news: the client made it and was answered."""
        self._known_modseq = max(self._known_modseq, modseq)

    def news(self) -> Iterator[str]:
        """Yield what has changed, as untagged responses: vanished, new, then changed flags."""
        if not self.has_news:
            return
        self.has_news = False
        present = {message.uid: message for message in self._store.messages(self.folder_id)}
        for index in range(len(self.uids) - 1, -1, -1):
            if self.uids[index] not in present:
                yield f"* {index + 1} EXPUNGE"
                del self.uids[index]
        known = set(self.uids)
        added = [uid for uid in present if uid not in known]
        if added:
            self.uids += added
            yield f"* {len(self.uids)} EXISTS"
        for index, uid in enumerate(self.uids, start=1):
            message = present[uid]
            if uid in known and message.modseq > self._known_modseq:
                flags = " ".join(sorted(message.flags))
                yield f"* {index} FETCH (UID {uid} FLAGS ({flags}))"
        self._known_modseq = self._store.get(self.folder_id).modseq
