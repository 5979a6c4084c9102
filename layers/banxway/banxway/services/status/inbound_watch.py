"""Looks every hour whether mailboxes and channels are silent beyond what is likely, and tells an admin once.

A silence is reported once, even if it lasts long or somebody dismisses the notification. It ends with the next proof.
Silences that are found together are one notification: a holiday, or an outage, is one thing.
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

_TOLD_APART = 3
_SEVERAL = "several"
"""The subject of the notification that speaks of more."""
_MOST_NAMED = 10
_CHANNELS: Mapping[str, str] = {kind.type: kind.inbound for kind in KINDS.values() if kind.inbound}


@dataclass(frozen=True, slots=True)
class _Silent:
    name: str
    silence: Silence
    is_proven: bool = False


class InboundWatch:
    """Watches what should come in."""

    def __init__(self, database: Database, *, notifications: Notifications) -> None:
        self._database = database
        self._notifications = notifications

    def watch(self) -> Reviewed:
        """Look at every organization. Raises Unavailable at the end if some could not be looked at."""
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
            raise Unavailable(f"{failed} of {len(organizations)} organizations could not be looked at")
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
            opened = self._tell(transaction, organization_id, silent)
            return opened, self._close(transaction, silent)

    def _tell(self, transaction: Transaction, organization_id: UUID, silent: Mapping[str, _Silent]) -> int:
        untold = {
            subject: each
            for subject, each in silent.items()
            if not any(
                stored.was_opened_since(transaction, INBOUND_SILENT, told, each.silence.since)
                for told in (subject, _SEVERAL)
            )
        }
        sentences = {subject: _sentence(each) for subject, each in untold.items()}
        if len(untold) > _TOLD_APART:
            sentences = {_SEVERAL: _several([each.name for each in untold.values()])}
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
            f"{name}: mail does not come in. The test mail that it sent to itself at {iso(found.since)} has not come "
            "back, nor has any since: look at forwarding, filters and storage at the mail provider, and at its status"
        )
    check = (
        "Write to it from outside: if that mail does not come in either, look at forwarding, spam filter and storage "
        "at the mail provider"
        if each.name not in _CHANNELS
        else "Try it from a telephone: if nothing comes in either, see whether the integration's callback_url is "
        "still entered at Exotel"
    )
    return (
        f"{name}: nothing has come in since {iso(found.since)}. Going by its last {found.weeks} weeks, a silence as "
        f"long as this at these hours is unlikely. {check}"
    )


def _several(names: list[str]) -> str:
    named = ", ".join(_shown(name) for name in names[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return (
        f"{len(names)} mailboxes and channels are silent for longer than is likely by what usually comes: "
        f"{named}{more}. Unless today is a holiday, write to one of them from outside: if nothing comes in, look at "
        "the mail provider's status and at the callback URLs"
    )


def _shown(name: str) -> str:
    return _CHANNELS.get(name, name)
