"""A server that is killed again and again while many write (fault 30)."""

import threading
from uuid import UUID, uuid4

from banxway.errors import Unavailable
from banxway.storage.database import CommitUncertain, Database
from tests.support.databases.postgres import PostgresServer
from tests.support.gates.chance import dice
from tests.support.timing.waiting import eventually

_WRITERS, _KILLS, _LEAST, _MOST = 4, 10, 50, 400
_ADD = "INSERT INTO customers (id, organization_id, name) VALUES (%s, %s, 'Asha')"
_LINK = """INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
           VALUES (%s, %s, 'email', %s, 'inbound')"""


class Writer(threading.Thread):
    """Adds customers, each in a transaction of two statements, until it is asked to stop."""

    def __init__(self, url: str, organization: UUID, stop: threading.Event) -> None:
        super().__init__()
        self._database, self._organization, self._stop_asked = Database(url), organization, stop
        self.confirmed: list[UUID] = []
        self.uncertain: list[UUID] = []
        self.refused = 0

    def run(self) -> None:
        while not self._stop_asked.is_set():
            customer = uuid4()
            try:
                with self._database.organization(self._organization) as transaction:
                    transaction.execute(_ADD, (customer, self._organization))
                    transaction.execute(_LINK, (self._organization, customer, f"{customer}@customer.example"))
                self.confirmed.append(customer)
            except CommitUncertain:
                self.uncertain.append(customer)
            except Unavailable:
                self.refused += 1
                self._stop_asked.wait(0.02)  # nothing comes: a pause before the next attempt
        self._database.close()


def test_a_server_killed_over_and_over_has_lost_nothing_that_it_confirmed() -> None:
    chance = dice(30)
    with PostgresServer.running() as server, server.database() as database:
        organization, stop = database.add_organization(), threading.Event()
        writers = [Writer(database.app_url, organization.id, stop) for _ in range(_WRITERS)]

        def confirmed() -> int:
            return sum(len(writer.confirmed) for writer in writers)

        for writer in writers:
            writer.start()
        try:
            for _ in range(_KILLS):
                enough = confirmed() + chance.randint(_LEAST, _MOST)
                eventually(lambda enough=enough: confirmed() >= enough)
                server.kill()
                server.start_again()
            enough = confirmed() + _LEAST
            eventually(lambda: confirmed() >= enough)
        finally:
            stop.set()
            for writer in writers:
                writer.join()

        kept = {row["id"] for row in database.rows("SELECT id FROM customers")}
        halves = database.rows(
            """SELECT c.id FROM customers c FULL JOIN customer_addresses a ON a.customer_id = c.id
               WHERE c.id IS NULL OR a.customer_id IS NULL"""
        )
        promised = {customer for writer in writers for customer in writer.confirmed}
        unsure = {customer for writer in writers for customer in writer.uncertain}
        refused = sum(writer.refused for writer in writers)
        print(  # noqa: T201 -- the figures of a soak
            f"{_KILLS} kills: {len(promised)} confirmed, {len(unsure)} uncertain, {len(kept & unsure)} of these done,"
            f" {refused} refused"
        )
        assert promised - kept == set()
        assert kept - promised <= unsure
        assert halves == []
