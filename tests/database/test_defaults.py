"""What a new row says where nobody said anything, and what it may leave open."""

from typing import Any

import psycopg

from banxway.storage.database import Database
from tests.support.databases.postgres import Organization

Connection = psycopg.Connection[dict[str, Any]]

# A mailbox, for example, is polled and sends, but changes nothing on its server until somebody asks for that.
DEFAULTS: dict[str, dict[str, str]] = {
    "attachments": {"is_inline": "false"},
    "change_sequences": {"current": "0", "pushed": "0", "pushing": "0", "pushed_through": "''"},
    "customer_addresses": {"id": "gen_random_uuid()", "via": "''"},
    "customer_merges": {"moved": "'{}'"},
    "customers": {"name": "''"},
    "dead_letters": {"state": "'open'", "times_given_up": "1"},
    "email_accounts": {
        "smtp_secure": "false", "smtp_enabled": "true", "imap_tls": "true", "imap_enabled": "true",
        "poll_interval_ms": "30000", "is_default": "false", "signature_html": "''", "signature_text": "''",
        "is_verified": "false", "consecutive_failures": "0", "fence": "0", "provider": "'custom'",
        "marks_seen": "false", "uses_idle": "false", "state": "'ok'", "last_poll_messages": "0",
        "last_poll_threads": "0", "sends_canary": "false", "canary_is_stuck": "false",
    },
    "email_folders": {"last_uid": "0", "role": "'other'", "is_listed": "true", "stuck_polls": "0"},
    "email_rule_traces": {"created_at": "clock_timestamp()"},
    "email_rules": {"is_active": "true", "match": "'all'"},
    "integration_audit_logs": {"details": "'{}'", "created_at": "clock_timestamp()"},
    "integration_credentials": {"is_active": "true", "is_verified": "false"},
    "integration_settings": {"settings": "'{}'", "callback_generation": "1"},
    "key_rotations": {
        "total": "0", "rewrapped": "0", "unreadable": "0", "stage": "''", "done_through": "''", "pass": "1",
        "moved_in_pass": "0", "unreadable_rows": "'[]'", "counts": "'{}'",
    },
    "ledger_epoch": {"only_row": "true", "epoch": "0"},
    "mailbox_canaries": {"has_failed": "false"},
    "mailbox_messages": {"is_visible": "true", "is_seen": "false", "flags": "'{}'", "seen_wanted": "false"},
    "messages": {
        "kind": "'text'", "subject": "''", "body_text": "''", "content": "'{}'", "mail_references": "'{}'",
        "join_evidence": "''", "problems": "'{}'", "attempts": "0", "created_at": "clock_timestamp()",
        "mail_to": "'{}'", "mail_cc": "'{}'", "mail_bcc": "'{}'", "is_spam": "false",
        "took_nothing": "false", "sent_looks": "0", "ordered_at": "COALESCE(placed_at, occurred_at)",
        "mail_reply_to": "'{}'", "sender_name": "''",
    },
    "notifications": {"occurrences": "1"},
    "organization_phone_numbers": {
        "number_type": "'virtual'", "is_primary": "false", "can_call": "true", "can_sms": "false",
        "is_active": "true",
    },
    "realtime_connections": {"failed_pushes": "0"},
    "thread_events": {"sender_spellings": "'{}'", "text": "''"},
    "threads": {"subject": "''", "status": "'open'", "tags": "'{}'", "is_spam": "false"},
    "user_integration_permissions": {"can_view": "true", "can_use": "false"},
    "users": {"name": "''", "is_active": "true", "preferences": "'{}'"},
    "vacation_responders": {
        "is_active": "false", "subject": "''", "content_text": "''", "repeat_after_days": "7",
    },
    "webhook_events": {"deliveries": "1", "replays": "0"},
    "whatsapp_templates": {"category": "''", "body": "''", "variables": "0", "components": "'[]'"},
}  # fmt: skip

# Columns that begin as the time of their transaction.
NOW = {
    "audit_anchors": {"anchored_at"},
    "audit_archives": {"created_at"},
    "automatic_mails": {"created_at"},
    "call_reports": {"received_at"},
    "changes": {"created_at"},
    "customer_addresses": {"created_at"},
    "customer_merges": {"merged_at"},
    "customers": {"created_at"},
    "email_accounts": {"next_poll_at", "created_at", "updated_at", "state_since"},
    "email_rules": {"activated_at", "created_at", "updated_at"},
    "email_templates": {"created_at", "updated_at"},
    "idempotency_keys": {"created_at"},
    "integration_credentials": {"created_at", "updated_at"},
    "integration_settings": {"credentials_changed_at"},
    "key_rotations": {"started_at", "progressed_at"},
    "ledger_epoch": {"risen_at"},
    "mailbox_canaries": {"sent_at"},
    "mailbox_messages": {"created_at"},
    "message_events": {"received_at"},
    "messages": {"next_attempt_at", "updated_at"},
    "notifications": {"created_at"},
    "organization_phone_numbers": {"created_at", "updated_at"},
    "organizations": {"created_at"},
    "realtime_connections": {"connected_at"},
    "schema_migrations": {"applied_at"},
    "threads": {"created_at"},
    "uploads": {"created_at"},
    "user_integration_permissions": {"created_at", "updated_at"},
    "users": {"created_at"},
    "vacation_responders": {"updated_at"},
    "webhook_events": {"applied_at"},
    "whatsapp_templates": {"synced_at"},
}  # fmt: skip

