"""Records what workers gave up, and notifies admins once for each kind of work.

Any number of deliveries of the same dead letter record it once. While the database is down, the dead letter stays in
its queue. What cannot be read names no organization; it stays there, and the queue's alarm rings for an operator.
"""

from collections.abc import Mapping

from banxway.ids import NewId
from banxway.models.queue_items import DeadLetter, queues
from banxway.models.status.notifications import WORK_GIVEN_UP
from banxway.services.dead_letters import words
from banxway.services.dead_letters.subjects import Subject, read_item, subjects_of
from banxway.services.realtime.notices import ChangeNotices
from banxway.services.status.notifications import Notifications
from banxway.storage import dead_letters
from banxway.storage.database import Database
from banxway.storage.dead_letters import NewDeadLetter
from banxway.storage.realtime import changes


class DeadLetterRecorder:
    """Records dead letters in the worker of their queue."""

    def __init__(
        self,
        database: Database,
        *,
        queue_urls: Mapping[str, str],
        notifications: Notifications,
        notices: ChangeNotices,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._queue_urls = queue_urls
        self._notifications = notifications
        self._notices = notices
        self._new_id = new_id

    def record(self, letter: DeadLetter) -> None:
        """Record a dead letter for each organization that it concerns.

        Raises ValidationError for an item that cannot be read, and LookupError for one of an unknown queue.
        """
        queue = self._queue_of(letter)
        for subject in subjects_of(read_item(queue, letter.body)):
            self._record(letter, queue, subject)

    def _queue_of(self, letter: DeadLetter) -> str:
        if letter.source:
            return letter.source
        named = (letter.source_arn or "").rpartition(":")[2]
        found = (name for name, url in self._queue_urls.items() if url.rpartition("/")[2] == named)
        queue = next(found, None)
        if not queue:
            raise LookupError(f"no queue of this deployment is called {named or '(nothing)'}")
        return queue

    def _record(self, letter: DeadLetter, queue: str, subject: Subject) -> None:
        new = self._new(letter, queue, subject)
        with self._database.organization(subject.organization_id) as transaction:
            is_opened = dead_letters.record(transaction, new)
            if new.cause != words.UNEXPLAINED:
                dead_letters.explain(transaction, new, unexplained=words.UNEXPLAINED)
            # Only then: a live update that is given up again and again would else cause the next one.
            if is_opened:
                self._notifications.open(
                    transaction,
                    organization_id=subject.organization_id,
                    kind=WORK_GIVEN_UP,
                    subject=queue,
                    sentence=f"{words.work_of(queue)} failed at every attempt. {new.sentence}"
                    " See what is left to do at /operations/dead-letters",
                )
                changes.record(
                    transaction, organization_id=subject.organization_id, kind="dead_letters.changed"
                )
        if is_opened:
            self._notices.notify(subject.organization_id)

    def _new(self, letter: DeadLetter, queue: str, subject: Subject) -> NewDeadLetter:
        return NewDeadLetter(
            id=self._new_id(),
            organization_id=subject.organization_id,
            queue=queue,
            identity=subject.identity,
            item=subject.item.model_dump(mode="json"),
            message_id=subject.message_id,
            account_id=subject.account_id,
            cause=letter.cause or words.UNEXPLAINED,
            sentence=letter.sentence or words.UNEXPLAINED_SENTENCE,
            attempts=letter.tried or queues()[queue].attempts,
            queue_message_id=letter.queue_message_id,
            first_failed_at=letter.first_received_at,
            last_failed_at=letter.given_up_at,
        )
