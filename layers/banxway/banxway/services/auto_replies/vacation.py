"""Answers mail while a person is away (RFC 3834, and RFC 5230 for senders that a personal responder skips).

A person's mail that was addressed to the mailbox is answered: once in the responder's period, to the envelope's
sender, with every mark that keeps other robots from answering. No other mail is answered.
"""

import re
from collections.abc import Sequence
from uuid import UUID

from banxway.ids import NewId
from banxway.models.mail import MailAuthentication, MailOrigin
from banxway.models.values.mail_addresses import is_email
from banxway.services.auto_replies import budget
from banxway.services.auto_replies.automatic_mail import (
    AutomaticMail,
    enqueue_automatic_mail,
    is_fresh,
    referred_to,
    why_mailbox_cannot,
)
from banxway.services.auto_replies.unattended import is_unattended
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.storage import email_accounts
from banxway.storage.auto_replies import automatic_mails, vacation
from banxway.storage.auto_replies.vacation import AnsweringRow
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.realtime.changes import PendingChange

# An address with a new tag for each mail (BATV) accepts bounces only; without the tag it accepts answers.
_TAGGED = re.compile(r"(?:ms)?prvs=[^=@]{1,40}=(?=.)")
_LONGEST_SUBJECT = 500


class Vacation:
    """Answers mail for people who are away."""

    def __init__(self, *, new_id: NewId) -> None:
        self._new_id = new_id

    def answer(
        self, transaction: Transaction, mails: Sequence[FiledMail], *, account: AccountRow
    ) -> tuple[list[UUID], list[PendingChange]]:
        """Queue the answers to a batch of mails that arrived in a mailbox; return their ids and changes to record.

        A mail to two of our mailboxes is filed once and answered once: by the mailbox that it was found in if that
        may answer, else by another that it names.
        """
        responders = vacation.list_answering(transaction)
        if not responders:
            return [], []
        responders.sort(key=lambda responder: responder.id != account.id)
        own = set(email_accounts.ids_by_address(transaction))
        queued, pending = [], []
        for mail in mails:
            responder = next((one for one in responders if may_answer(one, mail, own_addresses=own)), None)
            answer = self._answer(transaction, responder, mail) if responder else None
            if answer:
                queued.append(answer[0])
                pending.append(answer[1])
        return queued, pending

    def _answer(
        self, transaction: Transaction, responder: AnsweringRow, mail: FiledMail
    ) -> tuple[UUID, PendingChange] | None:
        # A person who answers an answer has read it; and a robot without any mark would go on for ever.
        if automatic_mails.is_about_own(transaction, "vacation", referred_to(mail)):
            return None
        correspondent = correspondent_of(mail)
        refusal = why_mailbox_cannot(transaction, responder) or budget.why_not_answer(
            transaction,
            organization_id=responder.organization_id,
            account_id=responder.id,
            correspondent=correspondent,
            author=mail.message.sender.lower(),
            days=responder.repeat_after_days,
        )
        if refusal:
            return None
        return enqueue_automatic_mail(
            transaction,
            account=responder,
            cause=mail,
            mail=_automatic_mail(responder, mail, correspondent),
            new_id=self._new_id,
        )


def may_answer(responder: AnsweringRow, mail: FiledMail, *, own_addresses: set[str]) -> bool:
    """Return whether a responder may answer a mail, by the mail's properties; the budget decides how often."""
    parsed = mail.mail
    since = max(filter(None, (responder.activated_at, responder.starts_at)))
    people = {mail.message.sender.lower(), correspondent_of(mail)}
    return (
        # A mail with a null envelope sender or from a list is never HUMAN (providers/mail/parse/origin/origin.py).
        parsed.origin == MailOrigin.HUMAN
        and parsed.authentication != MailAuthentication.FAILED
        and not parsed.loop_marks
        and not any(name.lower().startswith("list-") for name, _ in parsed.headers)
        and is_fresh(mail, since=since, at=responder.at)
        and all(is_email(one) and not is_unattended(one) for one in people)
        and not people & own_addresses
        and _is_addressed(responder.email, mail)
    )


def correspondent_of(mail: FiledMail) -> str:
    """Return the address that an answer goes to: the envelope's sender (RFC 3834, 4), else the author's."""
    return _TAGGED.sub("", (mail.mail.return_path or mail.message.sender).lower(), count=1)


def _is_addressed(own: str, mail: FiledMail) -> bool:
    """Return whether To or Cc name the mailbox; one that was blind-copied, or reached by a list, does not answer."""
    return any(_without_tag(address.email) == _without_tag(own) for address in (*mail.mail.to, *mail.mail.cc))


def _without_tag(address: str) -> str:
    local, _, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def _automatic_mail(responder: AnsweringRow, mail: FiledMail, correspondent: str) -> AutomaticMail:
    subject = responder.vacation_subject or f"Auto: {' '.join(mail.message.subject.split())}"
    ids = [*filter(None, [mail.mail.message_id])]
    return AutomaticMail(
        kind="vacation",
        recipient=correspondent,
        subject=subject[:_LONGEST_SUBJECT],
        text=responder.content_text,
        html=responder.content_html,
        author=mail.message.sender,
        in_reply_to=mail.mail.message_id,
        references=[*mail.mail.references, *ids],
    )
