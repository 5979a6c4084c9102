"""Inbound mail: which mailboxes fall due, and one poll of one mailbox.

    lease      one poller per mailbox; every write carries the lease's fence
    fetch      new UIDs in bounded batches; raw bytes stored and noted before anything is parsed
    file       each stored mail into its thread (mail_filing.py), those of an interrupted poll first

A kill at any point loses nothing and files nothing twice: what was noted is filed by the next poll, what was
not noted is fetched by it.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from uuid import UUID

from banxway.errors import BanxwayError, Conflict, NotConfigured, NotFound, Unavailable
from banxway.log import get_logger
from banxway.models.actors import Actor
from banxway.models.email_accounts import PollResult
from banxway.models.mail import MailSize
from banxway.models.queue_items import ChangesDue, MailboxDue
from banxway.providers.base import Mailbox, Providers
from banxway.security.redaction import mask
from banxway.services.credentials import Credentials
from banxway.services.mail_filing import MailFiling
from banxway.storage import audit, email_accounts, mailbox_messages
from banxway.storage.blobs import BlobStore
from banxway.storage.database import Database, Row

_FOLDER = "INBOX"
_TICK_S = 60
_LEASE_S = 90
_BATCH_BYTES = 8_000_000
_BATCH_MESSAGES = 200
_LARGEST_MAIL = 50_000_000
_MOST_DUE = 10_000


class EmailSync:
    """Keeps threads up to date with mailboxes."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        credentials: Credentials,
        filing: MailFiling,
        blobs: Callable[[], BlobStore],
        enqueue_mailbox: Callable[[MailboxDue, int], None],
        enqueue_changes: Callable[[ChangesDue], None],
    ) -> None:
        self._database = database
        self._providers = providers
        self._credentials = credentials
        self._filing = filing
        self._blobs = blobs
        self._enqueue_mailbox = enqueue_mailbox
        self._enqueue_changes = enqueue_changes

    def enqueue_due(self) -> int:
        """Enqueue every mailbox that falls due before the next tick, each for its moment; returns how many.

        A mailbox with a shorter interval than the tick is enqueued once for each time it falls due.
        """
        with self._database.system() as transaction:
            due = email_accounts.list_due(transaction, within_s=_TICK_S + 10, limit=_MOST_DUE)
        enqueued = 0
        for row in due:
            item = MailboxDue(organization_id=row["organization_id"], account_id=row["id"])
            for delay_s in _moments(row["due_in_s"], row["interval_s"]):
                self._enqueue_mailbox(item, delay_s)
                enqueued += 1
        return enqueued

    def poll_due(self, *, organization_id: UUID, account_id: UUID) -> None:
        """Poll a mailbox if it is due and nobody else does; an early or repeated call does nothing.

        A login or connection that fails is noted on the mailbox and backed off from, not raised.
        """
        account = self._take_lease(organization_id, account_id, only_if_due=True)
        if account is None:
            return
        try:
            self._poll(account, budget_s=40)
        except BanxwayError as error:
            get_logger().warning(
                "poll failed", account_id=str(account_id), error=error.message, code=error.code
            )

    def poll_now(self, *, actor: Actor, account_id: UUID) -> PollResult:
        """Poll a mailbox at once. Raises NotFound, Conflict while it is being polled, or what went wrong."""
        with self._database.as_actor(actor) as transaction:
            found = email_accounts.find(transaction, account_id)
        if found is None:
            raise NotFound("Email account not found")
        if not found["imap_enabled"]:
            raise NotConfigured("IMAP polling is switched off for this mailbox: set imap_enabled to true")
        account = self._wait_for_lease(actor.organization_id, account_id)
        return self._poll(account, budget_s=15)

    def _wait_for_lease(self, organization_id: UUID, account_id: UUID) -> Row:
        deadline = time.monotonic() + 8
        while True:
            account = self._take_lease(organization_id, account_id, only_if_due=False)
            if account is not None:
                return account
            if time.monotonic() > deadline:
                raise Conflict("This mailbox is being polled right now; try again in a moment")
            time.sleep(0.25)

    def _take_lease(self, organization_id: UUID, account_id: UUID, *, only_if_due: bool) -> Row | None:
        with self._database.organization(organization_id) as transaction:
            return email_accounts.take_lease(
                transaction, account_id=account_id, lease_s=_LEASE_S, only_if_due=only_if_due
            )

    def _poll(self, account: Row, *, budget_s: float) -> PollResult:
        started = time.monotonic()
        progress = _Progress(deadline=started + budget_s)
        try:
            mailbox = self._open(account)
            self._file_stored(account, progress)
            self._fetch_new(account, mailbox, progress)
        except BanxwayError as error:
            self._note_failure(account, error)
            raise
        finally:
            if progress.new_messages:
                self._tell(account["organization_id"])
        with self._database.organization(account["organization_id"]) as transaction:
            polled_at = email_accounts.finish_poll(
                transaction, account_id=account["id"], fence=account["fence"], more_waits=progress.more_waits
            )
        return PollResult(
            new_messages=progress.new_messages,
            new_threads=progress.new_threads,
            poll_duration_ms=round((time.monotonic() - started) * 1000),
            last_polled_at=polled_at or account["last_polled_at"] or account["created_at"],
        )

    def _open(self, account: Row) -> Mailbox:
        _, imap = self._credentials.open_mailbox(account)
        return self._providers.mailbox(imap)

    def _fetch_new(self, account: Row, mailbox: Mailbox, progress: "_Progress") -> None:
        try:
            folder = mailbox.open(_FOLDER)
            with self._database.organization(account["organization_id"]) as transaction:
                last_uid = mailbox_messages.open_folder(
                    transaction,
                    organization_id=account["organization_id"],
                    account_id=account["id"],
                    folder=_FOLDER,
                    uid_validity=folder.uid_validity,
                )
            if folder.uid_next and folder.uid_next <= last_uid + 1:
                return
            for batch in _batches(mailbox.sizes(first_uid=last_uid + 1)):
                if time.monotonic() > progress.deadline:
                    progress.more_waits = True
                    return
                self._store(account, mailbox, folder.uid_validity, batch)
                self._file_stored(account, progress)
        finally:
            mailbox.close()

    def _store(self, account: Row, mailbox: Mailbox, uid_validity: int, batch: Sequence[MailSize]) -> None:
        """Fetch a batch; its raw bytes reach the blob store, and then its rows the database, in one commit."""
        organization_id = account["organization_id"]
        sizes = {entry.uid: entry.size_bytes for entry in batch}
        taken: list[tuple[int, int, str | None, datetime | None]] = [
            (uid, size, None, None) for uid, size in sizes.items() if size > _LARGEST_MAIL
        ]
        fetchable = [uid for uid, size in sizes.items() if size <= _LARGEST_MAIL]
        for mail in mailbox.fetch(fetchable) if fetchable else ():
            key = self._blobs().put(organization_id, mail.raw)
            taken.append((mail.uid, len(mail.raw), key, mail.internal_date))
        with self._database.organization(organization_id) as transaction:
            if not email_accounts.renew_lease(
                transaction, account_id=account["id"], fence=account["fence"], lease_s=_LEASE_S
            ):
                raise Conflict("Another poller has taken this mailbox over")
            for uid, size, blob, internal_date in taken:
                mailbox_messages.add(
                    transaction,
                    organization_id=organization_id,
                    account_id=account["id"],
                    folder=_FOLDER,
                    uid_validity=uid_validity,
                    uid=uid,
                    size_bytes=size,
                    raw_blob=blob,
                    internal_date=internal_date,
                )
            mailbox_messages.advance(
                transaction, account_id=account["id"], folder=_FOLDER, last_uid=max(sizes)
            )

    def _file_stored(self, account: Row, progress: "_Progress") -> None:
        while True:
            with self._database.organization(account["organization_id"]) as transaction:
                stored = mailbox_messages.list_unfiled(
                    transaction, account_id=account["id"], limit=_BATCH_MESSAGES
                )
            if not stored:
                return
            for row in stored:
                filed = self._filing.file(account=account, stored=row)
                progress.new_messages += filed.is_new
                progress.new_threads += filed.started_thread

    def _note_failure(self, account: Row, error: BanxwayError) -> None:
        with self._database.organization(account["organization_id"]) as transaction:
            is_ours = email_accounts.fail_poll(
                transaction, account_id=account["id"], fence=account["fence"], error=error.message
            )
            if is_ours and account["last_poll_error"] != error.message:
                # One entry when a mailbox starts to fail, not one per poll.
                audit.append(
                    transaction,
                    organization_id=account["organization_id"],
                    integration_type="zoho_mail",
                    action="mailbox.poll",
                    succeeded=False,
                    details=mask(
                        {"account_id": str(account["id"]), "error": error.message, "code": error.code}
                    ),
                )

    def _tell(self, organization_id: UUID) -> None:
        try:
            self._enqueue_changes(ChangesDue(organization_id=organization_id))
        except Unavailable:
            # The sweeper pushes what nobody was told of.
            return


class _Progress:
    """What a poll has done so far, and when it must end."""

    def __init__(self, *, deadline: float) -> None:
        self.deadline = deadline
        self.new_messages = 0
        self.new_threads = 0
        self.more_waits = False


def _moments(due_in_s: float, interval_s: float) -> Iterator[int]:
    """Yield the delays, in whole seconds, at which a mailbox falls due within the tick; at least one."""
    moment = max(0.0, due_in_s)
    yield round(moment)
    while (moment := moment + interval_s) < _TICK_S:
        yield round(moment)


def _batches(sizes: Sequence[MailSize]) -> Iterator[list[MailSize]]:
    """Cut a list of mails into batches bounded by bytes and count; a larger mail is a batch alone."""
    batch: list[MailSize] = []
    total = 0
    for entry in sizes:
        if batch and (total + entry.size_bytes > _BATCH_BYTES or len(batch) >= _BATCH_MESSAGES):
            yield batch
            batch, total = [], 0
        batch.append(entry)
        total += entry.size_bytes
    if batch:
        yield batch
