"""Tries a rule on the mail of the last days: which mails it would have fired for, and why. Changes nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from banxway.clock import Clock
from banxway.errors import DecryptionFailed, NotFound
from banxway.models.actors import Actor
from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.email_rules.rules import EmailRule, NewEmailRule
from banxway.models.email_rules.traces import DryRun, DryRunMatch, DryRunResult
from banxway.models.mail import MailOrigin, ParsedMail
from banxway.services.email_rules.match import (
    AttachmentFacts,
    ExaminedMail,
    matched_conditions,
    reached_mailboxes,
)
from banxway.services.email_rules.rules import require_possible
from banxway.services.email_rules.run import default_hours
from banxway.storage import email_accounts, email_rules
from banxway.storage.blobs.store import BlobStore
from banxway.storage.database import Database, Transaction
from banxway.storage.email_rules import InboundMail
from banxway.storage.rows import columns_of

_MOST_MAILS = 1_000
_MOST_SHOWN = 200
_AT_ONCE = 100
_LONGEST_S = 5.0


class RuleTrials:
    """Tries rules."""

    def __init__(
        self,
        database: Database,
        *,
        blobs: Callable[[], BlobStore],
        parse: Callable[[bytes], ParsedMail],
        clock: Clock,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._parse = parse
        self._clock = clock

    def dry_run(self, *, actor: Actor, trial: DryRun) -> DryRunResult:
        """Return the inbound mails of the last days that a rule would have fired for, newest first.

        Examines the newest 1,000 mails, for at most 5 seconds. A condition on a header reads the stored mail, which
        takes longest. Raises NotFound for the rule, and ValidationFailed as saving it would.
        """
        deadline = self._clock.monotonic() + _LONGEST_S
        rule, hours = self._prepare(actor, trial)
        matches: list[DryRunMatch] = []
        examined, is_complete = 0, True
        for row, mail in self._stored(actor, trial.days):
            if examined >= _MOST_MAILS or self._clock.monotonic() > deadline:
                is_complete = False
                break
            examined += 1
            matched = matched_conditions(rule.conditions, rule.match, mail, hours=hours)
            if matched is not None:
                shown = {
                    name: getattr(row, name) for name in ("thread_id", "sender", "subject", "occurred_at")
                }
                matches.append(DryRunMatch(message_id=row.id, matched=matched, **shown))
        return DryRunResult(
            examined=examined,
            match_count=len(matches),
            is_complete=is_complete,
            matches=matches[:_MOST_SHOWN],
        )

    def _prepare(self, actor: Actor, trial: DryRun) -> tuple[EmailRule | NewEmailRule, BusinessHours | None]:
        with self._database.as_actor(actor) as transaction:
            rule = trial.rule or _saved(transaction, trial.rule_id)
            if trial.rule is not None:
                require_possible(transaction, rule.conditions, rule.actions)
            return rule, default_hours(transaction, [rule])

    def _stored(self, actor: Actor, days: int) -> Iterator[tuple[InboundMail, ExaminedMail]]:
        """Yield inbound mails, newest first; no transaction is open while the caller examines them."""
        before: tuple[datetime, UUID] | None = None
        while True:
            with self._database.as_actor(actor) as transaction:
                rows = email_rules.list_inbound_mail(transaction, days=days, limit=_AT_ONCE, before=before)
                attachments = email_rules.list_attachments(transaction, [row.id for row in rows])
                own = email_accounts.ids_by_address(transaction)
            for row in rows:
                yield row, self._examined(actor, row, attachments, own)
            if len(rows) < _AT_ONCE:
                return
            before = (rows[-1].occurred_at, rows[-1].id)

    def _examined(
        self,
        actor: Actor,
        row: InboundMail,
        attachments: Sequence[email_rules.RuledAttachment],
        own: Mapping[str, UUID],
    ) -> ExaminedMail:
        recipients = [*row.mail_to, *row.mail_cc]
        parsed: list[ParsedMail | None] = []

        def whole() -> ParsedMail | None:
            if not parsed:
                parsed.append(self._read(actor, row))
            return parsed[0]

        def headers(wanted: str) -> list[str]:
            mail = whole()
            return [value for name, value in mail.headers if name.lower() == wanted] if mail else []

        return ExaminedMail(
            sender=row.sender,
            recipients=recipients,
            subject=row.subject,
            body=row.body_text,
            account_ids=reached_mailboxes(row.email_account_id, recipients, own),
            origin=MailOrigin(row.mail_origin or MailOrigin.HUMAN),
            arrived_at=row.occurred_at,
            attachments=[
                AttachmentFacts(one.filename, one.content_type, one.size_bytes, one.is_inline)
                for one in attachments
                if one.message_id == row.id
            ],
            headers=headers,
        )

    def _read(self, actor: Actor, row: InboundMail) -> ParsedMail | None:
        if row.raw_blob is None:
            return None
        try:
            return self._parse(self._blobs().get(actor.organization_id, row.raw_blob))
        except (NotFound, DecryptionFailed):
            return None


def _saved(transaction: Transaction, rule_id: UUID | None) -> EmailRule:
    row = email_rules.find(transaction, rule_id) if rule_id else None
    if row is None:
        raise NotFound("Email rule not found")
    return EmailRule(**columns_of(row))
