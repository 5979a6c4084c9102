"""Runs the rules over a batch of filed mail: which fire, what they do, and the trace of both.

All conditions are matched first; then the threads are locked and changed once for the whole batch. An action that
cannot be done is traced with its reason and stops nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from banxway.ids import NewId
from banxway.log import get_logger
from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.email_rules.rules import (
    Action,
    AssignAction,
    EmailRule,
    ForwardAction,
    HoursCondition,
    NewEmailRule,
    TagAction,
)
from banxway.models.email_rules.traces import MatchedCondition, PerformedAction
from banxway.services.email_rules.forward import Forwarded, Forwarding, Sender
from banxway.services.email_rules.match import (
    AttachmentFacts,
    ExaminedMail,
    as_stored,
    matched_conditions,
    reached_mailboxes,
)
from banxway.services.email_sync.filing.filed_mail import FiledMail
from banxway.storage import email_accounts, email_rules
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_rules import RuleRow, ThreadState
from banxway.storage.messages import messages
from banxway.storage.rows import columns_of

_MOST_TAGS = 50


@dataclass(slots=True)
class _Fired:
    mail: FiledMail
    rule: EmailRule
    matched: list[MatchedCondition]


@dataclass(slots=True)
class RuleResults:
    """The results of the rules that later steps need: forwards, and the messages that are spam now."""

    forwarded: Forwarded = field(default_factory=Forwarded)
    spam: set[UUID] = field(default_factory=set)


class RuleRunner:
    """Runs an organization's rules."""

    def __init__(self, *, forwarding: Forwarding, new_id: NewId) -> None:
        self._forwarding = forwarding
        self._new_id = new_id

    def run(
        self, transaction: Transaction, mails: Sequence[FiledMail], *, account: AccountRow
    ) -> RuleResults:
        """Run the active rules, in their order, over mails that were filed into a mailbox."""
        rules = readable(email_rules.list_active(transaction))
        if not rules:
            return RuleResults()
        hours = default_hours(transaction, rules)
        own = email_accounts.ids_by_address(transaction)
        fired = [each for mail in mails for each in _fired_for(_examined(mail, own), mail, rules, hours)]
        if not fired:
            return RuleResults()
        sender = Sender(account, set(own), messages.clamp_to_now(transaction))
        batch = _Batch(transaction, fired, sender, self._forwarding)
        email_rules.add_traces(
            transaction,
            [
                {
                    "id": self._new_id(),
                    "organization_id": each.mail.message.organization_id,
                    "message_id": each.mail.message.id,
                    "rule_id": each.rule.id,
                    "rule_name": each.rule.name,
                    "matched": [matched.model_dump(mode="json") for matched in each.matched],
                    "performed": [done.model_dump(mode="json") for done in batch.perform(each)],
                }
                for each in fired
            ],
        )
        batch.store()
        return batch.results


