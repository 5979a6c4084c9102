"""The worker's half of sending: claim, hand over once, record.

    claim        one conditional UPDATE, committed before anything else is looked at
    hand over    once; the provider client never retries by itself
    record       accepted · failed (it said no) · queued again (proof that it took nothing) · unknown
                 or held: nothing may leave that mailbox now (services/messages/channels/email/submit.py)

A worker that dies in between leaves `sending`, which the sweeper turns into `unknown` when the lease is
over. Unknown is settled by evidence only, and never sent again.
"""

from collections.abc import Callable
from uuid import UUID

from banxway.errors import (
    BanxwayError,
    DecryptionFailed,
    NotConfigured,
    OutcomeUnknown,
    ProviderDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
    Unavailable,
    ValidationFailed,
)
from banxway.ids import NewId
from banxway.log import get_logger
from banxway.models.messages.outgoing import Accepted, OutgoingWhatsApp, TemplateContent, TextContent
from banxway.models.messages.statuses import MessageStatus
from banxway.models.queue_items import ChangesDue, MessageDue
from banxway.providers.base import Providers
from banxway.services.integrations.audit import failure_details
from banxway.services.integrations.slots import CredentialSlots
from banxway.services.integrations.trust import doubt, trust
from banxway.services.messages import delivery_log
from banxway.services.messages.advice import advice_for
from banxway.services.messages.channels.email.submit import Held, MailDelivery
from banxway.services.messages.ledger_epoch import LedgerEpoch
from banxway.services.status.notifications import Notifications
from banxway.services.webhooks.urls import CallbackUrls
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations.integrations import IntegrationRow
from banxway.storage.messages import events as message_events
from banxway.storage.messages import ledger
from banxway.storage.messages.rows import MessageRow
from banxway.storage.realtime import changes

_LEASE_S = 150  # a mail: 60 s to hand it over, 30 s for the answer, and the connection before
_MOST_ATTEMPTS = 5
_FIRST_MAIL_DELAY_S = 10.0  # then five times as long each: greylisting lasts minutes, a provider's hiccup too
_LONGEST_DELAY_S = 899  # one less than the longest that SQS takes, since a fraction is rounded up


