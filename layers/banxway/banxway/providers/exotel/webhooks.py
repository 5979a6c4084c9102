"""Parses what Exotel posts into the types of models/webhooks/callbacks.py (reference/exotel.md, 2.2, 3.5, 6.4, 6.5).

Exotel signs nothing (section 10): before a callback comes here, the reference in its URL proved that it is genuine.
"""

from hashlib import sha256
from typing import Any

from banxway.models.webhooks.callbacks import Callback, UnknownCallback
from banxway.providers.exotel.answers import mapping
from banxway.providers.exotel.bodies import read_callback
from banxway.providers.exotel.call_events import read_call
from banxway.providers.exotel.identities import identity_of
from banxway.providers.exotel.values import stated
from banxway.providers.exotel.whatsapp_events import read_item


def parse_whatsapp(body: bytes, content_type: str) -> list[Callback]:
    """Parse reports and incoming messages, in the order of the body; nothing is dropped.

    The same body always gives the same identities. The identity of a message without Exotel's sid is made of its
    position, its time and its body's hash, so only a body repeated byte for byte counts as a repetition.
    Raises BadRequest for what is not a JSON object.
    """
    root = read_callback("whatsapp", body, content_type)
    messages = mapping(root.get("whatsapp")).get("messages")
    if isinstance(messages, dict):
        messages = [messages]
    if not isinstance(messages, list):
        return [UnknownCallback(_kind(root), identity_of("whatsapp-unknown", root), root)]
    body_hash = sha256(body).hexdigest()
    items = [item if isinstance(item, dict) else {"value": item} for item in messages]
    return [read_item(item, body_hash=body_hash, position=at) for at, item in enumerate(items)]


def parse_call_status(body: bytes, content_type: str) -> list[Callback]:
    """Parse one call report, from JSON, multipart (Exotel's default) or urlencoded, in v1's or v3's shape.

    Raises BadRequest for what is neither a JSON object nor a form that names a call.
    """
    return [read_call(read_callback("call_status", body, content_type))]


def _kind(root: dict[str, Any]) -> str:
    named = stated(root.get("event")) or stated(root.get("type")) or stated(root.get("callback_type"))
    return f"whatsapp:{(named or 'unknown').lower()}"
