"""Masks what must not be seen: everything that is logged or audited passes through here.

    mask            masks secrets and people's addresses: for logs, error details and traces
    mask_secrets    masks secrets only: for a callback's body, whose reader may see who wrote
    masked_pairs    the same for the audit trail, whose reader may see that a phone number changed

A secret is recognized by the name of its field, by its own value (`remember`), or by its shape. Values are
remembered for one invocation only: end each with `forget_all`.
"""

import re
from collections.abc import Mapping
from typing import Any

from banxway.security import known_secrets
from banxway.security.known_secrets import MASK

CHANGED = f"{MASK} (changed)"

_MAX_DEPTH = 20
_SECRET_NAMES = re.compile(
    r"password|passwd|passphrase|pwd|secret|token|apikey|authorization|credential|ticket|cookie|jwt"
    r"|privatekey|masterkey|accesskey|signature|databaseurl|dsn$|reference$"
)
_PHONE_NAMES = re.compile(r"(phone|mobile|msisdn|callerid|whatsappnumber|virtualnumber|phonenumber)s?$")

_NAMES = r"password|passwd|passphrase|pwd|secret|token|api[_-]?key|authorization|credentials?|ticket|cookie"
# A value in quotes, in escaped quotes, in single quotes, or up to the next separator; a text that was cut has no
# closing quote.
_VALUE = (
    r'(?:"(?:[^"\\]|\\.)*(?:"|\Z)'
    r'|\\"(?:[^"\\]|\\\\\\"|\\(?!"))*(?:\\"|\Z)'
    r"|'(?:[^'\\]|\\.)*(?:'|\Z)"
    r"""|[^\s,;&"'}\])]+)"""
)
_NAMED = rf"(?:{_NAMES}|signature|reference)"
_AUTHORIZATION = r"(?i)(\bauthorization\\?[\"']?\s{0,3}[:=]\s{0,3})[^\r\n,}]+"
_BASIC = r"((?i:\bbasic)\s+)(?=[A-Za-z0-9+/]*[A-Z0-9+/])[A-Za-z0-9+/_-]{8,}={0,2}"
_PROSE = r"(?i)\b((?:password|passwd|passphrase|secret|api[_ -]?(?:key|token)):\s{0,3})\S+"
# A shape is searched for only if the text contains its first column, which halves the cost of an ordinary line.
_SECRET_SHAPES = (
    ("-----begin", re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END|\Z)", re.DOTALL), MASK),
    ("://", re.compile(r"(://)[^\s/?#]*@"), rf"\1{MASK}@"),
    ("authorization", re.compile(_AUTHORIZATION), rf"\1{MASK}"),
    ("basic", re.compile(_BASIC), rf"\1{MASK}"),
    ("bearer", re.compile(r"(?i)\b(bearer\s+)[\w.~+/-]{8,}=*"), rf"\1{MASK}"),
    ("eyj", re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), MASK),
    ("=", re.compile(rf"(?i)({_NAMED}\\?[\"']?\s{{0,3}}=\s{{0,3}}){_VALUE}"), rf"\1{MASK}"),
    (":", re.compile(rf"(?i)({_NAMED}\\?[\"']\s{{0,3}}:\s{{0,3}}){_VALUE}"), rf"\1{MASK}"),
    (":", re.compile(_PROSE), rf"\1{MASK}"),
    # Callback references, envelopes and anything else of that length without a break.
    ("", re.compile(r"[A-Za-z0-9_-]{100,}"), MASK),
)
_LOCAL = r"""[^\s@<>()\[\]{},;:"'\\/*]"""
_EMAIL = re.compile(rf"(?<!{_LOCAL})({_LOCAL}){_LOCAL}*@([\w-][\w.-]*)")
_PHONES = (
    re.compile(r"\+\d(?:[ ().-]{0,2}\d){7,20}"),
    re.compile(r"(?<![\w.-])\d{10,15}(?![\w-]|\.\d)"),
    re.compile(r"(?<![\w.-])(?:\+?91[ -])?\(?\d{3,5}\)?[ -]\d{3,4}[ -]?\d{2,5}(?![\w-])"),
)

remember = known_secrets.remember
forget_all = known_secrets.forget_all


