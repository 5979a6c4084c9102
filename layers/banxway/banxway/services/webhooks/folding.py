"""Folds delivery reports into their messages: any number of reports in a constant number of statements.

    fold = ReportFold.begin(transaction, organization_id, reports)   # locks and reads what the reports may be about
    change = fold.take(report)                                       # once for each report, in order, in memory
    fold.write()                                                     # stores what the reports taken so far changed

Taking decides for each report what applying it alone would decide, since all before it have taken effect in memory.
So the rows are the same in whatever sets the reports come.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from banxway.models.messages.statuses import MessageStatus
from banxway.models.webhooks.callbacks import StatusReport
from banxway.storage.database import Transaction
from banxway.storage.messages import events as message_events
from banxway.storage.messages import messages, settling
from banxway.storage.messages.events import NewReport, ReportRow
from banxway.storage.messages.settling import Evidence, StandingRow
from banxway.storage.realtime.changes import PendingChange
from banxway.storage.storable_text import storable


@dataclass(frozen=True, slots=True)
class Report:
    """A delivery report, with the message whose own URL it came to, if it did."""

    said: StatusReport
    url_names: UUID | None

    @property
    def sid(self) -> str:
        """The provider's id of the message, as it is stored."""
        return storable(self.said.provider_sid)

    @property
    def candidates(self) -> list[UUID]:
        """The messages that the report may be about if the provider's sid is unknown.

        The URL's id settles a send whose HTTP answer was lost: only then the provider's sid is unknown.
        """
        return [one for one in (_uuid(self.said.reference), self.url_names) if one is not None]


class ReportFold:
    """Messages and their reports in memory, with the locks that keep them as they are until the commit."""

    def __init__(
        self,
        transaction: Transaction,
        organization_id: UUID,
        *,
        by_sid: Mapping[str, UUID],
        rows: Mapping[UUID, StandingRow],
        recorded: Sequence[ReportRow],
    ) -> None:
        self._transaction = transaction
        self._organization_id = organization_id
        self._stored = dict(rows)
        self._rows = dict(rows)
        self._by_sid = dict(by_sid)
        self._identities = {report.identity for report in recorded}
        self._waiting: dict[str, list[ReportRow]] = {}
        for report in recorded:
            self._wait(report)
        self._new: dict[str, NewReport] = {}
        self._assigned: dict[str, UUID] = {}

    @classmethod
    def begin(
        cls, transaction: Transaction, organization_id: UUID, reports: Sequence[Report]
    ) -> "ReportFold":
        """Lock and read every message that these reports may be about, and the reports on them that wait."""
        if not reports:
            return cls(transaction, organization_id, by_sid={}, rows={}, recorded=())
        sids = {report.sid for report in reports}
        found = _find_and_lock(transaction, sids)
        candidates = {one for report in reports if report.sid not in found for one in report.candidates}
        rows = settling.lock_all(transaction, {*found.values(), *candidates})
        # Read under these locks, so that no other transaction records or assigns a report on these messages.
        identities = {report.said.identity for report in reports}
        recorded = message_events.find_recorded(transaction, identities=identities, provider_sids=sids)
        return cls(transaction, organization_id, by_sid=found, rows=rows, recorded=recorded)

    def take(self, report: Report) -> PendingChange | None:
        """Apply a report in memory; return the change to record if its message changed."""
        said = report.said
        message_id = self._message_of(report)
        is_new = said.identity not in self._identities
        if is_new:
            self._identities.add(said.identity)
            self._new[said.identity] = NewReport(said, message_id)
        if message_id is None:
            if is_new:
                self._wait(_recorded(report))
            return None
        # An unknown status changes nothing, and is shown at its message.
        moved = is_new and (said.status is None or self._settle(message_id, _evidence(report)))
        # A report that comes again may be the first to say which message it is about.
        moved = self._adopt(message_id, report.sid) or moved
        return (
            PendingChange("message.status", self._rows[message_id].thread_id, message_id) if moved else None
        )

    def has_named(self, provider_sid: str | None) -> bool:
        """Return whether a report has given a message this id, which is not written yet."""
        message_id = self._by_sid.get(storable(provider_sid)) if provider_sid else None
        return message_id is not None and self._stored[message_id].provider_sid is None

    def write(self) -> None:
        """Store what the reports taken since the last time changed."""
        new = [
            NewReport(one.report, self._assigned.pop(identity, one.message_id))
            for identity, one in self._new.items()
        ]
        message_events.add_all(self._transaction, organization_id=self._organization_id, reports=new)
        message_events.assign_all(self._transaction, self._assigned)
        changed = [row for row in self._rows.values() if row != self._stored[row.id]]
        settling.save_all(self._transaction, changed)
        self._new, self._assigned, self._stored = {}, {}, dict(self._rows)

    def _message_of(self, report: Report) -> UUID | None:
        """Return the message that a report is about, or None: by the provider's sid, our own id in it, or the URL."""
        sid = report.sid
        if sid in self._by_sid:
            return self._by_sid[sid]
        for candidate in report.candidates:
            row = self._rows.get(candidate)
            if row and row.direction == "outbound" and row.provider_sid in (None, sid):
                return candidate
        return None

    def _settle(self, message_id: UUID, evidence: Evidence | None) -> bool:
        if evidence is None:
            return False
        before = self._rows[message_id]
        after = settling.settled(before, evidence)
        self._rows[message_id] = after
        if after.provider_sid is not None:
            self._by_sid.setdefault(after.provider_sid, message_id)
        return after.status != before.status

    def _adopt(self, message_id: UUID, provider_sid: str) -> bool:
        """Apply the reports with this sid that arrived before their message was known, in their order."""
        moved = False
        for report in self._waiting.pop(provider_sid, ()):
            self._assigned[report.identity] = message_id
            moved = self._settle(message_id, report.evidence()) or moved
        return moved

    def _wait(self, report: ReportRow) -> None:
        if report.message_id is None:
            self._waiting.setdefault(report.provider_sid, []).append(report)


def _find_and_lock(transaction: Transaction, sids: Collection[str]) -> dict[str, UUID]:
    """Return the messages with these sids by sid, and lock every other sid: it may be given to a message just now."""
    found = messages.find_by_provider_sids(transaction, sids)
    unknown = {sid for sid in sids if sid not in found}
    if unknown:
        message_events.lock_sids(transaction, unknown)
        found |= messages.find_by_provider_sids(transaction, unknown)
    return found


def _recorded(report: Report) -> ReportRow:
    said = report.said
    return ReportRow(
        identity=said.identity,
        message_id=None,
        provider_sid=report.sid,
        status=said.status,
        provider_code=said.provider_code,
        description=said.description,
    )


def _evidence(report: Report) -> Evidence | None:
    said = report.said
    if said.status is None:
        return None
    return Evidence(
        MessageStatus(said.status),
        provider_sid=report.sid,
        provider_code=said.provider_code,
        reason=said.description or said.provider_status,
        advice=said.advice,
    )


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
