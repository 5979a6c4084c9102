"""A dishonest owner of the tables: triggers are switched off, rows rewritten, traces removed."""

from contextlib import closing

import psycopg

from tests.support.databases.postgres import TestDatabase

_TABLES = ("integration_audit_logs", "integration_audit_heads", "audit_archives")

# Makes the chain whole again from an entry on, with the product's own function, and the head after it.
_RELINK = """
DO $$
DECLARE
    entry integration_audit_logs;
    previous text := repeat('0', 64);
BEGIN
    FOR entry IN SELECT * FROM integration_audit_logs ORDER BY sequence LOOP
        entry.previous_hash := previous;
        entry.hash := audit_hash(entry);
        UPDATE integration_audit_logs SET previous_hash = entry.previous_hash, hash = entry.hash
            WHERE id = entry.id;
        previous := entry.hash;
    END LOOP;
    UPDATE integration_audit_heads
        SET hash = previous, sequence = (SELECT max(sequence) FROM integration_audit_logs);
END $$"""


def tamper(database: TestDatabase, *statements: str, relink: bool = False) -> None:
    """Run statements as the owner, without triggers and policies, in a database with one trail.

    `relink` afterwards recomputes every hash, so that the chain is whole in itself.
    """
    with closing(psycopg.connect(database.owner_url, autocommit=True)) as owner:
        for table in _TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            owner.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        for statement in (*statements, *([_RELINK] if relink else [])):
            owner.execute(statement)
        for table in _TABLES:
            owner.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
            owner.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
