"""Makes a WhatsApp message of what an agent asks for: recipient, 24-hour window, text or filled template."""

from datetime import timedelta

from banxway.e164 import spellings
from banxway.errors import TemplateRequired, ValidationFailed
from banxway.models.channels import WHATSAPP
from banxway.models.integrations.whatsapp_template_rules import LONGEST_TEXT, problem_of_value, whole_text
from banxway.models.messages.messages import NewTemplateMessage, NewWhatsAppMessage
from banxway.models.values.quoting import quoted
from banxway.services.messages import recipients
from banxway.services.messages.draft import Draft
from banxway.storage.customers import numbers as customer_numbers
from banxway.storage.database import Transaction
from banxway.storage.integrations import whatsapp_templates
from banxway.storage.messages import messages
from banxway.storage.threads.threads import ThreadRow

_WINDOW = timedelta(hours=24)


def compose(
    transaction: Transaction,
    *,
    thread: ThreadRow,
    content: NewWhatsAppMessage | NewTemplateMessage,
    sender: str,
) -> Draft:
    """Complete a message that leaves from `sender`. Raises as WhatsAppChannel.compose does."""
    recipient = _recipient(transaction, thread, content, sender=sender)
    # Where a plan writes a line in two ways, WhatsApp takes what it calls the customer itself.
    recipient = customer_numbers.as_last_written(transaction, spellings(recipient)) or recipient
    if isinstance(content, NewTemplateMessage):
        return _template(transaction, sender, recipient, content)
    require_open_window(transaction, sender=sender, recipient=recipient)
    return Draft(channel=WHATSAPP.name, sender=sender, recipient=recipient, body_text=content.content)


def require_open_window(transaction: Transaction, *, sender: str, recipient: str) -> None:
    """Require that the customer has written to `sender` within 24 hours, or raise TemplateRequired.

    WhatsApp takes free text no longer than that after the customer's last message (reference/exotel.md, 6.4: 30018).
    """
    if not messages.has_written_within(
        transaction,
        channel=WHATSAPP.name,
        senders=spellings(recipient),
        recipient=sender,
        window=_WINDOW,
    ):
        raise TemplateRequired(
            "The customer has not written on WhatsApp within 24 hours: send an approved template",
            field="content",
        )


def _recipient(
    transaction: Transaction,
    thread: ThreadRow,
    content: NewWhatsAppMessage | NewTemplateMessage,
    *,
    sender: str,
) -> str:
    answered = recipients.answered_by(
        transaction, thread=thread, channel=WHATSAPP.name, message_id=content.reply_to_message_id
    )
    to = [content.to] if content.to else None
    (recipient,) = recipients.chosen(transaction, channel=WHATSAPP.name, answered=answered, to=to)
    if recipient == sender:
        raise ValidationFailed(f"to: {sender} is the number that the message leaves from", field="to")
    return recipient


def _template(transaction: Transaction, sender: str, recipient: str, content: NewTemplateMessage) -> Draft:
    template = whatsapp_templates.find(transaction, name=content.template_name, language=content.language)
    if template is None:
        raise ValidationFailed(
            f"No template {quoted(content.template_name)} in language {content.language}: sync templates, or "
            "check both",
            field="template_name",
        )
    if template.status != "approved":
        raise ValidationFailed(
            f"Template is {template.status}, not approved: choose an approved one", field="template_name"
        )
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
        channel=WHATSAPP.name,
        sender=sender,
        recipient=recipient,
        kind="template",
        body_text=whole_text(template.components, text),
        content={"template_name": content.template_name, "language": content.language, "variables": values},
    )


def _values(given: dict[str, str], count: int) -> list[str]:
    """Return a template's values in order. Raises ValidationFailed naming the variable and the rule."""
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
    """Fill in the values in one pass, so that a value that looks like a placeholder stays unchanged."""
    pieces = body.split("{{")
    text = pieces[0]
    for piece in pieces[1:]:
        number, closed, rest = piece.partition("}}")
        is_place = closed and number.isdigit() and 1 <= int(number) <= len(values)
        text += values[int(number) - 1] + rest if is_place else "{{" + piece
    return text
