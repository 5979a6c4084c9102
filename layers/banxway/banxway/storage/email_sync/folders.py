"""The folders of each mailbox: their roles, and how far each has been read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from banxway.models.mail import FolderState
from banxway.storage.database import Transaction


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a folder cannot be synced: it is `gone` or `refused`; `said` is the server's text.

    `reason` is what those words stand for. `renamed_to` is the folder that replaced one that is gone, if
    that is known.
    """

    folder: str
    kind: Literal["gone", "refused"]
    said: str
    reason: str | None
    renamed_to: str | None = None


@dataclass(frozen=True, slots=True)
class FolderRow:
    """A folder of a mailbox; each field `…_s` is how many seconds ago that happened, None if never."""

    name: str
    role: str
    is_listed: bool
    uid_validity: int
    last_uid: int
    uid_next: int | None
    messages: int | None
    highest_modseq: int | None
    synced_at: datetime | None
    stuck_uid: int | None
    stuck_polls: int
    trouble: Literal["gone", "refused"] | None
    trouble_said: str | None
    trouble_reason: str | None
    trouble_since: datetime | None
    renamed_to: str | None
    trouble_s: float | None
    compared_s: float | None
    flags_read_s: float | None

    @property
    def known_trouble(self) -> Trouble | None:
        """The trouble that is recorded for the folder, or None."""
        return (
            Trouble(self.name, self.trouble, self.trouble_said or "", self.trouble_reason, self.renamed_to)
            if self.trouble
            else None
        )


def list_of(transaction: Transaction, account_id: UUID) -> list[FolderRow]:
    """Return a mailbox's folders by name, including those that the server no longer lists."""
    return transaction.all_of(
        FolderRow,
        """SELECT name, role, is_listed, uid_validity, last_uid, uid_next, messages,
                  highest_modseq::bigint AS highest_modseq, synced_at, stuck_uid, stuck_polls,
                  trouble, trouble_said, trouble_reason, trouble_since, renamed_to,
                  extract(epoch FROM now() - trouble_since)::float AS trouble_s,
                  extract(epoch FROM now() - compared_at)::float AS compared_s,
                  extract(epoch FROM now() - flags_read_at)::float AS flags_read_s
           FROM email_folders WHERE account_id = %s ORDER BY name""",
        (account_id,),
    )


def first_sync(*, account: str) -> str:
    """Return SQL for how far the first sync of a mailbox is: {stored, on_server}, NULL when nothing is left.

    `account` is the alias of email_accounts. Mails are counted in the folders that were never read to their end only,
    since counting all of a large mailbox is slow.
    """
    return f"""(
        SELECT jsonb_build_object('stored', sum(stored.mails)::bigint,
                                  'on_server', sum(greatest(f.messages, stored.mails))::bigint)
        FROM email_folders f CROSS JOIN LATERAL (
            SELECT count(*) AS mails FROM mailbox_messages m
            WHERE m.account_id = f.account_id AND m.folder = f.name AND m.uid_validity = f.uid_validity) stored
        WHERE f.account_id = {account}.id AND f.is_listed AND f.synced_at IS NULL AND {account}.imap_enabled
          AND (f.name = ANY({account}.folders)
               OR {account}.folders IS NULL AND f.role IN ('inbox', 'sent', 'junk'))
        HAVING count(*) > 0)"""  # noqa: S608  # a name of our own


def record_listed(
    transaction: Transaction, *, organization_id: UUID, account_id: UUID, folders: Sequence[FolderState]
) -> None:
    """Record which folders the server lists, with their roles; the others are marked as not listed.

    How far a folder was read does not change, even if its UIDVALIDITY did. A new folder's count of mails tells how
    long its first sync is. A folder that is listed again will be
    compared completely, since its messages were hidden meanwhile.
    """
    transaction.execute(
        """INSERT INTO email_folders (organization_id, account_id, name, uid_validity, role, messages)
           SELECT %s, %s, * FROM unnest(%s::text[], %s::bigint[], %s::text[], %s::bigint[])
           ON CONFLICT (account_id, name) DO UPDATE
           SET role = excluded.role, is_listed = true,
               compared_at = CASE WHEN email_folders.is_listed THEN email_folders.compared_at END""",
        (
            organization_id,
            account_id,
            [folder.name for folder in folders],
            [folder.uid_validity for folder in folders],
            [folder.role.value for folder in folders],
            [folder.messages for folder in folders],
        ),
    )
    transaction.execute(
        "UPDATE email_folders SET is_listed = false WHERE account_id = %s AND is_listed AND NOT name = ANY(%s)",
        (account_id, [folder.name for folder in folders]),
    )


