"""What the tables themselves refuse to every writer: words and numbers out of bounds, second rows, lost owners.

Each check, each unique index and each deletion of the catalogue is named here with an example, so that neither a
new one without a test nor a lost one goes unnoticed. All is tried as superuser, whom no policy stops.
"""

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Json

from tests.support.databases.canary_rows import CanaryRows
from tests.support.databases.postgres import PostgresServer

Connection = psycopg.Connection[dict[str, Any]]

INTEGRATIONS = {"exotel_phone", "exotel_whatsapp", "exotel_sms", "zoho_mail"}

# Columns that hold one of a few words.
WORDS = {
    ("automatic_mails", "kind"): {"vacation", "forward"},
    ("customer_addresses", "kind"): {"email", "phone"},
    ("customer_addresses", "linked_by"): {"inbound", "agent"},
    ("email_accounts", "state"): {"ok", "login_failed", "blocked", "unreachable", "needs_attention"},
    ("email_folders", "trouble"): {"gone", "refused"},
    ("email_folders", "role"): {"inbox", "sent", "drafts", "junk", "trash", "archive", "all", "other"},
    ("email_rules", "match"): {"all", "any"},
    ("integration_audit_logs", "status"): {"success", "failed"},
    ("integration_credentials", "integration_type"): INTEGRATIONS,
    ("integration_settings", "doubt"): {"test_failed", "send_refused", "saved_by_force"},
    ("messages", "automatic"): {"vacation", "forward"},
    ("messages", "channel"): {"EMAIL", "WHATSAPP"},
    ("messages", "direction"): {"inbound", "outbound"},
    ("messages", "mail_authentication"): {"passed", "failed", "none"},
    ("messages", "status"): {
        "received", "queued", "sending", "accepted", "sent", "delivered", "read", "failed", "unknown", "cancelled",
    },
    ("thread_events", "kind"): {
        "reaction", "reaction_removed", "edit", "revocation", "number_change", "system",
    },
    ("threads", "status"): {"open", "closed"},
    ("user_integration_permissions", "integration_type"): INTEGRATIONS,
    ("users", "phone_number_source"): {"admin", "owner"},
    ("users", "role"): {"admin", "manager", "agent"},
    ("dead_letters", "state"): {"open", "redriven", "discarded"},
    ("webhook_events", "outcome"): {"applied", "unknown", "unreadable", "revoked"},
}  # fmt: skip

# Columns that hold a number: the lowest and the highest that is taken, None where there is no end.
NUMBERS: dict[tuple[str, str], tuple[int, int | None]] = {
    ("email_accounts", "daily_limit"): (1, None),
    ("email_accounts", "hourly_limit"): (1, None),
    ("email_accounts", "poll_interval_ms"): (10_000, 300_000),
    ("inbound_hours", "arrivals"): (0, None),
    ("uploads", "size_bytes"): (1, None),
    ("user_integration_permissions", "daily_limit"): (0, None),
    ("vacation_responders", "repeat_after_days"): (1, 90),
}

