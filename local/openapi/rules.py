"""What the validators of models require, as JSON Schema; an empty entry where JSON Schema cannot express it.

A validator that is missing here stops the generator: nobody should learn of a rule only by a refusal.
"""

from typing import Any

_CONTROLS = r"\u0000-\u001f\u007f-\u009f\u2028\u2029"
# Characters that are never visible; joiners, selectors and tags are allowed: scripts and emojis need them.
_UNSEEN = _CONTROLS + (
    r"\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u08e2\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f"
    r"\u202a-\u202e\u2060-\u206f\u2800\u3164\ufeff\uffa0\ufff9-\ufffc"
)


def _line(*, without: str, begins_not_with: str = "", filled: bool) -> str:
    text = rf"[^\s{without}{begins_not_with}][^{without}]*"
    return rf"^\s*{text}$" if filled else rf"^\s*({text})?$"


ONE_LINE = _line(without=_CONTROLS, filled=False)
FILLED_LINE = _line(without=_CONTROLS, filled=True)
NAME = _line(without=_UNSEEN, filled=False)
FILLED_NAME = _line(without=_UNSEEN, filled=True)
LABEL = _line(without=_UNSEEN, begins_not_with="=+@-", filled=False)
FILLED_LABEL = _line(without=_UNSEEN, begins_not_with="=+@-", filled=True)
FILLED = r"\S"
_OWN_HEADER = "^([Xx]-[A-Za-z0-9-]+|Comments|Keywords|Organization|Sensitivity)$"
# From 0002 to 9998: with any offset, such an instant still has a valid year in UTC.
_YEARS = r"^(000[2-9]|00[1-9]\d|0[1-9]\d\d|[1-8]\d{3}|9[0-8]\d\d|99[0-8]\d|999[0-8])-"
_SPELLED = r"^\s*\+[1-9]([ ().-]?[0-9]){6,14}\s*$"
_PHONE = r"^\+[1-9][0-9]{6,14}$"


def _given(name: str, *, without: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the schema that requires a text that is not empty, and what else must be true then."""
    text = {"type": "string", "pattern": FILLED}
    return {"required": [name], "properties": {name: text, **(without or {})}}


_EMPTY = {"type": ["string", "null"], "pattern": r"^\s*$"}
_NONE = {"maxItems": 0}
_CONTENTS = {
    "anyOf": [
        _given(
            "content_text", without={"template_id": {"type": "null"}, "content_html": _EMPTY, "inline": _NONE}
        ),
        _given("content_html", without={"template_id": {"type": "null"}}),
        {
            "required": ["template_id"],
            "properties": {"template_id": {"type": "string"}, "content_text": _EMPTY, "content_html": _EMPTY},
        },
    ]
}
_NO_VARIABLES = {"variables": {"maxProperties": 0}}
for _alternative in _CONTENTS["anyOf"][:2]:
    _alternative["properties"] |= _NO_VARIABLES
_ONE_CONTENT = {"anyOf": [_given("content_text"), _given("content_html")]}

_NULL = {"type": "null"}

RULES: dict[str, dict[str, Any]] = {
    "_must_be_e164": {"pattern": _PHONE},
    "_must_be_whatsapp_number": {"pattern": _PHONE},
    "must_be_email": {"format": "email", "maxLength": 254},
    "_must_be_plain_email": {},
    "_must_be_one_line": {"pattern": ONE_LINE},
    "_must_be_visible": {"pattern": NAME},
    "_must_not_be_a_formula": {"pattern": LABEL},
    "_must_be_instant": {"pattern": _YEARS},
    "_must_be_day": {"pattern": "^20[0-9]{2}-"},
    "_in_utc": {},
    "_with_an_offset": {},
    "_must_be_known_zone": {"format": "timezone"},
    "_must_be_distinct": {"uniqueItems": True},
    "_must_be_known_field": {},
    "_must_be_known_type": {},
    "_must_all_be_free": {"propertyNames": {"pattern": _OWN_HEADER}},
    "_as_list": {},
    "Shape._fitting": {},
    "_must_be_true": {"const": True},
    "_must_be_false": {"const": False},
    "ChangeBody._must_not_be_null": {},
    "ChangeBody._changes_something": {"minProperties": 1},
    "AccountCredentials._add_notes_of_trimming": {},
    "AuditFilters._must_follow_since": {},
    "DeadLetterSelection._names_ids_or_a_group": {
        "oneOf": [
            {"required": ["ids"], "properties": {"ids": {"type": "array"}, "queue": _NULL, "cause": _NULL}},
            {
                "required": ["queue", "cause"],
                "properties": {"ids": _NULL, "queue": {"type": "string"}, "cause": {"type": "string"}},
            },
        ]
    },
    "DryRun._names_one_rule": {
        "oneOf": [
            {"required": ["rule"], "properties": {"rule": {"type": "object"}, "rule_id": {"type": "null"}}},
            {"required": ["rule_id"], "properties": {"rule": {"type": "null"}, "rule_id": {"type": "string"}}},
        ]
    },
    "NewCustomerAddress._is_written_in_one_form": {},
    "NewEmailMessage._must_be_few_and_each_once": {"maxItems": 150, "uniqueItems": True},
    "NewEmailMessage._must_stand_alone": {},
    "NewEmailMessage._must_have_a_template": {},
    "NewEmailMessage._must_be_shown": {"uniqueItems": True},
    "NewEmailMessage._says_something": _CONTENTS,
    "NewEmailTemplate._has_content": _ONE_CONTENT,
    "OpeningHours._is_a_span": {
        "anyOf": [
            {"required": ["closed"], "properties": {"closed": {"const": True}}},
            {"required": ["start", "end"], "properties": {"start": {"type": "string"}, "end": {"type": "string"}}},
        ]
    },
    "VacationSettings._can_answer": {
        "anyOf": [{"properties": {"is_active": {"const": False}}}, *_ONE_CONTENT["anyOf"]]
    },
    "ZohoMailCredentials._fill_in_hosts": {},
}  # fmt: skip


FIELDS: dict[str, dict[str, Any]] = {"NewUpload.size_bytes": {"maximum": 20 * 1024 * 1024}}
"""What a service requires of one field, by model and field."""

SERVED = {
    "email": "idn-email",
    "default_account": "idn-email",
    "url": "uri",
    "callback_url": "uri",
    "sign_in_url": "uri",
    "websocket_url": "uri",
}
"""The formats of texts in answers, by field; texts from outside have none."""

ALSO: dict[str, dict[str, Any]] = {
    "EmailTemplateChange": {
        "not": {
            "required": ["content_html", "content_text"],
            "properties": {"content_html": _EMPTY, "content_text": _EMPTY},
        }
    },
    "NewCustomerAddress": {
        "anyOf": [
            {"properties": {"kind": {"const": "email"}, "address": {"type": "string", "format": "email"}}},
            {"properties": {"kind": {"const": "phone"}, "address": {"type": "string", "pattern": _SPELLED}}},
        ]
    },
}
"""What is required of a whole model beyond its own validators, by its name."""


class UnknownRule(Exception):
    """Raised for a validator that this file does not know. Add its JSON Schema, or {} if there is none."""


def rule_of(validator: Any) -> dict[str, Any]:
    """Return what a model's validator requires. Raises UnknownRule."""
    name = getattr(validator, "__qualname__", "")
    if name not in RULES:
        raise UnknownRule(f"{validator.__module__}.{name}: say in local/openapi/rules.py what it requires")
    return RULES[name]
