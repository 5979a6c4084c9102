"""Threads as agents read them: in pages, complete, and never another organization's, even in a warm process."""

import gc
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from banxway.errors import NotFound, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.pages import Cursors
from banxway.models.threads.threads import ThreadQuery
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product

_PLACES = Cursors("threads")


def test_pages_show_every_thread_once_in_order_of_activity(
    product: Product, agent: Actor, organization: Organization
) -> None:
    now = datetime.now(UTC)
    expected = []
    for number in range(7):
        thread = product.add_thread(organization, phone=None)
        # Three at the same instant, as an import would make them.
        at = now - timedelta(hours=0 if number < 3 else number)
        product.database.rows("UPDATE threads SET last_message_at = %s WHERE id = %s", (at, thread))
        expected.append((at, thread))

    seen, cursor = [], None
    while True:
        page = product.app.threads.read.list_page(actor=agent, query=ThreadQuery(limit=2, cursor=cursor))
        seen += [(row.last_message_at, row.id) for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert seen == sorted(expected, reverse=True)


@pytest.mark.parametrize(
    "cursor",
    [
        "nonsense",
        "",
        "!!!",
        _PLACES.write("only one part"),
        _PLACES.write("not a time", uuid4()),
        _PLACES.write("2026-01-15T09:30:00+00:00", "not an id"),
        _PLACES.write("0001-01-01T00:00:00+14:00", uuid4()),
    ],
    ids=["words", "empty", "signs", "one part", "no time", "no id", "before all time"],
)
def test_a_cursor_of_somebody_elses_making_is_refused(product: Product, agent: Actor, cursor: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        product.app.threads.read.list_page(actor=agent, query=ThreadQuery(cursor=cursor))

    assert refusal.value.details["field"] == "cursor"


def test_another_organizations_thread_is_an_unknown_thread(product: Product, agent: Actor) -> None:
    stranger = product.database.add_organization("Other")
    theirs = product.add_thread(stranger)

    messages = []
    for thread in (theirs, uuid4()):
        with pytest.raises(NotFound) as refusal:
            product.app.threads.read.get(actor=agent, thread_id=thread)
        messages.append((refusal.value.message, refusal.value.details))

    assert messages[0] == messages[1]
    assert product.app.threads.read.list_page(actor=agent, query=ThreadQuery()).rows == []


def test_a_warm_process_keeps_nothing_of_the_organization_it_served_before(
    product: Product, organization: Organization
) -> None:
    """Threat 6. The canaries are made by the database, so that only its answers can contain them."""
    organizations = [organization, product.database.add_organization("Other")]
    threads, actors = [], []
    for number, owner in enumerate(organizations):
        thread = product.add_thread(owner, phone=None)
        product.database.rows(
            "UPDATE threads SET subject = 'canary-' || md5(%s) WHERE id = %s", (str(number), thread)
        )
        product.database.rows("UPDATE customers SET name = 'canary-' || md5(%s)", (str(number),))
        threads.append(thread)
        actors.append(product.actor(owner))

    for turn in range(200):
        product.app.threads.read.get(actor=actors[turn % 2], thread_id=threads[turn % 2])
        product.app.threads.read.list_page(actor=actors[turn % 2], query=ThreadQuery())
        product.app.end_invocation()

    assert _texts_in_memory("canary-") == []


def _texts_in_memory(prefix: str) -> list[str]:
    """Return every text of a canary's exact shape that any object of this process still references."""
    gc.collect()
    size = len(prefix) + 32
    found = []
    for holder in gc.get_objects():
        held = gc.get_referents(holder)
        found += [one for one in held if type(one) is str and len(one) == size and one.startswith(prefix)]
    return found


def test_the_search_of_the_memory_finds_what_is_held(product: Product) -> None:
    """The control of the test above."""
    held = [row["text"] for row in product.database.rows("SELECT 'canary-' || md5('x') AS text")]

    assert _texts_in_memory("canary-") == held
