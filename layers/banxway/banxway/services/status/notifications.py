"""Notifications for admins: opened once when something goes wrong, closed when it is repaired.

`open` and `close` work in the caller's transaction, so that they are committed with what they are about. Both lock
the organization's audit chain and then its change sequence until the commit, so call them near its end. The sweeper
pushes the change to open WebSockets within a minute.
"""

from uuid import UUID

from banxway.errors import NotFound
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.integrations.integrations import INTEGRATION_TYPES
from banxway.models.pages import Page
from banxway.models.realtime import ChangeKind
from banxway.models.status.notifications import Notification, NotificationKind, NotificationQuery
from banxway.security.redaction import masked_pairs
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.realtime import changes
from banxway.storage.status import notifications


class Notifications:
    """Opens, closes, lists and dismisses an organization's notifications."""

    def __init__(self, database: Database, *, new_id: NewId) -> None:
        self._database = database
        self._new_id = new_id

    def open(
        self,
        transaction: Transaction,
        *,
        organization_id: UUID,
        kind: NotificationKind,
        subject: str,
        sentence: str,
        occurrences: int = 1,
    ) -> bool:
        """Open a notification; return False and write nothing if one of this kind and subject is open.

        The transaction must be in that organization's scope. `kind` is one of models.status.notifications; `sentence`
        says what is wrong and where to look. A secret in it is masked, an address is not.
        """
        sentence = _without_secrets(sentence)
        is_new = notifications.open_one(
            transaction,
            {
                "id": self._new_id(),
                "organization_id": organization_id,
                "kind": kind,
                "subject": subject,
                "sentence": sentence,
                "occurrences": occurrences,
            },
        )
        if is_new:
            _audit(
                transaction,
                organization_id,
                "notification.created",
                kind=kind,
                subject=subject,
                sentence=sentence,
            )
        return is_new

    def restate(
        self, transaction: Transaction, notification_id: UUID, *, sentence: str, occurrences: int
    ) -> None:
        """Change the sentence of an open notification, without notifying again."""
        notifications.restate(
            transaction, notification_id, sentence=_without_secrets(sentence), occurrences=occurrences
        )

    def close(self, transaction: Transaction, kind: str, subject: str) -> bool:
        """Close the notification of this kind and subject; return False and write nothing if none is open."""
        organization_id = notifications.close(transaction, kind, subject)
        if organization_id is None:
            return False
        _audit(transaction, organization_id, "notification.closed", kind=kind, subject=subject)
        return True

    def list_page(self, *, actor: Actor, query: NotificationQuery) -> Page[Notification]:
        """Return notifications, the newest first. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            return notifications.list_page(
                transaction,
                limit=query.limit,
                cursor=query.cursor,
                include_closed=query.include_closed,
            )

    def dismiss(self, *, actor: Actor, notification_id: UUID) -> Notification:
        """Close a notification for an admin and return it; one that is closed already stays so. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            is_closed_now = notifications.dismiss(transaction, notification_id)
            found = notifications.find(transaction, notification_id)
            if found is None:
                raise NotFound("Notification not found")
            if is_closed_now:
                _audit(
                    transaction,
                    actor.organization_id,
                    "notification.dismissed",
                    user_id=actor.user_id,
                    kind=found.kind,
                    subject=found.subject,
                )
            return found


def _without_secrets(sentence: str) -> str:
    masked, _ = masked_pairs({"sentence": sentence}, None)
    return str(masked["sentence"]) if masked else ""


def _audit(
    transaction: Transaction,
    organization_id: UUID,
    what: ChangeKind,
    *,
    kind: str,
    subject: str,
    sentence: str | None = None,
    user_id: UUID | None = None,
) -> None:
    details = {"kind": kind, "subject": subject, **({"sentence": sentence} if sentence else {})}
    audit.append(
        transaction,
        organization_id=organization_id,
        user_id=user_id,
        integration_type=subject if subject in INTEGRATION_TYPES else None,
        action=what,
        succeeded=True,
        details=details,
    )
    changes.record(transaction, organization_id=organization_id, kind=what)
