"""Remembers the secret values in use, so that they can be masked in any text in which they appear.

A value is remembered when it is decrypted and forgotten at the end of the invocation: nothing of one organization
outlives the work done for it. The rest of the product uses it through `security/redaction.py`.
"""

import base64
import json
from urllib.parse import quote, quote_plus

MASK = "***"
MAX_SECRETS = 128
_MIN_CHARS = 4
_MIN_FRAGMENT = 6
_BASE64 = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_=")

_spellings: dict[str, tuple[str, ...]] = {}
_fragments: dict[str, tuple[str, ...]] = {}


def remember(secret: str) -> None:
    """Mask this value from now on, also percent-encoded, escaped, and inside base64, as in a Basic Authorization.

    Values shorter than four characters are ignored, since masking them would blank out ordinary text. At most 128
    values are remembered; a new one then replaces the oldest.
    """
    if len(secret) < _MIN_CHARS or secret in _spellings:
        return
    while len(_spellings) >= MAX_SECRETS:
        oldest = next(iter(_spellings))
        del _spellings[oldest], _fragments[oldest]
    _spellings[secret] = _spellings_of(secret)
    _fragments[secret] = _fragments_of(secret.encode(errors="surrogatepass"))


def forget_all() -> None:
    """Forget every remembered value."""
    _spellings.clear()
    _fragments.clear()


def masked(text: str) -> str:
    """Return the text with every remembered value replaced."""
    # Longest first: if one secret begins with another one, its rest must not stay visible.
    spellings = {spelling for group in _spellings.values() for spelling in group}
    for spelling in sorted(spellings, key=len, reverse=True):
        text = text.replace(spelling, MASK)
    for group in _fragments.values():
        for fragment in group:
            if fragment in text:
                text = _without_runs(text, fragment)
    return text


def _spellings_of(secret: str) -> tuple[str, ...]:
    raw = secret.encode(errors="surrogatepass")
    encoded = (quote(raw, safe=""), quote(raw), quote_plus(raw))
    escaped = (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    lower = tuple(_lower_percents(spelling) for spelling in encoded)
    return tuple(dict.fromkeys((secret, *encoded, *lower, *escaped, raw.hex())))


def _lower_percents(spelling: str) -> str:
    head, *rest = spelling.split("%")
    return "%".join((head, *(part[:2].lower() + part[2:] for part in rest)))


def _fragments_of(raw: bytes) -> tuple[str, ...]:
    """Return the base64 of the value inside a longer text, for each of its three possible alignments."""
    fragments = []
    for before in range(3):
        encoded = base64.b64encode(bytes(before) + raw).decode().rstrip("=")
        # The first and last characters also contain bits of their neighbours, so they vary.
        fragment = encoded[(0, 2, 3)[before] : len(encoded) - ((before + len(raw)) % 3 != 0)]
        fragments += [fragment, fragment.replace("+", "-").replace("/", "_")]
    return tuple(dict.fromkeys(fragment for fragment in fragments if len(fragment) >= _MIN_FRAGMENT))


def _without_runs(text: str, fragment: str) -> str:
    """Mask the whole base64 text around each fragment, since the rest of the secret may be next to it."""
    pieces, done = [], 0
    at = text.find(fragment)
    while at >= 0:
        start, end = at, at + len(fragment)
        while start > done and text[start - 1] in _BASE64:
            start -= 1
        while end < len(text) and text[end] in _BASE64:
            end += 1
        pieces += [text[done:start], MASK]
        done = end
        at = text.find(fragment, done)
    return "".join((*pieces, text[done:]))
