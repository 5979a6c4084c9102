"""WhatsApp: sending up to 100 messages with an answer each, and listing templates (reference/exotel.md, 6)."""

import base64
import json
import re
from typing import Any

from local.sandbox.exotel.accounts import Account
from local.sandbox.exotel.answers import Answer, Refused, envelope, failure
from local.sandbox.exotel.endpoint import Asked
from local.sandbox.exotel.messages import SentMessage
from local.sandbox.exotel.numbers import canonical
from local.sandbox.exotel.statuses import DELIVERED, REENGAGEMENT_ERROR, SEEN, SENT, TEMPLATE_PARAM_ERROR
from local.sandbox.exotel.world import World

_MOST_MESSAGES = 100
_LONGEST_TEXT = 1024
_CONTENT_TYPES = (
    "text",
    "image",
    "video",
    "document",
    "audio",
    "sticker",
    "location",
    "contacts",
    "template",
    "interactive",
)
_MISSING, _INVALID = "Mandatory Parameter missing", "Invalid parameter"


def send(world: World, account: Account, asked: Asked) -> Answer:
    """Accept the good messages of a batch and refuse the bad ones, each with its own answer (6.3)."""
    _require_whatsapp(account)
    root, messages = _read_batch(asked)
    items: list[dict[str, Any]] = []
    sids: list[str] = []
    for message in messages:
        try:
            sid = _accept(world, account, root, message)
        except Refused as refused:
            items.append({"code": refused.status, **failure(refused)})
        else:
            sids.append(sid)
            items.append({"code": 202, "error_data": None, "status": "success", "data": {"sid": sid}})
    metadata = {"failed": len(items) - len(sids), "total": len(items), "success": len(sids)}
    content = envelope(asked.method, 202, {"whatsapp": {"messages": items}}, metadata=metadata)
    return Answer(202, content, sids=sids)


def list_templates(world: World, account: Account, asked: Asked) -> Answer:
    """List templates by pages. (6.7; the position of the cursors is not documented: here it is Meta's.)"""
    del world
    _require_whatsapp(account)
    if not asked.query.get("waba_id"):
        raise Refused(400, _MISSING, code=1001, description="waba_id is mandatory")
    if asked.query["waba_id"] != account.waba_id:
        raise Refused(403, "Access denied")
    found = [each for each in account.templates if _matches(each, asked.query)]
    first, last = _page(asked.query, len(found))
    items = [
        {"code": 200, "error_data": None, "status": "success", "data": template}
        for template in found[first:last]
    ]
    cursors = {
        "before": _cursor(first) if first else None,
        "after": _cursor(last) if last < len(found) else None,
    }
    response = {"whatsapp": {"templates": items, "paging": {"cursors": cursors}}}
    metadata = {"failed": 0, "total": len(items), "success": len(items)}
    return Answer(200, envelope(asked.method, 200, response, metadata=metadata))


def _require_whatsapp(account: Account) -> None:
    if not account.whatsapp_enabled:
        raise Refused(403, "WhatsApp not enabled")


def _read_batch(asked: Asked) -> tuple[dict[str, Any], list[Any]]:
    """Return the root object and its messages; the wrapper is mandatory (6.1)."""
    if asked.content_type.partition(";")[0].strip().lower() != "application/json":
        raise Refused(415, "Unsupported content type")
    try:
        root = json.loads(asked.body)
    except ValueError as error:
        raise Refused(400, "Invalid request body", code=1007, description=str(error)) from error
    if not isinstance(root, dict):
        raise Refused(400, "Invalid request body", code=1007, description="expected a JSON object")
    if not isinstance(root.get("whatsapp"), dict):
        raise Refused(400, _MISSING, code=1001, description="at least one channel is mandatory")
    messages = root["whatsapp"].get("messages")
    if not messages:
        raise Refused(400, _MISSING, code=1001, description="messages is mandatory")
    if not isinstance(messages, list) or len(messages) > _MOST_MESSAGES:
        raise Refused(400, _INVALID, code=1002, description=f"messages takes 1 to {_MOST_MESSAGES} items")
    return root, messages


def _accept(world: World, account: Account, root: dict[str, Any], message: Any) -> str:
    if not isinstance(message, dict):
        raise Refused(400, _INVALID, code=1002, description="a message is an object")
    sender, recipient = _numbers(account, message)
    content = _content(message)
    message_level = (message, root["whatsapp"], root)
    accepted = SentMessage(
        account_sid=account.account_sid,
        sender=sender,
        recipient=recipient,
        content=content,
        status_callback=_nearest(message_level, "status_callback"),
        custom_data=_nearest(message_level, "custom_data"),
        fate=_fate(world, account, sender=sender, recipient=recipient, content=content),
    )
    world.accept(accepted)
    return accepted.sid


