"""What sending a message would do, for the line that a composer shows above its button."""

from uuid import UUID

from banxway.models.actors import Actor
from banxway.models.messages import (
    MessagePreview,
    NewEmailMessage,
    NewTemplateMessage,
    NewWhatsAppMessage,
    PreviewedRecipient,
)
from banxway.services import composing, recipients
from banxway.services.composing_mail import MailComposer
from banxway.services.drafts import Draft
from banxway.services.environment_integrations import EnvironmentIntegrations
from banxway.storage import threads
from banxway.storage.database import Database, Row, Transaction

_NAMED = "You named them"


class Previews:
    """Composes messages without sending them."""

    def __init__(
        self, database: Database, *, mails: MailComposer, environment: EnvironmentIntegrations
    ) -> None:
        self._database = database
        self._mails = mails
        self._environment = environment

    def preview(
        self,
        *,
        actor: Actor,
        thread_id: UUID,
        content: NewWhatsAppMessage | NewEmailMessage | NewTemplateMessage,
    ) -> MessagePreview:
        """Return who would receive a message, at which address and why, from where, and its text.

        Nothing is stored: what composing writes is taken back. Raises what sending would raise before anything
        leaves, but for files and for what the writer saw last: these are looked at when it is sent.
        """
        if isinstance(content, NewEmailMessage):
            content = content.model_copy(update={"attachments": [], "inline": []})
        with self._database.as_actor(actor) as transaction:
            thread = threads.get(transaction, thread_id)
            transaction.execute("SAVEPOINT preview")
            draft = composing.compose(
                transaction,
                actor=actor,
                thread=thread,
                content=content,
                mails=self._mails,
                environment=self._environment,
            )
            transaction.execute("ROLLBACK TO SAVEPOINT preview")
            reason = (
                _NAMED if content.to else _reason(transaction, thread, draft, content.reply_to_message_id)
            )
        return _shown(draft, reason)


def _reason(transaction: Transaction, thread: Row, draft: Draft, message_id: UUID | None) -> str:
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
    )
