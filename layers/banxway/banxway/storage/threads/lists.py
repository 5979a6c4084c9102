"""The list of threads: a page is cut first, from an index that has it in order (migration 032), then summed up."""

from uuid import UUID

from banxway.models.pages import Cursors, Instant, Page, cut_items, cut_text, fill_page
from banxway.models.threads.threads import ThreadQuery, ThreadSummary
from banxway.storage.database import Row, Transaction
from banxway.storage.threads.threads import SHOWN_SUBJECT

_CURSORS = Cursors("threads", Instant, UUID)
_LONGEST_PART = 6_000
_NOBODY = UUID(int=0)
_STATUSES = ("open", "closed")

_SUMMED_UP = f"""
    SELECT t.id, {SHOWN_SUBJECT}, t.status, t.customer_id,
           (SELECT left(c.name, %(longest)s) FROM customers c
            WHERE c.organization_id = t.organization_id AND c.id = t.customer_id) AS customer_name,
           t.assigned_to_user_id, t.tags, t.is_spam, t.last_message_at,
           coalesce(latest.body_text, '') AS last_message_text, counted.message_count, counted.unread_count
    FROM page t
    CROSS JOIN LATERAL (
        SELECT count(*) AS message_count,
               count(*) FILTER (WHERE m.direction = 'inbound' AND m.seen_at IS NULL) AS unread_count
        FROM messages m WHERE m.organization_id = t.organization_id AND m.thread_id = t.id) counted
    LEFT JOIN LATERAL (
        SELECT left(coalesce(m.reply_text, m.body_text), 200) AS body_text FROM messages m
        WHERE m.organization_id = t.organization_id AND m.thread_id = t.id
        ORDER BY m.occurred_at DESC, m.ordered_at DESC, m.arrival DESC LIMIT 1) latest ON true
    ORDER BY t.last_message_at DESC, t.id DESC"""  # noqa: S608  # our own words


def list_summaries(transaction: Transaction, query: ThreadQuery) -> Page[ThreadSummary]:
    """Return threads, the most recently active first. Raises ValidationFailed for a cursor that is not ours.

    Its cost depends on the page, not on how many threads there are: only those of one customer are all read.
    """
    at, last_id = _CURSORS.read(query.cursor) or (None, None)
    rows = transaction.all(
        f"WITH page AS MATERIALIZED ({_page(query)}) {_SUMMED_UP}",  # our own words
        {
            "is_spam": query.is_spam,
            "customer": query.customer_id,
            "assignee": _NOBODY if query.assigned_to == "nobody" else query.assigned_to,
            "tag": query.tag,
            "at": at,
            "id": last_id,
            "limit": query.limit + 1,
            # One character more than is shown, which shows that the name is longer.
            "longest": _LONGEST_PART + 1,
        },
    )
    return fill_page(
        map(_summed_up, rows),
        limit=query.limit,
        cursor_of=lambda last: _CURSORS.write(last.last_message_at.isoformat(), last.id),
    )


def _page(query: ThreadQuery) -> str:
    """Return SQL that cuts the page: a page of each status, and the first rows of both."""
    statuses = (query.status,) if query.status else _STATUSES
    pages = " UNION ALL ".join(f"({_page_of(query, status)})" for status in statuses)
    return f"SELECT * FROM ({pages}) AS either ORDER BY last_message_at DESC, id DESC LIMIT %(limit)s"  # noqa: S608  # our own words


def _page_of(query: ThreadQuery, status: str) -> str:
    # Of one customer's threads, which are few, the tag is read of the thread itself.
    if query.tag is not None and query.customer_id is None:
        return _tagged_page_of(query, status)
    conditions = [
        f"t.merged_into_thread_id IS NULL AND t.is_spam = %(is_spam)s AND t.status = '{status}'",
        "t.customer_id = %(customer)s" if query.customer_id else "",
        _ASSIGNED[query.assigned_to == "nobody"] if query.assigned_to else "",
        "%(tag)s = ANY(t.tags)" if query.tag is not None else "",
        "(t.last_message_at, t.id) < (%(at)s::timestamptz, %(id)s::uuid)" if query.cursor else "",
    ]
    return (
        f"SELECT t.* FROM threads t WHERE {' AND '.join(filter(None, conditions))} "  # noqa: S608  # our own words
        "ORDER BY t.last_message_at DESC, t.id DESC LIMIT %(limit)s"
    )


_ASSIGNED = ("t.assigned_to_user_id = %(assignee)s", "t.assigned_to_user_id IS NULL")


def _tagged_page_of(query: ThreadQuery, status: str) -> str:
    conditions = [
        f"g.tag = %(tag)s AND g.is_spam = %(is_spam)s AND g.status = '{status}'",
        "g.assignee = %(assignee)s" if query.assigned_to else "",
        "(g.last_message_at, g.thread_id) < (%(at)s::timestamptz, %(id)s::uuid)" if query.cursor else "",
    ]
    return (
        "SELECT t.* FROM thread_tags g JOIN threads t ON t.organization_id = g.organization_id "  # noqa: S608  # our own words
        f"AND t.id = g.thread_id WHERE {' AND '.join(filter(None, conditions))} "
        "ORDER BY g.last_message_at DESC, g.thread_id DESC LIMIT %(limit)s"
    )


def _summed_up(row: Row) -> ThreadSummary:
    short = {
        "subject": cut_text(row["subject"], most_bytes=_LONGEST_PART),
        "customer_name": cut_text(row["customer_name"], most_bytes=_LONGEST_PART),
        "tags": cut_items(row["tags"], most_bytes=_LONGEST_PART),
    }
    return ThreadSummary(**{**row, **short}, is_cut=any(row[name] != short[name] for name in short))
