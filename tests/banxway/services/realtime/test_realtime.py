"""Live changes: tickets that open once, and a list that loses nothing."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from banxway.errors import NotAuthenticated, NotPermitted
from banxway.models.actors import Actor
from banxway.models.realtime import ChangeList, ChangesQuery
from banxway.storage.realtime import changes
from tests.support.databases.postgres import Organization
from tests.support.product.builders import Product
from tests.support.timing.database_times import let_tickets_live
from tests.support.timing.racing import Background, held, patient, until_waiting

Twin = Callable[..., Product]


def _note(product: Product, organization: UUID, count: int = 1) -> None:
    for _ in range(count):
        with product.app.infrastructure.database.organization(organization) as transaction:
            changes.record(transaction, organization_id=organization, kind="message.created")


def _since(product: Product, actor: Actor, since: int, limit: int = 200) -> ChangeList:
    return product.app.realtime.list_changes(actor=actor, query=ChangesQuery(since=since, limit=limit))


def _connections(product: Product) -> set[str]:
    return {
        row["connection_id"]
        for row in product.database.rows("SELECT connection_id FROM realtime_connections")
    }


# Tickets.


def test_a_ticket_opens_one_connection_of_its_holder(product: Product, agent: Actor) -> None:
    ticket = product.app.realtime.create_ticket(actor=agent)
    let_tickets_live(product.database)
    product.app.realtime.connect(connection_id="c1", ticket=ticket.ticket, origin=None)

    (row,) = product.database.rows("SELECT * FROM realtime_connections")
    assert (row["connection_id"], row["organization_id"], row["user_id"]) == (
        "c1",
        agent.organization_id,
        agent.user_id,
    )
    assert ticket.websocket_url == "wss://live.test/live"


def test_a_ticket_lives_for_thirty_seconds_by_the_database(product: Product, agent: Actor) -> None:
    (before,) = product.database.rows("SELECT now() AS at")
    ticket = product.app.realtime.create_ticket(actor=agent)
    (after,) = product.database.rows("SELECT now() AS at")

    (kept,) = product.database.rows("SELECT expires_at FROM realtime_tickets")
    assert kept["expires_at"] == ticket.expires_at
    assert before["at"] <= ticket.expires_at - timedelta(seconds=30) <= after["at"]


def test_a_ticket_is_used_up(product: Product, agent: Actor) -> None:
    ticket = product.app.realtime.create_ticket(actor=agent).ticket
    let_tickets_live(product.database)
    product.app.realtime.connect(connection_id="c1", ticket=ticket, origin=None)

    with pytest.raises(NotAuthenticated, match="unknown, used or expired"):
        product.app.realtime.connect(connection_id="c2", ticket=ticket, origin=None)

    assert _connections(product) == {"c1"}


def test_a_ticket_redeemed_ten_times_at_once_opens_one_connection(
    product: Product, agent: Actor, twin: Twin
) -> None:
    ticket = product.app.realtime.create_ticket(actor=agent).ticket
    let_tickets_live(product.database)
    processes = [twin() for _ in range(10)]

    def connect(number: int, process: Product) -> str:
        patient(process.app)
        try:
            process.app.realtime.connect(connection_id=f"c{number}", ticket=ticket, origin=None)
        except NotAuthenticated:
            return "refused"
        return "open"

    # All have found it before the first of them has used it up.
    with held(product.database, "SELECT FROM realtime_tickets FOR UPDATE"):
        opening = [Background(lambda pair=pair: connect(*pair)) for pair in enumerate(processes)]
        until_waiting(product.database, len(processes))

    assert sorted(one.result() for one in opening) == ["open", *["refused"] * 9]
    assert len(_connections(product)) == 1


@pytest.mark.parametrize("ticket", [None, "", "guessed", "x" * 5000])
def test_without_a_genuine_ticket_nothing_opens(product: Product, ticket: str | None) -> None:
    with pytest.raises(NotAuthenticated):
        product.app.realtime.connect(connection_id="c1", ticket=ticket, origin=None)

    assert _connections(product) == set()


def test_an_expired_ticket_opens_nothing_and_is_gone(product: Product, agent: Actor) -> None:
    ticket = product.app.realtime.create_ticket(actor=agent).ticket
    product.database.rows("UPDATE realtime_tickets SET expires_at = now() - interval '1 second'")

    with pytest.raises(NotAuthenticated):
        product.app.realtime.connect(connection_id="c1", ticket=ticket, origin=None)

    assert product.database.rows("SELECT 1 AS one FROM realtime_tickets") == []


def test_a_page_of_another_origin_opens_nothing_and_leaves_the_ticket(product: Product, agent: Actor) -> None:
    ticket = product.app.realtime.create_ticket(actor=agent).ticket

    let_tickets_live(product.database)

    with pytest.raises(NotPermitted):
        product.app.realtime.connect(connection_id="c1", ticket=ticket, origin="https://evil.example")

    product.app.realtime.connect(connection_id="c1", ticket=ticket, origin=None)


def test_a_ticket_is_kept_only_as_its_hash(product: Product, agent: Actor) -> None:
    ticket = product.app.realtime.create_ticket(actor=agent).ticket

    (row,) = product.database.rows("SELECT * FROM realtime_tickets")
    assert ticket not in str(row)
    assert len(row["ticket_sha256"]) == 32


def test_closing_an_unknown_connection_is_harmless(product: Product) -> None:
    product.app.realtime.disconnect(connection_id="never-seen")


# The list of what was missed.


def test_a_client_catches_up_page_by_page(product: Product, agent: Actor) -> None:
    _note(product, agent.organization_id, 7)

    first = _since(product, agent, 2, limit=3)
    second = _since(product, agent, first.changes[-1].sequence, limit=3)

    assert [change.sequence for change in first.changes] == [3, 4, 5]
    assert (first.has_more, first.complete, first.latest) == (True, True, 7)
    assert [change.sequence for change in second.changes] == [6, 7]
    assert (second.has_more, second.complete) == (False, True)


@pytest.mark.parametrize(
    ("pruned", "since", "complete"),
    [(0, 0, True), (0, 5, True), (2, 1, False), (2, 2, True), (5, 3, False), (5, 5, True), (0, 9, False)],
    ids=[
        "all",
        "nothing missed",
        "some gone",
        "just enough",
        "all gone",
        "all gone but seen",
        "a number from before a restore",
    ],
)
def test_a_client_is_reported_when_the_list_cannot_be_complete(
    product: Product, agent: Actor, pruned: int, since: int, complete: bool
) -> None:
    _note(product, agent.organization_id, 5)
    product.database.rows("DELETE FROM changes WHERE sequence <= %s", (pruned,))

    assert _since(product, agent, since).complete is complete


def test_an_organization_without_changes_has_missed_none(product: Product, agent: Actor) -> None:
    nothing = _since(product, agent, 0)

    assert (nothing.changes, nothing.latest, nothing.complete) == ([], 0, True)


def test_numbers_have_no_gaps_and_appear_in_order_while_many_write(
    product: Product, agent: Actor, twin: Twin
) -> None:
    """A reader that follows the list meanwhile misses nothing: no change is inserted before the last that it saw."""
    writers, each = [twin() for _ in range(6)], 25
    seen: list[int] = []
    incomplete: list[int] = []

    def write(writer: Product) -> None:
        patient(writer.app)
        for number in range(each):
            try:
                with writer.app.infrastructure.database.organization(agent.organization_id) as transaction:
                    changes.record(transaction, organization_id=agent.organization_id, kind="message.status")
                    if number % 5 == 0:
                        raise RuntimeError("rolled back")
            except RuntimeError:
                continue

    writing = [Background(lambda writer=writer: write(writer)) for writer in writers]
    reader = twin()
    while not all(one.is_over for one in writing) or not seen or seen[-1] < 6 * 20:
        page = _since(reader, agent, seen[-1] if seen else 0, limit=10)
        seen += [change.sequence for change in page.changes]
        if not page.complete:
            incomplete.append(seen[-1] if seen else 0)
    for one in writing:
        one.result()

    assert seen == list(range(1, 6 * 20 + 1))
    assert incomplete == []


def test_another_organizations_changes_are_not_listed(
    product: Product, agent: Actor, organization: Organization
) -> None:
    stranger = product.database.add_organization("Other")
    _note(product, stranger.id, 3)
    _note(product, organization.id, 1)

    listed = _since(product, agent, 0)

    assert ([change.sequence for change in listed.changes], listed.latest) == ([1], 1)
