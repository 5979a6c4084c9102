"""Threads of many or of large messages, stored as filing would have stored them, and how a client reads them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from banxway.models.pages import escaped_size
from tests.support.databases.postgres import Organization
from tests.support.product.app import Answer, Bundle

THREADS = "/api/v1/communications/threads"
LARGEST_ANSWER = 5_000_000


def add_thread(bundle: Bundle, organization: Organization, *, subject: str = "Long") -> UUID:
    """Store a thread without messages and return its id."""
    customer, thread = uuid4(), uuid4()
    bundle.database.rows(
        "INSERT INTO customers (id, organization_id, name) VALUES (%s, %s, 'Asha')",
        (customer, organization.id),
    )
    bundle.database.rows(
        """INSERT INTO threads (id, organization_id, customer_id, subject, last_message_at)
           VALUES (%s, %s, %s, %s, now())""",
        (thread, organization.id, customer, subject),
    )
    return thread


def add_messages(
    bundle: Bundle, thread: UUID, texts: Sequence[str], *, hours_ago: int = 0, **columns: Any
) -> None:
    """Store a mail of each text in a thread, a second apart, the last one now or some time ago."""
    names = "".join(f", {name}" for name in columns)
    places = ", %s" * len(columns)
    bundle.database.rows(
        f"""INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender,
                                  recipient, join_rule, body_text, occurred_at{names})
            SELECT gen_random_uuid(), t.organization_id, t.id, t.customer_id, 'EMAIL', 'inbound', 'received',
                   'asha@customer.example', 'support@yourdomain.com', 'new', one.text,
                   date_trunc('second', now()) - make_interval(hours => %s, secs => %s - one.number){places}
            FROM threads t, unnest(%s::text[]) WITH ORDINALITY AS one (text, number) WHERE t.id = %s
            ORDER BY one.number""",
        (hours_ago, len(texts), *columns.values(), list(texts), thread),
    )


def wire_size_of(answer: Answer) -> int:
    """Return the bytes of an answer's body as Lambda's runtime hands it over."""
    return escaped_size(answer.text)


def read_to_the_first(
    bundle: Bundle, organization: Organization, thread: UUID, *, limit: int = 200
) -> tuple[list[dict[str, Any]], list[int]]:
    """Return all messages of a thread, oldest first, as a client reads them, and the size of each answer."""
    answer = bundle.get(f"{THREADS}/{thread}", organization.agent)
    assert answer.status == 200, answer.text[:500]
    messages, sizes = answer.data["messages"], [wire_size_of(answer)]
    cursor = answer.data["next_cursor"]
    while cursor:
        target = f"{THREADS}/{thread}/messages?limit={limit}&cursor={cursor}"
        answer = bundle.get(target, organization.agent)
        assert answer.status == 200, answer.text[:500]
        sizes.append(wire_size_of(answer))
        messages = [*reversed(answer.data), *messages]
        cursor = answer.json["next_cursor"]
    return messages, sizes
