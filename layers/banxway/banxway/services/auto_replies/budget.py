"""Limits how many automatic mails leave, and to whom, even if every other guard failed.

The marks of RFC 3834 stop robots that honour them. These limits stop the others, and anyone who would use our
answers to flood a third person (threat 35). They count the mails that were really enqueued, with the organization's
budget locked until the commit, so that two workers cannot both take the last one.
"""

from uuid import UUID

from banxway.storage.auto_replies import automatic_mails
from banxway.storage.database import Transaction

# A support desk with one answer per correspondent stays far below; an hour at this rate harms no reputation.
_BY_ORGANIZATION_IN_AN_HOUR = 200
# Forged senders of one domain would make us flood that domain's server; a real company seldom writes this much.
_TO_DOMAIN_IN_AN_HOUR = 20
# Several mailboxes may each answer the same person once; together they answer at most this often in a day.
_TO_CORRESPONDENT_IN_A_DAY = 4
# A manager chose this address, and it may be where all orders go: only a loop brings more than one a minute.
_FORWARDS_TO_ADDRESS_IN_AN_HOUR = 60
# A forward that comes back as a forward, from the same sender with the same subject, is in a loop.
_SAME_FORWARDS_IN_A_DAY = 3
# No person writes eleven mails in ten minutes; a robot without any mark does.
_MAILS_IN_TEN_MINUTES = 10

# Anyone may have an address there, so the domain does not identify one recipient.
_SHARED_DOMAINS = frozenset(
    {
        "gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com", "yahoo.com",
        "yahoo.co.in", "yahoo.co.uk", "ymail.com", "rediffmail.com", "icloud.com", "me.com", "mac.com", "aol.com",
        "proton.me", "protonmail.com", "gmx.com", "gmx.de", "gmx.net", "web.de", "mail.com", "mail.ru",
        "yandex.com", "yandex.ru", "zoho.com", "zohomail.com", "zohomail.in", "qq.com", "163.com", "126.com",
    }
)  # fmt: skip
_SECOND_LEVELS = frozenset(
    {"co", "com", "net", "org", "gov", "edu", "ac", "ltd", "plc", "res", "nic", "firm"}
)


def why_not_answer(
    transaction: Transaction,
    *,
    organization_id: UUID,
    account_id: UUID,
    correspondent: str,
    author: str,
    days: int,
) -> str | None:
    """Return why a correspondent must not be answered now, or None; locks the organization's budget until the commit.

    `correspondent` is the address that the answer would go to, `author` the one that the mail names as its author.
    One answer from a mailbox within `days` counts against both, since a forger can write either.
    """
    if reason := _why_nothing(transaction, organization_id):
        return reason
    domain = budgeted_domain(correspondent)
    sent = automatic_mails.count_answers(
        transaction,
        account_id=account_id,
        correspondent=correspondent,
        author=author,
        domain=domain,
        days=days,
    )
    if sent.answered:
        return "They were answered within the responder's period"
    if sent.to_correspondent >= _TO_CORRESPONDENT_IN_A_DAY:
        return f"They have had {_TO_CORRESPONDENT_IN_A_DAY} automatic answers within a day"
    if domain not in _SHARED_DOMAINS and sent.to_domain >= _TO_DOMAIN_IN_AN_HOUR:
        return f"Their domain has had {_TO_DOMAIN_IN_AN_HOUR} automatic answers within an hour"
    if sent.from_author > _MAILS_IN_TEN_MINUTES:
        return f"More than {_MAILS_IN_TEN_MINUTES} mails came from them within ten minutes"
    return None


def why_not_forward(
    transaction: Transaction,
    *,
    organization_id: UUID,
    address: str,
    author: str,
    subject: str,
    comes_forwarded: bool,
) -> str | None:
    """Return why a mail must not be forwarded to an address now, or None; locks the budget until the commit.

    `subject` is the forward's own; `comes_forwarded` is whether the mail's own subject is that of a forward.
    """
    if reason := _why_nothing(transaction, organization_id):
        return reason
    sent = automatic_mails.count_forwards(transaction, correspondent=address, author=author, subject=subject)
    if sent.to_correspondent >= _FORWARDS_TO_ADDRESS_IN_AN_HOUR:
        return f"This address has had {_FORWARDS_TO_ADDRESS_IN_AN_HOUR} forwarded mails within an hour"
    if comes_forwarded and sent.of_subject >= _SAME_FORWARDS_IN_A_DAY:
        return "It seems to be in a loop: the same forwarded mail came from there before"
    return None


def budgeted_domain(address: str) -> str:
    """Return the domain that is counted for an address: the part of it that its owner registered.

    A guess by the last two labels, or three under a second level such as co.in; subdomains share one budget.
    """
    labels = address.rpartition("@")[2].lower().split(".")
    kept = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVELS else 2
    return ".".join(labels[-kept:])


def _why_nothing(transaction: Transaction, organization_id: UUID) -> str | None:
    automatic_mails.lock_budget(transaction, organization_id)
    if automatic_mails.count_by_organization(transaction) >= _BY_ORGANIZATION_IN_AN_HOUR:
        return f"{_BY_ORGANIZATION_IN_AN_HOUR} automatic mails have left within an hour"
    return None
