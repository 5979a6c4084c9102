"""WhatsApp delivery codes: their names and descriptions (reference/exotel.md, 6.4)."""

SENT, DELIVERED, SEEN = 30001, 30002, 30003
REENGAGEMENT_ERROR, TEMPLATE_PARAM_ERROR = 30018, 30023

NAMES = {
    30001: ("EX_MESSAGE_SENT", "Message sent"),
    30002: ("EX_MESSAGE_DELIVERED", "Message delivered"),
    30003: ("EX_MESSAGE_SEEN", "Message seen"),
    30004: ("EX_SYSTEM_ERROR", "System error"),
    30005: ("EX_NUMBER_ERROR", "Number error"),
    30006: ("EX_SETUP_ERROR", "Setup error"),
    30007: ("EX_RATE_LIMIT_HIT", "Rate limit hit"),
    30008: ("EX_SPAM_RATE_LIMIT_HIT", "Spam rate limit hit"),
    30009: ("EX_TOO_MANY_REQUEST", "Too many requests"),
    30010: ("EX_INVALID_REQUEST", "Invalid request"),
    30011: ("EX_UNKNOWN_ERROR", "Unknown error"),
    30012: ("EX_INVALID_RECIPIENT", "Invalid recipient"),
    30013: ("EX_INCAPABLE_RECIPIENT", "Recipient cannot receive this message"),
    30014: ("EX_RECIPIENT_BLOCKED", "Recipient not in allowed list"),
    30015: ("EX_UNSUPPORTED_MESSAGE", "Unsupported message"),
    30016: ("EX_MEDIA_DOWNLOAD_ERROR", "Media could not be downloaded"),
    30017: ("EX_MEDIA_UPLOAD_ERROR", "Unsupported media type"),
    30018: ("EX_REENGAGEMENT_ERROR", "More than 24 hours since the customer last replied"),
    30019: ("EX_INVALID_PARAM", "Invalid parameter"),
    30020: ("EX_MISSING_PARAM", "Missing parameter"),
    30023: ("EX_TEMPLATE_PARAM_ERROR", "Template does not exist or its parameters do not match"),
}


def name_of(code: int) -> tuple[str, str]:
    """Return the provider's name and description; a made-up code gets a made-up name."""
    return NAMES.get(code, (f"EX_CODE_{code}", "Undocumented status"))
