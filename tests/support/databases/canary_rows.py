"""One row in every table of an organization, made from the catalogue alone, so that a new table is included.

Every text holds a canary of its organization; what a foreign key names is the same organization's row.
"""

import json
import re
from typing import Any
from uuid import UUID, uuid4

import psycopg

_COLUMNS = """
    SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type,
           nullif(a.atttypmod, -1) - 4 AS length, a.attnotnull AS is_required, a.atthasdef AS has_default,
           a.attidentity <> '' AS is_identity
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
      AND a.attgenerated = ''
    ORDER BY c.relname, a.attnum"""

_FOREIGN_KEYS = """
    SELECT con.conrelid::regclass::text AS table, con.confrelid::regclass::text AS target,
           (SELECT array_agg(a.attname ORDER BY k.at) FROM unnest(con.conkey) WITH ORDINALITY AS k(number, at)
            JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.number) AS columns,
           (SELECT array_agg(a.attname ORDER BY k.at) FROM unnest(con.confkey) WITH ORDINALITY AS k(number, at)
            JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.number) AS target_columns
    FROM pg_constraint con WHERE con.contype = 'f' ORDER BY 1, con.conname"""

_CHOICES = """
    SELECT conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS definition
    FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""

# Pairs of columns where only one may be filled: the other stays empty.
_LEFT_EMPTY = {("webhook_events", "body_blob"), ("dead_letters", "reason")}
# Columns that must be filled where another is, which is a text and so is filled.
_FILLED = {("email_folders", "trouble_since")}
# The changes that triggers would record of these rows.
_TURNS = (
    "integration.updated;mailbox.updated;phone_number.updated;whatsapp_template.updated;rotation.updated;"
)
_TEXTS = ("text", "character varying")


def foreign_keys(connection: "psycopg.Connection[dict[str, Any]]") -> list[dict[str, Any]]:
    """Return {table, target, columns, target_columns} of every foreign key."""
    return connection.execute(_FOREIGN_KEYS).fetchall()


class CanaryRows:
    """Fills every table for an organization; `rows` keeps what was inserted, by organization and table."""

    def __init__(self, connection: "psycopg.Connection[dict[str, Any]]") -> None:
        """Read the catalogue. The connection is a superuser's, in autocommit."""
        self.connection = connection
        self._columns: dict[str, list[dict[str, Any]]] = {}
        for column in connection.execute(_COLUMNS):
            self._columns.setdefault(column["table"], []).append(column)
        self._keys = foreign_keys(connection)
        self._choices = _choices(connection)
        self.tables = self._in_order()
        self.rows: dict[UUID, dict[str, dict[str, Any]]] = {}

    def add(self, name: str, **fixed: dict[str, Any]) -> UUID:
        """Add an organization with one row in every table; `fixed` gives columns of a table other values."""
        organization = uuid4()
        self.rows[organization] = {}
        with self.connection.transaction():
            self.connection.execute("SELECT enter_scope('organization', %s, 60000)", (organization,))
            # What was recorded in a transaction is not recorded again: every table keeps one row.
            self.connection.execute("SELECT set_config('app.recorded_turns', %s, true)", (_TURNS,))
            for table in self.tables:
                values = self._values(table, organization, name) | fixed.get(table, {})
                self._insert(table, values)
                self.rows[organization][table] = self.stored(table, organization)
            # Triggers of later tables may have written to earlier ones.
            self.rows[organization] = {table: self.stored(table, organization) for table in self.tables}
        return organization

    def stored(self, table: str, organization: UUID) -> dict[str, Any]:
        """Return the organization's row of a table, as it is now."""
        key = "id" if table == "organizations" else "organization_id"
        row = self.connection.execute(f"SELECT * FROM {table} WHERE {key} = %s", (organization,)).fetchone()
        assert row is not None, f"{table} has lost its row"
        return row

    def insertable(self, table: str, row: dict[str, Any]) -> dict[str, Any]:
        """Return what of a stored row can be inserted: all but what the database works out itself."""
        return {column["column"]: row[column["column"]] for column in self._columns[table]}

    def _in_order(self) -> list[str]:
        """Sort the tables of organizations so that what a row refers to is there before it."""
        waiting = {
            table
            for table, columns in self._columns.items()
            if table == "organizations" or any(c["column"] == "organization_id" for c in columns)
        }
        ordered: list[str] = []
        while waiting:
            ready = sorted(
                table
                for table in waiting
                if not any(k["table"] == table and k["target"] in waiting - {table} for k in self._keys)
            )
            ordered += ready
            waiting -= set(ready)
        return ordered

    def _values(self, table: str, organization: UUID, name: str) -> dict[str, Any]:
        values = {
            column["column"]: self._value(column, name)
            for column in self._columns[table]
            if not column["is_identity"]
            and (table, column["column"]) not in _LEFT_EMPTY
            and (
                column["type"] in _TEXTS
                or (table, column["column"]) in _FILLED
                or (column["is_required"] and not column["has_default"])
            )
        }
        values["id" if table == "organizations" else "organization_id"] = organization
        for key in (key for key in self._keys if key["table"] == table):
            target = self.rows[organization].get(key["target"])
            if target:
                values |= dict(zip(key["columns"], (target[c] for c in key["target_columns"]), strict=True))
        return values

    def _value(self, column: dict[str, Any], name: str) -> Any:
        table, kind = column["table"], column["type"]
        chosen = self._choices.get((table, column["column"]))
        if kind in _TEXTS:
            text = chosen or f"canary-{name}-{table}-{column['column']}"
            return text[: column["length"]] if column["length"] else text
        made: dict[str, Any] = {
            "uuid": uuid4(),
            "boolean": True,
            "jsonb": json.dumps({"canary": name}),
            "bytea": uuid4().bytes,
            "text[]": [f"canary-{name}-{table}-{column['column']}"],
            "timestamp with time zone": "2026-01-15T09:00:00Z",
        }
        return made.get(kind, 1)

    def _insert(self, table: str, values: dict[str, Any]) -> None:
        if table == "integration_audit_heads":
            # The trigger of integration_audit_logs writes these, and comes before or after.
            statement = "INSERT INTO integration_audit_heads ({}) VALUES ({}) ON CONFLICT DO NOTHING"
        else:
            statement = f"INSERT INTO {table} ({{}}) VALUES ({{}})"
        columns, places = ", ".join(values), ", ".join(f"%({column})s" for column in values)
        self.connection.execute(statement.format(columns, places), values)


def _choices(connection: "psycopg.Connection[dict[str, Any]]") -> dict[tuple[str, str], str]:
    """Return a permitted word of every column that a check limits to a list of words."""
    found = {}
    for check in connection.execute(_CHOICES):
        match = re.search(r"\(?(\w+)\)?(?:::text)? = ANY \(.*?ARRAY\['([^']+)'", check["definition"])
        if match:
            found[(check["table"], match[1])] = match[2]
    return found
