"""Applies delivery reports to the messages that they are about."""

from collections.abc import Sequence
from typing import Any

from banxway.models.mail import MailAuthentication
from banxway.models.messages.statuses import MessageStatus
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.storage.database import Transaction
from banxway.storage.messages import bounced as bounced_messages
from banxway.storage.messages import ledger
from banxway.storage.messages.bounced import ReportRow, SentMail
from banxway.storage.realtime.changes import PendingChange

_LONGEST_REASON = 500
# By enhanced status code, the longest match first (RFC 3463).
_ADVICE = {
    "5.1.1": "The address does not exist: ask the customer for the right one",
    "5.1.2": "The address's domain does not exist: look for a typing error, or ask the customer",
    "5.1.10": "The address's domain takes no mail: ask the customer for another address",
    "5.1": "The address is wrong: ask the customer for the right one",
    "5.2.1": "The mailbox is switched off: ask the customer for another address",
    "5.2.2": "The customer's mailbox is full: try again later, or reach them on another channel",
    "5.2.3": "The mail is too large for the customer's server: send it without its attachments",
    "5.3.4": "The mail is too large for the customer's server: send it without its attachments",
    "5.4": "The customer's server could not be reached: try again later",
    "5.6": "The customer's server could not read the mail: send it as plain text",
    "5.7": "The customer's server refuses mail from this mailbox: an admin should look at its SPF, DKIM and DMARC",
    "4.4.7": "The customer's server could not be reached for days: try again later",
    "4.2.2": "The customer's mailbox is full: try again later, or reach them on another channel",
}
_ANY_ADVICE = "Read the delivery report in the thread; then write to another address, or on another channel"


def settle(transaction: Transaction, filed: Sequence[FiledMail]) -> list[PendingChange]:
    """Settle as failed the messages that delivery reports among these mails are about; return the changes to record.

    A report counts only for a recipient that its message had, and never if the server found its sender to be false. A
    report of a delay changes nothing. A mail sent by another client may arrive after its report: then the stored
    report counts for it.
    """
    reports = [_report_of(mail) for mail in filed if mail.mail.bounce]
    sent = [mail.message.mail_message_id for mail in filed if mail.message.direction == "outbound"]
    known = bounced_messages.find_reports(transaction, [one for one in sent if one])
    wanted = [report for report in (*reports, *known) if report.original_message_id]
    wanted = [report for report in wanted if report.authentication != MailAuthentication.FAILED]
    named = {report.original_message_id for report in wanted if report.original_message_id}
    originals = bounced_messages.find_sent(transaction, named)
    pending = []
    for report in wanted:
        for original in originals.get(report.original_message_id or "", ()):
            failure = _failure(report, original)
            if failure and _fail(transaction, original, failure):
                pending.append(PendingChange("message.status", original.thread_id, original.id))
    return pending


def _report_of(mail: FiledMail) -> ReportRow:
    bounce = mail.message.content["bounce"]
    return ReportRow(bounce["original_message_id"], bounce["reports"], mail.mail.authentication)


def _failure(report: ReportRow, original: SentMail) -> dict[str, Any] | None:
    """Return a report's entry about a recipient of the message that was not reached, or None."""
    people = {
        address.lower()
        for address in (
            original.recipient, *original.mail_to, *original.mail_cc, *original.mail_bcc,
        )
    }  # fmt: skip
    for one in report.reports:
        if one["action"] == "failed" and one["address"].lower() in people:
            return dict(one)
    return None


def _fail(transaction: Transaction, original: SentMail, failure: dict[str, Any]) -> bool:
    status = failure["status"]
    diagnostic = " ".join(failure["diagnostic"].split())[:_LONGEST_REASON]
    reason = f"{failure['address']} could not be reached" + (f": {diagnostic}" if diagnostic else "")
    settled = ledger.settle(
        transaction,
        message_id=original.id,
        outcome=MessageStatus.FAILED,
        provider_code=status,
        reason=reason,
        advice=_advice_for(status or ""),
    )
    return settled is not None


def _advice_for(status: str) -> str:
    matches = [code for code in _ADVICE if status == code or status.startswith(f"{code}.")]
    return _ADVICE[max(matches, key=len)] if matches else _ANY_ADVICE
