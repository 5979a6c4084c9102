"""Learns which senders are relays that write for others, and files their mails under those others.

The first mail of a web form looks like that of a person who prefers answers at another address. When a second mail
names another Reply-To, the sender is a relay: its earlier mails are then filed under the people it wrote for.
"""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from banxway.ids import NewId
from banxway.models.channels import EMAIL
from banxway.models.mail import Correspondent
from banxway.services.customers.correspondents import written_for
from banxway.services.email_sync.filing.reader import ReadMail
from banxway.storage.customers import customers
from banxway.storage.customers import relays as mail_relays
from banxway.storage.database import Transaction


class MailRelays:
    """Learns and returns the senders that write for others."""

    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id

    def learn(
        self, transaction: Transaction, organization_id: UUID, mails: Sequence[ReadMail], own: frozenset[str]
    ) -> frozenset[str]:
        """Return which senders of these mails write for others, including those that only these mails reveal."""
        claims: dict[str, set[str]] = defaultdict(set)
        for read in mails:
            claimed = written_for(read.mail, own)
            if read.mail.sender and claimed:
                claims[read.mail.sender.email].add(claimed.email)
        if not claims:
            return frozenset()
        known = mail_relays.find(transaction, claims)
        for sender, people in mail_relays.find_written_for(transaction, claims.keys() - known).items():
            claims[sender] |= people
        new = {sender for sender, people in claims.items() if len(people) > 1 and sender not in known}
        if new:
            mail_relays.add(transaction, organization_id=organization_id, addresses=new)
            self._file_again(transaction, organization_id, new)
        return known | new

    def _file_again(self, transaction: Transaction, organization_id: UUID, relays: set[str]) -> None:
        claims = mail_relays.list_claims(transaction, relays)
        if not claims:
            return
        who = customers.find_or_add_all(
            transaction,
            organization_id=organization_id,
            kind=EMAIL.address_kind,
            addresses=[
                Correspondent(row.mail_written_for, row.mail_written_for, row.sender) for row in claims
            ],
            new_id=self._new_id,
        )
        mail_relays.file_under(
            transaction, {(via, address): customer_id for (address, via), customer_id in who.items()}
        )
