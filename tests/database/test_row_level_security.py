"""What the application role sees and changes: one organization's rows, in every table the catalogue knows."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from psycopg.errors import InsufficientPrivilege

from tests.support.databases.canary_rows import CanaryRows
from tests.support.databases.row_security import ADMITTED, ADMITTED_WHOLE, gaps, organization_tables

Connection = psycopg.Connection[dict[str, Any]]


def _scope(connection: Connection, organization: UUID) -> None:
    connection.execute("SELECT enter_scope('organization', %s, 10000)", (organization,))


def _outcome(connection: Connection, statement: str, parameters: tuple[Any, ...] = ()) -> int | str:
    """Run a statement in a savepoint that is rolled back; return the rows it touched, or why it was refused."""
    with connection.transaction(force_rollback=True):
        try:
            with connection.transaction():
                return connection.execute(statement, parameters).rowcount
        except psycopg.Error as error:
            return type(error).__name__


def _insert(canaries: CanaryRows, table: str, organization: UUID) -> tuple[str, tuple[Any, ...]]:
    row = canaries.insertable(table, canaries.rows[organization][table])
    values = {
        name: psycopg.types.json.Json(value) if isinstance(value, dict) else value
        for name, value in row.items()
    }
    places = ", ".join(["%s"] * len(values))
    # Identity columns keep the value they had, so that the row is whole.
    statement = f"INSERT INTO {table} ({', '.join(values)}) OVERRIDING SYSTEM VALUE VALUES ({places})"
    return statement, tuple(values.values())


def test_every_table_of_the_product_is_known_to_these_tests(
    superuser: Connection, canaries: CanaryRows
) -> None:
    of_nobody = {"schema_migrations", "ledger_epoch"}
    tables = superuser.execute(
        "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"
    ).fetchall()

    assert {row["name"] for row in tables} - of_nobody == set(organization_tables(superuser))
    assert set(canaries.tables) == set(organization_tables(superuser))


def test_without_a_scope_every_table_is_empty_and_takes_nothing(
    app: Connection, canaries: CanaryRows
) -> None:
    one = canaries.add("alpha")

    seen, taken = {}, {}
    for table in canaries.tables:
        seen[table] = app.execute(f"SELECT count(*) AS rows FROM {table}").fetchone()["rows"]  # type: ignore[index]  # count yields a row
        taken[table] = _outcome(app, *_insert(canaries, table, one))

    assert seen == dict.fromkeys(canaries.tables, 0)
    assert taken == dict.fromkeys(canaries.tables, "InsufficientPrivilege")


def test_without_a_scope_nothing_is_changed_or_deleted(
    app: Connection, superuser: Connection, canaries: CanaryRows
) -> None:
    canaries.add("alpha")

    touched = {}
    for table, key in organization_tables(superuser).items():
        touched[table, "UPDATE"] = _outcome(app, f"UPDATE {table} SET {key} = {key}")
        touched[table, "DELETE"] = _outcome(app, f"DELETE FROM {table}")

    assert set(touched.values()) <= {0, "InsufficientPrivilege"}
    refused = {table for (table, _), outcome in touched.items() if outcome == "InsufficientPrivilege"}
    assert refused == {"organizations", "integration_audit_logs", "integration_audit_heads"}


def test_a_scope_shows_all_of_ones_own_and_nothing_of_anothers(
    app: Connection, superuser: Connection, canaries: CanaryRows
) -> None:
    mine, others = canaries.add("alpha"), canaries.add("beta")

    with app.transaction():
        _scope(app, mine)
        seen = {
            table: app.execute(f"SELECT *, {key} AS owner FROM {table}").fetchall()
            for table, key in organization_tables(superuser).items()
        }

    assert {table for table, rows in seen.items() if len(rows) != 1} == set()
    assert {row["owner"] for rows in seen.values() for row in rows} == {mine}
    assert "alpha" in str(seen)
    assert "beta" not in str(seen)
    assert str(others) not in str(seen)


def test_a_scope_takes_no_row_of_another_organization(app: Connection, canaries: CanaryRows) -> None:
    mine, others = canaries.add("alpha"), canaries.add("beta")

    with app.transaction():
        _scope(app, mine)
        taken = {table: _outcome(app, *_insert(canaries, table, others)) for table in canaries.tables}

    assert taken == dict.fromkeys(canaries.tables, "InsufficientPrivilege")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {table} SET {key} = {key} WHERE {key} = %(others)s",
        "UPDATE {table} SET {key} = %(mine)s WHERE {key} = %(others)s",
        "DELETE FROM {table} WHERE {key} = %(others)s",
        "DELETE FROM {table} WHERE {key} <> %(mine)s",
    ],
    ids=["touch", "steal", "delete", "delete all others"],
)
def test_a_scope_reaches_no_row_of_another_organization(
    app: Connection, superuser: Connection, canaries: CanaryRows, statement: str
) -> None:
    mine, others = canaries.add("alpha"), canaries.add("beta")

    with app.transaction():
        _scope(app, mine)
        touched = {
            table: _outcome(
                app,
                statement.format(table=table, key=key),
                {"mine": mine, "others": others},  # type: ignore[arg-type]  # by name
            )
            for table, key in organization_tables(superuser).items()
        }

    assert set(touched.values()) <= {0, "InsufficientPrivilege"}
    assert {table: canaries.stored(table, others) for table in canaries.tables} == canaries.rows[others]


def test_a_scope_gives_none_of_its_own_rows_away(
    app: Connection, superuser: Connection, canaries: CanaryRows
) -> None:
    mine, others = canaries.add("alpha"), canaries.add("beta")

    with app.transaction():
        _scope(app, mine)
        given = {
            table: _outcome(app, f"UPDATE {table} SET {key} = %s", (others,))
            for table, key in organization_tables(superuser).items()
        }

    assert given == dict.fromkeys(organization_tables(superuser), "InsufficientPrivilege")


def test_an_unqualified_change_stays_inside_the_scope(
    app: Connection, superuser: Connection, canaries: CanaryRows
) -> None:
    mine, _ = canaries.add("alpha"), canaries.add("beta")

    with app.transaction():
        _scope(app, mine)
        touched = {
            table: _outcome(app, f"UPDATE {table} SET {key} = {key}")
            for table, key in organization_tables(superuser).items()
        }

    assert set(touched.values()) <= {1, "InsufficientPrivilege"}
    assert list(touched.values()).count(1) == len(touched) - 3


def test_a_user_who_names_another_organization_sees_none_of_it(app: Connection, canaries: CanaryRows) -> None:
    one, other = canaries.add("alpha"), canaries.add("beta")
    user = canaries.rows[one]["users"]["id"]

    with app.transaction():
        app.execute("SELECT * FROM enter_user_scope(%s, 10000)", (user,))
        seen = app.execute("SELECT organization_id FROM customers").fetchall()
        theirs = app.execute("SELECT * FROM customers WHERE organization_id = %s", (other,)).fetchall()

    assert [row["organization_id"] for row in seen] == [one]
    assert theirs == []


# What the system scope is let near.

_FREE: dict[str, Callable[[str, str], str]] = {
    "SELECT": lambda table, key: f"SELECT {key} FROM {table}",
    "UPDATE": lambda table, key: f"UPDATE {table} SET {key} = {key}",
    # Without a WHERE: a DELETE that reads no column is bound by the DELETE policy alone.
    "DELETE": lambda table, _: f"DELETE FROM {table}",
}


@pytest.mark.parametrize("verb", ["SELECT", "UPDATE", "DELETE"])
def test_the_system_scope_reaches_only_what_its_policies_admit(
    app: Connection, superuser: Connection, canaries: CanaryRows, verb: str
) -> None:
    # One organization whose rows the policies admit, and one whose rows they do not.
    canaries.add(
        "waiting",
        messages={"direction": "outbound", "status": "queued"},
        change_sequences={"current": 2, "pushed": 1},
        changes={"created_at": "2020-01-01T00:00:00Z"},
        retiring_credentials={"retires_at": "2020-01-01T00:00:00Z"},
        uploads={"expires_at": "2020-01-01T00:00:00Z"},
    )
    canaries.add(
        "idle",
        email_accounts={"imap_enabled": False},
        change_sequences={"current": 1, "pushed": 1},
        changes={"created_at": "2999-01-01T00:00:00Z"},
        integration_credentials={"is_active": False},
        retiring_credentials={"retires_at": "2999-01-01T00:00:00Z"},
        key_rotations={"finished_at": "2020-01-01T00:00:00Z"},
        uploads={"expires_at": "2999-01-01T00:00:00Z"},
    )
    write = _FREE[verb]

    with app.transaction():
        app.execute("SELECT enter_scope('system', NULL, 10000)")
        touched = {
            table: _outcome(app, write(table, key)) for table, key in organization_tables(superuser).items()
        }

    reached = {table for table, outcome in touched.items() if outcome not in (0, "InsufficientPrivilege")}
    admitted = {table for table, policy, of in ADMITTED if of == verb and policy.startswith("system_")}
    assert reached == admitted
    assert {table for table in reached if touched[table] != 1} == reached & ADMITTED_WHOLE


@pytest.mark.parametrize(
    "status",
    [
        "received", "queued", "sending", "accepted", "sent", "delivered", "read", "failed", "unknown", "cancelled",
    ],
)  # fmt: skip
def test_the_system_scope_finds_messages_that_are_still_to_be_sent(
    app: Connection, canaries: CanaryRows, status: str
) -> None:
    canaries.add("alpha", messages={"status": status})

    with app.transaction():
        app.execute("SELECT enter_scope('system', NULL, 10000)")
        found = app.execute("SELECT status FROM messages").fetchall()

    assert [row["status"] for row in found] == ([status] if status in ("queued", "sending") else [])


@pytest.mark.parametrize(
    ("table", "column", "limit", "verb"),
    [
        ("changes", "created_at", timedelta(days=30), "SELECT"),
        ("changes", "created_at", timedelta(days=30), "DELETE"),
        ("retiring_credentials", "retires_at", timedelta(0), "SELECT"),
        ("retiring_credentials", "retires_at", timedelta(0), "DELETE"),
        ("uploads", "expires_at", timedelta(0), "SELECT"),
        ("uploads", "expires_at", timedelta(0), "DELETE"),
    ],
    ids=lambda part: str(part),
)
def test_the_system_scope_reaches_what_is_old_enough_and_nothing_younger(
    app: Connection,
    superuser: Connection,
    canaries: CanaryRows,
    table: str,
    column: str,
    limit: timedelta,
    verb: str,
) -> None:
    """By the database's own clock; half a day is more than any test takes, or any clock is set by."""
    canaries.add("alpha")
    age = f"UPDATE {table} SET {column} = now() - %s"
    touched = {}
    for name, margin in (("older", timedelta(hours=12)), ("younger", -timedelta(hours=12))):
        superuser.execute(age, (limit + margin,))
        with app.transaction():
            app.execute("SELECT enter_scope('system', NULL, 10000)")
            touched[name] = _outcome(app, _FREE[verb](table, "organization_id"))

    assert touched == {"older": 1, "younger": 0}


