"""Migration 006 is the guide's schema: its columns, types and constraints.

Its queries are run in tests/local/operators/test_documented_sql.py.
"""

from typing import Any

import psycopg
import pytest
from psycopg.errors import CheckViolation, UniqueViolation

from tests.support.databases.canary_rows import CanaryRows

Connection = psycopg.Connection[dict[str, Any]]

# The guide's chapter "Database Schema", and below each table what that chapter leaves open.
_CREDENTIALS = {
    "id": "uuid",
    "organization_id": "uuid",
    "integration_type": "character varying(50)",
    "credentials_encrypted": "text",
    "display_name": "character varying(255)",
    "is_active": "boolean",
    "is_verified": "boolean",
    "last_verified_at": "timestamp with time zone",
    "created_by": "uuid",
    "created_at": "timestamp with time zone",
    "updated_at": "timestamp with time zone",
}
_NUMBERS = {
    "id": "uuid",
    "organization_id": "uuid",
    "integration_id": "uuid",
    "phone_number": "character varying(20)",
    "display_name": "character varying(100)",
    "number_type": "character varying(50)",
    "assigned_to_user_id": "uuid",
    "is_primary": "boolean",
    "can_call": "boolean",
    "can_sms": "boolean",
    "is_active": "boolean",
    # GET /settings/phone-numbers of the guide's Test 8 shows when a number came.
    "created_at": "timestamp with time zone",
    "updated_at": "timestamp with time zone",
}
# Named by the guide without their columns: "user-level access control", "complete audit trail".
_PERMISSIONS = {
    "id": "uuid",
    "organization_id": "uuid",
    "user_id": "uuid",
    "integration_type": "character varying(50)",
    "can_view": "boolean",
    "can_use": "boolean",
    "daily_limit": "integer",
    "granted_by": "uuid",
    "created_at": "timestamp with time zone",
    "updated_at": "timestamp with time zone",
}
_AUDIT_LOGS = {
    "id": "uuid",
    "organization_id": "uuid",
    "user_id": "uuid",
    "integration_id": "uuid",
    "integration_type": "character varying(50)",
    "action": "character varying(100)",
    "status": "character varying(20)",
    "details": "jsonb",
    "created_at": "timestamp with time zone",
    # The chain.
    "sequence": "bigint",
    "previous_hash": "text",
    "hash": "text",
}
_TABLES = {
    "integration_credentials": _CREDENTIALS,
    "organization_phone_numbers": _NUMBERS,
    "user_integration_permissions": _PERMISSIONS,
    "integration_audit_logs": _AUDIT_LOGS,
}


@pytest.mark.parametrize("table", _TABLES)
def test_a_table_has_the_guides_columns_and_no_others(superuser: Connection, table: str) -> None:
    columns = superuser.execute(
        """SELECT attname AS name, format_type(atttypid, atttypmod) AS type FROM pg_attribute
           WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped""",
        (table,),
    ).fetchall()

    assert {column["name"]: column["type"] for column in columns} == _TABLES[table]


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("integration_credentials", ["organization_id", "integration_type"]),
        ("organization_phone_numbers", ["organization_id", "phone_number"]),
        ("user_integration_permissions", ["organization_id", "user_id", "integration_type"]),
        ("integration_audit_logs", ["organization_id", "sequence"]),
    ],
    ids=["one of each type", "one of each number", "one of each user and type", "one of each place"],
)
def test_what_may_be_there_once_per_organization(
    superuser: Connection, canaries: CanaryRows, table: str, columns: list[str]
) -> None:
    canaries.add("beta")
    one = canaries.add("alpha")
    unique = superuser.execute(
        """SELECT (SELECT array_agg(a.attname::text ORDER BY k.at)
                   FROM unnest(conkey) WITH ORDINALITY AS k(number, at)
                   JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = k.number) AS columns
           FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'""",
        (table,),
    ).fetchall()
    assert columns in [row["columns"] for row in unique]

    row = canaries.rows[one][table] | {"id": "00000000-0000-4000-8000-000000000001", "is_primary": False}
    kept = [name for name in _TABLES[table] if name in row]
    values = [psycopg.types.json.Json(row[n]) if isinstance(row[n], dict) else row[n] for n in kept]
    with pytest.raises(UniqueViolation), superuser.transaction():
        if table == "integration_audit_logs":
            # The trigger would give a second entry the next place.
            superuser.execute("ALTER TABLE integration_audit_logs DISABLE TRIGGER link_audit_entry")
        superuser.execute(
            f"INSERT INTO {table} ({', '.join(kept)}) VALUES ({', '.join(['%s'] * len(kept))})", values
        )


@pytest.mark.parametrize("kind", ["exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail"])
def test_the_guides_four_types_are_known(superuser: Connection, canaries: CanaryRows, kind: str) -> None:
    one = canaries.add("alpha", integration_credentials={"integration_type": kind})

    assert canaries.rows[one]["integration_credentials"]["integration_type"] == kind


def test_an_unknown_type_is_refused(canaries: CanaryRows) -> None:
    with pytest.raises(CheckViolation):
        canaries.add("alpha", integration_credentials={"integration_type": "twilio"})


def test_two_primary_numbers_are_refused(superuser: Connection, canaries: CanaryRows) -> None:
    canaries.add("alpha", organization_phone_numbers={"is_primary": True})

    with pytest.raises(UniqueViolation, match="one_primary"):
        superuser.execute(
            """INSERT INTO organization_phone_numbers (id, organization_id, phone_number, is_primary)
               SELECT gen_random_uuid(), organization_id, '+918047100009', true FROM organization_phone_numbers"""
        )
