"""Maps Exotel's WhatsApp report codes and call statuses to ours (reference/exotel.md, 2.3, 3.4, 6.4).

An unknown word maps to None: it is stored as it came and has no effect. Success and failure share one range of
WhatsApp codes, so only the table distinguishes them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WhatsAppStatus:
    """One WhatsApp report code. `advice` is for the person who sent the message; None if nothing went wrong."""

    status: str  # sent | delivered | read | failed
    name: str
    advice: str | None = None


def _failed(name: str, advice: str) -> WhatsAppStatus:
    return WhatsAppStatus("failed", name, advice)


WHATSAPP_STATUSES = {
    "30001": WhatsAppStatus("sent", "EX_MESSAGE_SENT"),
    "30002": WhatsAppStatus("delivered", "EX_MESSAGE_DELIVERED"),
    "30003": WhatsAppStatus("read", "EX_MESSAGE_SEEN"),
    "30004": _failed("EX_SYSTEM_ERROR", "Exotel had a fault; check the account's permissions, then retry."),
    "30005": _failed("EX_NUMBER_ERROR", "Exotel cannot use one of the two numbers; check both."),
    "30006": _failed("EX_SETUP_ERROR", "The WhatsApp account is not set up completely; contact Exotel."),
    "30007": _failed("EX_RATE_LIMIT_HIT", "Too many messages at once; retry later."),
    "30008": _failed(
        "EX_SPAM_RATE_LIMIT_HIT", "Meta suspects spam; stop sending and check the quality rating."
    ),
    "30009": _failed("EX_TOO_MANY_REQUEST", "Too many requests at once; retry later."),
    "30010": _failed("EX_INVALID_REQUEST", "Exotel cannot read this message; change its content."),
    "30011": _failed("EX_UNKNOWN_ERROR", "Exotel gives no reason; retry once, then contact Exotel."),
    "30012": _failed("EX_INVALID_RECIPIENT", "The number is not valid; correct it."),
    "30013": _failed(
        "EX_INCAPABLE_RECIPIENT", "The number cannot receive this on WhatsApp; use another channel."
    ),
    "30014": _failed("EX_RECIPIENT_BLOCKED", "The recipient is not on the account's allowed list."),
    "30015": _failed("EX_UNSUPPORTED_MESSAGE", "WhatsApp does not support this kind of message."),
    "30016": _failed("EX_MEDIA_DOWNLOAD_ERROR", "WhatsApp could not fetch the file; check its address."),
    "30017": _failed("EX_MEDIA_UPLOAD_ERROR", "WhatsApp does not accept this kind of file."),
    "30018": _failed(
        "EX_REENGAGEMENT_ERROR",
        "The 24-hour window is closed; send an approved template.",
    ),
    "30019": _failed("EX_INVALID_PARAM", "A value in the message is not valid; correct it."),
    "30020": _failed("EX_MISSING_PARAM", "A value is missing from the message; complete it."),
    "30023": _failed("EX_TEMPLATE_PARAM_ERROR", "The values do not fit the approved template; correct them."),
}

_BY_NAME = {entry.name: entry for entry in WHATSAPP_STATUSES.values()} | {
    "EX_RESTRICTED_BY_META": _failed(
        "EX_RESTRICTED_BY_META", "Meta restricts this sender; see WhatsApp Manager."
    ),
    "EX_UNDELIVERED": _failed("EX_UNDELIVERED", "WhatsApp could not deliver the message."),
}

CALL_STATUSES = {
    # v1 (reference/exotel.md, 3.4)
    "queued": "queued",
    "ringing": "ringing",
    "in-progress": "in_progress",
    "completed": "completed",
    "failed": "failed",
    "busy": "busy",
    "no-answer": "no_answer",
    "canceled": "cancelled",
    # v3 (reference/exotel.md, 2.3)
    "from_leg_unanswered": "no_answer",
    "to_leg_unanswered": "no_answer",
    "from_leg_cancelled": "cancelled",
    "to_leg_cancelled": "cancelled",
    "from_leg_no_dial": "failed",
    "to_leg_no_dial": "failed",
}


def whatsapp_status(code: str | None, name: str | None) -> WhatsAppStatus | None:
    """Return the status for a report's code, else for its name; None if both are unknown."""
    return WHATSAPP_STATUSES.get((code or "").strip()) or _BY_NAME.get((name or "").strip().upper())


def call_status(word: str | None) -> str | None:
    """Return our status for a call status of v1 or v3; None for an unknown word."""
    return CALL_STATUSES.get((word or "").strip().lower())