def test_the_system_scope_takes_no_row_at_all(app: Connection, canaries: CanaryRows) -> None:
    one = canaries.add("alpha")

    with app.transaction():
        app.execute("SELECT enter_scope('system', NULL, 10000)")
        taken = {table: _outcome(app, *_insert(canaries, table, one)) for table in canaries.tables}

    assert taken == dict.fromkeys(canaries.tables, "InsufficientPrivilege")


# The catalogue.


def test_every_table_is_closed_for_all_four_verbs(superuser: Connection) -> None:
    assert gaps(superuser) == []


@pytest.mark.parametrize(
    ("change", "gap"),
    [
        ("DROP POLICY own_organization ON customers", "customers: SELECT has no policy"),
        ("ALTER TABLE messages DISABLE ROW LEVEL SECURITY", "messages: row-level security is not enabled"),
        ("ALTER TABLE messages NO FORCE ROW LEVEL SECURITY", "messages: row-level security is not forced"),
        (
            "DROP POLICY own_organization ON users; CREATE POLICY own_organization ON users FOR SELECT "
            "TO banxway_app USING (organization_id = scope_organization())",
            "users: DELETE has no policy",
        ),
        (
            "CREATE POLICY everybody ON threads FOR SELECT USING (true)",
            "threads: policy everybody admits more than one organization",
        ),
        (
            "DROP POLICY own_organization ON threads; CREATE POLICY own_organization ON threads "
            "TO banxway_app USING (organization_id = scope_organization()) WITH CHECK (true)",
            "threads: INSERT has no policy",
        ),
        (
            "CREATE TABLE notes (organization_id uuid NOT NULL)",
            "notes: row-level security is not enabled",
        ),
        (
            "CREATE POLICY system_finds_unsent_again ON messages FOR SELECT TO banxway_app "
            "USING ((SELECT current_setting('app.role', true)) = 'system' AND status = 'queued')",
            "messages: SELECT of banxway_app is an OR of own_organization and system_finds_unsent_again",
        ),
        (
            "ALTER POLICY system_finds_unsent ON messages TO PUBLIC",
            "messages: SELECT of banxway_app is an OR of own_organization and system_finds_unsent",
        ),
        (
            "ALTER POLICY own_organization ON threads TO PUBLIC; CREATE POLICY mine ON threads FOR SELECT "
            "TO banxway_system USING (true)",
            "threads: SELECT of banxway_system is an OR of mine and own_organization",
        ),
        ("ALTER POLICY own_organization ON threads TO banxway_system", "threads: UPDATE has no policy"),
    ],
    ids=[
        "dropped",
        "disabled",
        "not forced",
        "one verb",
        "open",
        "open for writing",
        "new table",
        "two scopes",
        "for everybody",
        "for the system",
        "for another role",
    ],
)
def test_the_check_of_the_catalogue_sees_a_gap(superuser: Connection, change: str, gap: str) -> None:
    with superuser.transaction(force_rollback=True):
        superuser.execute(change)
        found = gaps(superuser)

    assert gap in found


