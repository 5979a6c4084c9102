"""Reduces a mail's style attribute to looks: nothing in it loads, covers other content, animates or computes.

The result is rewritten from a list of properties and a small set of characters, so that no escape, comment or
quote of CSS survives, and cleaning it again changes nothing.
"""

import re

_KEPT = frozenset(
    {
        "background", "background-color", "border", "border-bottom", "border-bottom-color",
        "border-bottom-style", "border-bottom-width", "border-collapse", "border-color", "border-left",
        "border-left-color", "border-left-style", "border-left-width", "border-radius", "border-right",
        "border-right-color", "border-right-style", "border-right-width", "border-spacing", "border-style",
        "border-top", "border-top-color", "border-top-style", "border-top-width", "border-width", "clear",
        "color", "direction", "display", "float", "font", "font-family", "font-size", "font-style",
        "font-variant", "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "margin",
        "margin-bottom", "margin-left", "margin-right", "margin-top", "max-height", "max-width", "min-height",
        "min-width", "overflow-wrap", "padding", "padding-bottom", "padding-left", "padding-right",
        "padding-top", "table-layout", "text-align", "text-decoration", "text-indent", "text-transform",
        "vertical-align", "visibility", "white-space", "width", "word-break", "word-spacing", "word-wrap",
    }
)  # fmt: skip
_MOST_DECLARATIONS = 60
_LONGEST = 4000
_VALUE = re.compile(r"[A-Za-z0-9#%.,+/() -]{1,200}")
_FUNCTION = re.compile(r"([A-Za-z0-9-]*) *\(")
_COLOURS = frozenset({"rgb", "rgba", "hsl", "hsla"})


def safe_style(style: str) -> str | None:
    """Return the safe declarations of a style attribute, or None if there are none."""
    kept: list[str] = []
    for declaration in style[:_LONGEST].split(";")[:_MOST_DECLARATIONS]:
        name, _, value = declaration.partition(":")
        name = name.strip().lower()
        if name not in _KEPT:
            continue
        # A font's name needs no quotes, and there is no other rule that `!important` must override.
        value = " ".join(value.partition("!")[0].replace('"', "").replace("'", "").split())
        if _VALUE.fullmatch(value) and all(word.lower() in _COLOURS for word in _FUNCTION.findall(value)):
            kept.append(f"{name}: {value}")
    return "; ".join(kept) or None
