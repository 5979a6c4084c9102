"""One organization among many others, and a meter of the pages that the product's own statements read for it.

    known, alone = fill(database, Crowd(...), CALLS)       # counted before the others were added
    assert grown(alone, pages_of(database, CALLS, known)) == {}

The statements are not copied: the meter explains each one that the product sends, in its scope and with its values.
"""

from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from banxway.storage.database import Database
from tests.support.databases.postgres import Organization, TestDatabase

PER_THREAD = 4
"""Messages of each thread."""
FEW = 10
"""Pages by which a count may differ in any case: another plan of equal cost, a row that lies on the next page."""
ROWS = 51
"""Rows of a list's page. Each is found through an index, whose depth grows with the logarithm of all rows: one page
more for each row is one level more."""

# Neither triggers nor keys: what they would add is inserted here, so that a fill takes seconds.
_FILL = """
    BEGIN;
    SET LOCAL session_replication_role = replica;
    CREATE TEMPORARY TABLE part ON COMMIT DROP AS
    SELECT o.id AS organization_id, n, md5('thread' || o.id || n)::uuid AS thread_id,
           md5('customer' || o.id || n)::uuid AS customer_id,
           CASE WHEN n % 2 = 0 THEN 'EMAIL' ELSE 'WHATSAPP' END AS channel,
           now() - make_interval(mins => n) AS at
    FROM organizations o CROSS JOIN generate_series(1, {threads}) AS n WHERE o.name LIKE '{name}';
    INSERT INTO customers (id, organization_id, name, created_at)
    SELECT customer_id, organization_id, 'Customer ' || n, at FROM part;
    INSERT INTO customer_addresses (organization_id, customer_id, kind, address, linked_by)
    SELECT organization_id, customer_id, 'email', n || '@customer.example', 'inbound' FROM part;
    INSERT INTO threads (id, organization_id, customer_id, subject, status, last_message_at, tags, is_spam,
                         assigned_to_user_id)
    SELECT thread_id, organization_id, customer_id, 'Subject ' || n,
           CASE WHEN n % 5 = 0 THEN 'closed' ELSE 'open' END, at,
           CASE WHEN n % 10 = 0 THEN ARRAY['often'] WHEN n % 500 = 1 THEN ARRAY['seldom'] ELSE '{{}}' END,
           n % 20 = 3,
           CASE WHEN n % 3 = 0 THEN (SELECT id FROM users u WHERE u.organization_id = part.organization_id
                                     AND role = 'agent' LIMIT 1) END
    FROM part;
    INSERT INTO thread_tags
    SELECT organization_id, id, unnest(tags), is_spam, status,
           coalesce(assigned_to_user_id, '00000000-0000-0000-0000-000000000000'), last_message_at FROM threads
    WHERE tags <> '{{}}' AND organization_id IN (SELECT organization_id FROM part) ON CONFLICT DO NOTHING;
    INSERT INTO messages (id, organization_id, thread_id, customer_id, channel, direction, status, sender, recipient,
                          body_text, provider_sid, mail_message_id, mail_conversation, mail_references, identity,
                          join_rule, occurred_at, next_attempt_at)
    SELECT md5('message' || organization_id || n || k)::uuid, organization_id, thread_id, customer_id, channel,
           CASE WHEN k % 2 = 1 THEN 'inbound' ELSE 'outbound' END,
           CASE WHEN k % 2 = 1 THEN 'received' ELSE '{status}' END,
           'sender' || n % 300, 'recipient', repeat('word ', 20), 'sid-' || md5(organization_id::text || n || k),
           CASE WHEN channel = 'EMAIL' THEN md5(organization_id::text || n || k) || '@mail.example' END,
           CASE WHEN channel = 'EMAIL' THEN md5(organization_id::text || n) END,
           CASE WHEN channel = 'EMAIL' THEN ARRAY[md5(organization_id::text || n || 1) || '@mail.example']
                ELSE '{{}}' END,
           md5('identity' || organization_id || n || k), 'new', at - make_interval(secs => {per_thread} - k),
           now() + interval '1 day'
    FROM part CROSS JOIN generate_series(1, {per_thread}) AS k;
    INSERT INTO mail_links (organization_id, mail_id, message_id)
    SELECT m.organization_id, unnest(m.mail_references), m.id FROM messages m
    WHERE m.organization_id IN (SELECT organization_id FROM part) AND m.channel = 'EMAIL' ON CONFLICT DO NOTHING;
    INSERT INTO changes (organization_id, sequence, kind, thread_id, message_id)
    SELECT organization_id, n, 'message.status', thread_id, NULL FROM part;
    INSERT INTO change_sequences (organization_id, current, pushed)
    SELECT organization_id, max(n), max(n) FROM part GROUP BY organization_id;
    INSERT INTO notifications (id, organization_id, kind, subject, sentence, created_at, closed_at)
    SELECT gen_random_uuid(), organization_id, 'mailbox_failing', 'subject ' || n, 'A sentence.', at,
           CASE WHEN n % 10 <> 0 THEN now() END FROM part WHERE n <= 1000;
    INSERT INTO integration_audit_logs (id, organization_id, action, status, sequence, previous_hash, hash, user_id)
    SELECT gen_random_uuid(), organization_id, CASE WHEN n % 10 = 0 THEN 'seldom' ELSE 'often' END, 'success', n, '',
           '', NULL FROM part WHERE n <= 1000;
    COMMIT"""