def test_the_application_role_owns_nothing_and_can_make_nothing(superuser: Connection) -> None:
    role = superuser.execute(
        """SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS is_powerful,
                  has_schema_privilege(oid, 'public', 'CREATE') AS can_create,
                  (SELECT count(*) FROM pg_class WHERE relowner = r.oid) AS owned,
                  (SELECT array_agg(roleid::regrole::text) FROM pg_auth_members WHERE member = r.oid) AS memberships,
                  pg_has_role(oid, 'banxway_system', 'USAGE') AS inherits
           FROM pg_roles r WHERE rolname = 'banxway_app'"""
    ).fetchone()
    too_much = superuser.execute(
        """SELECT table_name, privilege_type FROM information_schema.role_table_grants
           WHERE grantee IN ('banxway_app', 'PUBLIC') AND table_schema = 'public'
             AND privilege_type IN ('TRUNCATE', 'REFERENCES', 'TRIGGER')"""
    ).fetchall()

    assert role == {
        "is_powerful": False,
        "can_create": False,
        "owned": 0,
        "memberships": ["banxway_system"],
        "inherits": False,
    }
    assert too_much == []


def test_the_application_role_may_do_this_and_no_more(superuser: Connection) -> None:
    grants = superuser.execute(
        """SELECT table_name AS table, grantee, array_agg(privilege_type::text) AS verbs
           FROM information_schema.role_table_grants
           WHERE table_schema = 'public' AND grantee IN ('banxway_app', 'PUBLIC') GROUP BY 1, 2"""
    ).fetchall()
    parts = superuser.execute(
        """SELECT attrelid::regclass::text FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
           WHERE attacl::text ~ 'banxway_app=' AND c.relnamespace = 'public'::regnamespace"""
    ).fetchall()

    everything = {"SELECT", "INSERT", "UPDATE", "DELETE"}
    expected = dict.fromkeys(organization_tables(superuser), everything) | {
        "organizations": {"SELECT"},
        "integration_audit_logs": {"SELECT", "INSERT"},
        "integration_audit_heads": {"SELECT"},
        "schema_migrations": {"SELECT"},
    }
    assert {row["table"]: set(row["verbs"]) for row in grants} == expected
    assert {row["grantee"] for row in grants} == {"banxway_app"}
    assert parts == [{"attrelid": "organizations"}]
    assert superuser.execute(
        """SELECT column_name AS name, privilege_type AS verb FROM information_schema.column_privileges
           WHERE table_name = 'organizations' AND grantee = 'banxway_app' AND privilege_type <> 'SELECT'"""
    ).fetchall() == [{"name": "name", "verb": "UPDATE"}]


