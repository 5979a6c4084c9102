"""The facts that the diagnosis reads about one organization and the database itself, in one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from banxway.storage import dead_letters, uptime
from banxway.storage.database import Transaction
from banxway.storage.dead_letters import OpenCount
from banxway.storage.email_accounts import COLUMNS as ACCOUNT
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync.folders import Trouble
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import AnyIntegration

_STANDING = """
    SELECT clock_timestamp() AS now,
           pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS is_read_only
"""
_MAILBOXES = f"""
    SELECT {ACCOUNT}, extract(epoch FROM now() - greatest(next_poll_at, %(since)s))::float AS overdue_s,
           extract(epoch FROM now() - coalesce(last_polled_at, greatest(created_at, %(since)s)))::float
               AS unpolled_s,
           extract(epoch FROM lease_until - now())::float AS leased_for_s
    FROM email_accounts ORDER BY email
"""  # noqa: S608  # our own column names
_FOLDERS = """
    SELECT a.email, f.name, f.trouble, f.trouble_said, f.trouble_reason, f.renamed_to, f.trouble_since,
           extract(epoch FROM now() - f.trouble_since)::float AS trouble_s
    FROM email_folders f JOIN email_accounts a ON a.id = f.account_id
    WHERE f.trouble IS NOT NULL AND a.imap_enabled ORDER BY a.email, f.name
"""
_SHORT = """
    SELECT a.email, count(*)::int AS mails, min(m.folder) AS folder, max(m.uid) AS uid,
           (array_agg(m.announced_bytes ORDER BY m.uid DESC))[1] AS announced,
           (array_agg(CASE WHEN m.raw_blob IS NULL THEN 0 ELSE m.size_bytes END ORDER BY m.uid DESC))[1] AS given
    FROM mailbox_messages m JOIN email_accounts a ON a.id = m.account_id
    WHERE m.announced_bytes IS NOT NULL AND m.is_visible AND m.created_at > now() - interval '7 days'
    GROUP BY a.email ORDER BY a.email
"""
_SENDING = """
    SELECT count(*) FILTER (WHERE status = 'unknown') AS unknown,
           count(*) FILTER (WHERE status = 'queued' AND greatest(next_attempt_at, %(since)s) < late.at
                               OR status = 'sending' AND greatest(lease_until, %(since)s) < late.at) AS waiting,
           extract(epoch FROM now() - min(next_attempt_at) FILTER (WHERE status = 'queued'))::float
               AS oldest_waiting_s,
           count(*) FILTER (WHERE updated_at > now() - interval '1 day'
                              AND status IN ('accepted', 'sent', 'delivered', 'read')) AS succeeded
    FROM messages, (SELECT now() - make_interval(secs => %(late)s) AS at) late
    WHERE direction = 'outbound' AND status <> 'received'
"""
_FAILURES = """
    SELECT channel, coalesce(provider_code, '') AS code, max(failure_reason) AS reason,
           max(failure_advice) AS advice, count(*)::int AS failures
    FROM messages
    WHERE direction = 'outbound' AND status = 'failed' AND updated_at > now() - interval '1 day'
    GROUP BY channel, coalesce(provider_code, ''), failure_reason ORDER BY failures DESC LIMIT 50
"""
_UNREPORTED = """
    SELECT count(*)::int AS sends, min(updated_at) AS since FROM messages m
    WHERE channel = 'WHATSAPP' AND direction = 'outbound' AND status IN ('accepted', 'sent')
      AND updated_at BETWEEN now() - interval '1 day' AND now() - interval '15 minutes'
      AND NOT EXISTS (SELECT FROM webhook_events w
                      WHERE w.organization_id = m.organization_id AND w.received_at > now() - interval '1 day')
"""
_CALLBACKS = """
    SELECT count(*) FILTER (WHERE outcome = 'unreadable')::int AS unreadable,
           count(*) FILTER (WHERE outcome = 'revoked')::int AS revoked, count(*)::int AS received
    FROM webhook_events WHERE received_at > now() - interval '1 day'
"""
_UNDECIDED = """
    SELECT i.integration_type, count(*)::int AS users, min(u.email) AS example
    FROM integration_credentials i CROSS JOIN users u
    WHERE i.is_active AND u.is_active AND u.role = 'agent'
      AND NOT EXISTS (SELECT FROM user_integration_permissions p
                      WHERE p.user_id = u.id AND p.integration_type = i.integration_type)
    GROUP BY i.integration_type ORDER BY i.integration_type
