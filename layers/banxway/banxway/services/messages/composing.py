"""From what an agent asks for to a complete message: sender, recipient, text, and whether it may be sent.

`composing_mail.py` does so for mail.
"""

from datetime import timedelta

from banxway.e164 import spellings
from banxway.errors import TemplateRequired, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.integrations.whatsapp_template_rules import LONGEST_TEXT, problem_of_value, whole_text
from banxway.models.messages.messages import (
    AnyMessage,
    NewEmailMessage,
    NewTemplateMessage,
    NewWhatsAppMessage,
)
from banxway.models.quoting import quoted
from banxway.services.integrations.credentials import require_integration
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.integrations.permissions import require_use
from banxway.services.messages import recipients
from banxway.services.messages.channels.email.compose import MailComposer
from banxway.services.messages.draft import Draft
from banxway.storage.customers import numbers as customer_numbers
from banxway.storage.database import Transaction
from banxway.storage.integrations import whatsapp_templates
from banxway.storage.messages import messages
from banxway.storage.messages.rows import MessageRow
from banxway.storage.threads.threads import ThreadRow

_WINDOW = timedelta(hours=24)


def compose(
    transaction: Transaction,
    *,
    actor: Actor,
    thread: ThreadRow,
    content: AnyMessage,
    mails: MailComposer,
    environment: EnvironmentIntegrations,
) -> Draft:
    """Complete a message for a thread. Raises the reason why it may not be sent, before anything is written."""
    is_mail = isinstance(content, NewEmailMessage)
    require_use(transaction, actor=actor, channel="EMAIL" if is_mail else "WHATSAPP")
    if isinstance(content, NewEmailMessage):
        return mails.compose(transaction, actor=actor, thread=thread, content=content)
    stand_in = environment.find(actor.organization_id, "exotel_whatsapp")
    integration = require_integration(transaction, "exotel_whatsapp", stand_in=stand_in)
    sender = integration.settings["whatsapp_number"]
    recipient = _recipient(transaction, thread, content, sender=sender)
    # Where a plan writes a line in two ways, WhatsApp takes what it calls the customer itself.
    recipient = customer_numbers.as_last_written(transaction, spellings(recipient)) or recipient
    if isinstance(content, NewTemplateMessage):
        return _template(transaction, sender, recipient, content)
    _require_open_window(transaction, sender=sender, recipient=recipient)
    return Draft(channel="WHATSAPP", sender=sender, recipient=recipient, body_text=content.content)


def require_sendable(
    transaction: Transaction, *, actor: Actor, message: MessageRow, environment: EnvironmentIntegrations
) -> None:
    """Demand that a WhatsApp message that was composed before may leave now. Raises as `compose` does."""
    stand_in = environment.find(actor.organization_id, "exotel_whatsapp")
    require_integration(transaction, "exotel_whatsapp", stand_in=stand_in)
    if message.kind != "template":
        _require_open_window(transaction, sender=message.sender, recipient=message.recipient)


def _recipient(
    transaction: Transaction,
    thread: ThreadRow,
    content: NewWhatsAppMessage | NewTemplateMessage,
    *,
    sender: str,
) -> str:
    answered = recipients.answered_by(
        transaction, thread=thread, channel="WHATSAPP", message_id=content.reply_to_message_id
    )
    to = [content.to] if content.to else None
    (recipient,) = recipients.chosen(transaction, channel="WHATSAPP", answered=answered, to=to)
    if recipient == sender:
        raise ValidationFailed(f"to: {sender} is the number that the message leaves from", field="to")
    return recipient


def _require_open_window(transaction: Transaction, *, sender: str, recipient: str) -> None:
    """WhatsApp takes free text for 24 hours after the customer's last message (reference/exotel.md, 6.4: 30018)."""
    row = transaction.one(
        "SELECT %s::timestamptz > now() - %s AS is_open",
        (
            messages.last_inbound_at(
                transaction, channel="WHATSAPP", senders=spellings(recipient), recipient=sender
            ),
            _WINDOW,
        ),
    )
    if row is None or not row["is_open"]:
        raise TemplateRequired(
            "The customer has not written on WhatsApp within 24 hours: send an approved template",
            field="content",
        )


def _template(transaction: Transaction, sender: str, recipient: str, content: NewTemplateMessage) -> Draft:
    template = whatsapp_templates.find(transaction, name=content.template_name, language=content.language)
    if template is None:
        raise ValidationFailed(
            f"No template {quoted(content.template_name)} in language {content.language}: sync templates, or "
            "check both",
            field="template_name",
        )
    if template.status != "approved":
        raise ValidationFailed(f"Template is {template.status}, not approved", field="template_name")
    if template.not_usable:
        raise ValidationFailed(
            f"Template {quoted(content.template_name)} cannot be sent: {template.not_usable}",
            field="template_name",
        )
    values = _values(content.variables, template.variables)
    text = _filled(template.body, values)
    if len(text) > LONGEST_TEXT:
        longest = max(range(len(values)), key=lambda at: len(values[at]), default=None)
        raise ValidationFailed(
            f"The text would have {len(text)} characters with its variables; WhatsApp takes {LONGEST_TEXT}",
            field="template_name" if longest is None else f"variables.{longest + 1}",
        )
    return Draft(
        channel="WHATSAPP",
        sender=sender,
        recipient=recipient,
        kind="template",
        body_text=whole_text(template.components, text),
        content={"template_name": content.template_name, "language": content.language, "variables": values},
    )


def _values(given: dict[str, str], count: int) -> list[str]:
    """Return a template's values in their order. Raises ValidationFailed, naming the variable and the rule."""
    wanted = [str(number) for number in range(1, count + 1)]
    missing = [name for name in wanted if not given.get(name)]
    extra = sorted(set(given) - set(wanted))
    if missing or extra:
        name = missing[0] if missing else quoted(extra[0])
        sentence = f"Variable {name} is missing" if missing else f"Unknown variable {name}"
        raise ValidationFailed(sentence, field=f"variables.{name}")
    for name in wanted:
        if problem := problem_of_value(given[name]):
            raise ValidationFailed(f"variables.{name} {problem}", field=f"variables.{name}")
    return [given[name] for name in wanted]


def _filled(body: str, values: list[str]) -> str:
    """Put values into their places in one pass, so that a value that looks like a place stays as it is."""
    pieces = body.split("{{")
    text = pieces[0]
    for piece in pieces[1:]:
        number, closed, rest = piece.partition("}}")
        is_place = closed and number.isdigit() and 1 <= int(number) <= len(values)
        text += values[int(number) - 1] + rest if is_place else "{{" + piece
    return text
