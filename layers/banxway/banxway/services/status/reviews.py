"""The daily review: opens one notification for each problem that people would otherwise not notice.

    credentials_old      credentials older than 90 days; closed when they change
    credentials_ending   the entered day on which credentials end is 14 days ahead, then 3, then reached
    permissions_unused   once a month: who may use an integration and has not done so for 30 days
    operations_failed    audit entries that failed since the last review, one notification per action
    mailbox_failing      every poll for an hour has failed; closed when one works
    mailbox_overdue      no poll was tried for ten intervals; closed when one is

Each organization is reviewed in a transaction of its own: a review that is interrupted has finished whole
organizations, the next does the rest, and of two at once the second finds nothing left.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from banxway.clock import iso
from banxway.errors import Unavailable
from banxway.log import get_logger
from banxway.models.integrations.kinds import KINDS
from banxway.models.maintenance.sweeps import Reviewed
from banxway.models.status.notifications import (
    CREDENTIALS_ENDING,
    CREDENTIALS_OLD,
    INTEGRATION_FAILED,
    MAILBOX_FAILING,
    MAILBOX_INCOMPLETE,
    MAILBOX_OVERDUE,
    OPERATIONS_FAILED,
    PERMISSIONS_UNUSED,
    NotificationKind,
)
from banxway.services.status.notifications import Notifications
from banxway.storage.database import Database, Transaction
from banxway.storage.status import notifications as stored
from banxway.storage.status import reviews
from banxway.storage.status.reviews import (
    EndingCredentials,
    FailingMailbox,
    OverdueMailbox,
    UnusedPermissions,
)

_OLD_AFTER_DAYS = 90
_REMIND_DAYS_AHEAD = (14, 3, 0)
_UNUSED_FOR_DAYS = 30
_MOST_NAMED = 10
_FAILING_FOR_MINUTES = 60
_OVERDUE_INTERVALS = 10


class Reviews:
    """Reviews every organization once a day."""

    def __init__(self, database: Database, *, notifications: Notifications) -> None:
        self._database = database
        self._notifications = notifications

    def review(self) -> Reviewed:
        """Review every organization. Raises Unavailable at the end if some could not be reviewed."""
        with self._database.system() as transaction:
            organizations = reviews.list_organizations(transaction)
        opened = closed = failed = 0
        for organization_id in organizations:
            try:
                was_opened, was_closed = self._review(organization_id)
            except Unavailable as error:
                get_logger().warning("review put off", organization_id=str(organization_id), exc_info=error)
                failed += 1
                continue
            opened += was_opened
            closed += was_closed
        if failed:
            raise Unavailable(f"{failed} of {len(organizations)} organizations could not be reviewed")
        return Reviewed(organizations=len(organizations), opened=opened, closed=closed)

    def _review(self, organization_id: UUID) -> tuple[int, int]:
        with self._database.organization(organization_id) as transaction:
            reviewed = reviews.begin(transaction, organization_id)
            review = _Review(transaction, organization_id, self._notifications)
            review.review_failures(after=reviewed)
            review.review_old_credentials()
            review.review_ending_credentials()
            review.review_unused_permissions()
            review.review_mailboxes()
            review.close_repaired(INTEGRATION_FAILED, reviews.failed_integrations(transaction))
            return review.opened, review.closed


class _Review:
    """One organization's review, in its transaction."""

    def __init__(self, transaction: Transaction, organization_id: UUID, notifications: Notifications) -> None:
        self._transaction = transaction
        self._organization_id = organization_id
        self._notifications = notifications
        self.opened = 0
        self.closed = 0

    def review_failures(self, *, after: int) -> None:
        for row in reviews.take_failures(self._transaction, after=after):
            known = stored.find_open(self._transaction, OPERATIONS_FAILED, row.action)
            if known is None:
                sentence = _failures(row.action, row.failures, row.latest)
                self._open(OPERATIONS_FAILED, row.action, sentence, occurrences=row.failures)
                continue
            total = known.occurrences + row.failures
            self._notifications.restate(
                self._transaction,
                known.id,
                sentence=_failures(row.action, total, row.latest),
                occurrences=total,
            )

    def review_old_credentials(self) -> None:
        old = reviews.old_credentials(self._transaction, older_than_days=_OLD_AFTER_DAYS)
        for row in old:
            kind, changed_at = row.integration_type, row.credentials_changed_at
            self._open_once(CREDENTIALS_OLD, kind, _old(kind, changed_at), since=changed_at)
        self.close_repaired(CREDENTIALS_OLD, (row.integration_type for row in old))

    def review_ending_credentials(self) -> None:
        ending = reviews.ending_credentials(self._transaction, ahead=_REMIND_DAYS_AHEAD)
        for row in ending:
            self._remind(CREDENTIALS_ENDING, row.integration_type, _ending(row), since=row.since)
        self.close_repaired(CREDENTIALS_ENDING, (row.integration_type for row in ending))

    def review_unused_permissions(self) -> None:
        unused = reviews.unused_permissions(self._transaction, for_days=_UNUSED_FOR_DAYS)
        for row in unused:
            self._remind(PERMISSIONS_UNUSED, row.integration_type, _unused(row), since=row.month)
        self.close_repaired(PERMISSIONS_UNUSED, (row.integration_type for row in unused))

    def review_mailboxes(self) -> None:
        failing = reviews.failing_mailboxes(self._transaction, for_minutes=_FAILING_FOR_MINUTES)
        overdue = reviews.overdue_mailboxes(self._transaction, intervals=_OVERDUE_INTERVALS)
        for row in failing:
            self._open_once(MAILBOX_FAILING, str(row.id), _failing(row), since=row.since)
        for late in overdue:
            self._open_once(MAILBOX_OVERDUE, str(late.id), _overdue(late), since=late.since)
        self.close_repaired(MAILBOX_FAILING, (str(row.id) for row in failing))
        self.close_repaired(MAILBOX_OVERDUE, (str(row.id) for row in overdue))
        self.close_repaired(MAILBOX_INCOMPLETE, reviews.incomplete_mailboxes(self._transaction))

    def close_repaired(self, kind: NotificationKind, still_wrong: Iterable[str]) -> None:
        repaired = set(stored.open_subjects(self._transaction, kind)) - set(still_wrong)
        for subject in sorted(repaired):
            self.closed += self._notifications.close(self._transaction, kind, subject)

    def _remind(self, kind: NotificationKind, subject: str, sentence: str, *, since: datetime) -> None:
        """Open a reminder once since an instant; one that is still open gets today's sentence."""
        known = stored.find_open(self._transaction, kind, subject)
        if known is None:
            self._open_once(kind, subject, sentence, since=since)
            return
        self._notifications.restate(
            self._transaction, known.id, sentence=sentence, occurrences=known.occurrences
        )

    def _open_once(self, kind: NotificationKind, subject: str, sentence: str, *, since: datetime) -> None:
        # An admin who dismissed it has read it; it is opened again only if it was repaired in between.
        if not stored.was_opened_since(self._transaction, kind, subject, since):
            self._open(kind, subject, sentence)

    def _open(self, kind: NotificationKind, subject: str, sentence: str, *, occurrences: int = 1) -> None:
        self.opened += self._notifications.open(
            self._transaction,
            organization_id=self._organization_id,
            kind=kind,
            subject=subject,
            sentence=sentence,
            occurrences=occurrences,
        )