def test_only_these_run_with_more_rights_than_their_caller(superuser: Connection) -> None:
    powerful = superuser.execute(
        """SELECT proname AS name, array_to_string(proconfig, ' ') AS settings,
                  pg_get_function_result(oid) AS returns, coalesce(proacl::text LIKE '%,=X/%' OR proacl::text LIKE
                  '{=X/%', true) AS is_anybodys
           FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY proname"""
    ).fetchall()

    invitations = "TABLE(user_id uuid, organization_id uuid, is_expired boolean)"
    assert {each["settings"] for each in powerful} == {"search_path=public, pg_temp"}
    assert [(each["name"], each["returns"], each["is_anybodys"]) for each in powerful] == [
        ("find_invitations", invitations, False),
        ("find_subject", "uuid", False),
        # A trigger's function cannot be called.
        ("link_audit_entry", "trigger", True),
    ]


def test_who_signs_in_is_found_in_no_scope_and_nothing_else_is(
    app: Connection, superuser: Connection, canaries: CanaryRows
) -> None:
    """By one subject or one address, exactly; ids are all that comes back."""
    one = canaries.add("alpha")
    two = canaries.add(
        "beta", users={"is_active": False, "subject": None, "invitation_expires_at": "2026-01-15"}
    )
    member, invited = canaries.rows[one]["users"], canaries.rows[two]["users"]

    def found(question: str, text: str) -> list[dict[str, Any]]:
        with app.transaction():
            app.execute("SELECT enter_scope('nobody', NULL, 10000)")
            rows = app.execute(f"SELECT * FROM {question}(%s)", (text,)).fetchall()
            assert app.execute("SELECT id FROM users").fetchall() == []
        return rows

    assert found("find_subject", member["subject"]) == [{"find_subject": member["id"]}]
    assert found("find_subject", "%") == [{"find_subject": None}]
    assert found("find_invitations", invited["email"]) == [
        {"user_id": invited["id"], "organization_id": two, "is_expired": True}
    ]
    assert [found("find_invitations", address) for address in (member["email"], "%", "")] == [[], [], []]


