"""What messages are made of: their bodies and their attachments."""

from uuid import UUID

from banxway.storage.database import Row, Transaction


def find_body(transaction: Transaction, message_id: UUID) -> Row | None:
    """Return {body_html, body_text, reply_text, signature_text} of a message, or None."""
    return transaction.one(
        "SELECT body_html, body_text, reply_text, signature_text FROM messages WHERE id = %s", (message_id,)
    )


def find_attachment(transaction: Transaction, *, message_id: UUID, attachment_id: UUID) -> Row | None:
    """Return an attachment of this very message, or None."""
    return transaction.one(
        """SELECT id, filename, content_type, size_bytes, blob_key FROM attachments
           WHERE id = %s AND message_id = %s""",
        (attachment_id, message_id),
    )


def list_attachments(transaction: Transaction, message_id: UUID) -> list[Row]:
    """Return {filename, content_type, blob_key, content_id, is_inline} of a message's attachments, in order."""
    return transaction.all(
        """SELECT filename, content_type, blob_key, content_id, is_inline FROM attachments
           WHERE message_id = %s ORDER BY position""",
        (message_id,),
    )


def list_inline(transaction: Transaction, message_id: UUID) -> list[Row]:
    """Return the attachments that the message's HTML can name, the first of each Content-ID first."""
    return transaction.all(
        """SELECT filename, content_type, blob_key, content_id FROM attachments
           WHERE message_id = %s AND content_id IS NOT NULL ORDER BY position""",
        (message_id,),
    )