# What there may be one of: table, columns, and for which rows ("" for all). Primary keys that are an id alone
# are left out.
UNIQUE = {
    ("audit_anchors", ("organization_id",), ""),
    ("audit_archives", ("organization_id", "first_sequence"), ""),
    ("audit_reviews", ("organization_id",), ""),
    ("automatic_mails", ("message_id",), ""),
    ("call_reports", ("organization_id", "identity"), ""),
    ("change_sequences", ("organization_id",), ""),
    ("changes", ("organization_id", "sequence"), ""),
    ("customer_addresses", ("organization_id", "kind", "address", "via"), ""),
    ("customer_merges", ("organization_id", "merged_id"), ""),
    ("email_accounts", ("organization_id",), "is_default"),
    ("email_accounts", ("organization_id", "email"), ""),
    ("email_folders", ("account_id", "name"), ""),
    ("inbound_hours", ("organization_id", "subject", "hour"), ""),
    ("mailbox_canaries", ("account_id", "token"), ""),
    ("email_rules", ("organization_id", "position"), ""),
    ("email_templates", ("organization_id", "name"), ""),
    ("idempotency_keys", ("organization_id", "user_id", "route", "key"), ""),
    ("integration_audit_heads", ("organization_id",), ""),
    ("integration_audit_logs", ("organization_id", "sequence"), ""),
    ("integration_credentials", ("organization_id", "integration_type"), ""),
    ("integration_settings", ("integration_id",), ""),
    ("key_rotations", ("organization_id",), ""),
    ("ledger_epoch", ("only_row",), ""),
    ("mail_aliases", ("organization_id", "mail_id", "message_id"), ""),
    ("mail_links", ("organization_id", "mail_id", "message_id"), ""),
    ("mail_relays", ("organization_id", "address"), ""),
    ("mailbox_messages", ("account_id", "folder", "uid_validity", "uid"), ""),
    ("message_events", ("organization_id", "identity"), ""),
    ("messages", ("organization_id", "channel", "identity"), "(identity IS NOT NULL)"),
    ("notifications", ("organization_id", "kind", "subject"), "(closed_at IS NULL)"),
    ("organization_phone_numbers", ("organization_id",), "is_primary"),
    ("organization_phone_numbers", ("organization_id", "phone_number"), ""),
    ("realtime_connections", ("connection_id",), ""),
    ("dead_letters", ("organization_id", "queue", "identity"), ""),
    ("realtime_tickets", ("ticket_sha256",), ""),
    ("retiring_credentials", ("integration_id",), ""),
    ("schema_migrations", ("migration_name",), ""),
    ("thread_events", ("organization_id", "identity"), ""),
    ("thread_tags", ("organization_id", "thread_id", "tag"), ""),
    ("threads_apart", ("organization_id", "thread_id", "other_thread_id"), ""),
    ("user_integration_permissions", ("organization_id", "user_id", "integration_type"), ""),
    ("users", ("organization_id", "email"), ""),
    ("users", ("organization_id", "phone_number"), ""),
    ("users", ("subject",), ""),
    ("vacation_responders", ("account_id",), ""),
    ("webhook_events", ("organization_id", "kind", "body_sha256"), "is_identifiable"),
    ("whatsapp_templates", ("organization_id", "name", "language"), ""),
}

# What becomes of a row when the one that it refers to is deleted; every other deletion is refused.
WHEN_DELETED = {
    ("automatic_mails", "account_id"): "stays without it",
    ("email_folders", "account_id"): "goes with it",
    ("email_rule_traces", "rule_id"): "stays without it",
    ("integration_settings", "integration_id"): "goes with it",
    ("mailbox_canaries", "account_id"): "goes with it",
    ("mailbox_messages", "account_id"): "goes with it",
    ("messages", "email_account_id"): "stays without it",
    ("organization_phone_numbers", "integration_id"): "stays without it",
    ("retiring_credentials", "integration_id"): "goes with it",
    ("vacation_responders", "account_id"): "goes with it",
}

_SETTLED = {("dead_letters", "state")}
"""Columns whose words go with other columns; they have tests of their own."""

_CHECKS = """
    SELECT conrelid::regclass::text AS table, pg_get_constraintdef(oid) AS definition,
           (SELECT array_agg(attname::text) FROM pg_attribute WHERE attrelid = conrelid AND attnum = ANY (conkey))
               AS columns
    FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace"""

_UNIQUE = """
    SELECT i.indrelid::regclass::text AS table, coalesce(pg_get_expr(i.indpred, i.indrelid), '') AS predicate,
           (SELECT array_agg(a.attname::text ORDER BY k.at) FROM unnest(i.indkey) WITH ORDINALITY AS k(number, at)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number) AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indisunique AND i.indisvalid AND c.relnamespace = 'public'::regnamespace"""

_DELETIONS = """
    SELECT conrelid::regclass::text AS table, confrelid::regclass::text AS target, confdeltype::text AS action,
           (SELECT array_agg(attname::text) FROM pg_attribute
            WHERE attrelid = conrelid AND attnum = ANY (conkey) AND attname <> 'organization_id') AS columns
    FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace"""


def _refusal(connection: Connection, statement: str, parameters: Any = ()) -> str | None:
    """Run a statement and take it back; return why it was refused, None if it was not."""
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement, parameters)
            # What is checked at the end of a transaction is checked now.
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
    except psycopg.errors.IntegrityError as error:
        return type(error).__name__
    return None


@pytest.fixture(scope="module")
def filled(postgres: PostgresServer) -> Iterator[CanaryRows]:
    """One organization with a row in every table."""
    with (
        postgres.emptied_database() as database,
        psycopg.connect(database.superuser_url, autocommit=True, row_factory=dict_row) as connection,
    ):
        canaries = CanaryRows(connection)
        canaries.add("alpha")
        yield canaries


