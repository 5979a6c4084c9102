"""A database that only reads for a while, as after a failover (fault 35).

Reads are served, writes are refused with the time to come back, callbacks are accepted through their queue,
and when it is over nobody has to do anything.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest
from psycopg import sql

from banxway.entrypoints.timer import TickFailed
from functions.maintenance.review.app import handler as review
from functions.maintenance.sweep.app import handler as sweep
from functions.webhooks.apply_callback.app import handler as apply_callback
from tests.support.databases.postgres import Organization, TestDatabase
from tests.support.product.app import Bundle
from tests.support.product.events import queue_event, queue_record, tick
from tests.support.product.stories import (
    LOGIN,
    MAILBOX,
    PHONE,
    WHATSAPP,
    add_mailbox,
    configure,
    customer_wrote,
    incoming,
    post_callback,
    whatsapp_body,
)

ReadOnly = Callable[[], AbstractContextManager[None]]

SETTINGS = "/api/v1/settings"
COMMUNICATIONS = "/api/v1/communications"

READS = {
    "integrations": f"{SETTINGS}/integrations",
    "one integration": f"{SETTINGS}/integrations/exotel_whatsapp",
    "phone numbers": f"{SETTINGS}/phone-numbers",
    "mailboxes": f"{SETTINGS}/email-accounts",
    "templates": f"{SETTINGS}/whatsapp-templates",
    "audit trail": f"{SETTINGS}/audit-logs",
    "configuration status": f"{SETTINGS}/configuration-status",
    "notifications": f"{SETTINGS}/notifications",
    "threads": f"{COMMUNICATIONS}/threads",
    "one thread": f"{COMMUNICATIONS}/threads/{{thread}}",
    "changes": f"{COMMUNICATIONS}/changes?since=0",
    "health": "/health",
}
MESSAGE = {"channel": "WHATSAPP", "content": "On its way"}
WRITES: dict[str, tuple[str, str, object]] = {
    "configure": ("POST", f"{SETTINGS}/integrations/exotel_phone", PHONE),
    "configure again": ("POST", f"{SETTINGS}/integrations/exotel_whatsapp", WHATSAPP),
    "test": ("POST", f"{SETTINGS}/integrations/exotel_phone/test", PHONE),
    "delete": ("DELETE", f"{SETTINGS}/integrations/exotel_whatsapp", None),
    "add a mailbox": ("POST", f"{SETTINGS}/email-accounts", MAILBOX | {"email": "sales@yourdomain.com"}),
    "test a mailbox": ("POST", f"{SETTINGS}/email-accounts/test", LOGIN),
    "send": ("POST", f"{COMMUNICATIONS}/threads/{{thread}}/messages", MESSAGE),
    "dismiss": ("POST", f"{SETTINGS}/notifications/{{notification}}/dismiss", None),
    "ticket": ("POST", "/api/v1/realtime/ticket", None),
}


@pytest.fixture
def names(bundle: Bundle, organization: Organization) -> dict[str, str]:
    """A customer has written, a mailbox is polled, something needs attention: the ids that paths name."""
    thread = customer_wrote(bundle, organization)
    add_mailbox(bundle, organization.admin)
    notification = "0f000000-0000-4000-8000-000000000001"
    bundle.database.rows(
        """INSERT INTO notifications (id, organization_id, kind, subject, sentence)
           VALUES (%s, %s, 'audit_broken', 's', 't')""",
        (notification, organization.id),
    )
    return {"thread": thread, "notification": notification}


@pytest.fixture
def read_only(bundle: Bundle) -> ReadOnly:
    """While the block runs, the database takes no write, and has cut all earlier connections."""

    @contextmanager
    def only_reading() -> Iterator[None]:
        _change_over(bundle.database, "on")
        try:
            yield
        finally:
            _change_over(bundle.database, "off")

    return only_reading


def _change_over(database: TestDatabase, read_only: str) -> None:
    name = sql.Identifier(database.name)
    with psycopg.connect(database.superuser_url, autocommit=True) as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(
                name, sql.SQL(read_only)
            )
        )
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = 'banxway_app' AND datname = current_database()"
        )


def everything(bundle: Bundle) -> dict[str, int]:
    """Count the rows of every table, to see that a refusal left nothing."""
    tables = bundle.database.rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    names = sorted(row["tablename"] for row in tables)
    return {name: bundle.database.rows(f"SELECT count(*) AS n FROM {name}")[0]["n"] for name in names}


def test_who_only_looks_is_served(
    bundle: Bundle, organization: Organization, names: dict[str, str], read_only: ReadOnly
) -> None:
    with read_only():
        answers = {name: bundle.get(path.format(**names), organization.admin) for name, path in READS.items()}

    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(READS, 200)


def test_a_write_is_refused_until_later_and_nothing_is_half_done(
    bundle: Bundle, organization: Organization, names: dict[str, str], read_only: ReadOnly
) -> None:
    before = everything(bundle)

    with read_only():
        answers = {
            name: bundle.request(method, path.format(**names), user=organization.admin, body=body)
            for name, (method, path, body) in WRITES.items()
        }

    assert {name: answer.status for name, answer in answers.items()} == dict.fromkeys(WRITES, 503)
    for answer in answers.values():
        assert int(answer.headers["Retry-After"]) >= 1
        assert answer.json["code"] == "unavailable"
        assert answer.json["error"] == "The database is read-only at the moment; nothing was changed"
    assert everything(bundle) == before
    assert bundle.providers.whatsapp.sent == []


def test_afterwards_everybody_who_comes_back_is_served(
    bundle: Bundle, organization: Organization, names: dict[str, str], read_only: ReadOnly
) -> None:
    with read_only():
        refused = bundle.post(
            f"{COMMUNICATIONS}/threads/{names['thread']}/messages", organization.agent, MESSAGE
        )

    for name, (method, path, body) in WRITES.items():
        if name != "delete":
            answer = bundle.request(method, path.format(**names), user=organization.admin, body=body)
            assert answer.status in (200, 201, 202), f"{name}: {answer.text}"
    bundle.work("message")

    assert refused.status == 503
    assert len(bundle.providers.whatsapp.sent) == 1


def test_callbacks_are_taken_meanwhile_and_applied_afterwards(
    bundle: Bundle, organization: Organization, read_only: ReadOnly
) -> None:
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]

    with read_only():
        taken = post_callback(bundle, url, whatsapp_body(incoming("Where is my parcel?")))
        (item,) = bundle.queued("webhook")
        record = queue_record(json.dumps(item), queue=bundle.queue_url("webhook").rpartition("/")[2])
        tried = bundle.call(apply_callback, queue_event([record]))
    applied = bundle.call(apply_callback, queue_event([record]))

    threads = bundle.get(f"{COMMUNICATIONS}/threads", organization.agent)
    assert taken.status == 200
    assert tried == {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
    assert applied == {"batchItemFailures": []}
    assert len(threads.data) == 1


def test_timers_fail_meanwhile_and_do_their_work_afterwards(
    bundle: Bundle, organization: Organization, names: dict[str, str], read_only: ReadOnly
) -> None:
    bundle.post(f"{COMMUNICATIONS}/threads/{names['thread']}/messages", organization.agent, MESSAGE)
    bundle.queued("message")
    bundle.database.rows("UPDATE messages SET next_attempt_at = now() - interval '1 minute'")

    with read_only():
        for timer in (sweep, review):
            with pytest.raises(TickFailed):
                bundle.call(timer, tick())
    bundle.queued("message")
    swept = bundle.call(sweep, tick())
    reviewed = bundle.call(review, tick())

    assert swept["found"].startswith("Swept(reenqueued=1, ")
    assert reviewed["found"].startswith("Reviewed(organizations=1, ")
    assert bundle.work("message") == 1
    assert len(bundle.providers.whatsapp.sent) == 1
