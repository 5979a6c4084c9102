"""What happens to mail by itself, once it is filed: rules and their forwards first, then vacation answers."""

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
        """Act on new mails of a mailbox in the transaction that files them; their rows are there already.

        What a person sent from another client, and what lies in Junk, is left alone. Returns the ids of the
        messages that this queued: enqueue them once the transaction is committed (the sweeper finds what is
        not). Holds the organization's change sequence until commit if there are any.
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