def test_a_view_would_be_noticed(superuser: Connection) -> None:
    """A view reads as its owner, past the reader's policies: there is none."""
    views = superuser.execute(
        "SELECT viewname FROM pg_views WHERE schemaname = 'public' UNION SELECT matviewname FROM pg_matviews"
    ).fetchall()

    assert views == []


_SETTINGS = ("app.organization_id", "app.user_id", "app.role", "statement_timeout", "role")


def _settings(connection: Connection) -> dict[str, str | None]:
    names = ", ".join(f"current_setting('{name}', true) AS \"{name}\"" for name in _SETTINGS)
    row = connection.execute(f"SELECT {names}").fetchone()
    assert row is not None
    return row


def test_each_scope_says_who_works_and_how_long_a_statement_may_take(
    app: Connection, canaries: CanaryRows
) -> None:
    one = canaries.add("alpha", users={"role": "manager"})
    user = canaries.rows[one]["users"]["id"]
    scopes = {
        "user": ("SELECT * FROM enter_user_scope(%s, 1000)", (user,)),
        "organization": ("SELECT enter_scope('organization', %s, 2000)", (one,)),
        "system": ("SELECT enter_scope('system', NULL, 3000)", ()),
    }
    found = {}
    for name, (statement, parameters) in scopes.items():
        with app.transaction():
            app.execute(statement, parameters)
            found[name] = tuple(_settings(app).values())

    assert found == {
        "user": (str(one), str(user), "manager", "1s", "none"),
        "organization": (str(one), "", "organization", "2s", "none"),
        "system": ("", "", "system", "3s", "banxway_system"),
    }