@pytest.fixture
def canaries(filled: CanaryRows) -> Iterator[CanaryRows]:
    """The same rows for every test: what one does to them is rolled back."""
    with filled.connection.transaction(force_rollback=True):
        yield filled


@pytest.fixture
def superuser(canaries: CanaryRows) -> Connection:
    return canaries.connection


@pytest.fixture
def writer(superuser: Connection) -> Connection:
    """A superuser whose statements no trigger sees and no foreign key stops: checks and unique indexes are left."""
    superuser.execute("SET LOCAL session_replication_role = replica")
    return superuser


# Checks.


def test_every_check_is_known_to_these_tests(superuser: Connection) -> None:
    checks = superuser.execute(_CHECKS).fetchall()
    words = {
        (check["table"], check["columns"][0]): set(re.findall(r"'(\w+)'", check["definition"]))
        for check in checks
        if "ANY" in check["definition"]
    }
    others = {
        (check["table"], *sorted(check["columns"])) for check in checks if "ANY" not in check["definition"]
    }

    assert words == WORDS
    assert others == {
        *NUMBERS,
        ("webhook_events", "body", "body_blob"),
        ("dead_letters", "settled_at", "state"),
        ("dead_letters", "reason", "state"),
        ("ledger_epoch", "only_row"),
        ("email_folders", "trouble", "trouble_since"),
        ("inbound_hours", "hour"),
        ("users", "is_active", "subject"),
        ("users", "invitation_expires_at", "subject"),
        ("users", "phone_number", "phone_number_source"),
    }


@pytest.mark.parametrize(("table", "column"), sorted(WORDS.keys() - _SETTLED), ids=".".join)
def test_a_column_takes_its_words_and_no_other(writer: Connection, table: str, column: str) -> None:
    change = f"UPDATE {table} SET {column} = %s"
    strangers = ("", "other", next(iter(WORDS[table, column])).swapcase()) if column != "role" else ("", "x")

    taken = {word: _refusal(writer, change, (word,)) for word in WORDS[table, column]}
    refused = {word: _refusal(writer, change, (word,)) for word in strangers}

    assert taken == dict.fromkeys(WORDS[table, column])
    assert refused == dict.fromkeys(strangers, "CheckViolation")


@pytest.mark.parametrize(("table", "column"), NUMBERS, ids=".".join)
def test_a_number_keeps_to_its_bounds(writer: Connection, table: str, column: str) -> None:
    lowest, highest = NUMBERS[table, column]
    inside = [lowest, highest if highest is not None else 2_000_000_000]
    outside = [lowest - 1, -1] + ([highest + 1] if highest is not None else [])
    change = f"UPDATE {table} SET {column} = %s"

    assert {number: _refusal(writer, change, (number,)) for number in inside} == dict.fromkeys(inside)
    assert {number: _refusal(writer, change, (number,)) for number in outside} == dict.fromkeys(
        outside, "CheckViolation"
    )


@pytest.mark.parametrize(
    ("body", "blob", "refusal"),
    [("x", None, None), (None, "x", None), (None, None, "CheckViolation"), ("x", "x", "CheckViolation")],
    ids=["in the row", "in the store", "nowhere", "in both"],
)
def test_a_callbacks_body_is_in_one_place(
    writer: Connection, body: str | None, blob: str | None, refusal: str | None
) -> None:
    assert _refusal(writer, "UPDATE webhook_events SET body = %s, body_blob = %s", (body, blob)) == refusal


def test_a_dead_letter_is_open_or_says_when_and_why_it_was_settled(writer: Connection) -> None:
    change = "UPDATE dead_letters SET state = %s, settled_at = %s, reason = %s"
    at = "2026-01-15T09:30:00Z"

    for good in (("open", None, None), ("redriven", at, None), ("discarded", at, "Done by hand")):
        assert _refusal(writer, change, good) is None
    for bad in (("open", at, None), ("redriven", None, None), ("discarded", at, None), ("other", at, None)):
        assert _refusal(writer, change, bad) == "CheckViolation"


def test_a_folder_in_trouble_says_since_when(writer: Connection) -> None:
    change = "UPDATE email_folders SET trouble = %s, trouble_since = %s"
    at = "2026-01-15T09:30:00Z"

    assert _refusal(writer, change, ("gone", None)) == "CheckViolation"
    assert _refusal(writer, change, (None, at)) == "CheckViolation"
    assert _refusal(writer, change, (None, None)) is None


