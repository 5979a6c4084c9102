"""Ten thousand transactions behind a pooler that hands each to any backend (threat 4)."""

import random
import threading

from banxway.storage.database import Database
from tests.support.databases.pooled import PooledClient, add_organizations
from tests.support.databases.postgres import PostgresServer
from tests.support.databases.postgres_wire import TransactionPooler, over_tcp
from tests.support.gates.chance import dice

_ORGANIZATIONS, _CLIENTS, _BACKENDS, _TRANSACTIONS = 50, 8, 4, 10_000


def test_ten_thousand_transactions_of_fifty_organizations_see_none_of_each_others_rows(
    postgres: PostgresServer,
) -> None:
    seeds = dice(1)
    with postgres.emptied_database() as database:
        organizations = add_organizations(database, _ORGANIZATIONS)
        pool = TransactionPooler(database.app_url, backends=_BACKENDS, seed=seeds.getrandbits(32))
        with pool as pooler:
            url = over_tcp(database.app_url, pooler.port)
            clients = [PooledClient(Database(url)) for _ in range(_CLIENTS)]
            share = _TRANSACTIONS // _CLIENTS
            threads = [
                threading.Thread(
                    target=client.work, args=(organizations, share, random.Random(seeds.getrandbits(32)))
                )
                for client in clients
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

    done = sum(client.done for client in clients)
    print(f"{done} transactions, {pooler.moves} on another backend than the last")  # noqa: T201 -- figures
    assert [client.failure for client in clients] == [None] * _CLIENTS
    assert done == _TRANSACTIONS
    assert [stranger for client in clients for stranger in client.strangers] == []
    assert pooler.moves > _TRANSACTIONS / 4