def _failures(action: str, times: int, latest: datetime) -> str:
    how_often = "once" if times == 1 else f"{times} times"
    return (
        f"{action} failed {how_often}, the latest at {iso(latest)}: "
        f"see /api/v1/settings/audit-logs?action={action}&status=failed"
    )


def _old(integration_type: str, changed_at: datetime) -> str:
    return (
        f"The credentials of {integration_type} have not changed since {iso(changed_at)}, more than "
        f"{_OLD_AFTER_DAYS} days ago: make new ones at the provider and enter them under "
        f"{KINDS[integration_type].page}"
    )


def _ending(row: EndingCredentials) -> str:
    kind, day, left = row.integration_type, row.credentials_expire_on, row.days_left
    when = (
        f"end on {day}, in {left} days" if left > 1 else f"end on {day}" if left >= 0 else f"ended on {day}"
    )
    return (
        f"The credentials of {kind} {when}: make new ones at the provider, enter them under "
        f"{KINDS[kind].page}, and test them there"
    )


def _unused(row: UnusedPermissions) -> str:
    kind, emails = row.integration_type, row.emails
    shown, more = emails[:_MOST_NAMED], len(emails) - _MOST_NAMED
    named = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
    return (
        f"{len(emails)} of those who may use {kind} have not done so for {_UNUSED_FOR_DAYS} days: {named}. Review "
        f"permissions and limits: GET /api/v1/settings/integrations/{kind}/permissions"
    )


def _failing(mailbox: FailingMailbox) -> str:
    return (
        f"{mailbox.email} could not be polled since {iso(mailbox.since)}: {mailbox.last_poll_error} "
        "Test it under /settings/email-accounts"
    )


def _overdue(mailbox: OverdueMailbox) -> str:
    return (
        f"{mailbox.email} was last polled at {iso(mailbox.since)}, and no poll was tried since: "
        "the mailbox timer or its queue has stopped, see /api/v1/settings/diagnostics"
    )