def test_the_scopes_settings_are_gone_with_the_transaction(app: Connection, canaries: CanaryRows) -> None:
    one = canaries.add("alpha")
    for statement, parameters in (
        ("SELECT enter_scope('organization', %s, 10000)", (one,)),
        ("SELECT enter_scope('system', NULL, 10000)", ()),
        ("SELECT * FROM enter_user_scope(%s, 10000)", (canaries.rows[one]["users"]["id"],)),
    ):
        with app.transaction():
            app.execute(statement, parameters)
        assert tuple(_settings(app).values()) == ("", "", "", "0", "none")


def test_a_scope_replaces_all_of_the_one_before_it_in_the_same_transaction(
    app: Connection, canaries: CanaryRows
) -> None:
    one, other = canaries.add("alpha"), canaries.add("beta")
    enter_user = "SELECT * FROM enter_user_scope(%s, 10000)"
    a_user, nobody = canaries.rows[one]["users"]["id"], other

    def after(*scopes: tuple[str, tuple[Any, ...]]) -> list[UUID]:
        """Return whose users are seen after all of these."""
        with app.transaction():
            for statement, parameters in scopes:
                app.execute(statement, parameters)
            return [row["organization_id"] for row in app.execute("SELECT organization_id FROM users")]

    organization = ("SELECT enter_scope('organization', %s, 10000)", (other,))
    system: tuple[str, tuple[Any, ...]] = ("SELECT enter_scope('system', NULL, 10000)", ())

    assert after((enter_user, (a_user,))) == [one]
    # Without its user's name taken away, the first one's own row would still be seen.
    assert after((enter_user, (a_user,)), organization) == [other]
    assert after(system, organization) == [other]
    assert after(organization, (enter_user, (nobody,))) == []
    for before in ((enter_user, (a_user,)), organization):
        with pytest.raises(InsufficientPrivilege, match="users"):
            after(before, system)
    assert after(organization, (enter_user, (a_user,))) == [one]


def test_a_user_who_is_no_longer_active_enters_nothing_but_sees_that(
    app: Connection, superuser: Connection, canaries: CanaryRows
) -> None:
    one, _ = canaries.add("alpha", users={"is_active": False}), canaries.add("beta")
    user = canaries.rows[one]["users"]["id"]

    with app.transaction():
        entered = app.execute("SELECT * FROM enter_user_scope(%s, 10000)", (user,)).fetchall()
        seen = {
            table: len(app.execute(f"SELECT {key} FROM {table}").fetchall())
            for table, key in organization_tables(superuser).items()
        }

    assert entered == []
    assert {table: rows for table, rows in seen.items() if rows} == {"users": 1}


def test_a_refused_insert_is_refused_for_its_organization_and_nothing_else(
    app: Connection, canaries: CanaryRows
) -> None:
    """The control of the tests above: the same row of one's own passes the policy and meets its own key."""
    one = canaries.add("alpha")

    with app.transaction():
        _scope(app, one)
        outcomes = {
            table: _outcome(app, *_insert(canaries, table, one))
            for table in canaries.tables
            if table not in ("organizations", "integration_audit_heads")
        }

    # Of numbered rows and audit entries a second one is simply another row.
    assert {table for table, outcome in outcomes.items() if outcome != "UniqueViolation"} == set()


def test_an_insufficient_privilege_names_row_level_security(app: Connection, canaries: CanaryRows) -> None:
    mine, others = canaries.add("alpha"), canaries.add("beta")

    with pytest.raises(InsufficientPrivilege, match="row-level security"), app.transaction():
        _scope(app, mine)
        app.execute(*_insert(canaries, "customers", others))
