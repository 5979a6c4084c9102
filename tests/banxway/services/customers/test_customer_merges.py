"""Two customers who are one person, and two who prove not to be: un-merging is the exact inverse of merging."""

from datetime import UTC, datetime

import pytest

from banxway.models.customers import CustomerMerge, NewCustomerAddress
from banxway.models.messages.messages import NewWhatsAppMessage
from banxway.storage.customers import merges as customer_merges
from tests.support.gates.chance import dice, in_soak
from tests.support.mailboxes.arrivals import Arrivals, Letter
from tests.support.product.acquaintances import Acquaintances, rows_of, state_of, tables_of_customers
from tests.support.product.builders import SUPPORT, an_incoming, received
from tests.support.timing.overtaking import overtaken

ASHA, ASHAS = "asha@customer.example", "+919876543210"
RAO, RAOS = "rao@customer.example", "+919876543211"


def test_a_merge_moves_the_rows_of_every_table_that_has_a_customers(test_database):
    """Read from the catalogue: a table that a later migration adds must be merged, too."""
    assert set(tables_of_customers(test_database)) == set(customer_merges.TABLES)
    assert set(tables_of_customers(test_database).values()) == {"customer_id"}


def test_every_column_that_names_a_customer_is_bound_by_a_key(test_database):
    """A column without a foreign key is not in the catalogue."""
    columns = test_database.rows(
        """SELECT table_name FROM information_schema.columns
           WHERE table_schema = 'public' AND column_name LIKE '%%customer_id%%'"""
    )

    assert {row["table_name"] for row in columns} == set(tables_of_customers(test_database))


@pytest.mark.random
@pytest.mark.parametrize("world_number", range(in_soak(20, else_=1)))
def test_unmerging_gives_back_every_row_of_every_table(product, organization, world_number):
    """One merge or several, also of customers that others were merged into, are undone in any possible order.

    50 pairs, and in a soak 1,000 of twenty worlds.
    """
    chance = dice(20 + world_number)
    world = Acquaintances(product, organization, chance)
    world.add(24)
    pairs, left = 0, 50
    while pairs < left:
        before = state_of(product.database)
        alive, merged = list(world.customers), []
        for _ in range(min(chance.choice((1, 1, 2, 4)), left - pairs)):
            survivor, other = chance.sample(alive, 2)
            had = {one: rows_of(product.database, one) for one in (survivor, other)}
            world.merge(survivor, other)
            alive.remove(other)
            merged.append((survivor, other))
            assert rows_of(product.database, other) == {}
            assert sum(rows_of(product.database, survivor).values()) == sum(
                number for counted in had.values() for number in counted.values()
            )
        pairs += len(merged)
        while merged:
            possible = [pair for pair in merged if pair[0] not in {gone for _, gone in merged}]
            undone = chance.choice(possible)
            world.unmerge(*undone)
            merged.remove(undone)
        assert state_of(product.database) == before


def test_a_merge_has_time_for_a_customer_who_wrote_for_years(database, organization):
    def allowed(transaction):
        return transaction.single("SELECT current_setting('statement_timeout') AS allowed")["allowed"]

    for timeout_ms, expected in ((5_000, "20s"), (60_000, "1min")):
        with database.organization(organization.id, timeout_ms=timeout_ms) as transaction:
            customer_merges.lock_exclusive(transaction)
            assert allowed(transaction) == expected
        with database.organization(organization.id, timeout_ms=timeout_ms) as transaction:
            assert allowed(transaction) == f"{timeout_ms // 1000}s".replace("60s", "1min")


# What comes between a merge and its inverse.


@pytest.fixture
def pair(product, organization):
    """Asha and Rao, each with a mail address, a number and a thread."""
    return Pair(product, organization)