def test_an_active_user_can_sign_in(writer: Connection) -> None:
    change = "UPDATE users SET is_active = %s, subject = %s"

    assert _refusal(writer, change, (True, None)) == "CheckViolation"
    assert _refusal(writer, change, (False, None)) is None


def test_an_invitation_is_nobody_who_signs_in(writer: Connection) -> None:
    change = "UPDATE users SET is_active = false, subject = %s, invitation_expires_at = now()"

    assert _refusal(writer, change, ("a subject",)) == "CheckViolation"
    assert _refusal(writer, change, (None,)) is None


def test_a_members_telephone_says_who_entered_it(writer: Connection) -> None:
    change = "UPDATE users SET phone_number = %s, phone_number_source = %s"

    assert _refusal(writer, change, ("+919876543210", None)) == "CheckViolation"
    assert _refusal(writer, change, (None, "owner")) == "CheckViolation"
    assert _refusal(writer, change, (None, None)) is None


def test_arrivals_are_counted_by_whole_hours(writer: Connection) -> None:
    change = "UPDATE inbound_hours SET hour = %s"

    assert _refusal(writer, change, ("2026-01-15T09:30:00Z",)) == "CheckViolation"
    assert _refusal(writer, change, ("2026-01-15T10:00:00+00",)) is None


def test_the_ledger_has_one_epoch(superuser: Connection) -> None:
    assert _refusal(superuser, "INSERT INTO ledger_epoch DEFAULT VALUES") == "UniqueViolation"
    assert _refusal(superuser, "INSERT INTO ledger_epoch (only_row) VALUES (false)") == "CheckViolation"
    assert superuser.execute("SELECT only_row, epoch FROM ledger_epoch").fetchall() == [
        {"only_row": True, "epoch": 0}
    ]


# What there may be one of.

# Rows for which a partial index holds.
_HELD = {
    "email_accounts": {"is_default": True},
    "organization_phone_numbers": {"is_primary": True},
    "webhook_events": {"is_identifiable": True},
}
# What frees such a row from it.
_FREED = {
    "email_accounts": {"is_default": False},
    "organization_phone_numbers": {"is_primary": False},
    "webhook_events": {"is_identifiable": False},
    "messages": {"identity": None},
    "notifications": {"closed_at": "2026-01-15T09:30:00Z"},
}
_OF_THE_DEPLOYMENT = {"schema_migrations", "ledger_epoch"}
# That rules keep apart is checked at the end of a transaction, which a test of its own looks at.
_cases = sorted(case for case in UNIQUE if case[0] not in {*_OF_THE_DEPLOYMENT, "email_rules"})
_case_ids = [f"{table}.{'+'.join(columns)}{' where ' * bool(of)}{of}" for table, columns, of in _cases]


def test_every_unique_index_is_known_to_these_tests(superuser: Connection) -> None:
    found = {
        (index["table"], tuple(index["columns"]), index["predicate"]) for index in superuser.execute(_UNIQUE)
    }

    ids = {case for case in found if case[1] in (("id",), ("organization_id", "id"))}
    assert found - ids == UNIQUE
    # Each id is an organization's own, which is what foreign keys refer to.
    targets = {row["target"] for row in superuser.execute(_DELETIONS)} - {"organizations"}
    assert {table for table, columns, _ in ids if columns == ("organization_id", "id")} >= targets


def _another(table: str, column: str, value: Any) -> Any:
    """Return another value of a column's kind; flags, lists and documents as they are, since no index is on them."""
    if (table, column) in _SETTLED:
        return value
    if (table, column) in WORDS:
        return next(word for word in WORDS[table, column] if word != value)
    if isinstance(value, UUID):
        return uuid4()
    if isinstance(value, bytes):
        return value[:-1] + bytes([value[-1] ^ 1])
    if isinstance(value, int) and not isinstance(value, bool):
        return value + 1
    return value[:-1] + "?" if isinstance(value, str) and value else value


