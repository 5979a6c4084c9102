"""Parses the items of a WhatsApp callback: reports and incoming messages (reference/exotel.md, 6.4 and 6.5)."""

from hashlib import sha256
from typing import Any

from banxway.models.webhooks.callbacks import (
    Callback,
    CustomerEvent,
    IncomingMessage,
    StatusReport,
    UnknownCallback,
)
from banxway.providers.exotel.answers import as_int, mapping
from banxway.providers.exotel.identities import identity_of
from banxway.providers.exotel.numbers import exotel_e164
from banxway.providers.exotel.statuses import whatsapp_status
from banxway.providers.exotel.times import parse_time
from banxway.providers.exotel.values import stated, unwrapped
from banxway.providers.exotel.whatsapp_contents import (
    content_of,
    file_address,
    origin_of,
    readable_text,
    shown,
)

_INCOMING = ("icm", "incoming_message")  # documented, and seen on the wire (reference/exotel.md, 6.5)
# Kinds that are not messages: something that happened to a message or to its writer.
_EVENTS = {
    "reaction": "reaction",
    "edit": "edit",
    "edited": "edit",
    "revoke": "revocation",
    "revoked": "revocation",
    "delete": "revocation",
    "deleted": "revocation",
    "system": "system",
    "request_welcome": "system",
}
# A longer name does not fit into an index of the database; Exotel's own have 32 characters.
_LONGEST_NAME = 200


def read_item(item: dict[str, Any], *, body_hash: str, position: int) -> Callback:
    """Parse one item of `whatsapp.messages`; what is neither report nor message becomes UnknownCallback."""
    kind = (stated(item.get("callback_type")) or "").lower()
    if kind == "dlr" or (not kind and ("exo_status_code" in item or "exo_detailed_status" in item)):
        return _status_report(item) or _unknown("dlr", item)
    if kind in _INCOMING or (not kind and "content" in item and "from" in item):
        return _incoming(item, body_hash, position) or _unknown("incoming_message", item)
    return _unknown(kind or "unknown", item)


def _unknown(kind: str, item: dict[str, Any]) -> UnknownCallback:
    return UnknownCallback(f"whatsapp:{kind}", identity_of("whatsapp-unknown", item), item)


def _status_report(item: dict[str, Any]) -> StatusReport | None:
    sid = _sid(item)
    if sid is None:
        return None
    number = as_int(item.get("exo_status_code"))
    code = stated(item.get("exo_status_code")) if number is None else str(number)
    name = stated(item.get("exo_detailed_status"))
    known = whatsapp_status(code, name)
    # Without a code and a name, the whole report is the identity.
    parts = (code, (name or "").upper()) if code or name else (item,)
    return StatusReport(
        provider_sid=sid,
        status=known.status if known else None,
        provider_code=code,
        provider_status=name,
        description=stated(item.get("description")),
        recipient=_number(item.get("to")),
        reference=unwrapped(item.get("custom_data")),
        occurred_at=parse_time(item.get("timestamp")),
        identity=identity_of("whatsapp-status", sid, *parts),
        raw=item,
        advice=known.advice if known else None,
    )


def _incoming(item: dict[str, Any], body_hash: str, position: int) -> Callback | None:
    sid, sender = _sid(item), _number(item.get("from"))
    if sender is None:
        return None
    kind, content = content_of(item)
    # Without a sid, two equal texts are two messages, unless the same body came twice.
    parts = (sid,) if sid else (body_hash, position, stated(item.get("timestamp")))
    known: dict[str, Any] = {
        "provider_sid": sid,
        "sender": sender,
        "recipient": _number(item.get("to")) or "",
        "profile_name": stated(item.get("profile_name")),
        "occurred_at": parse_time(item.get("timestamp")),
        "identity": identity_of("whatsapp-incoming", *parts),
        "raw": item,
    }
    if kind in _EVENTS:
        return _event(known, kind, content)
    return IncomingMessage(
        **known,
        kind=kind,
        text=readable_text(kind, content),
        media_url=file_address(kind, content),
        replied_to_sid=_sid(mapping(content.get("context")) or mapping(item.get("context"))),
        referral=origin_of(item, content),
    )


def _event(known: dict[str, Any], kind: str, content: dict[str, Any]) -> CustomerEvent:
    part = mapping(content.get(kind))
    event, text = _EVENTS[kind], ""
    if event == "reaction":
        text = stated(part.get("emoji")) or ""
        event = "reaction" if text else "reaction_removed"
    elif event == "edit":
        text = _edited_text(part)
    elif event == "system":
        event = "number_change" if "changed_number" in (stated(part.get("type")) or "") else "system"
        text = _system_text(kind, part)
    names = [part.get(name) for name in ("original_message_id", "message_id", "message_sid", "sid", "id")]
    about = next(filter(None, map(_name, names)), None) or _sid(mapping(content.get("context")))
    return CustomerEvent(**known, kind=event, about_sid=about, text=text)


def _edited_text(part: dict[str, Any]) -> str:
    message = part.get("message")
    if isinstance(message, dict):
        return readable_text(*content_of({"content": message}))
    texts = [value for name, value in part.items() if not name.endswith(("id", "sid"))]
    return shown(texts) or "[edit]"


def _system_text(kind: str, part: dict[str, Any]) -> str:
    """Return WhatsApp's sentence, followed by the new number if the sentence does not contain it."""
    words = stated(part.get("body")) or shown({name: value for name, value in part.items() if name != "type"})
    number = stated(part.get("new_wa_id")) or stated(part.get("wa_id"))
    if number and number not in words:
        words = f"{words} (now {number})"
    return words or f"[{stated(part.get('type')) or kind}]"


def _sid(item: dict[str, Any]) -> str | None:
    return _name(item.get("sid")) or _name(item.get("message_sid")) or _name(item.get("id"))


def _name(value: object) -> str | None:
    """Return the provider's name for a message; a name that is too long for an index is replaced by its hash."""
    name = stated(value)
    if name is None or len(name) <= _LONGEST_NAME:
        return name
    return f"long:{sha256(name.encode('utf-8', 'replace')).hexdigest()}"


def _number(value: object) -> str | None:
    """Return a number in E.164, else the provider's name. WhatsApp's own ids are numbers with an ending."""
    spelled = stated(value)
    if spelled is None:
        return None
    bare = spelled.removeprefix("whatsapp:").removesuffix("@s.whatsapp.net").removesuffix("@c.us")
    return exotel_e164(bare) or _name(spelled)