def renumber(transaction: Transaction, *, account_id: UUID, folder: str, uid_validity: int) -> None:
    """Record a folder's new UIDVALIDITY (RFC 3501, 2.3.1.1); nothing has been read under it yet."""
    transaction.execute(
        """UPDATE email_folders
           SET uid_validity = %s, last_uid = 0, uid_next = NULL, messages = NULL, highest_modseq = NULL,
               flags_read_at = NULL, compared_at = NULL, stuck_uid = NULL, stuck_polls = 0
           WHERE account_id = %s AND name = %s""",
        (uid_validity, account_id, folder),
    )


def advance(transaction: Transaction, *, account_id: UUID, folder: str, last_uid: int) -> None:
    """Record that everything up to a UID has been read; never moves backwards."""
    transaction.execute(
        "UPDATE email_folders SET last_uid = greatest(last_uid, %s) WHERE account_id = %s AND name = %s",
        (last_uid, account_id, folder),
    )


def record_synced(
    transaction: Transaction,
    *,
    account_id: UUID,
    state: FolderState,
    has_read_flags: bool,
    has_compared: bool,
    is_stuck: bool,
) -> None:
    """Record that a folder was read completely, in the state that the server gave when it was opened.

    With `is_stuck`, one mail could not be read; `record_stuck` has recorded it.
    """
    transaction.execute(
        """UPDATE email_folders
           SET uid_next = CASE WHEN %(stuck)s THEN uid_next ELSE %(uid_next)s END,
               messages = CASE WHEN %(stuck)s THEN messages ELSE %(messages)s END,
               highest_modseq = %(modseq)s, synced_at = now(),
               stuck_uid = CASE WHEN %(stuck)s THEN stuck_uid END,
               stuck_polls = CASE WHEN %(stuck)s THEN stuck_polls ELSE 0 END,
               flags_read_at = CASE WHEN %(flags)s THEN now() ELSE flags_read_at END,
               compared_at = CASE WHEN %(compared)s AND NOT %(stuck)s THEN now() ELSE compared_at END
           WHERE account_id = %(account)s AND name = %(name)s""",
        {
            "stuck": is_stuck,
            "uid_next": state.uid_next,
            "messages": state.messages,
            "modseq": state.highest_modseq,
            "flags": has_read_flags,
            "compared": has_compared,
            "account": account_id,
            "name": state.name,
        },
    )


def record_stuck(transaction: Transaction, *, account_id: UUID, folder: str, uid: int) -> None:
    """Record a mail that cannot be fetched or breaks the connection; `stuck_polls` counts its polls in a row."""
    transaction.execute(
        """UPDATE email_folders
           SET stuck_polls = CASE WHEN stuck_uid = %(uid)s THEN stuck_polls + 1 ELSE 1 END, stuck_uid = %(uid)s
           WHERE account_id = %(account)s AND name = %(folder)s""",
        {"uid": uid, "account": account_id, "folder": folder},
    )


def record_troubles(
    transaction: Transaction, *, organization_id: UUID, account_id: UUID, troubles: Sequence[Trouble]
) -> None:
    """Record the troubles of a mailbox's folders, and clear those of all other folders.

    A folder that is not stored yet is added. `trouble_since` stays while the kind of trouble does.
    """
    transaction.execute(
        """UPDATE email_folders
           SET trouble = NULL, trouble_said = NULL, trouble_reason = NULL, trouble_since = NULL, renamed_to = NULL
           WHERE account_id = %s AND trouble IS NOT NULL AND NOT name = ANY(%s)""",
        (account_id, [each.folder for each in troubles]),
    )
    # UIDVALIDITY 0, which no server uses, means that the folder was never opened.
    transaction.execute(
        """INSERT INTO email_folders AS f (organization_id, account_id, name, uid_validity, is_listed,
                                           trouble, trouble_said, trouble_reason, trouble_since, renamed_to)
           SELECT %s, %s, name, 0, false, kind, said, reason, now(), renamed_to
           FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[])
               AS found (name, kind, said, reason, renamed_to)
           ON CONFLICT (account_id, name) DO UPDATE
           SET trouble_since = CASE WHEN f.trouble = excluded.trouble THEN f.trouble_since ELSE now() END,
               trouble = excluded.trouble, trouble_said = excluded.trouble_said,
               trouble_reason = excluded.trouble_reason,
               renamed_to = excluded.renamed_to""",
        (
            organization_id,
            account_id,
            [each.folder for each in troubles],
            [each.kind for each in troubles],
            [each.said for each in troubles],
            [each.reason for each in troubles],
            [each.renamed_to for each in troubles],
        ),
    )
