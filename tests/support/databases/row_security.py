"""What the catalogue says about row-level security: every gap in it, as sentences."""

import itertools
from collections.abc import Iterator
from typing import Any

import psycopg

ORGANIZATION_TABLES = """
    SELECT c.relname AS name, CASE WHEN c.relname = 'organizations' THEN 'id' ELSE 'organization_id' END AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
      AND (c.relname = 'organizations'
           OR EXISTS (SELECT FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attname = 'organization_id' AND NOT a.attisdropped))
    ORDER BY c.relname"""

_STATE = """
    SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"""

_POLICIES = """
    SELECT tablename AS name, policyname, cmd, permissive, roles::text[] AS roles, coalesce(qual, '') AS qual,
           coalesce(with_check, qual, '') AS with_check
    FROM pg_policies WHERE schemaname = 'public'"""

_VERBS = ("SELECT", "INSERT", "UPDATE", "DELETE")

# Beside own_organization: what a signed-in user sees before their organization is known, and what the system
# scope's role is let near. A policy that is not here is a gap until somebody writes it down.
ADMITTED = {
    # The owner alone, who could read everything anyway: an operator has to find the organization to work for.
    ("organizations", "owner_lists", "SELECT"),
    ("integration_credentials", "system_finds_active", "SELECT"),
    ("retiring_credentials", "system_finds_retired", "SELECT"),
    ("retiring_credentials", "system_retires", "DELETE"),
    ("users", "own_row", "SELECT"),
    # The owner alone: the two functions that find who signs in run as it.
    ("users", "owner_finds_members", "SELECT"),
    ("email_accounts", "system_finds_due", "SELECT"),
    ("integration_audit_heads", "system_finds_heads", "SELECT"),
    ("audit_anchors", "system_finds_anchors", "SELECT"),
    ("key_rotations", "system_finds_unfinished", "SELECT"),
    ("messages", "system_finds_unsent", "SELECT"),
    ("change_sequences", "system_finds_unpushed", "SELECT"),
    ("changes", "system_sees_old", "SELECT"),
    ("changes", "system_prunes", "DELETE"),
    ("realtime_tickets", "system_finds", "SELECT"),
    ("realtime_tickets", "system_redeems", "DELETE"),
    ("realtime_connections", "system_finds", "SELECT"),
    ("realtime_connections", "system_forgets", "DELETE"),
    ("uploads", "system_finds_unclaimed", "SELECT"),
    ("uploads", "system_prunes_unclaimed", "DELETE"),
}

# What has no state that could tell: known by a secret or an id alone, or looked at for every organization.
ADMITTED_WHOLE = {"realtime_tickets", "realtime_connections", "integration_audit_heads", "audit_anchors"}

# Where two permissive policies of one role meet, which Postgres joins by OR: no index serves an OR of two scopes.
# A user's own row is found by its primary key, and an organization has few users.
ADMITTED_ORS = {("users", "SELECT", "banxway_app")}


def organization_tables(connection: "psycopg.Connection[dict[str, Any]]") -> dict[str, str]:
    """Return every table with rows of organizations, and the column that names the organization."""
    return {row["name"]: row["key"] for row in connection.execute(ORGANIZATION_TABLES)}


def gaps(connection: "psycopg.Connection[dict[str, Any]]") -> list[str]:
    """Return what is missing or too wide; an empty list when every table is closed."""
    state = {row["name"]: row for row in connection.execute(_STATE)}
    policies = connection.execute(_POLICIES).fetchall()
    found = []
    for table, key in organization_tables(connection).items():
        if not state[table]["enabled"]:
            found.append(f"{table}: row-level security is not enabled")
        if not state[table]["forced"]:
            found.append(f"{table}: row-level security is not forced")
        own = [p for p in policies if p["name"] == table]
        scoped = [p for p in own if _is_scoped(p, key) and "banxway_app" in p["roles"]]
        for verb in _VERBS:
            if not any(policy["cmd"] in ("ALL", verb) for policy in scoped):
                found.append(f"{table}: {verb} has no policy")
        found += _ors(table, own)
    for policy in policies:
        key = "id" if policy["name"] == "organizations" else "organization_id"
        named = (policy["name"], policy["policyname"], policy["cmd"])
        # A restrictive one only takes away.
        is_wide = policy["permissive"] == "PERMISSIVE" and not _is_scoped(policy, key)
        if is_wide and named not in ADMITTED:
            found.append(f"{policy['name']}: policy {policy['policyname']} admits more than one organization")
    return found


def _ors(table: str, policies: list[dict[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each role and verb that more than one permissive policy applies to."""
    permissive = [policy for policy in policies if policy["permissive"] == "PERMISSIVE"]
    for role, verb in itertools.product(("banxway_app", "banxway_system"), _VERBS):
        names = sorted(
            policy["policyname"]
            for policy in permissive
            if policy["cmd"] in ("ALL", verb) and {role, "public"} & set(policy["roles"])
        )
        if len(names) > 1 and (table, verb, role) not in ADMITTED_ORS:
            yield f"{table}: {verb} of {role} is an OR of {' and '.join(names)}"


def _is_scoped(policy: dict[str, Any], key: str) -> bool:
    """Return whether a policy lets through one organization's rows and nothing else, read and written."""
    rule = f"({key} = scope_organization())"
    return bool(
        policy["permissive"] == "PERMISSIVE" and policy["qual"] == rule and policy["with_check"] == rule
    )