"""


@dataclass(frozen=True, slots=True)
class ExaminedAccount(AccountRow):
    """A mailbox, and for how many seconds its poll is overdue, it was not polled, and its lease still lasts."""

    overdue_s: float
    unpolled_s: float
    leased_for_s: float | None


@dataclass(frozen=True, slots=True)
class TroubledFolder:
    """A folder that should be synced and cannot be."""

    email: str
    name: str
    trouble: Literal["gone", "refused"]
    trouble_said: str
    trouble_reason: str | None
    renamed_to: str | None
    trouble_since: datetime
    trouble_s: float

    @property
    def known_trouble(self) -> Trouble:
        """The trouble that is recorded for the folder."""
        return Trouble(self.name, self.trouble, self.trouble_said, self.trouble_reason, self.renamed_to)


@dataclass(frozen=True, slots=True)
class ShortMails:
    """How many mails of a mailbox came with fewer bytes than announced within a week, and the newest of them."""

    email: str
    mails: int
    folder: str
    uid: int
    announced: int
    given: int


@dataclass(frozen=True, slots=True)
class SendingFacts:
    """The state of outbound messages: unknown, waiting too long, and sent within the last day."""

    unknown: int
    waiting: int
    oldest_waiting_s: float | None
    succeeded: int


@dataclass(frozen=True, slots=True)
class Failures:
    """How many messages of one channel failed within a day with one code and reason."""

    channel: str
    code: str
    reason: str | None
    advice: str | None
    failures: int


@dataclass(frozen=True, slots=True)
class Unreported:
    """How many WhatsApp messages got no delivery report, and since when."""

    sends: int
    since: datetime | None


@dataclass(frozen=True, slots=True)
class CallbackCounts:
    """How many callbacks came within the last day, and how many of them were unreadable or revoked."""

    unreadable: int
    revoked: int
    received: int


@dataclass(frozen=True, slots=True)
class Undecided:
    """How many agents have no permission row for an integration, neither granted nor refused, and one of them."""

    integration_type: str
    users: int
    example: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that is known without asking a provider."""

    now: datetime
    is_read_only: bool
    integrations: list[AnyIntegration]
    mailboxes: list[ExaminedAccount]
    folders: list[TroubledFolder]
    short: list[ShortMails]
    templates_approved: int
    sending: SendingFacts
    failures: list[Failures]
    unreported: Unreported
    callbacks: CallbackCounts
    active_admins: int
    undecided: list[Undecided]
    dead_letters: Sequence[OpenCount]


def applied_migrations(transaction: Transaction) -> set[str]:
    """Return the names of the migrations that were applied to the database."""
    return {row["migration_name"] for row in transaction.all("SELECT migration_name FROM schema_migrations")}


def read_facts(transaction: Transaction, *, late_s: int) -> Facts:
    """Return all facts. A message counts as waiting once it is `late_s` late. Needs every migration.

    Time during which the database was down does not make anything late.
    """
    since = uptime.running_since(transaction)
    state = transaction.single(_STANDING)
    approved = transaction.single(
        "SELECT count(*) AS approved FROM whatsapp_templates WHERE status = 'approved'"
    )
    admins = transaction.single("SELECT count(*) AS admins FROM users WHERE role = 'admin' AND is_active")
    return Facts(
        now=state["now"],
        is_read_only=state["is_read_only"],
        integrations=[*integrations.list_rows(transaction)],
        mailboxes=transaction.all_of(ExaminedAccount, _MAILBOXES, {"since": since}),
        folders=transaction.all_of(TroubledFolder, _FOLDERS),
        short=transaction.all_of(ShortMails, _SHORT),
        templates_approved=approved["approved"],
        sending=transaction.single_of(SendingFacts, _SENDING, {"late": late_s, "since": since}),
        failures=transaction.all_of(Failures, _FAILURES),
        unreported=transaction.single_of(Unreported, _UNREPORTED),
        callbacks=transaction.single_of(CallbackCounts, _CALLBACKS),
        active_admins=admins["admins"],
        undecided=transaction.all_of(Undecided, _UNDECIDED),
        dead_letters=dead_letters.open_by_queue(transaction),
    )
