"""Renders a WhatsApp message as text for an agent (reference/exotel.md, 6.5; Meta's webhook reference).

Unexpected content is not left out: what has no rendering of its own is shown as names and values.
"""

import json
from typing import Any

from banxway.providers.exotel.answers import mapping
from banxway.providers.exotel.values import stated

_KNOWN = (
    "text", "image", "video", "audio", "voice", "document", "sticker", "location", "contacts", "button",
    "interactive", "order", "reaction", "edit", "revoke", "system",
)  # fmt: skip
_FILES = ("image", "video", "audio", "voice", "document", "sticker")
_LONGEST_KIND = 40
# The limits of an ad's details: far above what Meta writes, and low enough for our own responses.
_LONGEST_DETAIL, _MOST_DETAILS = 2000, 20
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
# Fields for machines, which are left out of a content that is shown as names and values.
_TECHNICAL = ("mime_type", "sha256", "id", "url", "link", "type")


def content_of(item: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return a message's kind and its content; a content that is not an object gets the kind "unknown"."""
    content = item.get("content")
    if not isinstance(content, dict):
        return "unknown", {} if content is None else {"unknown": content}
    kind = stated(content.get("type"))
    if kind is None:
        named = [name for name in _KNOWN if name in content]
        kind = named[0] if len(named) == 1 else "unknown"
    return kind.lower()[:_LONGEST_KIND], content


def readable_text(kind: str, content: dict[str, Any]) -> str:
    """Return the message's own text, or its kind in brackets with its details; never an empty text."""
    part = content.get(kind)
    text = _text_of(kind, part, content)
    reasons = "; ".join(map(_reason, _listed(content.get("errors")) + _listed(content.get("error"))))
    return f"{text} {reasons}" if reasons else text


def file_address(kind: str, content: dict[str, Any]) -> str | None:
    """Return the URL of a message's file, or None if it has none."""
    part = mapping(content.get(kind))
    return stated(part.get("url")) or stated(part.get("link"))


def origin_of(item: dict[str, Any], content: dict[str, Any]) -> dict[str, str]:
    """Return the ad or product from which a customer wrote, by the provider's field names; empty if there is none."""
    referral = mapping(content.get("referral")) or mapping(item.get("referral"))
    context = mapping(content.get("context")) or mapping(item.get("context"))
    product = mapping(context.get("referred_product"))
    if not referral and product:
        referral = {"source_type": "product", "source_id": product.get("product_retailer_id"), **product}
    texts = {name: text[:_LONGEST_DETAIL] for name, value in referral.items() if (text := shown(value))}
    return dict(list(texts.items())[:_MOST_DETAILS])


def shown(value: object) -> str:
    """Return a JSON value as readable text: `name: value` for each field of an object, commas between items."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {text}" for name, inner in value.items() if (text := shown(inner)))
    if isinstance(value, list):
        return ", ".join(text for inner in value if (text := shown(inner)))
    if value is None or isinstance(value, str):
        return (value or "").strip()
    return json.dumps(value)


def _text_of(kind: str, part: object, content: dict[str, Any]) -> str:
    if kind == "text":
        return _words(part)
    if kind == "contacts":
        return _labelled(kind, "; ".join(map(_card, _listed(part))))
    if not isinstance(part, dict):
        # A content of an unknown kind without a part of that name is shown as a whole.
        rest = {
            name: value
            for name, value in content.items()
            if name not in ("type", "context", "errors", "error")
        }
        return _labelled(kind, shown(rest if part is None and kind not in _KNOWN else part))
    if kind == "button":
        return stated(part.get("text")) or stated(part.get("payload")) or "[button]"
    if kind == "interactive":
        return _interactive_text(part)
    if kind == "location":
        return _location_text(part)
    if kind == "order":
        return _order_text(part)
    if kind in _FILES:
        return _labelled(
            kind, " - ".join(filter(None, (stated(part.get("caption")), stated(part.get("filename")))))
        )
    return _labelled(kind, shown({name: value for name, value in part.items() if name not in _TECHNICAL}))


def _words(part: object) -> str:
    """Return a text message's text unchanged; "[text]" if it has none, "[text]" and JSON if it is not a string."""
    body = part.get("body") if isinstance(part, dict) else part
    if isinstance(body, str) and body.translate(_INVISIBLE).strip():
        return body
    if body is None or isinstance(body, str):
        return "[text]"
    return f"[text] {json.dumps(body, ensure_ascii=False)}"


def _interactive_text(part: dict[str, Any]) -> str:
    kind = stated(part.get("type")) or "interactive"
    chosen = part.get(kind)
    if not isinstance(chosen, dict):
        return _labelled(kind, shown({name: value for name, value in part.items() if name != "type"}))
    if "response_json" in chosen:
        lines = (stated(chosen.get("body")), _answers(chosen.get("response_json")))
        return "\n".join(line for line in lines if line) or f"[{kind}]"
    words = [word for word in (stated(chosen.get("title")), stated(chosen.get("description"))) if word]
    if words or stated(chosen.get("body")):
        return " - ".join(words) or str(chosen["body"])
    return _labelled(kind, shown(chosen))


def _answers(written: object) -> str:
    """Return the answers of a form, one per line; a form that is not a JSON object is shown as a value."""
    try:
        answers = json.loads(written) if isinstance(written, str) else written
    except (ValueError, RecursionError):
        answers = written
    if not isinstance(answers, dict):
        return shown(answers)
    return "\n".join(f"{name}: {text}" for name, value in answers.items() if (text := shown(value)))


def _location_text(part: dict[str, Any]) -> str:
    words = [word for word in (stated(part.get("name")), stated(part.get("address"))) if word]
    latitude, longitude = stated(part.get("latitude")), stated(part.get("longitude"))
    coordinates = f"({latitude}, {longitude})" if latitude and longitude else None
    return _labelled("location", " ".join(word for word in (", ".join(words), coordinates) if word))


def _card(card: object) -> str:
    if not isinstance(card, dict):
        return shown(card)
    name = card.get("name")
    words = [stated(mapping(name).get("formatted_name")) or _leaves(name)]
    for phone in _listed(card.get("phones")):
        words.append(
            stated(mapping(phone).get("phone")) or stated(mapping(phone).get("wa_id")) or _leaves(phone)
        )
    words += [_leaves(value) for key, value in card.items() if key not in ("name", "phones")]
    return " ".join(word for word in words if word)


def _order_text(part: dict[str, Any]) -> str:
    lines = [_order_line(item) for item in _listed(part.get("product_items"))]
    catalog = stated(part.get("catalog_id"))
    known = ("product_items", "catalog_id")
    rest = [shown(value) for name, value in part.items() if name not in known]
    words = [", ".join(lines), f"catalog {catalog}" if catalog else "", *rest]
    return _labelled("order", "; ".join(word for word in words if word))


def _order_line(item: object) -> str:
    values = mapping(item)
    product = stated(values.get("product_retailer_id"))
    if product is None:
        return shown(item)
    line = f"{stated(values.get('quantity')) or '?'} x {product}"
    price = stated(values.get("item_price"))
    return f"{line} at {price} {stated(values.get('currency')) or ''}".rstrip() if price else line


def _reason(error: object) -> str:
    values = mapping(error)
    details = mapping(values.get("error_data")).get("details")
    words = [stated(values.get("title")), stated(values.get("message")), stated(details)]
    text = " - ".join(dict.fromkeys(word for word in words if word)) or shown(error)
    code = stated(values.get("code"))
    return f"{text} ({code})" if code and code not in text else text


def _leaves(value: object) -> str:
    """Return the texts inside a value, without the names of fields and without `type` fields."""
    if isinstance(value, dict):
        return " ".join(text for name, inner in value.items() if name != "type" and (text := _leaves(inner)))
    if isinstance(value, list):
        return " ".join(text for inner in value if (text := _leaves(inner)))
    return shown(value)


def _labelled(kind: str, words: str | None) -> str:
    return f"[{kind}] {words}" if words else f"[{kind}]"


def _listed(value: object) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
