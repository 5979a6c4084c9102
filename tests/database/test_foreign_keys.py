"""No row mixes organizations: whatever a row refers to belongs to the same one."""

from typing import Any

import psycopg
import pytest
from psycopg.errors import ForeignKeyViolation

from tests.support.databases.canary_rows import CanaryRows, foreign_keys
from tests.support.databases.row_security import organization_tables

Connection = psycopg.Connection[dict[str, Any]]

# Ids that no key binds, each for a reason: what they name may be gone by now, or is the provider's.
_UNBOUND = {
    ("changes", "thread_id"),  # a number in a feed; readers look it up under row-level security
    ("changes", "message_id"),
    ("dead_letters", "message_id"),  # what the item in the queue named; it may be gone
    ("dead_letters", "account_id"),
    ("email_accounts", "created_by"),  # who it was; stays when the user goes
    ("user_integration_permissions", "granted_by"),
    ("key_rotations", "started_by"),
    ("integration_audit_logs", "user_id"),  # an entry outlives everybody and everything that it names
    ("integration_audit_logs", "integration_id"),
    ("idempotency_keys", "user_id"),  # the session's own user, never the caller's choice
    ("messages", "lease_id"),  # names no row
    ("email_accounts", "connection_holder"),  # names a process
    ("change_sequences", "notifier_id"),
    ("webhook_events", "subject_id"),  # what a signed URL named
    ("thread_tags", "assignee"),  # a copy, made by a trigger; the thread's own is bound
}


def test_every_key_between_organization_tables_carries_the_organization(superuser: Connection) -> None:
    tables = organization_tables(superuser)

    loose = [
        (key["table"], key["columns"])
        for key in foreign_keys(superuser)
        if key["target"] in tables
        and dict(zip(key["columns"], key["target_columns"], strict=True)).get("organization_id")
        != tables[key["target"]]
    ]

    assert loose == []


def test_every_id_is_bound_by_a_key_or_written_down_here(superuser: Connection) -> None:
    bound = {(key["table"], column) for key in foreign_keys(superuser) for column in key["columns"]}
    ids = superuser.execute(
        """SELECT table_name, column_name FROM information_schema.columns
           WHERE table_schema = 'public' AND data_type = 'uuid'
             AND column_name NOT IN ('id', 'organization_id')"""
    ).fetchall()

    assert {(row["table_name"], row["column_name"]) for row in ids} - bound == _UNBOUND


def test_a_row_that_refers_to_another_organization_is_refused(
    superuser: Connection, canaries: CanaryRows
) -> None:
    """Tried as superuser, whom no policy stops: so it is the keys that refuse."""
    mine, others = canaries.add("alpha"), canaries.add("beta")
    # Their primary keys would refuse first.
    for table in ("integration_settings", "retiring_credentials", "automatic_mails", "vacation_responders"):
        superuser.execute(f"DELETE FROM {table} WHERE organization_id = %s", (others,))
    outcomes = {}

    for key in foreign_keys(superuser):
        (name,) = [c for c in key["columns"] if c != "organization_id"] or [""]
        if not name:
            continue
        theirs = canaries.rows[others][key["target"]]
        target = dict(zip(key["columns"], key["target_columns"], strict=True))[name]
        statement = f"UPDATE {key['table']} SET {name} = %s WHERE organization_id = %s"
        try:
            with superuser.transaction(force_rollback=True):
                superuser.execute(statement, (theirs[target], mine))
            outcomes[key["table"], name] = "taken"
        except ForeignKeyViolation:
            outcomes[key["table"], name] = "refused"

    assert len(outcomes) >= 20
    assert {column for column, outcome in outcomes.items() if outcome != "refused"} == set()


def test_a_row_cannot_be_moved_to_another_organization(superuser: Connection, canaries: CanaryRows) -> None:
    mine, others = canaries.add("alpha"), canaries.add("beta")

    with pytest.raises(ForeignKeyViolation):
        superuser.execute(
            "UPDATE threads SET organization_id = %s WHERE organization_id = %s", (others, mine)
        )
