"""Makes an attachment's file name safe to show and to save (reference/threats-and-faults.md, threat 30)."""

import unicodedata

_LONGEST = 120
_RESERVED = str.maketrans(dict.fromkeys('<>:"|?*', "_"))
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10))]
)
_ENDINGS = {
    "text/calendar": "invite.ics", "message/rfc822": "message.eml",
    "application/pgp-signature": "signature.asc",
    "application/pgp-encrypted": "version.asc", "application/pkcs7-signature": "smime.p7s",
    "application/x-pkcs7-signature": "smime.p7s", "application/pkcs7-mime": "smime.p7m",
    "application/x-pkcs7-mime": "smime.p7m", "application/ms-tnef": "winmail.dat",
    "application/vnd.ms-tnef": "winmail.dat", "application/pdf": "attachment.pdf", "image/png": "image.png",
    "image/jpeg": "image.jpg", "image/gif": "image.gif", "image/webp": "image.webp",
    "text/html": "attachment.html",
    "text/plain": "attachment.txt", "text/csv": "attachment.csv", "application/zip": "attachment.zip",
    "message/delivery-status": "delivery-status.txt", "text/rfc822-headers": "headers.txt",
    "message/disposition-notification": "disposition.txt", "message/feedback-report": "feedback.txt",
}  # fmt: skip


def safe_filename(name: str, content_type: str) -> str:
    """Return a file name on one line: without folders, and without control, invisible and bidi characters.

    It is never empty, has at most 120 characters and 240 bytes of UTF-8, and keeps its extension; it is never a dot
    file nor a device name of Windows. The name is normalised (NFC) first, so that nothing evades the rules.
    """
    if name.isascii() and name.replace(".", "").replace("-", "").replace("_", "").isalnum():
        visible = name
    else:
        normal = unicodedata.normalize("NFC", name[:4096])
        # Normalised again: a removed character may have kept two accents from their usual order.
        visible = unicodedata.normalize("NFC", "".join(sign for sign in normal if _is_visible(sign)))
    leaf = visible.replace("\\", "/").rstrip("/").rpartition("/")[2]
    leaf = leaf.translate(_RESERVED).strip(" .\u3000\xa0")
    if not leaf.strip("_. "):
        return _ENDINGS.get(content_type, "attachment.bin")
    if leaf.partition(".")[0].lower() in _DEVICES:
        leaf = f"_{leaf}"
    return _shortened(leaf)


def _is_visible(sign: str) -> bool:
    # Invisible are Cc, Cf, Cs, Co, Cn, and the line and paragraph separators. A space stays.
    return unicodedata.category(sign)[0] != "C" and sign not in "\u2028\u2029\u115f\u1160\u3164\uffa0\u034f"


def _shortened(leaf: str) -> str:
    if len(leaf) <= _LONGEST and len(leaf.encode()) <= 2 * _LONGEST:
        return leaf
    stem, dot, ending = leaf.rpartition(".")
    if not dot or len(ending.encode()) > 20:
        stem, dot, ending = leaf, "", ""
    stem = stem[: _LONGEST - len(ending) - 1]
    room = 2 * _LONGEST - len(ending.encode()) - 1
    stem = stem.encode()[:room].decode("utf-8", "ignore").rstrip(" .")
    return stem + dot + ending
