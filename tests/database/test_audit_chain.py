"""The audit trail: append-only for everybody, and a chain whose breaks are seen."""

import hashlib
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege, RaiseException

from banxway.storage.audit import trail as audit
from banxway.storage.database import Database
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.timing.racing import Background, until_waiting

Connection = psycopg.Connection[dict[str, Any]]

_CHAIN = """
    SELECT sequence, hash = audit_hash(entry) AS is_own_hash,
           previous_hash = lag(hash, 1, repeat('0', 64)) OVER (ORDER BY sequence) AS is_linked,
           sequence = row_number() OVER (ORDER BY sequence) AS is_next
    FROM integration_audit_logs entry WHERE organization_id = %s ORDER BY sequence"""


def first_break(connection: Connection, organization: UUID) -> int | None:
    """Return the sequence of the first entry that is not what was written, or one more than the last if the
    chain ends before its head; None for a whole chain."""
    rows = connection.execute(_CHAIN, (organization,)).fetchall()
    for row in rows:
        if not (row["is_own_hash"] and row["is_linked"] and row["is_next"]):
            return int(row["sequence"])
    head = connection.execute(
        """SELECT h.sequence, h.hash IS NOT DISTINCT FROM l.hash AS is_last FROM integration_audit_heads h
           LEFT JOIN integration_audit_logs l USING (organization_id, sequence) WHERE h.organization_id = %s""",
        (organization,),
    ).fetchone()
    is_whole = head is not None and head["sequence"] == len(rows) and head["is_last"]
    return None if is_whole else len(rows) + 1


def _write(database: Database, organization: Organization, number: int) -> None:
    with database.organization(organization.id) as transaction:
        audit.append(
            transaction,
            organization_id=organization.id,
            user_id=organization.admin,
            integration_type="exotel_phone",
            action="integration.test",
            succeeded=number % 2 == 0,
            details={"number": number, "note": "línea\nनमस्ते"},
        )


@pytest.fixture
def written(database: Database, organization: Organization) -> Organization:
    """An organization with six entries."""
    for number in range(6):
        _write(database, organization, number)
    return organization


def test_a_chain_begins_at_nothing_and_links_every_entry(
    written: Organization, superuser: Connection
) -> None:
    rows = superuser.execute(_CHAIN, (written.id,)).fetchall()

    assert [row["sequence"] for row in rows] == [1, 2, 3, 4, 5, 6]
    assert first_break(superuser, written.id) is None


@pytest.mark.parametrize("is_full", [True, False], ids=["every column", "no optional column"])
def test_the_hash_covers_every_column_that_says_something(
    database: Database, organization: Organization, superuser: Connection, is_full: bool
) -> None:
    """Computed here once more, without the database's function, from what an entry says."""
    integration = uuid4()
    optional = {
        "user_id": organization.admin,
        "integration_id": integration,
        "integration_type": "exotel_sms",
    }
    with database.organization(organization.id) as transaction:
        for _ in range(2):
            audit.append(
                transaction,
                organization_id=organization.id,
                action="integration.test",
                succeeded=False,
                details={"note": "línea\nनमस्ते"},
                **(optional if is_full else {}),
            )
    row = superuser.execute(
        """SELECT *, details::text AS said, extract(epoch FROM created_at)::text AS at
           FROM integration_audit_logs WHERE sequence = 2"""
    ).fetchone()
    assert row is not None

    chosen = [str(value) for value in optional.values()] if is_full else ["-", "-", "-"]
    parts = [
        row["previous_hash"],
        "2",
        str(row["id"]),
        str(organization.id),
        *chosen,
        "integration.test",
        "failed",
        row["said"],
        row["at"],
    ]
    assert hashlib.sha256("\n".join(parts).encode()).hexdigest() == row["hash"]
    assert (row["created_at"], row["previous_hash"]) != (None, "0" * 64)


@pytest.mark.parametrize("role", ["app_url", "owner_url", "superuser_url"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE integration_audit_logs SET action = 'nothing'",
        "DELETE FROM integration_audit_logs",
        "TRUNCATE integration_audit_logs",
    ],
    ids=["update", "delete", "truncate"],
)
def test_nobody_changes_or_removes_an_entry(
    connect: Any,
    test_database: TestDatabase,
    written: Organization,
    superuser: Connection,
    role: str,
    statement: str,
) -> None:
    connection = connect(getattr(test_database, role))

    with pytest.raises((InsufficientPrivilege, RaiseException)) as refused, connection.transaction():
        connection.execute("SELECT enter_scope('organization', %s, 10000)", (written.id,))
        connection.execute(statement)

    said = "permission denied" if role == "app_url" else "append-only"
    assert said in str(refused.value)
    assert first_break(superuser, written.id) is None


