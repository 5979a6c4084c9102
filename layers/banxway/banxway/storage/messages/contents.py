"""The contents of messages: bodies, attachments, original mails, and long fields in pieces."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from banxway.models.pages import Cursors, Number, Page, cut_text, fill_page
from banxway.models.threads.messages import Attachment, MessagePart
from banxway.storage.database import Transaction
from banxway.storage.threads.thread_messages import ATTACHMENT, COLUMNS

T = TypeVar("T")
_LISTS = ("to", "cc", "reply_to", "problems")
_PIECE = 1_000_000  # in bytes on the wire
_MOST_ITEMS = 5_000


@dataclass(frozen=True, slots=True)
class BodyRow:
    """The body of a message."""

    body_html: str | None
    body_text: str
    reply_text: str | None
    signature_text: str | None


@dataclass(frozen=True, slots=True)
class StoredAttachment:
    """An attachment, with its key in the blob store."""

    id: UUID
    filename: str
    content_type: str
    size_bytes: int
    blob_key: str
    content_id: str | None
    is_inline: bool


_ATTACHMENT = ", ".join(StoredAttachment.__slots__)


def find_body(transaction: Transaction, message_id: UUID) -> BodyRow | None:
    """Return the body of a message, or None if there is no such message."""
    return transaction.one_of(
        BodyRow,
        "SELECT body_html, body_text, reply_text, signature_text FROM messages WHERE id = %s",
        (message_id,),
    )


def find_original(transaction: Transaction, message_id: UUID) -> str | None:
    """Return the key of the blob with the original mail, or None if there is none."""
    row = transaction.one("SELECT raw_blob FROM messages WHERE id = %s", (message_id,))
    return row["raw_blob"] if row else None


def find_attachment(
    transaction: Transaction, *, message_id: UUID, attachment_id: UUID
) -> StoredAttachment | None:
    """Return an attachment of this message, or None."""
    return transaction.one_of(
        StoredAttachment,
        f"""SELECT {_ATTACHMENT} FROM attachments
           WHERE id = %s AND message_id = %s""",  # noqa: S608  # our own column names
        (attachment_id, message_id),
    )


def list_attachments(transaction: Transaction, message_id: UUID) -> list[StoredAttachment]:
    """Return a message's attachments, by position."""
    return transaction.all_of(
        StoredAttachment,
        f"""SELECT {_ATTACHMENT} FROM attachments
           WHERE message_id = %s ORDER BY position""",  # noqa: S608  # our own column names
        (message_id,),
    )


def list_inline(transaction: Transaction, message_id: UUID) -> list[StoredAttachment]:
    """Return the attachments that the message's HTML can refer to by Content-ID, by position."""
    return transaction.all_of(
        StoredAttachment,
        f"""SELECT {_ATTACHMENT} FROM attachments
           WHERE message_id = %s AND content_id IS NOT NULL ORDER BY position""",  # noqa: S608  # our own column names
        (message_id,),
    )


def find_part(
    transaction: Transaction, message_id: UUID, field: str, *, cursor: str | None
) -> MessagePart | None:
    """Return a piece of a message's field, None if there is no such message.

    Raises ValidationFailed for a cursor of another message or field.
    """
    cursors = Cursors(f"message {message_id} {field}", Number)
    (start,) = cursors.read(cursor) or (0,)
    if transaction.one("SELECT id FROM messages WHERE id = %s", (message_id,)) is None:
        return None
    part = MessagePart(
        message_id=message_id, field=field, text=None, items=None, attachments=None, next_cursor=None
    )
    if field == "attachments":
        attachments = _attachments_from(transaction, message_id, start)
        part.attachments, end = attachments.rows, attachments.next_cursor
    elif field in _LISTS:
        items = _items_from(transaction, message_id, COLUMNS.get(field, field), start)
        part.items, end = items.rows, items.next_cursor
    else:
        part.text, end = _text_from(transaction, message_id, COLUMNS.get(field, field), start)
    part.next_cursor = cursors.write(start + int(end)) if end else None
    return part


def _attachments_from(transaction: Transaction, message_id: UUID, start: int) -> Page[Attachment]:
    rows = transaction.all(
        f"""SELECT {ATTACHMENT} FROM attachments WHERE message_id = %s
            ORDER BY position, id OFFSET %s LIMIT %s""",  # noqa: S608  # our own column names
        (message_id, start, _MOST_ITEMS + 1),
    )
    return _counted([Attachment(**row) for row in rows])


def _items_from(transaction: Transaction, message_id: UUID, column: str, start: int) -> Page[str]:
    row = transaction.single(
        f"SELECT {column}[%s:%s] AS items FROM messages WHERE id = %s",  # noqa: S608  # our own column names
        (start + 1, start + _MOST_ITEMS + 1, message_id),
    )
    return _counted(row["items"])


def _text_from(
    transaction: Transaction, message_id: UUID, column: str, start: int
) -> tuple[str | None, str | None]:
    row = transaction.single(
        f"SELECT substring({column} FROM %s FOR %s) AS text FROM messages WHERE id = %s",  # noqa: S608  # our own column names
        (start + 1, _PIECE + 1, message_id),
    )
    if row["text"] is None:
        return None, None
    piece = cut_text(row["text"], most_bytes=_PIECE)
    return piece, str(len(piece)) if len(piece) < len(row["text"]) else None


def _counted(found: list[T]) -> Page[T]:
    """Return the first items, as many as fit into one piece; if there are more, the cursor is their number."""
    page = fill_page(found, limit=_MOST_ITEMS, cursor_of=lambda _: "more", most_bytes=_PIECE)
    return Page(page.rows, str(len(page.rows)) if page.next_cursor else None)