class Pair:
    """Two customers, and their actions."""

    def __init__(self, product, organization):
        self.product, self.organization = product, organization
        product.add_whatsapp(organization)
        self.threads = [
            product.add_thread(organization, phone=phone, email=email)
            for phone, email in ((ASHAS, ASHA), (RAOS, RAO))
        ]
        for thread, phone in zip(self.threads, (ASHAS, RAOS), strict=True):
            product.add_inbound(organization, thread, sender=phone)
        rows = [
            product.database.rows("SELECT customer_id FROM threads WHERE id = %s", (t,)) for t in self.threads
        ]
        self.asha, self.rao = (row["customer_id"] for (row,) in rows)
        self.inbox = Arrivals(product, organization)
        self.manager, self.agent = (product.actor(organization, role) for role in ("manager", "agent"))

    def change(self, verb, product=None):
        change = getattr((product or self.product).app.customers.update, verb)
        return change(actor=self.manager, customer_id=self.asha, other=CustomerMerge(customer_id=self.rao))

    def write(self, text, *, sender, product=None):
        """Let a customer write on WhatsApp."""
        item = received(self.organization, an_incoming(text, sid=text, sender=sender))
        (product or self.product).apply(item)

    def answer(self, text, thread, product=None):
        """Let an agent answer on WhatsApp."""
        process = product or self.product
        return process.app.messages.send.send(
            actor=self.agent,
            thread_id=thread,
            content=NewWhatsAppMessage(channel="WHATSAPP", content=text, to=RAOS),
            once=None,
        )

    def owners(self, text):
        """Return the customer of a message, and the customer of its thread."""
        (row,) = self.product.database.rows(
            """SELECT m.customer_id AS of_message, t.customer_id AS of_thread
               FROM messages m JOIN threads t ON t.id = m.thread_id WHERE btrim(m.body_text, E' \\r\\n') = %s""",
            (text,),
        )
        names = {self.asha: "Asha", self.rao: "Rao"}
        return names[row["of_message"]], names[row["of_thread"]]


def test_what_came_since_goes_with_its_address(pair):
    pair.change("merge")
    pair.inbox.file(Letter("from Rao", sender=RAO, subject="Invoice", mail_id="r@x.example"))
    pair.inbox.file(Letter("from Asha", sender=ASHA, subject="Parcel", mail_id="a@x.example"))
    pair.inbox.file(
        Letter("to Rao", sender=SUPPORT, to=(RAO,), role="sent", subject="Offer", mail_id="o@x.example")
    )

    assert pair.owners("from Rao") == pair.owners("from Asha") == pair.owners("to Rao") == ("Asha", "Asha")
    pair.change("unmerge")

    assert pair.owners("from Rao") == pair.owners("to Rao") == ("Rao", "Rao")
    assert pair.owners("from Asha") == ("Asha", "Asha")


def test_what_came_since_into_a_thread_of_the_other_stays_in_that_thread(pair):
    """A thread is shown whole: nothing leaves it without a person."""
    pair.change("merge")
    pair.product.add_inbound(pair.organization, pair.threads[0], sender=RAOS, body_text="from Rao's number")
    pair.change("unmerge")

    assert pair.owners("from Rao's number") == ("Rao", "Asha")


def test_a_thread_that_began_before_stays_whosever_message_is_its_first_by_now(pair):
    pair.change("merge")
    pair.product.add_inbound(
        pair.organization,
        pair.threads[0],
        sender=RAOS,
        body_text="dated before",
        occurred_at=datetime(2020, 1, 1, tzinfo=UTC),
    )
    pair.change("unmerge")

    assert pair.owners("dated before") == ("Rao", "Asha")


def test_what_another_merge_brought_goes_back_with_that_one_alone(pair):
    """Also a message with an address of the first customer's, and a thread that begins with it."""
    third = pair.product.add_thread(pair.organization, phone=None, email="third@customer.example")
    (row,) = pair.product.database.rows("SELECT customer_id FROM threads WHERE id = %s", (third,))
    pair.product.add_inbound(pair.organization, third, sender=RAOS, body_text="an old number")
    before = state_of(pair.product.database)
    app, other = pair.product.app, CustomerMerge(customer_id=row["customer_id"])

    pair.change("merge")
    app.customers.update.merge(actor=pair.manager, customer_id=pair.asha, other=other)
    pair.change("unmerge")
    app.customers.update.unmerge(actor=pair.manager, customer_id=pair.asha, other=other)

    assert state_of(pair.product.database) == before


