"""Separates what a person wrote from what they quoted and signed with.

A line scanner without backtracking: each line is looked at a fixed number of times, and only at its first
thousand characters (mail.md, section 6). The full text is stored beside the result, so a wrong cut hides
nothing.
"""

import re
from typing import NamedTuple

_LONGEST_LINE = 1000
_WROTE = (
    "wrote", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "schreef",
    "skrev", "napisał", "napisała",
    "napisał(a)", "kirjoitti", "пишет", "написал", "написала", "написал(а)", "написав", "yazdı", "şunu yazdı",
    "写道", "寫道", "のメール", "書きました", "님이 작성", "씀", "napsal", "napsal(a)", "napísal",
    "a írta", "írta",
    "έγραψε", "כתב", "כתבה", "كتب", "ने लिखा", "đã viết", "menulis", "a scris",
    "skrifaði", "wrote the following",
)  # fmt: skip
_SEPARATORS = (
    "original message", "ursprüngliche nachricht", "originalnachricht",
    "message d'origine", "mensaje original",
    "messaggio originale", "mensagem original", "oorspronkelijk bericht", "ursprungligt meddelande",
    "oprindelig meddelelse", "opprinnelig melding", "wiadomość oryginalna",
    "исходное сообщение", "forwarded message",
    "weitergeleitete nachricht", "message transféré", "mensaje reenviado",
    "messaggio inoltrato", "原始邮件", "原始郵件",
    "元のメッセージ", "원본 메시지", "alkuperäinen viesti", "original appointment",
    "původní zpráva", "转发邮件信息",
)  # fmt: skip
_FROM = (
    "from",
    "von",
    "de",
    "da",
    "van",
    "från",
    "fra",
    "od",
    "от",
    "发件人",
    "寄件者",
    "差出人",
    "보낸 사람",
    "lähettäjä",
    "kimden",
)
_OTHERS = (
    "sent", "to", "subject", "date", "cc", "gesendet", "an", "betreff", "datum",
    "envoyé", "à", "objet", "enviado",
    "para", "asunto", "assunto", "inviato", "data", "a", "oggetto", "verzonden",
    "aan", "onderwerp", "skickat", "till",
    "ämne", "sendt", "til", "emne", "wysłano", "do", "temat", "отправлено", "дата",
    "кому", "тема", "发送时间", "收件人",
    "主题", "寄件日期",
    "收件者", "主旨", "日期", "送信日時",
    "宛先", "件名", "보낸 날짜", "받는 사람", "제목", "lähetetty", "aihe",
    "tarih", "kime", "konu", "fecha", "抄送",
)  # fmt: skip
_SENT_FROM = (
    "sent from my ", "sent from mail for", "sent from outlook", "get outlook for",
    "von meinem ", "gesendet von ",
    "envoyé de mon ", "envoyé depuis ", "enviado desde ", "enviado do meu ",
    "inviato da ", "verzonden vanaf ",
    "skickat från ", "sendt fra ", "wysłano z ", "отправлено с ", "发自我的", "從我的", "iphoneから送信",
    "sent via ", "get bluemail for", "yahoo mail",
)  # fmt: skip
_RULE = re.compile(r"[-_=*—–]{2,60}[ >]*$")
_MOST_SIGNATURE_LINES = 15


class ReplyParts(NamedTuple):
    """A mail's text in three: what is new, what it answers, and the signature; "" for what is absent."""

    reply: str
    quoted: str
    signature: str


def split_reply(text: str) -> ReplyParts:
    """Split a plain text in time linear in its length; `reply` is never blank unless the text is.

    Answers written between or below quoted lines are all kept. A mail that is nothing but a forward or a
    quote is its own reply.
    """
    lines = text.split("\n")
    cut = _quote_start(lines)
    new, quoted = lines[:cut], lines[cut:]
    if any(line.lstrip().startswith(">") for line in lines):
        new, quoted = _unquoted(lines, cut)
    body, signature = _split_signature(new)
    reply = "\n".join(body).strip()
    if not reply:
        reply, signature = "\n".join(new).strip(), []
    if not reply:
        return ReplyParts(text.strip(), "", "")
    return ReplyParts(reply, "\n".join(quoted).strip("\n"), "\n".join(signature).strip("\n"))


