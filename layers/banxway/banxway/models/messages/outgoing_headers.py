"""Which headers of a mail its sender may set; the others are ours, or would make false claims about the mail."""

from typing import Annotated

from pydantic import AfterValidator, Field

from banxway.models.fields import OneLine
from banxway.models.values.quoting import quoted

_FREE = frozenset(("comments", "keywords", "organization", "sensitivity"))
# We alone set who sends, by which program, with which priority, and whether it is automatic (reference/mail.md, 8).
_OURS = (
    *("x-auto", "x-loop", "x-precedence", "x-priority", "x-msmail-priority", "x-originating", "x-sender"),
    *("x-mailer", "x-google", "x-gm", "x-ms-", "x-microsoft", "x-forefront", "x-zoho", "x-zm", "x-banxway"),
    *("x-spam", "x-virus", "x-received", "x-original", "x-forwarded", "x-envelope", "x-failed", "x-list"),
    *("x-mail-list", "x-beenthere", "x-uidl", "x-mozilla", "x-authentication", "x-dkim", "x-return"),
)
_TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz")


def is_free(name: str) -> bool:
    """Return whether a sender may set this header: any X-… except ours, and a few others."""
    low = name.lower()
    if not set(low) <= _TOKEN:
        return False
    return low in _FREE or (low.startswith("x-") and len(low) > 2 and not low.startswith(_OURS))


def _must_all_be_free(headers: dict[str, str]) -> dict[str, str]:
    for name in headers:
        if not is_free(name):
            raise ValueError(
                f"must not set the header {quoted(name)}; X-… headers of your own, Keywords, Comments, "
                "Organization and Sensitivity can"
            )
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("must not set a header twice")
    return headers


OwnHeaders = Annotated[
    dict[
        Annotated[str, Field(min_length=1, max_length=76)],
        Annotated[OneLine, Field(max_length=900)],
    ],
    Field(max_length=20),
    AfterValidator(_must_all_be_free),
]
"""The headers that the sender adds, by name."""