def test_an_address_that_was_added_since_stays_and_one_that_was_removed_is_gone(pair):
    app, actor = pair.product.app, pair.agent
    merged = pair.change("merge")
    ids = {each.address: each.id for each in merged.addresses}
    app.customers.update.remove_address(actor=actor, customer_id=pair.asha, address_id=ids[RAO])
    for kind, address in (("email", RAO), ("email", "new@customer.example")):
        new = NewCustomerAddress(kind=kind, address=address)
        app.customers.update.add_address(actor=actor, customer_id=pair.asha, address=new)

    pair.change("unmerge")

    known = {
        one: [each.address for each in app.customers.read.get(actor=actor, customer_id=one).addresses]
        for one in (pair.asha, pair.rao)
    }
    # An agent has added the removed address to Asha.
    assert sorted(known[pair.asha]) == sorted([ASHAS, ASHA, RAO, "new@customer.example"])
    assert known[pair.rao] == [RAOS]


# At the same moment.


@pytest.mark.parametrize("verb", ["merge", "unmerge"])
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_what_a_customer_writes_during_a_change_is_whose_its_address_is_then(pair, twin, verb, is_first):
    """On WhatsApp the customer of the number is found first, and then the thread."""
    if verb == "unmerge":
        pair.change("merge")
    other = twin()
    jobs = [
        lambda process: pair.write("during it", sender=RAOS, product=process),
        lambda process: pair.change(verb, product=process),
    ]
    first, second = jobs if is_first else reversed(jobs)

    overtaken(
        pair.product.database,
        pair.product.app.infrastructure.database,
        lambda: first(pair.product),
        lambda: second(other),
    )

    if verb == "merge":
        assert pair.owners("during it") == ("Asha", "Asha")
        assert rows_of(pair.product.database, pair.rao) == {}
    else:
        assert pair.owners("during it")[0] == "Rao"
        # A message that is filed after it finds the threads that the customer has then.
        assert pair.owners("during it")[1] == "Rao" or is_first


@pytest.mark.parametrize("verb", ["merge", "unmerge"])
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_a_mail_that_is_filed_during_a_change_is_whose_its_address_is_then(pair, twin, verb, is_first):
    if verb == "unmerge":
        pair.change("merge")
    other = twin()
    letter = pair.inbox._stored(Letter("during it", sender=RAO, subject="Invoice", mail_id="r@x.example"))
    account = pair.inbox.account
    jobs = [
        lambda process: process.app.email_sync.filing.file_batch(account, [letter]),
        lambda process: pair.change(verb, product=process),
    ]
    first, second = jobs if is_first else reversed(jobs)

    overtaken(
        pair.product.database,
        pair.product.app.infrastructure.database,
        lambda: first(pair.product),
        lambda: second(other),
    )

    assert pair.owners("during it") == (("Asha", "Asha") if verb == "merge" else ("Rao", "Rao"))


@pytest.mark.parametrize("verb", ["merge", "unmerge"])
@pytest.mark.parametrize("is_first", [True, False], ids=["before", "after"])
def test_an_answer_that_is_sent_during_a_change_is_whose_its_thread_is_then(pair, twin, verb, is_first):
    if verb == "unmerge":
        pair.change("merge")
    other = twin()
    jobs = [
        lambda process: pair.answer("during it", pair.threads[1], product=process),
        lambda process: pair.change(verb, product=process),
    ]
    first, second = jobs if is_first else reversed(jobs)

    overtaken(
        pair.product.database,
        pair.product.app.infrastructure.database,
        lambda: first(pair.product),
        lambda: second(other),
    )

    assert pair.owners("during it") == (("Asha", "Asha") if verb == "merge" else ("Rao", "Rao"))
