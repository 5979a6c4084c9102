"""Hourly test mails from a mailbox to itself, which prove that mail arrives.

    poll ends well · an hour since the last one · its row · sent by SMTP · … · a poll finds it · proof · removed

Only a mail with a token of ours counts as a test mail: it is never filed, and is removed from its folder. Every other
mail is filed as usual, even if its header claims to be ours.
"""

import re
from collections.abc import Callable

from banxway.errors import BanxwayError, OutcomeUnknown, ProviderRejected
from banxway.ids import NewId
from banxway.log import get_logger
from banxway.models.mail import FolderRole
from banxway.models.messages.outgoing import OutgoingMail
from banxway.providers.base import FolderWriter, MailSender, Providers, unrecorded
from banxway.services.email_accounts.login_checks import begun
from banxway.services.email_sync.lease import Lease
from banxway.services.integrations.credentials import Credentials
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import canaries as mailbox_canaries
from banxway.storage.email_sync import inbound_hours

HEADER = "X-Banxway-Canary"
OUTGOING_ROLES = (FolderRole.SENT, FolderRole.DRAFTS)
_TOKEN = re.compile(rb"^x-banxway-canary:[ \t]*([0-9a-f]{32})[ \t]*\r?$", re.IGNORECASE | re.MULTILINE)
_MOST_HEADER_BYTES = 65536
_SEND_TIMEOUT_S = 8.0
"""How long a poll waits for the mail server to accept a test mail; the server may still accept it later."""


def token_of(raw: bytes) -> str | None:
    """Return the token in a mail's header, or None. Anyone may write this header, so compare it with ours."""
    header = re.split(rb"\r?\n\r?\n", raw[:_MOST_HEADER_BYTES], maxsplit=1)[0]
    found = _TOKEN.search(header)
    return found[1].decode() if found else None


def record_found(transaction: Transaction, account: AccountRow, tokens: list[str]) -> None:
    """Record that test mails arrived, which proves that mail arrives."""
    mailbox_canaries.mark_found(transaction, account.id, tokens)
    inbound_hours.record_proof(transaction, organization_id=account.organization_id, subject=str(account.id))


class Canaries:
    """Sends and removes the test mails of mailboxes that have them switched on."""

    def __init__(self, *, providers: Providers, credentials: Credentials, new_id: NewId) -> None:
        self._providers = providers
        self._credentials = credentials
        self._new_id = new_id

    def send_if_due(self, lease: Lease) -> None:
        """Send a test mail if the last is an hour old. A failure is recorded, and tried again in an hour."""
        account = lease.account
        may_send = account.smtp_enabled and not account.sending_stopped_at
        if not account.sends_canary or account.canary_is_stuck or not may_send:
            return
        token = self._new_id().hex
        with lease.writing() as transaction:
            is_due = mailbox_canaries.begin(
                transaction,
                organization_id=lease.organization_id,
                account_id=lease.account_id,
                token=token,
            )
        if not is_due:
            return
        problem = self._send(account, token)
        with lease.writing() as transaction:
            if problem is not None:
                mailbox_canaries.mark_failed(transaction, lease.account_id, token)
            mailbox_canaries.record_problem(transaction, lease.account_id, problem, is_stuck=False)

    def remove(self, mailbox: FolderWriter, lease: Lease, *, folder: str, uids: list[int]) -> None:
        """Remove test mails from a folder. If the server refuses, no more test mails are sent."""
        try:
            mailbox.remove(folder, uids)
        except ProviderRejected as error:
            get_logger().warning(
                "a test mail cannot be removed", account_id=str(lease.account_id), error=error.message
            )
            with lease.writing() as transaction:
                mailbox_canaries.record_problem(
                    transaction,
                    lease.account_id,
                    f"No more test mails are sent, since they cannot be removed: {error.message}",
                    is_stuck=True,
                )

    def _send(self, account: AccountRow, token: str) -> str | None:
        """Return why a mail did not leave; None if it left, or may have left."""
        try:
            sender = self._providers.mail_sender(self._credentials.open_smtp(account))
            begun(_sending(sender, _mail(account.email, token)), None)(_SEND_TIMEOUT_S)
        except OutcomeUnknown:
            return None
        except BanxwayError as error:
            return f"The test mail could not be sent: {error.message}"
        return None


def _sending(sender: MailSender, mail: OutgoingMail) -> Callable[[], None]:
    def send() -> None:
        try:
            sender.send(mail, begin=unrecorded)
        finally:
            sender.close()

    return send


def _mail(email: str, token: str) -> OutgoingMail:
    return OutgoingMail(
        message_id=message_id_of(email, token),
        sender=email,
        sender_name=None,
        to=(email,),
        subject="Test of this mailbox",
        text="Sent every hour to see that mail comes in. It removes itself; you need not do anything.",
        headers={HEADER: token},
        automatic="forward",
    )


def message_id_of(email: str, token: str) -> str:
    """Return the Message-ID of a test mail, with its angle brackets."""
    return f"<{token}@{email.rpartition('@')[2]}>"


def is_proof(role: str) -> bool:
    """Return whether a test mail in a folder of this role has arrived, and is not a copy of the sent one."""
    return role not in OUTGOING_ROLES