def add_filled(database: TestDatabase, *, threads: int) -> Organization:
    """Add an organization with users and this number of threads, each of four messages, and analyse its tables."""
    own = database.add_organization("Own")
    database.rows(
        """UPDATE user_integration_permissions SET can_view = false
           WHERE user_id = %s AND integration_type = 'zoho_mail'""",
        (own.manager,),
    )
    _fill(database, "Own", threads=threads, status="delivered")
    return own


def add_neighbours(database: TestDatabase, *, organizations: int, threads_each: int, queued: int) -> None:
    """Add other organizations with threads, and one more that has `queued` messages waiting; analyse the tables."""
    database.rows(
        """INSERT INTO organizations (id, name)
           SELECT gen_random_uuid(), 'Neighbour ' || n FROM generate_series(1, %s) AS n""",
        (organizations,),
    )
    _fill(database, "Neighbour %", threads=threads_each, status="delivered")
    database.rows("INSERT INTO organizations (id, name) VALUES (gen_random_uuid(), 'Campaign')")
    # Of four messages two are outbound.
    _fill(database, "Campaign", threads=queued // 2, status="queued")


def _fill(database: TestDatabase, name: str, *, threads: int, status: str) -> None:
    database.rows(_FILL.format(name=name, threads=threads, status=status, per_thread=PER_THREAD))
    database.rows("VACUUM (ANALYZE)")


@dataclass(frozen=True, slots=True)
class Known:
    """Ids of an organization that was filled, as a caller knows them."""

    organization: Organization
    threads: list[UUID]
    messages: list[UUID]
    sids: list[str]
    mail_ids: list[str]
    identities: list[str]
    customer: UUID


def known_of(database: TestDatabase, organization: Organization) -> Known:
    """Return ids of 100 threads' first mails and messages."""
    rows = database.rows(
        """SELECT thread_id, id, provider_sid, mail_message_id, identity, customer_id FROM messages
           WHERE organization_id = %s AND channel = 'EMAIL' AND direction = 'outbound' ORDER BY id LIMIT 200""",
        (organization.id,),
    )
    return Known(
        organization,
        threads=[row["thread_id"] for row in rows],
        messages=[row["id"] for row in rows],
        sids=[row["provider_sid"] for row in rows],
        mail_ids=[row["mail_message_id"] for row in rows],
        identities=[row["identity"] for row in rows],
        customer=rows[0]["customer_id"],
    )


Call = Callable[[Database, Known], object]


class Meter:
    """Runs calls of the product, and counts the pages that their statements read."""

    def __init__(self, url: str) -> None:
        self._database = Database(url, connect=self._connect)
        self._pages = 0
        self.plans: list[str] = []

    def pages(self, call: Call, known: Known) -> int:
        """Return how many pages, cached or not, the statements of a call read."""
        self._pages, self.plans = 0, []
        call(self._database, known)
        assert self.plans, "the call sent no statement"
        return self._pages

    def close(self) -> None:
        """Close the connection."""
        self._database.close()

    def _connect(self, url: str, **options: Any) -> Any:
        meter = self

        class Explained(psycopg.Cursor[Any]):
            def execute(self, query: Any, params: Any = None, **more: Any) -> Any:
                if str(query).lstrip().startswith(("SELECT", "WITH", "UPDATE", "DELETE", "INSERT")):
                    meter._explain(self.connection, str(query), params)
                return super().execute(query, params, **more)

        return psycopg.connect(url, **options, cursor_factory=Explained)

    def _explain(self, connection: "psycopg.Connection[Any]", query: str, params: Any) -> None:
        if "enter_" in query or "pg_roles" in query:
            return
        plain = psycopg.Cursor(connection, row_factory=tuple_row)
        plain.execute("SAVEPOINT explained")
        (found,) = plain.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", params).fetchone() or ()
        plain.execute("ROLLBACK TO SAVEPOINT explained")
        plan = found[0]["Plan"]
        self._pages += plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        self.plans.append(query)


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many threads an organization has, and how many others there are with how many; one has a queue."""

    own_threads: int
    organizations: int
    threads_each: int
    queued: int


def fill(database: TestDatabase, crowd: Crowd, calls: Mapping[str, Call]) -> tuple[Known, dict[str, int]]:
    """Fill an empty database; return the organization, and what its calls read before the others were there."""
    known = known_of(database, add_filled(database, threads=crowd.own_threads))
    alone = pages_of(database, calls, known)
    add_neighbours(
        database,
        organizations=crowd.organizations,
        threads_each=crowd.threads_each,
        queued=crowd.queued,
    )
    return known, alone


def pages_of(database: TestDatabase, calls: Mapping[str, Call], known: Known) -> dict[str, int]:
    """Return the pages that each call reads now."""
    with closing(Meter(database.app_url)) as meter:
        return {name: meter.pages(call, known) for name, call in calls.items()}


def grown(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, tuple[int, int]]:
    """Return the calls that read more than a tenth and a few pages more, each with both counts."""
    return {name: (before[name], pages) for name, pages in after.items() if pages > _most(before[name])}


def _most(before: int) -> float:
    return before * 1.1 + FEW + (ROWS if before >= 2 * ROWS else 0)


def add_or_of_two_scopes(database: TestDatabase) -> None:
    """Add the policy that the sweeper had until migration 030, for the application's own role."""
    database.rows(
        """CREATE POLICY two_scopes ON messages FOR SELECT TO banxway_app
           USING ((SELECT current_setting('app.role', true)) = 'system' AND status IN ('queued', 'sending'))"""
    )


def drop_or_of_two_scopes(database: TestDatabase) -> None:
    """Drop that policy."""
    database.rows("DROP POLICY two_scopes ON messages")
