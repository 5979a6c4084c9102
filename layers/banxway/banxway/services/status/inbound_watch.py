"""Checks every hour whether mailboxes and channels are silent beyond what is likely, and notifies admins once.

A silence is reported once, even if it lasts long or an admin dismisses the notification. It ends with the next proof.
More than three silences that are found together are one notification: a holiday, or an outage, is one cause.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from banxway.clock import iso
from banxway.errors import Unavailable
from banxway.log import get_logger
from banxway.models.integrations.kinds import KINDS
from banxway.models.maintenance.sweeps import Reviewed
from banxway.models.status.notifications import INBOUND_SILENT
from banxway.services.status import silence
from banxway.services.status.notifications import Notifications
from banxway.services.status.silence import Silence
from banxway.storage.database import Database, Transaction
from banxway.storage.email_sync import canaries as mailbox_canaries
from banxway.storage.email_sync import inbound_hours
from banxway.storage.email_sync.inbound_hours import HourRow
from banxway.storage.status import notifications as stored
from banxway.storage.status import reviews

_MOST_APART = 3
_SEVERAL = "several"
"""The subject of a notification about several mailboxes and channels."""
_MOST_NAMED = 10
_CHANNELS: Mapping[str, str] = {kind.type: kind.inbound for kind in KINDS.values() if kind.inbound}


@dataclass(frozen=True, slots=True)
class _Silent:
    name: str
    silence: Silence
    is_proven: bool = False


class InboundWatch:
    """Watches mailboxes and channels for silence."""

    def __init__(self, database: Database, *, notifications: Notifications) -> None:
        self._database = database
        self._notifications = notifications

    def watch(self) -> Reviewed:
        """Check every organization. Raises Unavailable at the end if some could not be checked."""
        with self._database.system() as transaction:
            organizations = reviews.list_organizations(transaction)
        opened = closed = failed = 0
        for organization_id in organizations:
            try:
                was_opened, was_closed = self._watch(organization_id)
            except Unavailable as error:
                get_logger().warning("watch put off", organization_id=str(organization_id), exc_info=error)
                failed += 1
                continue
            opened += was_opened
            closed += was_closed
        if failed:
            raise Unavailable(f"{failed} of {len(organizations)} organizations could not be checked")
        return Reviewed(organizations=len(organizations), opened=opened, closed=closed)

    def _watch(self, organization_id: UUID) -> tuple[int, int]:
        with self._database.organization(organization_id) as transaction:
            inbound_hours.prune(transaction)
            now = transaction.now()
            hours = inbound_hours.list_of(transaction)
            lost = mailbox_canaries.list_lost(transaction)
            silent = {}
            for row in inbound_hours.list_watched(transaction):
                found = _judge(hours.get(row.subject, []), now)
                if row.subject in lost:
                    silent[row.subject] = _Silent(row.name, Silence(lost[row.subject], 0), True)
                elif found is not None:
                    silent[row.subject] = _Silent(row.name, found)
            opened = self._notify(transaction, organization_id, silent)
            return opened, self._close(transaction, silent)

    def _notify(self, transaction: Transaction, organization_id: UUID, silent: Mapping[str, _Silent]) -> int:
        unreported = {
            subject: each
            for subject, each in silent.items()
            if not any(
                stored.was_opened_since(transaction, INBOUND_SILENT, either, each.silence.since)
                for either in (subject, _SEVERAL)
            )
        }
        sentences = {subject: _sentence(each) for subject, each in unreported.items()}
        if len(unreported) > _MOST_APART:
            sentences = {_SEVERAL: _several([each.name for each in unreported.values()])}
        return sum(
            self._notifications.open(
                transaction,
                organization_id=organization_id,
                kind=INBOUND_SILENT,
                subject=subject,
                sentence=sentence,
            )
            for subject, sentence in sentences.items()
        )

    def _close(self, transaction: Transaction, silent: Mapping[str, _Silent]) -> int:
        over = [
            subject
            for subject in stored.open_subjects(transaction, INBOUND_SILENT)
            if (subject not in silent if subject != _SEVERAL else not silent)
        ]
        return sum(self._notifications.close(transaction, INBOUND_SILENT, subject) for subject in over)


def _judge(rows: list[HourRow], now: datetime) -> Silence | None:
    if not rows:
        return None
    return silence.judge(
        [row.hour.astimezone(UTC) for row in rows if row.arrivals],
        proven_at=max(row.last_at for row in rows).astimezone(UTC),
        now=now,
    )


def _sentence(each: _Silent) -> str:
    name, found = _shown(each.name), each.silence
    if each.is_proven:
        return (
            f"{name}: mail does not arrive. The test mail that it sent to itself at {iso(found.since)} has not come "
            "back, nor has any since: check forwarding, filters and storage at the mail provider, and its status"
        )
    check = (
        "Write to it from outside: if that mail does not arrive either, check forwarding, spam filter and storage "
        "at the mail provider"
        if each.name not in _CHANNELS
        else "Try it from a telephone: if nothing arrives either, check that the integration's callback_url is "
        "still entered at Exotel"
    )
    return (
        f"{name}: nothing has arrived since {iso(found.since)}. By its last {found.weeks} weeks, a silence as long "
        f"as this at these hours is unlikely. {check}"
    )


def _several(names: list[str]) -> str:
    named = ", ".join(_shown(name) for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return (
        f"{len(names)} mailboxes and channels are silent for longer than is likely by what usually arrives: "
        f"{named}{more}. Unless today is a holiday, write to one of them from outside: if nothing arrives, check the "
        "mail provider's status and the callback URLs"
    )


def _shown(name: str) -> str:
    return _CHANNELS.get(name, name)
