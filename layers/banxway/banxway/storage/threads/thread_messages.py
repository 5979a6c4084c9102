"""The messages of a thread, as agents read them: in pages, with long fields cut to their beginning.

There is one order everywhere: by `occurred_at`, the time of a clock that can be trusted; within one instant by the
message's own date, and then in the order in which messages were stored (migration 022).
"""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from banxway.models.pages import Cursors, Instant, Number, Page, cut_items, cut_json, cut_text, fill_page
from banxway.models.threads.messages import Attachment, Message, ThreadEvent, reactions_among
from banxway.storage.database import Row, Transaction
from banxway.storage.threads import thread_events

_AT_ONCE = 40
# In bytes on the wire. A text is selected up to this many characters and one more, which shows that it is longer.
_TEXTS = {"body_text": 100_000, "reply_text": 100_000, "signature_text": 10_000}
_OTHERS = dict.fromkeys(
    (
        "kind", "sender", "sender_name", "recipient", "subject", "message_sid", "failure_reason", "failure_advice",
        "origin", "join_evidence", "media_url",
    ),
    5_000,
)  # fmt: skip
_LISTS = {"to": 10_000, "cc": 10_000, "reply_to": 10_000, "problems": 10_000, "attachments": 40_000}
_TEXT_LISTS = ("to", "cc", "reply_to", "problems")
# For what is cut without a way to read the rest: events, reactions, and the referral.
_BESIDE_IT = 100_000
# A thread's answer contains a page and the recipients of an answer, who are never cut.
_PAGE_BYTES = 2_500_000
_LIMITS = {**_TEXTS, **_OTHERS, **_LISTS}
COLUMNS: Mapping[str, str] = {
    "origin": "mail_origin",
    "message_sid": "provider_sid",
    "to": "mail_to",
    "cc": "mail_cc",
    "reply_to": "mail_reply_to",
    "sender_name": "coalesce((SELECT u.name FROM users u WHERE u.id = messages.created_by), sender_name)",
    "media_url": "content ->> 'media_url'",
}
"""The columns, or expressions, of the fields whose names differ from their columns."""

ATTACHMENT = "id, filename, content_type, size_bytes, is_inline"
_FIELDS = ", ".join(
    [
        "id", "channel", "direction", "status", "automatic", "seen_at", "is_spam", "join_rule", "created_by",
        "mail_authentication AS authentication", "sent_at AS date", "occurred_at",
        "content -> 'referral' AS referral", "ordered_at", "arrival",
    ]
    + [f"left({COLUMNS.get(name, name)}, {_LIMITS[name] + 1}) AS {name}" for name in (*_TEXTS, *_OTHERS)]
    + [f'{COLUMNS.get(name, name)}[:{_LIMITS[name] // 8 + 1}] AS "{name}"' for name in _TEXT_LISTS]
)  # fmt: skip

_BEFORE = "AND (occurred_at, ordered_at, arrival) < (%s::timestamptz, %s::timestamptz, %s::bigint)"


def list_page(
    transaction: Transaction, *, thread_id: UUID, limit: int, cursor: str | None = None
) -> Page[Message]:
    """Return messages of a thread, the newest first. Raises ValidationFailed for a cursor of another list."""
    cursors = Cursors(f"thread {thread_id}", Instant, Instant, Number)
    sort_keys: dict[UUID, tuple[Any, ...]] = {}
    return fill_page(
        _newest_first(transaction, thread_id, cursors.read(cursor), most=limit + 1, sort_keys=sort_keys),
        limit=limit,
        cursor_of=lambda last: cursors.write(*sort_keys[last.id]),
        most_bytes=_PAGE_BYTES,
    )


def _newest_first(
    transaction: Transaction,
    thread_id: UUID,
    before: tuple[Any, ...] | None,
    *,
    most: int,
    sort_keys: dict[UUID, tuple[Any, ...]],
) -> Iterator[Message]:
    """Yield messages and add their sort keys to `sort_keys`; reads a few at a time, since a few may fill a page.

    A subquery finds their ids first, so that sorting a thread does not read its texts.
    """
    while most > 0:
        at_once = min(most, _AT_ONCE)
        rows = transaction.all(
            f"""WITH page AS MATERIALIZED (
                    SELECT id FROM messages WHERE thread_id = %s {_BEFORE if before else ""}
                    ORDER BY occurred_at DESC, ordered_at DESC, arrival DESC LIMIT %s)
                SELECT {_FIELDS} FROM messages WHERE id IN (SELECT id FROM page)
                ORDER BY occurred_at DESC, ordered_at DESC, arrival DESC""",  # noqa: S608  # our own column names
            (thread_id, *(before or ()), at_once),
        )
        attachments = _attachments_of(transaction, [row["id"] for row in rows])
        events = thread_events.of_messages(transaction, [row["id"] for row in rows])
        for row in rows:
            before = (row["occurred_at"], row.pop("ordered_at"), row.pop("arrival"))
            sort_keys[row["id"]] = (before[0].isoformat(), before[1].isoformat(), before[2])
            yield _shown(row, attachments.get(row["id"], []), events.get(row["id"], []))
        most = most - at_once if len(rows) == at_once else 0


def _attachments_of(transaction: Transaction, message_ids: list[UUID]) -> dict[UUID, list[Attachment]]:
    """Return the first attachments of messages."""
    found: dict[UUID, list[Attachment]] = {}
    for row in transaction.all(
        f"""SELECT a.* FROM unnest(%s::uuid[]) AS wanted (id) CROSS JOIN LATERAL (
                SELECT {ATTACHMENT}, message_id FROM attachments WHERE message_id = wanted.id
                ORDER BY position LIMIT %s) AS a""",  # noqa: S608  # our own column names
        (message_ids, _LIMITS["attachments"] // 100),
    ):
        found.setdefault(row.pop("message_id"), []).append(Attachment(**row))
    return found


def _shown(row: Row, attachments: list[Attachment], events: list[ThreadEvent]) -> Message:
    whole = {**row, "attachments": attachments}
    short = {name: _cut(whole[name], most_bytes) for name, most_bytes in _LIMITS.items()}
    cut = sorted(name for name, part in short.items() if part != whole[name])
    all_reactions = reactions_among(events)
    latest = cut_items(events[::-1], most_bytes=_BESIDE_IT)[::-1]
    reactions = cut_items(all_reactions[::-1], most_bytes=_BESIDE_IT)[::-1]
    referral = cut_json(row["referral"], most_bytes=_BESIDE_IT)
    is_cut = bool(cut) or (latest, reactions, referral) != (events, all_reactions, row["referral"])
    shown = {**whole, **short, "events": latest, "reactions": reactions, "referral": referral}
    return Message(**shown, is_cut=is_cut, cut_fields=cut)


def _cut(value: Any, most_bytes: int) -> Any:
    if isinstance(value, str):
        return cut_text(value, most_bytes=most_bytes)
    return cut_items(value, most_bytes=most_bytes) if isinstance(value, list) else value


def count_in_thread(transaction: Transaction, thread_id: UUID) -> int:
    """Return how many messages a thread has."""
    row = transaction.single("SELECT count(*) AS total FROM messages WHERE thread_id = %s", (thread_id,))
    return int(row["total"])