# Columns that may be empty (NULL); every other one must say something.
OPTIONAL = {
    "attachments": {"content_id"},
    "automatic_mails": {"account_id"},
    "call_reports": {"status", "duration_s", "recording_url", "occurred_at"},
    "change_sequences": {"notifier_id", "notifier_until"},
    "changes": {"thread_id", "message_id"},
    "email_accounts": {
        "last_verified_at", "last_polled_at", "last_poll_error", "last_poll_reason", "lease_until", "created_by",
        "reply_to", "hourly_limit", "daily_limit", "folders", "assigned_to_user_id", "sending_stopped_at",
        "sending_stopped_reason", "connection_holder", "connection_kept_until", "poll_requested_at",
        "idle_refused_at", "last_failed_at", "canary_problem",
    },
    "email_folders": {
        "uid_next", "messages", "highest_modseq", "synced_at", "flags_read_at", "compared_at", "stuck_uid",
        "trouble", "trouble_said", "trouble_reason", "trouble_since", "renamed_to",
    },
    "email_rule_traces": {"rule_id"},
    "email_rules": {"created_by"},
    "email_templates": {"content_html", "content_text", "created_by"},
    "idempotency_keys": {"answer"},
    "integration_audit_logs": {"user_id", "integration_id", "integration_type"},
    "integration_settings": {"doubt", "doubt_reason", "credentials_expire_on"},
    "integration_credentials": {"display_name", "last_verified_at", "created_by"},
    "key_rotations": {"started_by", "finished_at", "last_error", "key_id"},
    "mailbox_canaries": {"found_at"},
    "mailbox_messages": {"raw_blob", "internal_date", "message_id", "header_blob", "announced_bytes"},
    "message_events": {
        "message_id", "status", "provider_code", "provider_status", "description", "occurred_at",
    },
    "messages": {
        "body_html", "provider_sid", "provider_code", "failure_reason", "failure_advice", "failure_code",
        "email_account_id", "mail_message_id", "mail_in_reply_to", "mail_origin", "raw_blob", "identity",
        "created_by", "lease_id", "lease_until", "reply_text", "signature_text", "seen_at",
        "automatic", "attempted_at", "sent_looked_at", "mail_conversation", "mail_base_subject",
        "mail_authentication", "sent_at", "placed_at",
        "mail_raw_message_id", "mail_written_for", "mail_answered_sender", "forwarded_from", "forwarded_name",
        "answer_to", "hand_over_began_at",
    },
    "notifications": {"closed_at"},
    "organization_phone_numbers": {"integration_id", "display_name", "assigned_to_user_id"},
    "thread_events": {"thread_id", "message_sid"},
    "threads": {"assigned_to_user_id", "merged_into_thread_id", "related_thread_id"},
    "user_integration_permissions": {"daily_limit", "granted_by"},
    "users": {
        "subject", "invited_at", "invited_by", "invitation_expires_at", "accepted_at", "phone_number",
        "phone_number_source",
    },
    "dead_letters": {"message_id", "account_id", "reason", "settled_at", "settled_by"},
    "vacation_responders": {"starts_at", "ends_at", "content_html", "activated_at"},
    "webhook_events": {"body", "body_blob", "replayed_at", "subject", "subject_id"},
    "whatsapp_templates": {"not_usable"},
}  # fmt: skip


def test_a_new_row_says_no_more_than_it_should(superuser: Connection) -> None:
    columns = superuser.execute(
        """SELECT attrelid::regclass::text AS table, attname AS name,
                  regexp_replace(pg_get_expr(adbin, adrelid), '::(text|jsonb|text\\[\\]|character varying)$', '')
                      AS says
           FROM pg_attrdef JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
           JOIN pg_class c ON c.oid = adrelid WHERE relnamespace = 'public'::regnamespace"""
    ).fetchall()

    found: dict[str, dict[str, str]] = {}
    for column in columns:
        found.setdefault(column["table"], {})[column["name"]] = column["says"]
    begin_now = {
        table: {name for name, says in columns.items() if says == "now()"} for table, columns in found.items()
    }
    others = {
        table: {name: says for name, says in columns.items() if says != "now()"}
        for table, columns in found.items()
    }

    assert {table: names for table, names in begin_now.items() if names} == NOW
    assert {table: says for table, says in others.items() if says} == DEFAULTS


def test_what_may_be_left_open_is_known(superuser: Connection) -> None:
    columns = superuser.execute(
        """SELECT attrelid::regclass::text AS table, attname AS name FROM pg_attribute
           JOIN pg_class c ON c.oid = attrelid
           WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND attnum > 0 AND NOT attisdropped
             AND NOT attnotnull"""
    ).fetchall()

    found: dict[str, set[str]] = {}
    for column in columns:
        found.setdefault(column["table"], set()).add(column["name"])
    assert found == OPTIONAL


def test_messages_of_one_callback_keep_their_order(
    database: Database, organization: Organization, superuser: Connection
) -> None:
    """All of a callback's messages are one transaction: its own time would be the same for all of them."""
    with database.organization(organization.id) as transaction:
        transaction.execute(
            "INSERT INTO customers (id, organization_id) VALUES (%(id)s, %(id)s)", {"id": organization.id}
        )
        transaction.execute(
            """INSERT INTO threads (id, organization_id, customer_id, last_message_at)
               VALUES (%(id)s, %(id)s, %(id)s, now())""",
            {"id": organization.id},
        )
        for body in ("first", "second", "third"):
            transaction.execute(
                """INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status,
                                         sender, recipient, join_rule, occurred_at, body_text)
                   VALUES (gen_random_uuid(), %(id)s, %(id)s, %(id)s, 'WHATSAPP', 'inbound', 'received',
                           'a', 'b', 'new', now(), %(body)s)""",
                {"id": organization.id, "body": body},
            )

    rows = superuser.execute("SELECT body_text, created_at FROM messages ORDER BY created_at").fetchall()
    assert [row["body_text"] for row in rows] == ["first", "second", "third"]
    assert len({row["created_at"] for row in rows}) == 3