class _Batch:
    """The threads, members and messages that the rules of one batch change."""

    def __init__(
        self, transaction: Transaction, fired: Sequence[_Fired], sender: Sender, forwarding: Forwarding
    ) -> None:
        self.results = RuleResults()
        self._transaction = transaction
        self._sender = sender
        self._forwarding = forwarding
        self._threads = email_rules.lock_threads(transaction, {each.mail.thread_id for each in fired})
        self._changed: set[UUID] = set()
        self._assigned: set[UUID] = set()
        actions = [action for each in fired for action in each.rule.actions]
        wanted = {action.user_id for action in actions if isinstance(action, AssignAction)}
        self._members = email_rules.active_members(transaction, wanted) if wanted else set()

    def perform(self, fired: _Fired) -> list[PerformedAction]:
        """Perform a rule's actions on a mail, and return the result of each."""
        return [self._performed(action, fired) for action in fired.rule.actions]

    def store(self) -> None:
        """Write the changed threads and messages."""
        if self._changed:
            email_rules.change_threads(
                self._transaction, [self._threads[thread_id] for thread_id in sorted(self._changed)]
            )
        if self.results.spam:
            email_rules.mark_spam(self._transaction, self.results.spam)

    def _performed(self, action: Action, fired: _Fired) -> PerformedAction:
        thread = self._threads.get(fired.mail.thread_id)
        reason = "The thread is gone" if thread is None else self._perform(action, fired, thread)
        return PerformedAction(action=as_stored(action), is_done=reason is None, reason=reason)

    def _perform(self, action: Action, fired: _Fired, thread: ThreadState) -> str | None:
        match action:
            case TagAction():
                return self._tag(thread, action.tag)
            case AssignAction():
                return self._assign(fired.mail, thread, action.user_id)
            case ForwardAction():
                return self._forward(fired, action.address)
        return self._mark_spam(fired.mail, thread) if action.type == "mark_spam" else None

    def _tag(self, thread: ThreadState, tag: str) -> str | None:
        if tag in thread.tags:
            return None
        if len(thread.tags) >= _MOST_TAGS:
            return f"The thread has {_MOST_TAGS} tags, the most that are allowed"
        self._change(replace(thread, tags=[*thread.tags, tag]))
        return None

    def _assign(self, mail: FiledMail, thread: ThreadState, user_id: UUID) -> str | None:
        if user_id not in self._members:
            return "The user is not an active member any more"
        if thread.assigned_to_user_id not in (None, user_id) and not self._has_default(mail, thread):
            return "The thread is assigned to another member already"
        self._change(replace(thread, assigned_to_user_id=user_id))
        self._assigned.add(thread.id)
        return None

    def _change(self, thread: ThreadState) -> None:
        self._threads[thread.id] = thread
        self._changed.add(thread.id)

    def _has_default(self, mail: FiledMail, thread: ThreadState) -> bool:
        """Return whether a new thread has only its mailbox's default assignee, which a rule may replace."""
        default = self._sender.account.assigned_to_user_id
        is_new = mail.started_thread and thread.id not in self._assigned
        return is_new and thread.assigned_to_user_id == default

    def _mark_spam(self, mail: FiledMail, thread: ThreadState) -> str | None:
        self.results.spam.add(mail.message.id)
        if mail.started_thread:
            self._change(replace(thread, is_spam=True))
        return None

    def _forward(self, fired: _Fired, address: str) -> str | None:
        if fired.mail.message.id in self.results.spam:
            return "It was marked as spam"
        return self._forwarding.forward(
            self._transaction,
            fired.mail,
            sender=self._sender,
            address=address,
            since=fired.rule.activated_at,
            done=self.results.forwarded,
        )


def readable(rows: Sequence[RuleRow]) -> list[EmailRule]:
    """Return the rules of these rows; a rule that this release cannot read is logged and left out."""
    rules = []
    for row in rows:
        try:
            rules.append(EmailRule(**columns_of(row)))
        except ValidationError:
            get_logger().error("a stored rule cannot be read", rule_id=str(row.id))
    return rules


def default_hours(
    transaction: Transaction, rules: Sequence[EmailRule | NewEmailRule]
) -> BusinessHours | None:
    """Return the organization's business hours if one of the rules needs them, or None."""
    if not any(
        isinstance(condition, HoursCondition) and condition.hours is None
        for rule in rules
        for condition in rule.conditions
    ):
        return None
    stored: Any = email_rules.find_hours(transaction)
    return BusinessHours(**stored) if stored else None


def _fired_for(
    examined: ExaminedMail, mail: FiledMail, rules: Sequence[EmailRule], hours: BusinessHours | None
) -> list[_Fired]:
    fired = []
    for rule in rules:
        matched = matched_conditions(rule.conditions, rule.match, examined, hours=hours)
        if matched is None:
            continue
        fired.append(_Fired(mail, rule, matched))
        if any(action.type == "stop" for action in rule.actions):
            break
    return fired


def _examined(mail: FiledMail, own: Mapping[str, UUID]) -> ExaminedMail:
    parsed = mail.mail
    recipients = [address.email for address in (*parsed.to, *parsed.cc)]
    return ExaminedMail(
        sender=mail.message.sender,
        recipients=recipients,
        subject=mail.message.subject,
        body=mail.message.body_text,
        account_ids=reached_mailboxes(mail.message.email_account_id, recipients, own),
        origin=parsed.origin,
        arrived_at=mail.message.occurred_at,
        attachments=[
            AttachmentFacts(one.filename, one.content_type, len(one.content), one.is_inline)
            for one in parsed.attachments
        ],
        headers=lambda wanted: [value for name, value in parsed.headers if name.lower() == wanted],
    )
