"""Lists mails as the page shows them. A mail is parsed once, however often its list is asked for."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from local.sandbox.mailbox.post_office import PostOffice
from local.sandbox.mailbox.reading import hidden, readable
from local.sandbox.mailbox.store import Folder, Stored, Submitted

_LONGEST_TEXT = 20_000
_REMEMBERED = 300
_Key = tuple[object, ...]


class ShownMails:
    """The newest mails of a post office, in both directions."""

    def __init__(self, office: PostOffice) -> None:
        self._office = office
        self._parsed: OrderedDict[_Key, dict[str, Any]] = OrderedDict()

    def sent_by_us(self, last: int) -> list[dict[str, Any]]:
        """Return what mailboxes' owners sent, oldest first."""
        return [self._submitted(each) for each in self._office.store.sent(last=last)]

    def written_by_customers(self, last: int) -> list[dict[str, Any]]:
        """Return what arrived in the mailboxes, oldest first."""
        store = self._office.store
        inboxes = [store.find(email, "INBOX") for email in self._office.mailboxes]
        found = [(folder, each) for folder in inboxes if folder for each in store.messages(folder.id)[-last:]]
        newest = sorted(found, key=lambda item: item[1].arrived_at)[-last:]
        return [self._stored(folder, each) for folder, each in newest]

    def _submitted(self, mail: Submitted) -> dict[str, Any]:
        def parse() -> dict[str, Any]:
            facts = {"id": mail.id, "at": mail.at, "account": mail.account, "recipients": mail.recipients}
            return {**facts, "bcc": hidden(mail.raw, mail.recipients), **_short(mail.raw)}

        return self._once(("sent", mail.id, mail.at), parse)

    def _stored(self, folder: Folder, mail: Stored) -> dict[str, Any]:
        def parse() -> dict[str, Any]:
            at = datetime.fromtimestamp(mail.arrived_at, UTC).isoformat()
            raw = self._office.store.raw(folder.id, mail.uid) or b""
            return {"id": f"{folder.email} {mail.uid}", "at": at, "account": folder.email, **_short(raw)}

        return self._once((folder.id, folder.uid_validity, mail.uid), parse)

    def _once(self, key: _Key, parse: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        if key not in self._parsed:
            self._parsed[key] = parse()
            if len(self._parsed) > _REMEMBERED:
                self._parsed.popitem(last=False)
        return self._parsed[key]


def _short(raw: bytes) -> dict[str, Any]:
    mail = readable(raw)
    return {**mail, "text": mail["text"][:_LONGEST_TEXT]}
