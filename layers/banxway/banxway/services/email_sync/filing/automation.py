"""Acts on filed mail without a person: rules and their forwards first, then vacation answers."""

from collections.abc import Sequence
from uuid import UUID

from banxway.services.auto_replies.vacation import Vacation
from banxway.services.email_rules.run import RuleRunner
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.realtime import changes

_NOT_RULED = frozenset({"junk", "sent", "drafts", "trash"})


class MailAutomation:
    """Acts on mails that were just filed."""

    def __init__(self, *, rules: RuleRunner, vacation: Vacation) -> None:
        self._rules = rules
        self._vacation = vacation

    def apply(
        self, transaction: Transaction, *, account: AccountRow, mails: Sequence[FiledMail]
    ) -> list[UUID]:
        """Act on new mails of a mailbox in the transaction that files them, after their rows were inserted.

        Mail that a person sent from another client, and mail in Junk, is skipped. Returns the ids of the messages
        that this queued: enqueue them after the commit (the sweeper finds those that are not enqueued). If there
        are any changes, the organization's change sequence is locked until the commit.
        """
        arrived = [mail for mail in mails if _has_arrived(mail)]
        if not arrived:
            return []
        outcome = self._rules.run(transaction, arrived, account=account)
        answerable = [mail for mail in arrived if mail.message.id not in outcome.spam]
        answers, answer_news = self._vacation.answer(transaction, answerable, account=account)
        changes.record_all(
            transaction,
            organization_id=account.organization_id,
            pending=[*outcome.forwarded.pending, *answer_news],
        )
        return [*outcome.forwarded.queued, *answers]


def _has_arrived(mail: FiledMail) -> bool:
    return mail.message.direction == "inbound" and mail.stored.role not in _NOT_RULED
