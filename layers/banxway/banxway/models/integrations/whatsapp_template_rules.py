"""Which WhatsApp templates the product can fill, and which values WhatsApp accepts for their variables.

A template that the product cannot fill is refused here, with the reason: one with named variables, with a header or
a button that needs a value, or with any other part than texts with numbered variables.
"""

import re
from collections.abc import Sequence
from typing import Any

from banxway.models.integrations.whatsapp_templates import ProviderTemplate

LONGEST_TEXT = 1024
"""The most characters of a filled template's body (Meta, message templates)."""

_PLACE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_NUMBER = re.compile(r"[1-9][0-9]?")
_SILENT_BUTTONS = ("QUICK_REPLY", "PHONE_NUMBER", "VOICE_CALL")
_MANY_SPACES = re.compile(r"\s{5,}")
_INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0]*"
)
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def count_variables(body: str) -> int:
    """Return how many numbered variables a template's body has: the highest number in it."""
    return max((int(name) for name in _PLACE.findall(body) if _NUMBER.fullmatch(name)), default=0)


def why_not_usable(template: ProviderTemplate) -> str | None:
    """Return a sentence that says why the product cannot fill a template; None if it can."""
    body = _about_body(template)
    if body:
        return body
    for component in template.components:
        problem = _about_component(component)
        if problem:
            return problem
    return None


def whole_text(components: Sequence[dict[str, Any]], body: str) -> str:
    """Return the text that a customer reads: the template's header, its filled body, and its footer."""
    around = {str(each.get("type")).upper(): str(each.get("text") or "") for each in components}
    parts = (around.get("HEADER", ""), body, around.get("FOOTER", ""))
    return "\n\n".join(part for part in parts if part.strip())


def problem_of_value(value: str) -> str | None:
    """Return the rule of WhatsApp for variables that a value breaks, or None."""
    if _INVISIBLE.fullmatch(value):
        return "must not be blank"
    if _BREAKS.search(value):
        return "must not contain line breaks, tabs or control characters"
    if _MANY_SPACES.search(value):
        return "must not contain more than four spaces in a row"
    return None


def _about_body(template: ProviderTemplate) -> str | None:
    if not template.body.strip():
        return "It has no text that is known here"
    names = _PLACE.findall(template.body)
    strange = next((name for name in names if not _NUMBER.fullmatch(name)), None)
    if strange is not None or template.parameter_format == "named":
        shown = f" {{{{{strange}}}}}" if strange is not None else ""
        return f"It has named variables{shown}: only numbered ones, {{{{1}}}}, {{{{2}}}} and so on, are supported"
    numbers = {int(name) for name in names}
    missing = next((number for number in range(1, len(numbers) + 1) if number not in numbers), None)
    return f"Its variables are not numbered in a row: {{{{{missing}}}}} is missing" if missing else None


def _about_component(component: dict[str, Any]) -> str | None:
    kind = str(component.get("type") or "").upper()
    if kind == "HEADER":
        return _about_header(component)
    if kind == "BUTTONS":
        buttons = component.get("buttons")
        found = (_about_button(button) for button in (buttons if isinstance(buttons, list) else []))
        return next((problem for problem in found if problem), None)
    if kind in ("BODY", "FOOTER"):
        return None
    return f"It has a part of the kind {kind or 'unknown'}, which is not supported"


def _about_header(component: dict[str, Any]) -> str | None:
    form = str(component.get("format") or "TEXT").upper()
    if form != "TEXT":
        return f"Its header wants a value of the kind {form}, which is not supported"
    if _PLACE.search(str(component.get("text") or "")):
        return "Its header has a variable, which is not supported"
    return None


def _about_button(button: object) -> str | None:
    values = button if isinstance(button, dict) else {}
    kind = str(values.get("type") or "unknown").upper()
    if kind == "URL":
        has_place = _PLACE.search(str(values.get("url") or ""))
        return (
            "One of its buttons has a variable in its address, which is not supported" if has_place else None
        )
    if kind in _SILENT_BUTTONS:
        return None
    return f"It has a button of the kind {kind}, which is not supported"
