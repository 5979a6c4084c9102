"""Addresses whose mail nobody reads."""

# Nobody reads answers to these (RFC 5230, 4.6).
_NOBODY = (
    "noreply", "no-reply", "no_reply", "no.reply", "donotreply", "do-not-reply", "do_not_reply", "dontreply",
    "mailer-daemon", "mail-daemon", "postmaster", "bounce", "listserv", "majordomo", "owner-",
    "www-data", "notification", "newsletter",
)  # fmt: skip
_NOBODY_ENDS = ("-request", "-owner", "-bounces", "-bounce", "-relay", "-noreply", "-no-reply", "_noreply")
_NOBODY_AT_ALL = ("root", "nobody", "daemon")


def is_unattended(address: str) -> bool:
    """Return whether an address shows by its name that nobody reads its mail."""
    local = address.lower().rpartition("@")[0]
    return local in _NOBODY_AT_ALL or local.startswith(_NOBODY) or local.endswith(_NOBODY_ENDS)
