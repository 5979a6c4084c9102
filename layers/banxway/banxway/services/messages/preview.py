"""Shows what sending a message would do, for the line above the composer's button."""

from uuid import UUID

from banxway.errors import ValidationFailed
from banxway.models.actors import Actor
from banxway.models.messages.messages import (
    AnyMessage,
    MessagePreview,
    NewTemplateMessage,
    PreviewedFile,
    PreviewedRecipient,
)
from banxway.services.messages import recipients
from banxway.services.messages.channels.base import Channels
from banxway.services.messages.draft import Draft
from banxway.services.messages.preparing import prepare
from banxway.storage.database import Database, Transaction
from banxway.storage.threads.threads import ThreadRow

_NAMED = "You named them"


class Previews:
    """Prepares messages without sending them."""

    def __init__(self, database: Database, *, channels: Channels) -> None:
        self._database = database
        self._channels = channels

    def preview(self, *, actor: Actor, thread_id: UUID, content: AnyMessage) -> MessagePreview:
        """Return who would receive a message and why, its sender, its texts and its files.

        Nothing is stored, counted or handed over: what preparing writes is rolled back. Raises what sending
        raises before anything leaves, and ValidationFailed for a template that names another thread.
        """
        if isinstance(content, NewTemplateMessage) and content.thread_id != thread_id:
            raise ValidationFailed("thread_id is not the thread of the path", field="thread_id")
        with self._database.as_actor(actor) as transaction, transaction.undoing():
            thread, draft = prepare(
                transaction,
                actor=actor,
                thread_id=thread_id,
                content=content,
                channels=self._channels,
                keeps_files=False,
            )
            reason = (
                _NAMED if content.to else _reason(transaction, thread, draft, content.reply_to_message_id)
            )
        return _shown(draft, reason)


def _reason(transaction: Transaction, thread: ThreadRow, draft: Draft, message_id: UUID | None) -> str:
    answered = recipients.answered_by(
        transaction, thread=thread, channel=draft.channel, message_id=message_id
    )
    return answered.reason


def _shown(draft: Draft, reason: str) -> MessagePreview:
    to = [
        PreviewedRecipient(address=each, role="to", reason=reason)
        for each in draft.mail_to or [draft.recipient]
    ]
    cc = [PreviewedRecipient(address=each, role="cc", reason=_NAMED) for each in draft.mail_cc]
    bcc = [PreviewedRecipient(address=each, role="bcc", reason=_NAMED) for each in draft.mail_bcc]
    return MessagePreview(
        channel=draft.channel,
        sender=draft.sender,
        sender_name=draft.content.get("sender_name"),
        recipients=[*to, *cc, *bcc],
        subject=draft.subject,
        content_text=draft.body_text,
        content_html=draft.body_html,
        attachments=[
            PreviewedFile(
                filename=each.file.filename,
                content_type=each.file.content_type,
                size_bytes=each.file.size_bytes,
                content_id=each.content_id,
            )
            for each in draft.files
        ],
    )
