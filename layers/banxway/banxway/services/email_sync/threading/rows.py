"""Makes threading's nodes of stored rows, and reads what a mail's header says of other mails."""

import base64
import binascii

from banxway.models.mail import MailAuthentication, MailOrigin, ParsedMail
from banxway.services.email_sync.threading.nodes import MailNode
from banxway.services.email_sync.threading.subjects import read_subject
from banxway.storage.threads.mail_links import LinkedMail

_CONVERSATION_BYTES = 22
_CONVERSATION_CHARACTERS = 30  # of base64: enough for these bytes
_LONGEST_TOPIC = 200


def node_of(row: LinkedMail, own: frozenset[str]) -> MailNode:
    """Return the node of a stored message; filing/row.py makes an equal one of a mail that has no row yet."""
    is_ours = row.direction == "outbound"
    # An inbound mail's recipient column names the mailbox that it lay in, not the person it was written to.
    recipients = [row.recipient] if is_ours else []
    answered = [row.mail_answered_sender] if row.mail_answered_sender else []
    people = frozenset((row.sender, *recipients, *answered, *row.mail_to, *row.mail_cc, *row.mail_bcc))
    bounce = row.bounce or {}
    return MailNode(
        id=row.id,
        key=row.identity or row.mail_message_id or "",
        at=row.occurred_at,
        sent_at=row.sent_at or row.occurred_at,
        placed_at=row.ordered_at,
        is_ours=is_ours,
        sender=row.sender,
        people=people,
        outsiders=people - own,
        mail_ids=tuple(filter(None, (row.mail_message_id, *row.aliases))),
        written_for=row.mail_written_for,
        references=tuple(row.mail_references),
        conversation=row.mail_conversation,
        base_subject=row.mail_base_subject,
        is_reply=read_subject(row.subject).is_reply,
        is_human=row.mail_origin in (None, MailOrigin.HUMAN),
        is_forged=row.mail_authentication == MailAuthentication.FAILED,
        is_proven=row.mail_authentication == MailAuthentication.PASSED,
        is_bounce=bool(bounce) or row.mail_origin == MailOrigin.BOUNCE,
        failed=frozenset(bounce.get("recipients", ())),
        thread_id=row.thread_id,
    )


def references_of(mail: ParsedMail) -> list[str]:
    """Return the ids that a mail refers to, oldest first, each once; a bounce's last is the mail that bounced."""
    ids = dict.fromkeys((*mail.references, *([mail.in_reply_to] if mail.in_reply_to else [])))
    if mail.bounce and mail.bounce.original_message_id:
        ids.pop(mail.bounce.original_message_id, None)
        ids[mail.bounce.original_message_id] = None
    return list(ids)


def conversation_of(mail: ParsedMail) -> str | None:
    """Return Outlook's conversation or None: 22 bytes of Thread-Index in hex, and a topic (reference/mail.md, 5)."""
    if not mail.thread_index:
        return None
    try:
        index = base64.b64decode(mail.thread_index[:_CONVERSATION_CHARACTERS] + "==")
    except (binascii.Error, ValueError):
        return None
    if len(index) < _CONVERSATION_BYTES:
        return None
    topic = " ".join((mail.thread_topic or "").split()).casefold()[:_LONGEST_TOPIC]
    return f"{index[:_CONVERSATION_BYTES].hex()} {topic}".rstrip()