@pytest.mark.parametrize("statement", ["INSERT", "UPDATE", "DELETE"])
def test_the_application_cannot_write_the_heads(
    app: Connection, written: Organization, statement: str
) -> None:
    written_to = {
        "INSERT": "INSERT INTO integration_audit_heads VALUES (%(id)s, 9, 'x')",
        "UPDATE": "UPDATE integration_audit_heads SET hash = 'x' WHERE organization_id = %(id)s",
        "DELETE": "DELETE FROM integration_audit_heads WHERE organization_id = %(id)s",
    }[statement]

    with pytest.raises(InsufficientPrivilege), app.transaction():
        app.execute("SELECT enter_scope('organization', %s, 10000)", (written.id,))
        app.execute(written_to, {"id": written.id})


def test_the_application_cannot_choose_its_place_in_the_chain(
    app: Connection, written: Organization, superuser: Connection
) -> None:
    with app.transaction():
        app.execute("SELECT enter_scope('organization', %s, 10000)", (written.id,))
        app.execute(
            """INSERT INTO integration_audit_logs
                   (id, organization_id, action, status, sequence, previous_hash, hash, created_at)
               VALUES (%s, %s, 'forged', 'success', 2, 'mine', 'mine', '2001-01-01')""",
            (uuid4(), written.id),
        )

    last = superuser.execute(
        """SELECT sequence, created_at > now() - interval '1 day' AS is_now FROM integration_audit_logs
           WHERE organization_id = %s ORDER BY sequence DESC LIMIT 1""",
        (written.id,),
    ).fetchone()
    assert last == {"sequence": 7, "is_now": True}
    assert first_break(superuser, written.id) is None


@pytest.mark.parametrize(
    ("tampering", "first"),
    [
        ("UPDATE integration_audit_logs SET action = 'other' WHERE sequence = 3", 3),
        ("UPDATE integration_audit_logs SET user_id = NULL WHERE sequence = 4", 4),
        ("UPDATE integration_audit_logs SET details = '{}' WHERE sequence = 1", 1),
        (
            "UPDATE integration_audit_logs SET created_at = created_at - interval '1 second' WHERE sequence = 5",
            5,
        ),
        ("DELETE FROM integration_audit_logs WHERE sequence = 2", 3),
        ("DELETE FROM integration_audit_logs WHERE sequence = 6", 6),
        ("DELETE FROM integration_audit_logs WHERE sequence > 3", 4),
        ("UPDATE integration_audit_logs l SET action = 'other', hash = audit_hash(l) WHERE sequence = 3", 3),
    ],
    ids=[
        "word",
        "person",
        "details",
        "time",
        "middle removed",
        "tail removed",
        "tail cut off",
        "hash with it",
    ],
)
def test_a_change_that_gets_past_the_triggers_is_seen(
    superuser: Connection, written: Organization, tampering: str, first: int
) -> None:
    superuser.execute("SET session_replication_role = replica")

    superuser.execute(tampering)

    assert first_break(superuser, written.id) == first


def test_writers_who_find_the_same_head_write_one_after_the_other(
    test_database: TestDatabase, connect: Any, superuser: Connection, written: Organization
) -> None:
    """All wait for the head, which somebody keeps from being changed: who has only read it would reuse its place.

    A race of many is in tests/soak/test_audit_chain.py.
    """
    processes = [Database(test_database.app_url) for _ in range(3)]
    holder = connect(test_database.superuser_url)
    with holder.transaction():
        holder.execute("SELECT FROM integration_audit_heads FOR SHARE")
        writers = [
            Background(lambda process=process, number=number: _write(process, written, number))  # type: ignore[misc]  # bound
            for number, process in enumerate(processes, 7)
        ]
        until_waiting(test_database, len(writers))
    for writer in writers:
        writer.result()
    for process in processes:
        process.close()

    said = superuser.execute(
        "SELECT details->>'number' AS number FROM integration_audit_logs ORDER BY sequence DESC LIMIT 3"
    ).fetchall()
    assert {row["number"] for row in said} == {"7", "8", "9"}
    assert first_break(superuser, written.id) is None


def test_a_writer_of_another_organization_waits_for_nobody(
    test_database: TestDatabase, database: Database, superuser: Connection, written: Organization
) -> None:
    other, beside = test_database.add_organization("Other"), Database(test_database.app_url)

    with database.organization(written.id) as transaction:
        audit.append(
            transaction, organization_id=written.id, action="integration.test", succeeded=True, details={}
        )
        # In the same thread: if it had to wait for the first, it would wait until its time is over.
        _write(beside, other, 1)
    beside.close()

    assert first_break(superuser, written.id) is None
    assert first_break(superuser, other.id) is None


def test_an_entry_that_is_rolled_back_leaves_no_gap(
    database: Database, written: Organization, superuser: Connection
) -> None:
    with pytest.raises(RuntimeError), database.organization(written.id) as transaction:
        audit.append(
            transaction, organization_id=written.id, action="integration.test", succeeded=True, details={}
        )
        raise RuntimeError("in the middle")
    _write(database, written, 7)

    assert len(superuser.execute(_CHAIN, (written.id,)).fetchall()) == 7
    assert first_break(superuser, written.id) is None