def _numbers(account: Account, message: dict[str, Any]) -> tuple[str, str]:
    """Return sender and recipient; the sender is checked first."""
    sender, recipient = message.get("from"), message.get("to")
    if not sender:
        raise Refused(400, _MISSING, code=1001, description="from is mandatory")
    if not isinstance(sender, str) or not account.owns_whatsapp_number(sender):
        raise Refused(
            400, "WhatsApp number not found in account", code=1002, description="from is not registered"
        )
    if not recipient:
        raise Refused(400, _MISSING, code=1001, description="to is mandatory")
    if not isinstance(recipient, str) or canonical(recipient) is None:
        raise Refused(400, _INVALID, code=1002, description="to is not a valid phone number")
    return sender, "+" + str(canonical(recipient))


def _content(message: dict[str, Any]) -> dict[str, Any]:
    content = message.get("content")
    if not isinstance(content, dict):
        raise Refused(400, _MISSING, code=1001, description="content is mandatory")
    kind = content.get("type")
    if kind not in _CONTENT_TYPES:
        raise Refused(400, _INVALID, code=1002, description="content.type is not supported")
    if not content.get(kind):
        raise Refused(400, _MISSING, code=1001, description=f"content.{kind} is mandatory")
    if kind == "text" and not (isinstance(content["text"], dict) and content["text"].get("body")):
        raise Refused(400, _MISSING, code=1001, description="content.text.body is mandatory")
    return content


def _nearest(levels: tuple[dict[str, Any], ...], name: str) -> Any:
    """Return a field of the innermost level that has it."""
    return next((level[name] for level in levels if level.get(name) is not None), None)


def _fate(
    world: World, account: Account, *, sender: str, recipient: str, content: dict[str, Any]
) -> list[int]:
    """Return the codes of the delivery reports to come; nothing here is refused at once (6.3)."""
    if content["type"] == "template":
        return [SENT, DELIVERED, SEEN] if _fits(account, content["template"]) else [TEMPLATE_PARAM_ERROR]
    if not world.window_is_open(account.account_sid, number=sender, customer=recipient):
        return [REENGAGEMENT_ERROR]
    return [SENT, DELIVERED, SEEN]


def _fits(account: Account, wanted: Any) -> bool:
    """Return whether an approved template of this name and language takes exactly these body variables.

    Parts that need values of their own, and values that break WhatsApp's rules, fit no template.
    """
    if not isinstance(wanted, dict) or not isinstance(wanted.get("language"), dict):
        return False
    for template in account.templates:
        named = template["name"] == wanted.get("name") and template["language"] == wanted["language"].get(
            "code"
        )
        if named and template["status"] == "APPROVED":
            values = _values(wanted)
            is_whole = _count_variables(template) == len(values) and not any(
                map(_wants_value, template["components"])
            )
            return is_whole and all(map(_is_value, values))
    return False


def _count_variables(template: dict[str, Any]) -> int:
    bodies = [each.get("text", "") for each in template["components"] if each.get("type") == "BODY"]
    return len(set(re.findall(r"\{\{\s*\w+\s*\}\}", " ".join(bodies))))


def _values(wanted: dict[str, Any]) -> list[Any]:
    bodies = [each for each in wanted.get("components") or [] if each.get("type") == "body"]
    return [parameter.get("text") for each in bodies for parameter in each.get("parameters", [])]


def _wants_value(component: dict[str, Any]) -> bool:
    """Return whether a part of a template requires parameters of its own; named variables require their names."""
    kind = component.get("type")
    if kind == "BODY":
        return re.search(r"\{\{(?![1-9][0-9]?\}\})", component.get("text", "")) is not None
    if kind == "HEADER":
        return component.get("format", "TEXT") != "TEXT" or "{{" in component.get("text", "")
    return kind == "BUTTONS" and any(
        "{{" in each.get("url", "") or each.get("type") in ("OTP", "COPY_CODE", "FLOW", "CATALOG")
        for each in component.get("buttons", [])
    )


def _is_value(value: Any) -> bool:
    is_text = isinstance(value, str) and bool(value.strip())
    return is_text and not re.search(r"[\n\r\t]|\s{5,}", value) and len(value) <= _LONGEST_TEXT


def _matches(template: dict[str, Any], query: dict[str, str]) -> bool:
    return all(
        str(template.get(name, "")).upper() == query[name].upper()
        for name in ("name", "status", "language", "category")
        if query.get(name)
    )


def _page(query: dict[str, str], total: int) -> tuple[int, int]:
    """Return the slice that limit, before and after ask for."""
    try:
        limit = int(query.get("limit", "25"))
        after = _position(query["after"]) if query.get("after") else 0
        before = _position(query["before"]) if query.get("before") else None
    except ValueError as error:
        raise Refused(400, _INVALID, code=1002, description="limit, before or after is invalid") from error
    if limit < 1:
        raise Refused(400, _INVALID, code=1002, description="limit is invalid")
    first = max(0, before - limit) if before is not None else after
    last = before if before is not None else first + limit
    return first, min(last, total)


def _cursor(position: int) -> str:
    return base64.urlsafe_b64encode(f"at:{position}".encode()).decode()


def _position(cursor: str) -> int:
    text = base64.urlsafe_b64decode(cursor.encode()).decode()
    if not text.startswith("at:"):
        raise ValueError("not a cursor of ours")
    return int(text[3:])