class Delivery:
    """Delivers messages of the ledger, each at most once."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        mails: MailDelivery,
        slots: CredentialSlots,
        callback_urls: CallbackUrls,
        epoch: LedgerEpoch,
        notifications: Notifications,
        enqueue_later: Callable[[MessageDue, int], None],
        enqueue_changes: Callable[[ChangesDue], None],
        new_id: NewId,
        random: Callable[[], float],
    ) -> None:
        self._database = database
        self._providers = providers
        self._mails = mails
        self._slots = slots
        self._callback_urls = callback_urls
        self._epoch = epoch
        self._notifications = notifications
        self._enqueue_later = enqueue_later
        self._enqueue_changes = enqueue_changes
        self._new_id = new_id
        self._random = random

    def deliver(self, *, organization_id: UUID, message_id: UUID) -> None:
        """Send a queued message if nobody has; any number of calls send it once.

        Raises Unavailable, with nothing sent, while the ledger is behind its outside copy.
        """
        self._epoch.require_current()
        lease_id = self._new_id()
        with self._database.organization(organization_id) as transaction:
            message = ledger.claim(transaction, message_id=message_id, lease_id=lease_id, lease_s=_LEASE_S)
        if message is None:
            return
        try:
            accepted, proven = self._hand_over(message)
        except (ProviderThrottled, ProviderUnavailable, Unavailable) as error:
            self._put_back(message, lease_id, error)
        except Held as error:
            self._hold(message, lease_id, error)
        except OutcomeUnknown as error:
            self._record_failure(message, lease_id, MessageStatus.UNKNOWN, error)
        except (ProviderError, NotConfigured, DecryptionFailed, ValidationFailed) as error:
            # The last of these means that it could not be written or dialled: nothing left.
            self._record_failure(message, lease_id, MessageStatus.FAILED, error)
        else:
            self._record_acceptance(message, accepted)
            self._note_proven(organization_id, proven)
        self._tell(organization_id)

    def _hand_over(self, message: MessageRow) -> tuple[Accepted, IntegrationRow | None]:
        """Return the provider's word, and the integration that it proves where that is marked as unverified."""
        if message.channel == "EMAIL":
            return self._mails.submit(message), None
        organization_id, content = message.organization_id, message.content
        outgoing = OutgoingWhatsApp(
            sender=message.sender,
            recipient=message.recipient,
            content=TemplateContent(
                content["template_name"], content["language"], tuple(content["variables"])
            )
            if message.kind == "template"
            else TextContent(message.body_text),
            status_callback=self._callback_urls.for_message(organization_id, message.id),
            reference=str(message.id),
        )
        return self._slots.using_and_proving(
            organization_id,
            "exotel_whatsapp",
            lambda account: self._providers.whatsapp(account).send(outgoing),
        )

    def _record_acceptance(self, message: MessageRow, accepted: Accepted) -> None:
        is_mail = message.channel == "EMAIL"
        with self._database.organization(message.organization_id) as transaction:
            message_events.lock_sid(transaction, accepted.provider_sid)
            ledger.settle(
                transaction,
                message_id=message.id,
                # A mail server's 250 is the last word there is; Exotel's is only the first.
                outcome=MessageStatus.SENT if is_mail else MessageStatus.ACCEPTED,
                provider_sid=accepted.provider_sid,
            )
            for early in message_events.adopt_orphans(
                transaction, message_id=message.id, provider_sid=accepted.provider_sid
            ):
                if early.status:
                    ledger.settle(
                        transaction,
                        message_id=message.id,
                        outcome=MessageStatus(early.status),
                        provider_code=early.provider_code,
                        reason=early.description,
                    )
            self._note_change(transaction, message)

    def _record_failure(
        self, message: MessageRow, lease_id: UUID, outcome: MessageStatus, error: BanxwayError
    ) -> None:
        """Record why this attempt failed, unless a person has had the message sent again since it began.

        The later attempt may have been taken: what the earlier one proves says nothing of the message any more.
        """
        with self._database.organization(message.organization_id) as transaction:
            if not ledger.is_claimed_by(transaction, message_id=message.id, lease_id=lease_id):
                return
            ledger.settle(
                transaction,
                message_id=message.id,
                outcome=outcome,
                provider_code=getattr(error, "provider_code", None),
                reason=getattr(error, "provider_message", None) or error.message,
                advice=advice_for(error),
                failure_code=error.code,
                # Whatever ends a sending as failed came before anything was taken, or instead of it.
                took_nothing=outcome == MessageStatus.FAILED,
            )
            audit.append(
                transaction,
                organization_id=message.organization_id,
                user_id=message.created_by,
                integration_type="zoho_mail" if message.channel == "EMAIL" else "exotel_whatsapp",
                action="message.send",
                succeeded=False,
                details={"message_id": str(message.id), "outcome": outcome, **failure_details(error)},
            )
            self._note_refusal(transaction, message, error)
            self._note_change(transaction, message)
        delivery_log.failed(message, error, outcome=outcome)

    def _note_refusal(self, transaction: Transaction, message: MessageRow, error: BanxwayError) -> None:
        if not isinstance(error, ProviderError):
            return
        if message.channel == "EMAIL":
            self._mails.note_stopped(transaction, message, error)
        elif isinstance(error, ProviderDenied):
            organization_id = message.organization_id
            doubt(transaction, self._notifications, organization_id, "exotel_whatsapp", "send_refused", error)

    def _note_proven(self, organization_id: UUID, row: IntegrationRow | None) -> None:
        """Believe in credentials that have just sent a message; the send is recorded, whatever happens here."""
        if row is None:
            return
        try:
            with self._database.organization(organization_id) as transaction:
                trust(transaction, self._notifications, row)
        except Unavailable:
            # The next message proves it again.
            return

    def _hold(self, message: MessageRow, lease_id: UUID, error: Held) -> None:
        """Let the message wait in the ledger, saying why; whoever lets sending go on wakes it."""
        with self._database.organization(message.organization_id) as transaction:
            ledger.pause(
                transaction,
                message_id=message.id,
                lease_id=lease_id,
                pause_s=error.hold_s,
                reason=error.reason,
                advice=error.advice,
            )
            self._mails.note_stopped(transaction, message, error.cause)
            self._note_change(transaction, message)
        delivery_log.held(message, error.reason)

    def _put_back(self, message: MessageRow, lease_id: UUID, error: BanxwayError) -> None:
        """Queue the message again, on proof that nothing was taken; after five attempts it has failed."""
        if message.attempts >= _MOST_ATTEMPTS:
            self._record_failure(message, lease_id, MessageStatus.FAILED, error)
            return
        delay_s = self._delay_after(message, getattr(error, "retry_after_s", None))
        with self._database.organization(message.organization_id) as transaction:
            is_back = ledger.requeue(transaction, message_id=message.id, lease_id=lease_id, delay_s=delay_s)
        if is_back:
            delivery_log.put_off(message, error, retry_in_s=delay_s)
            due = MessageDue(organization_id=message.organization_id, message_id=message.id)
            try:
                self._enqueue_later(due, int(delay_s) + 1)
            except Unavailable:
                # The row says when it is due; the sweeper will find it.
                return

    def _delay_after(self, message: MessageRow, retry_after_s: float | None) -> float:
        """Exponential with jitter, some 20 minutes in all for a mail; never before the provider's own Retry-After."""
        attempts: int = message.attempts
        is_mail = message.channel == "EMAIL"
        backoff_s = _FIRST_MAIL_DELAY_S * 5.0 ** (attempts - 1) if is_mail else 2.0 ** (attempts + 1)
        return min(max(backoff_s * (0.5 + self._random() / 2), retry_after_s or 0.0), _LONGEST_DELAY_S)

    def _note_change(self, transaction: Transaction, message: MessageRow) -> None:
        changes.record(
            transaction,
            organization_id=message.organization_id,
            kind="message.status",
            thread_id=message.thread_id,
            message_id=message.id,
        )

    def _tell(self, organization_id: UUID) -> None:
        try:
            self._enqueue_changes(ChangesDue(organization_id=organization_id))
        except Unavailable as error:
            # The sweeper pushes what nobody was told of.
            get_logger().warning(
                "nobody could be told of a send", organization_id=str(organization_id), error=error.message
            )
