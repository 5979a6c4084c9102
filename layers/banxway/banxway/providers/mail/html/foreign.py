"""Keeps the text after an `svg` or `math` element that a mail never closes.

A parser would take everything that follows for a part of the drawing, and drawings are not shown.
"""

import re

_NAMES = """
    svg g circle ellipse line path polygon polyline rect text tspan textpath use defs desc symbol marker mask
    pattern clippath filter foreignobject image animate animatemotion animatetransform set stop lineargradient
    radialgradient switch view metadata mpath feblend fecolormatrix fecomposite
    feflood fegaussianblur feimage femerge femergenode
    feoffset fetile feturbulence feconvolvematrix fediffuselighting fedisplacementmap fedistantlight fedropshadow
    fefunca fefuncb fefuncg fefuncr femorphology fepointlight fespecularlighting fespotlight fecomponenttransfer
    math mi mn mo ms mtext mrow mfrac msqrt mroot mstyle merror mpadded mphantom mfenced menclose msub msup msubsup
    munder mover munderover mmultiscripts mprescripts none mtable mtr mtd mlabeledtr maction mspace mglyph malignmark
    maligngroup semantics annotation annotation-xml"""
_DRAWN = frozenset(_NAMES.split())
_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z-]{0,30})(?=[\s>/])")
_OPENING = re.compile(r"<(svg|math)(?=[\s>/])", re.IGNORECASE)


def without_open_drawings(source: str) -> str:
    """Return the HTML with every element of a drawing as a <span> if a drawing is not closed, else unchanged."""
    lower = source.lower()
    if "<svg" not in lower and "<math" not in lower:
        return source
    is_open = any(
        sum(match[1].lower() == name for match in _OPENING.finditer(source)) > lower.count(f"</{name}")
        for name in ("svg", "math")
    )
    return _TAG.sub(_as_span, source) if is_open else source


def _as_span(tag: re.Match[str]) -> str:
    return f"<{tag[1]}span" if tag[2].lower() in _DRAWN else tag[0]
