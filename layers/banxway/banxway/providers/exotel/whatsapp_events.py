"""Reads the items of a WhatsApp callback: reports and incoming messages, mixed (exotel.md, 6.4 and 6.5)."""

from typing import Any

from banxway.models.callbacks import Callback, IncomingMessage, StatusReport, UnknownCallback
from banxway.providers.exotel.answers import as_int, mapping
from banxway.providers.exotel.identities import identity_of
from banxway.providers.exotel.numbers import exotel_e164
from banxway.providers.exotel.statuses import whatsapp_status
from banxway.providers.exotel.texts import stated, unwrapped
from banxway.providers.exotel.times import parse_time

_INCOMING = ("icm", "incoming_message")  # documented, and seen on the wire (exotel.md, section 6.5)


def read_item(item: dict[str, Any], *, body_hash: str, position: int) -> Callback:
    """Read one item of `whatsapp.messages`; what is neither report nor message becomes UnknownCallback."""
    kind = (stated(item.get("callback_type")) or "").lower()
    if kind == "dlr" or (not kind and ("exo_status_code" in item or "exo_detailed_status" in item)):
        return _status_report(item) or _unknown("dlr", item)
    if kind in _INCOMING or (not kind and "content" in item and "from" in item):
        return _incoming_message(item, body_hash, position) or _unknown("incoming_message", item)
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
    # Where neither code nor name tells two reports apart, everything else they say must.
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


def _incoming_message(item: dict[str, Any], body_hash: str, position: int) -> IncomingMessage | None:
    sid, sender = _sid(item), _number(item.get("from"))
    if sender is None:
        return None
    content = mapping(item.get("content"))
    kind = (stated(content.get("type")) or "unknown").lower()
    media = mapping(content.get(kind))
    context = mapping(content.get("context"))
    # Without a sid two equal texts are two messages, unless the very same body came twice.
    parts = (sid,) if sid else (body_hash, position, stated(item.get("timestamp")))
    return IncomingMessage(
        provider_sid=sid,
        sender=sender,
        recipient=_number(item.get("to")) or "",
        profile_name=stated(item.get("profile_name")),
        kind=kind,
        text=readable_text(kind, content),
        media_url=stated(media.get("url")) or stated(media.get("link")),
        replied_to_sid=_sid(context),
        occurred_at=parse_time(item.get("timestamp")),
        identity=identity_of("whatsapp-incoming", *parts),
        raw=item,
    )


def readable_text(kind: str, content: dict[str, Any]) -> str:
    """Return what a person would read: the words themselves, or the kind in brackets with what goes with it.

    Kinds with undocumented shapes (contacts, order, system) give the kind alone.
    """
    part = mapping(content.get(kind))
    if kind == "text":
        return str(part.get("body") or "")
    if kind == "button":
        return stated(part.get("text")) or stated(part.get("payload")) or "[button]"
    if kind == "interactive":
        return _interactive_text(part)
    if kind == "location":
        return _location_text(part)
    if kind == "reaction":
        return _labelled(kind, stated(part.get("emoji")))
    return _labelled(kind, stated(part.get("caption")) or stated(part.get("filename")))


def _interactive_text(part: dict[str, Any]) -> str:
    kind = stated(part.get("type")) or "interactive"
    chosen = mapping(part.get(kind))
    title, description = stated(chosen.get("title")), stated(chosen.get("description"))
    words = [word for word in (title, description) if word]
    return " - ".join(words) or stated(chosen.get("body")) or f"[{kind}]"


def _location_text(part: dict[str, Any]) -> str:
    words = [word for word in (stated(part.get("name")), stated(part.get("address"))) if word]
    latitude, longitude = stated(part.get("latitude")), stated(part.get("longitude"))
    place = f"({latitude}, {longitude})" if latitude and longitude else None
    return _labelled("location", " ".join(word for word in (", ".join(words), place) if word))


def _labelled(kind: str, words: str | None) -> str:
    return f"[{kind}] {words}" if words else f"[{kind}]"


def _sid(item: dict[str, Any]) -> str | None:
    return stated(item.get("sid")) or stated(item.get("message_sid")) or stated(item.get("id"))


def _number(value: object) -> str | None:
    spelled = stated(value)
    return spelled and (exotel_e164(spelled) or spelled)
