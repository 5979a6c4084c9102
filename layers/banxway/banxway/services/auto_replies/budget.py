"""The last guard over everything that we send by ourselves: how much, and to whom, whatever else failed.

The marks of RFC 3834 stop robots that honour them. These numbers stop the others, and whoever would use our
answers as a bomb against somebody else (threat 35): counted from what was really put on its way, with the
organization's budget held until commit, so that two workers cannot both take the last.
"""

from uuid import UUID

from banxway.storage.auto_replies import automatic_mails
from banxway.storage.database import Transaction

# A support desk with one answer per correspondent stays far below; an hour of it harms no reputation.
_BY_ORGANIZATION_IN_AN_HOUR = 200
# Whoever forges senders of one domain hits that domain's server; a real company seldom writes so much.
_TO_DOMAIN_IN_AN_HOUR = 20
# Several mailboxes may each answer the same person once, and no more than these in a day.
_TO_CORRESPONDENT_IN_A_DAY = 4
# A manager chose this address, and it may be where all orders go: only a loop brings more than one a minute.
_FORWARDS_TO_ADDRESS_IN_AN_HOUR = 60
# A forward that comes back as a forward, from the same sender with the same subject, is going in a circle.
_SAME_FORWARDS_IN_A_DAY = 3
# No person writes eleven mails in ten minutes; a robot without any mark does.
_MAILS_IN_TEN_MINUTES = 10

# Everybody has an address there, so that their domain says nothing of who is written to.
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
    """Return why nobody may be answered now, or None; holds the organization's budget until commit.

    `correspondent` is where the answer would go, `author` who the mail says wrote it: one answer from a mailbox
    in so many days counts against both, since a forger writes either as they like.
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
    """Return why nothing may be forwarded to an address now, or None; holds the budget until commit.

    `subject` is the forward's own; `comes_forwarded` says that the mail's own subject is that of a forward.
    """
    if reason := _why_nothing(transaction, organization_id):
        return reason
    sent = automatic_mails.count_forwards(transaction, correspondent=address, author=author, subject=subject)
    if sent.to_correspondent >= _FORWARDS_TO_ADDRESS_IN_AN_HOUR:
        return f"This address has had {_FORWARDS_TO_ADDRESS_IN_AN_HOUR} forwarded mails within an hour"
    if comes_forwarded and sent.of_subject >= _SAME_FORWARDS_IN_A_DAY:
        return "It seems to go in a circle: the same forwarded mail came from there before"
    return None


def budgeted_domain(address: str) -> str:
    """Return the domain that is counted for an address: the part of it that somebody registered.

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
