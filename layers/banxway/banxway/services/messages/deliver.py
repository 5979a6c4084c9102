"""The worker's half of sending: claim, hand over once, record.

    claim        one conditional UPDATE, committed before anything else is read; it gets one of its organization's
                 slots, or leaves the message queued
    begin        committed immediately before the first byte with which the provider could take the message
    hand over    once; the provider client never retries on its own
    record       accepted · failed (it said no) · queued again (proof that it took nothing) · unknown
                 · paused: nothing may leave by its sender now (SendingPaused)

Each way of recording frees a slot, and enqueues the organization's next message of that queue.
A worker that dies leaves `sending`. When the lease has ended, the sweeper queues a message again whose hand-over had
not begun; any other becomes `unknown`.
Unknown is settled by evidence only, and never sent again without a person's word.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import UUID

from banxway.errors import (
    BanxwayError,
    DecryptionFailed,
    NotConfigured,
    OutcomeUnknown,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
    Unavailable,
    ValidationFailed,
)
from banxway.ids import NewId
from banxway.models.messages.delivering import LONGEST_HAND_OVER_S, MOST_ATTEMPTS, InFlight
from banxway.models.messages.outgoing import Accepted
from banxway.models.messages.statuses import MessageStatus
from banxway.services.integrations.audit import failure_details
from banxway.services.integrations.trust import trust
from banxway.services.messages import delivery_log, early_reports
from banxway.services.messages.advice import advice_for
from banxway.services.messages.channels.base import Channels, ClaimLost, SendingPaused
from banxway.services.messages.due_messages import DueMessages
from banxway.services.messages.ledger_epoch import LedgerEpoch
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.status.notifications import Notifications
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations.integrations import IntegrationRow
from banxway.storage.messages import due, ledger
from banxway.storage.messages import events as message_events
from banxway.storage.messages.rows import MessageRow
from banxway.storage.realtime import changes

_LONGEST_DELAY_S = 899  # one less than the longest that SQS takes, since a fraction is rounded up


class Delivery:
    """Delivers messages of the ledger, each at most once."""

    def __init__(
        self,
        database: Database,
        *,
        channels: Channels,
        epoch: LedgerEpoch,
        notifications: Notifications,
        due_messages: DueMessages,
        in_flight: InFlight,
        notices: ChangeNotices,
        new_id: NewId,
        random: Callable[[], float],
    ) -> None:
        self._database = database
        self._channels = channels
        self._epoch = epoch
        self._notifications = notifications
        self._due_messages = due_messages
        self._in_flight = in_flight
        self._notices = notices
        self._new_id = new_id
        self._random = random

    def deliver(self, *, organization_id: UUID, message_id: UUID) -> None:
        """Send a queued message that no other worker has claimed; any number of calls send it once.

        A message whose organization has no free slot in its queue stays queued; the slot's next one is enqueued when
        it is free.
        Raises Unavailable, with nothing sent, while the ledger is behind its outside copy.
        """
        self._epoch.require_current()
        lease_id = self._new_id()
        with self._database.organization(organization_id) as transaction:
            message = ledger.claim(
                transaction,
                message_id=message_id,
                lease_id=lease_id,
                lease_s=LONGEST_HAND_OVER_S,
                in_flight=self._in_flight,
            )
        if message is None:
            return
        try:
            begin = partial(self._begin, message, lease_id)
            handed_over = self._channels.of(message.channel).hand_over(message, begin=begin)
        except ClaimLost:
            delivery_log.overtaken(message)
            return
        except (ProviderThrottled, ProviderUnavailable, Unavailable) as error:
            self._put_back(message, lease_id, error)
        except SendingPaused as error:
            self._pause(message, lease_id, error)
        except OutcomeUnknown as error:
            self._record_failure(message, lease_id, MessageStatus.UNKNOWN, error)
        except (ProviderError, NotConfigured, DecryptionFailed, ValidationFailed) as error:
            # ValidationFailed: the message could not be written, or the host not dialled. Nothing left.
            self._record_failure(message, lease_id, MessageStatus.FAILED, error)
        else:
            self._record_acceptance(message, handed_over.accepted)
            self._trust(organization_id, handed_over.proven)
        self._notices.notify(organization_id)

    def _begin(self, message: MessageRow, lease_id: UUID) -> None:
        """Record that the hand-over begins. Raises ClaimLost, or Unavailable; then nothing may be sent."""
        with self._database.organization(message.organization_id) as transaction:
            if not ledger.begin_hand_over(transaction, message_id=message.id, lease_id=lease_id):
                raise ClaimLost

    @contextmanager
    def _freeing(self, message: MessageRow) -> Iterator[Transaction]:
        """Run the transaction that ends a claim, and enqueue the messages that its free slot is for."""
        with self._database.organization(message.organization_id) as transaction:
            found = due.for_freed_slot(transaction, channel=message.channel, in_flight=self._in_flight)
            yield transaction
        self._due_messages.enqueue_found(found)

    def _record_acceptance(self, message: MessageRow, accepted: Accepted) -> None:
        with self._freeing(message) as transaction:
            message_events.lock_sids(transaction, (accepted.provider_sid,))
            ledger.settle(
                transaction,
                message_id=message.id,
                outcome=self._channels.of(message.channel).accepted_status,
                provider_sid=accepted.provider_sid,
            )
            early_reports.adopt(transaction, message_id=message.id, provider_sid=accepted.provider_sid)
            self._record_change(transaction, message)

    def _record_failure(
        self, message: MessageRow, lease_id: UUID, outcome: MessageStatus, error: BanxwayError
    ) -> None:
        """Record why this attempt failed, unless a person has had the message sent again since it began.

        The later attempt may have been accepted, so the earlier one proves nothing about the message any more.
        """
        with self._freeing(message) as transaction:
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
                # A failure means that the provider accepted nothing.
                took_nothing=outcome == MessageStatus.FAILED,
            )
            audit.append(
                transaction,
                organization_id=message.organization_id,
                user_id=message.created_by,
                integration_type=self._channels.of(message.channel).traits.integration_type,
                action="message.send",
                succeeded=False,
                details={"message_id": str(message.id), "outcome": outcome, **failure_details(error)},
            )
            if isinstance(error, ProviderError):
                self._channels.of(message.channel).record_refusal(transaction, message, error)
            self._record_change(transaction, message)
        delivery_log.failed(message, error, outcome=outcome)

    def _trust(self, organization_id: UUID, row: IntegrationRow | None) -> None:
        """Mark credentials that have just sent a message as verified; a failure here does not touch the send."""
        if row is None:
            return
        try:
            with self._database.organization(organization_id) as transaction:
                trust(transaction, self._notifications, row)
        except Unavailable:
            # The next message verifies them.
            return

    def _pause(self, message: MessageRow, lease_id: UUID, error: SendingPaused) -> None:
        """Let the message wait in the ledger with the reason; it goes on when its sender may send again."""
        with self._freeing(message) as transaction:
            ledger.pause(
                transaction,
                message_id=message.id,
                lease_id=lease_id,
                pause_s=error.pause_s,
                reason=error.reason,
                advice=error.advice,
            )
            if error.cause:
                self._channels.of(message.channel).record_refusal(transaction, message, error.cause)
            self._record_change(transaction, message)
        delivery_log.paused(message, error.reason)

    def _put_back(self, message: MessageRow, lease_id: UUID, error: BanxwayError) -> None:
        """Queue the message again, since nothing was accepted; after five attempts it has failed."""
        if message.attempts >= MOST_ATTEMPTS:
            self._record_failure(message, lease_id, MessageStatus.FAILED, error)
            return
        delay_s = self._delay_after(message, getattr(error, "retry_after_s", None))
        with self._freeing(message) as transaction:
            is_back = ledger.requeue(transaction, message_id=message.id, lease_id=lease_id, delay_s=delay_s)
        if is_back:
            delivery_log.put_off(message, error, retry_in_s=delay_s)
            try:
                self._due_messages.enqueue(
                    channel=message.channel,
                    organization_id=message.organization_id,
                    message_id=message.id,
                    delay_s=int(delay_s) + 1,
                )
            except Unavailable:
                # The row says when it is due; the sweeper will find it.
                return

    def _delay_after(self, message: MessageRow, retry_after_s: float | None) -> float:
        """Return the channel's own backoff with jitter; never less than the provider's Retry-After."""
        backoff_s = self._channels.of(message.channel).backoff.after(message.attempts)
        return min(max(backoff_s * (0.5 + self._random() / 2), retry_after_s or 0.0), _LONGEST_DELAY_S)

    def _record_change(self, transaction: Transaction, message: MessageRow) -> None:
        changes.record(
            transaction,
            organization_id=message.organization_id,
            kind="message.status",
            thread_id=message.thread_id,
            message_id=message.id,
        )
