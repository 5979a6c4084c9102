"""Reads a subject: whether it answers or forwards, and the words by which it names one conversation.

(reference/mail.md, 5, rules 6 to 8.)
"""

from dataclasses import dataclass

# What programs put before a subject when they answer, by language, in lower case and without the colon.
_REPLIES = frozenset((
    "re", "aw", "antw", "antwort", "sv", "vs", "ref", "rif", "r", "res", "resp", "odp", "ynt", "vá", "bls", "vl",
    "atb", "رد", "תשובה", "השב", "отв", "ответ", "σχετ", "απ", "回复", "回覆", "答复", "答覆", "返信", "回信", "답장",
    "회신",
))  # fmt: skip
_FORWARDS = frozenset((
    "fwd", "fw", "wg", "tr", "rv", "enc", "i", "doorst", "pd", "továbbítás", "ilt", "trs", "إعادة توجيه", "הועבר",
    "пер", "пересл", "πρθ", "转发", "轉寄", "轉發", "転送", "전달",
))  # fmt: skip
_GENERIC = frozenset(
    word.strip()
    for word in """
    hi|hello|hey|hallo|hola|bonjour|namaste|dear sir|dear madam|dear team|greetings|good morning|good evening
    question|query|help|support|urgent|important|info|information|details|test|testing|mail|email|message
    invoice|invoices|bill|receipt|order|orders|payment|quote|quotation|estimate|request|enquiry|inquiry
    feedback|complaint|issue|problem|error|update|updates|status|reminder|follow up|follow-up|followup|fyi
    thanks|thank you|thank you!|ok|okay|yes|no|none|n/a|na|no subject|(no subject)|(none)|untitled|subject
    document|documents|file|files|photo|photos|image|images|attachment|attachments|scan|resume|cv
    meeting|call|appointment|booking|contact|contact form|application|account|password|notification|news|newsletter
    rechnung|anfrage|frage|hilfe|bestellung|termin|angebot|kein betreff|(kein betreff)|facture|commande|demande
    sans objet|(sans objet)|sin asunto|(sin asunto)|factura|pedido|consulta|fattura|ordine|richiesta
    """.replace("\n", "|").split("|")
)
_SHORTEST = 4
_LONGEST = 300
_MOST_PREFIXES = 20


@dataclass(frozen=True, slots=True)
class SubjectLine:
    """A parsed subject. `base` is None if it is too general to distinguish one conversation from another."""

    base: str | None
    is_reply: bool
    is_forward: bool


def read_subject(subject: str) -> SubjectLine:
    """Parse a subject without its prefixes: `Re:`, `AW:`, `Re[2]:`, `[list]` and the like, in many languages.

    The first prefix decides: "Fwd: Re: x" forwards, "Re: Fwd: x" answers.
    """
    text = " ".join(subject[: _LONGEST * 4].split()).casefold()
    first = ""
    for _ in range(_MOST_PREFIXES):
        kind, rest = _take_prefix(text)
        if not kind:
            break
        text = rest
        if kind != "tag":
            first = first or kind
    base = text[:_LONGEST]
    is_tag = base.startswith("[") and base.find("]") == len(base) - 1
    is_general = is_tag or len(base) < _SHORTEST or base.strip(" .!?:-") in _GENERIC
    return SubjectLine(
        base=None if is_general else base, is_reply=first == "reply", is_forward=first == "forward"
    )


def _take_prefix(text: str) -> tuple[str, str]:
    """Return the kind of prefix that a text begins with ("" for none), and the text after it."""
    if text.startswith("["):
        tag, closed, rest = text.partition("]")
        return ("tag", rest.lstrip()) if closed and len(tag) <= 60 and rest.strip() else ("", text)
    word, colon, rest = (
        text.replace("：", ":", 1).partition(":") if "：" in text[:24] else text.partition(":")
    )
    word = word.strip()
    if not colon or len(word) > 20:
        return "", text
    name = _without_count(word)
    if name in _REPLIES:
        return "reply", rest.lstrip()
    if name in _FORWARDS:
        return "forward", rest.lstrip()
    return "", text


def _without_count(word: str) -> str:
    """Return a prefix without its count: "re" for "re[2]", "re(3)", "re^2" and "re2"."""
    for opening, closing in (("[", "]"), ("(", ")"), ("^", "")):
        name, found, count = word.partition(opening)
        if found and count.removesuffix(closing).strip().isdigit():
            return name.strip()
    return word.rstrip("0123456789").strip() if word[:1].isalpha() else word
