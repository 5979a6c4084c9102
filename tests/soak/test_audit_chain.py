"""Many who write to the audit trails of two organizations at once keep each a chain."""

import threading
from contextlib import closing

from banxway.storage.audit import trail as audit
from banxway.storage.database import Database
from tests.support.databases.postgres import PostgresServer

_WRITERS, _ENTRIES = 8, 200

_BROKEN = """
    SELECT count(*) AS broken FROM (
        SELECT hash = audit_hash(entry) AS is_own, sequence = row_number() OVER trail AS is_next,
               previous_hash = lag(hash, 1, repeat('0', 64)) OVER trail AS is_linked
        FROM integration_audit_logs entry WINDOW trail AS (PARTITION BY organization_id ORDER BY sequence)) links
    WHERE NOT (is_own AND is_next AND is_linked)"""


def test_writers_at_once_keep_the_chain_whole(postgres: PostgresServer) -> None:
    with postgres.emptied_database() as database:
        one, other = database.add_organization("One"), database.add_organization("Other")
        failures: list[BaseException] = []

        def write(writer: int) -> None:
            organization = other if writer == 0 else one
            try:
                with closing(Database(database.app_url)) as process:
                    for number in range(_ENTRIES):
                        with process.organization(organization.id, timeout_ms=600_000) as transaction:
                            audit.append(
                                transaction,
                                organization_id=organization.id,
                                action="integration.test",
                                succeeded=True,
                                details={"number": number},
                            )
            except BaseException as error:  # noqa: BLE001 -- reported by the test's own thread
                failures.append(error)

        threads = [threading.Thread(target=write, args=(writer,)) for writer in range(_WRITERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        heads = database.rows("SELECT sequence FROM integration_audit_heads ORDER BY sequence")
        print(f"{_WRITERS * _ENTRIES} entries by {_WRITERS} writers")  # noqa: T201 -- the figures of a soak
        assert failures == []
        assert database.rows(_BROKEN) == [{"broken": 0}]
        assert [row["sequence"] for row in heads] == [_ENTRIES, _ENTRIES * (_WRITERS - 1)]