def mask(value: object) -> Any:
    """Return the value with secrets and addresses masked, as dicts, lists, strings, numbers, booleans and None.

    The whole value of a key that names a secret is masked. In all other strings, remembered secrets, headers,
    tokens, email addresses (a***@domain) and phone numbers (the last four digits stay) are masked.
    """
    return _masked(value, name="", is_personal_masked=True, inside=())


def mask_secrets(value: object) -> Any:
    """Return the value as `mask` does, with people's addresses unchanged."""
    return _masked(value, name="", is_personal_masked=False, inside=())


def masked_pairs(
    before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> tuple[dict[str, Any] | None, dict[str, Any] | None]:
    """Return the values before and after with secrets masked; `after` has "*** (changed)" for a changed secret."""
    old = None if before is None else _mapping(before, is_personal_masked=False)
    new = None if after is None else _mapping(after, is_personal_masked=False)
    if old is not None and new is not None and before is not None and after is not None:
        _flag_changes(before, after, new)
    return old, new


def _flag_changes(before: Mapping[str, Any], after: Mapping[str, Any], new: dict[str, Any]) -> None:
    for name, value in after.items():
        previous = before.get(name)
        if isinstance(value, Mapping) and isinstance(previous, Mapping) and isinstance(new.get(name), dict):
            _flag_changes(previous, value, new[name])
        elif new.get(name) == MASK and previous != value:
            new[name] = CHANGED


def _masked(value: object, *, name: str, is_personal_masked: bool, inside: tuple[int, ...]) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _names_a_secret(name) and value != "":
        return MASK
    children = _children(value)
    if children is None:
        return _leaf(value, name=name, is_personal_masked=is_personal_masked)
    if id(value) in inside or len(inside) > _MAX_DEPTH:
        return "…"
    inside = (*inside, id(value))
    if isinstance(children, dict):
        return _mapping(children, is_personal_masked=is_personal_masked, inside=inside)
    return [
        _masked(child, name=name, is_personal_masked=is_personal_masked, inside=inside) for child in children
    ]


def _mapping(
    value: Mapping[Any, Any], *, is_personal_masked: bool, inside: tuple[int, ...] = ()
) -> dict[str, Any]:
    return {
        _masked_text(_text_of(key), is_personal_masked=is_personal_masked): _masked(
            item, name=_text_of(key), is_personal_masked=is_personal_masked, inside=inside
        )
        for key, item in value.items()
    }


def _children(value: object) -> dict[Any, Any] | list[Any] | None:
    """Return the fields of a mapping, dataclass or pydantic model by name, the items of a sequence, else None."""
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple | set | frozenset):
        return list(value)
    if isinstance(value, type):
        return None
    names = getattr(value, "__dataclass_fields__", None) or getattr(type(value), "model_fields", None)
    return {name: getattr(value, name, None) for name in names} if isinstance(names, dict) else None


def _leaf(value: object, *, name: str, is_personal_masked: bool) -> Any:
    text = _text_of(value)
    if is_personal_masked and _PHONE_NAMES.search(_normalized(name)) and sum(map(str.isdigit, text)) >= 7:
        return _last_four(text)
    if isinstance(value, int | float):
        return value
    return _masked_text(text, is_personal_masked=is_personal_masked)


def _masked_text(text: str, *, is_personal_masked: bool) -> str:
    text = known_secrets.masked(text)
    lowered = text.lower()
    for hint, shape, replacement in _SECRET_SHAPES:
        if hint in lowered:
            text = shape.sub(replacement, text)
    if is_personal_masked:
        # The text between two "@" is the domain of one address and may be the name of another: hence a second pass.
        for _ in range(min(text.count("@"), 2)):
            text = _EMAIL.sub(rf"\1{MASK}@\2", text)
        for shape in _PHONES:
            text = shape.sub(lambda match: _masked_number(match[0]), text)
    return text


def _masked_number(text: str) -> str:
    return _last_four(text) if sum(map(str.isdigit, text)) >= 9 else text


def _last_four(text: str) -> str:
    return MASK + "".join(filter(str.isdigit, text))[-4:]


def _names_a_secret(name: str) -> bool:
    return bool(name) and _SECRET_NAMES.search(_normalized(name)) is not None


def _normalized(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _text_of(value: object) -> str:
    try:
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value).decode(errors="replace")
        return f"{type(value).__name__}: {value}" if isinstance(value, BaseException) else str(value)
    except Exception:  # noqa: BLE001 -- whatever an object's own __str__ raises, a log line must not
        return "(unprintable)"