def _change(writer: Connection, table: str, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        writer.execute(f"UPDATE {table} SET {name} = %s", (value,))


def _second_row(canaries: CanaryRows, table: str, same: tuple[str, ...], **changes: Any) -> str | None:
    """Insert a row that shares only these columns with the first of its table; return why it was refused."""
    (stored,) = canaries.connection.execute(f"SELECT * FROM {table}").fetchall()
    row = canaries.insertable(table, stored)
    values = {name: value if name in same else _another(table, name, value) for name, value in row.items()}
    values |= changes
    columns, places = ", ".join(values), ", ".join(["%s"] * len(values))
    kept = [Json(value) if isinstance(value, dict) else value for value in values.values()]
    insert = f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE VALUES ({places})"
    return _refusal(canaries.connection, insert, kept)


@pytest.mark.parametrize(("table", "columns", "of"), _cases, ids=_case_ids)
def test_a_second_row_of_what_there_may_be_one_of_is_refused(
    canaries: CanaryRows, writer: Connection, table: str, columns: tuple[str, ...], of: str
) -> None:
    """Only this index is left to refuse it: what the table's others are on differs."""
    _change(writer, table, _HELD.get(table, {}) if of else {})

    assert _second_row(canaries, table, columns) == "UniqueViolation"


_partial = [case for case in _cases if case[2]]


@pytest.mark.parametrize(("table", "columns", "of"), _partial, ids=[case[0] for case in _partial])
def test_what_a_partial_index_does_not_speak_of_may_be_there_again(
    canaries: CanaryRows, writer: Connection, table: str, columns: tuple[str, ...], of: str
) -> None:
    _change(writer, table, _FREED[table])

    shared = tuple(column for column in columns if column not in _FREED[table])
    assert _second_row(canaries, table, shared) is None


@pytest.mark.parametrize(
    "table", sorted({table for table, columns, _ in _cases if columns != ("organization_id",)})
)
def test_another_row_that_shares_no_more_than_its_organization_is_taken(
    canaries: CanaryRows, writer: Connection, table: str
) -> None:
    """The control: it was the shared columns that were refused."""
    _change(writer, table, _FREED[table] if table in _HELD else {})

    assert _second_row(canaries, table, ("organization_id",)) is None


def test_rules_may_change_places_within_a_transaction_but_not_share_one(superuser: Connection) -> None:
    """Their order is checked at the end, so that one takes another's place before that one has moved."""
    superuser.execute("UPDATE email_rules SET position = 1")
    superuser.execute(
        """INSERT INTO email_rules (id, organization_id, name, position, conditions, actions)
           SELECT gen_random_uuid(), organization_id, 'second', 2, '[]', '[]' FROM email_rules"""
    )
    superuser.execute("SET CONSTRAINTS ALL IMMEDIATE")
    superuser.execute("SET CONSTRAINTS ALL DEFERRED")

    assert _refusal(superuser, "UPDATE email_rules SET position = 3 - position") is None
    assert _refusal(superuser, "UPDATE email_rules SET position = 1") == "UniqueViolation"


# What becomes of a row whose owner is deleted.

_ACTIONS = {"c": "goes with it", "n": "stays without it"}


def test_every_deletion_that_reaches_further_is_known_to_these_tests(superuser: Connection) -> None:
    found = {
        (key["table"], key["columns"][0]): _ACTIONS[key["action"]]
        for key in superuser.execute(_DELETIONS)
        if key["action"] != "a"
    }

    assert found == WHEN_DELETED


@pytest.mark.parametrize("target", ["email_accounts", "email_rules", "integration_credentials"])
def test_a_deletion_takes_along_what_belongs_to_it_and_leaves_what_happened(
    superuser: Connection, canaries: CanaryRows, target: str
) -> None:
    mine, others = next(iter(canaries.rows)), canaries.add("beta")
    keys = {
        (key["table"], key["columns"][0])
        for key in superuser.execute(_DELETIONS).fetchall()
        if key["target"] == target
    }

    superuser.execute(f"DELETE FROM {target} WHERE organization_id = %s", (mine,))

    assert keys <= WHEN_DELETED.keys()
    for table, column in keys:
        left = superuser.execute(
            f"SELECT organization_id, {column} AS owner FROM {table} WHERE organization_id = %s", (mine,)
        ).fetchall()
        goes = WHEN_DELETED[table, column] == "goes with it"
        assert left == ([] if goes else [{"organization_id": mine, "owner": None}]), (table, column)
        assert canaries.stored(table, others) == canaries.rows[others][table]


def test_whatever_else_is_referred_to_is_not_deleted(superuser: Connection) -> None:
    targets = {
        key["target"]
        for key in superuser.execute(_DELETIONS)
        if (key["table"], (key["columns"] or [""])[0]) not in WHEN_DELETED
    }

    refusals = {target: _refusal(superuser, f"DELETE FROM {target}") for target in targets}

    assert targets >= {"organizations", "users", "customers", "threads", "messages"}
    assert refusals == dict.fromkeys(targets, "ForeignKeyViolation")