def _quote_start(lines: list[str]) -> int:
    for at, line in enumerate(lines):
        short = line[:_LONGEST_LINE].strip().lower()
        if not short:
            continue
        if _is_separator(short) or _is_attribution(lines, at) or _is_header_block(lines, at):
            # A rule drawn above the block belongs to it.
            return at - 1 if at and _RULE.fullmatch(lines[at - 1][:80].strip() or "x") else at
    return len(lines)


def _unquoted(lines: list[str], cut: int) -> tuple[list[str], list[str]]:
    """Text outside `>` lines; after an introduced quote without any `>`, everything is quoted."""
    if cut < len(lines) and not any(line.lstrip().startswith(">") for line in lines[cut:]):
        return lines[:cut], lines[cut:]
    new = lines[:cut]
    quoted: list[str] = []
    is_introduction = True
    for line in lines[cut:]:
        is_quote = line.lstrip().startswith(">")
        is_introduction = is_introduction and not is_quote
        (quoted if is_quote or is_introduction else new).append(line)
    if cut == len(lines):
        quoted = [line for line in lines if line.lstrip().startswith(">")]
        new = [line for line in lines if not line.lstrip().startswith(">")]
    return new, quoted


def _is_separator(short: str) -> bool:
    if short[0] not in "-_—–*=" and not short.startswith(
        ("begin forwarded", "anfang der weiter", "début du message")
    ):
        return False
    words = short.strip("-_—–*= ").rstrip(":")
    return words in _SEPARATORS or words.startswith(
        ("begin forwarded message", "anfang der weitergeleiteten")
    )


def _is_attribution(lines: list[str], at: int) -> bool:
    """`On … wrote:` in its languages, on one line or folded over three."""
    joined = ""
    for line in lines[at : at + 3]:
        stripped = line[:_LONGEST_LINE].strip()
        if not stripped or stripped.startswith(">"):
            return False
        joined = f"{joined} {stripped}" if joined else stripped
        if joined.endswith((":", "：", "写道", "寫道")):
            return _says_wrote(joined.rstrip(":： ").lower())
        if len(joined) > 400:
            return False
    return False


def _says_wrote(joined: str) -> bool:
    has_source = any(sign.isdigit() for sign in joined) or "@" in joined or "<" in joined
    if not has_source or len(joined) > _LONGEST_LINE:
        return False
    # German and Dutch put the name after the verb: "Am 1.1. um 10 Uhr schrieb Anna:".
    return joined.endswith(_WROTE) or any(
        f" {word} " in joined for word in ("schrieb", "schreef", "skrev", "a écrit")
    )


def _is_header_block(lines: list[str], at: int) -> bool:
    if _label(lines[at]) not in _FROM:
        return False
    following = [line for line in lines[at + 1 : at + 9] if line.strip()][:5]
    return sum(_label(line) in _OTHERS for line in following) >= 2


def _label(line: str) -> str:
    name, colon, _ = line[:60].replace("：", ":").partition(":")
    return name.strip(" *_\t>").lower() if colon else ""


def _split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    at, written = len(lines), 0
    while at and written < _MOST_SIGNATURE_LINES:
        at -= 1
        written += bool(lines[at].strip())
    for mark, line in enumerate(lines[at:], start=at):
        short = line[:_LONGEST_LINE].strip().lower()
        is_mark = line.rstrip("\r") in ("-- ", "--", "—") or short in ("-- ", "--", "__")
        is_device = short.startswith(_SENT_FROM) and len(short) < 120
        if is_mark or is_device:
            return lines[:mark], lines[mark:]
    return lines, []
