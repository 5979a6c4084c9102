"""Everything that is decided about a message before it is in the ledger; sending and its preview share it."""

from uuid import UUID

from banxway.errors import ThreadMovedOn, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.messages.messages import AnyMessage
from banxway.services.integrations.permissions import require_use
from banxway.services.messages.channels.base import Channels, SendRequest
from banxway.services.messages.draft import Draft
from banxway.storage.customers import merges as customer_merges
from banxway.storage.database import Transaction
from banxway.storage.messages import messages
from banxway.storage.threads import threads
from banxway.storage.threads.threads import ThreadRow


def prepare(
    transaction: Transaction,
    *,
    actor: Actor,
    thread_id: UUID,
    content: AnyMessage,
    channels: Channels,
    keeps_files: bool,
) -> tuple[ThreadRow, Draft]:
    """Return the thread of a message, and the message complete, which may then be sent.

    Raises NotFound for the thread, ThreadMovedOn if a newer message came, NotPermitted and RateLimited for
    the user's own permission, and what the channel raises.
    """
    customer_merges.lock_shared(transaction)
    thread = threads.get(transaction, thread_id)
    if content.last_seen_message_id:
        _require_nothing_newer(transaction, thread.id, content.last_seen_message_id)
    require_use(transaction, actor=actor, channel=content.channel)
    draft = channels.of(content.channel).compose(
        transaction, SendRequest(actor, thread, content, keeps_files=keeps_files)
    )
    return thread, draft


def _require_nothing_newer(transaction: Transaction, thread_id: UUID, seen_id: UUID) -> None:
    seen = messages.find(transaction, seen_id)
    if seen is None or seen.thread_id != thread_id:
        # Ignoring it would send without the check that the sender asked for.
        raise ValidationFailed(
            "last_seen_message_id must be a message of this thread", field="last_seen_message_id"
        )
    newer = messages.newer_than(transaction, thread_id=thread_id, message_id=seen_id)
    if newer:
        raise ThreadMovedOn("The customer wrote meanwhile; read it before sending", new_messages=newer)
