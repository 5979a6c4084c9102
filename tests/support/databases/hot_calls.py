"""The calls of the product that are made all the time: what each costs must depend on its own organization alone."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from banxway.models.audit.audit import AuditFilters
from banxway.models.customers import CustomerQuery
from banxway.models.threads.threads import ThreadQuery
from banxway.storage.audit import trail
from banxway.storage.customers import lists as customer_lists
from banxway.storage.database import Database, Transaction
from banxway.storage.messages import due, filed, ledger, messages
from banxway.storage.realtime import changes
from banxway.storage.status import notifications
from banxway.storage.threads import lists, mail_links, thread_messages, threads
from tests.support.databases.neighbours import Call, Known
from tests.support.ledger.outgoing import FOUR


@contextmanager
def _as(database: Database, known: Known, role: str) -> Iterator[Transaction]:
    with database.as_actor(database.sign_in(str(getattr(known.organization, role)))) as transaction:
        yield transaction


def _list(database: Database, known: Known, *, role: str = "agent", **filters: Any) -> None:
    named = {"assigned_to": known.organization.agent} if filters.pop("is_mine", False) else {}
    if filters.pop("of_customer", False):
        named["customer_id"] = known.customer
    with _as(database, known, role) as transaction:
        first = lists.list_summaries(transaction, ThreadQuery(**named, **filters))
        if first.next_cursor:
            lists.list_summaries(transaction, ThreadQuery(**named, **filters, cursor=first.next_cursor))


def _user(act: Callable[[Transaction, Known], object]) -> Call:
    def call(database: Database, known: Known) -> None:
        with _as(database, known, "agent") as transaction:
            act(transaction, known)

    return call


def _worker(act: Callable[[Transaction, Known], object]) -> Call:
    def call(database: Database, known: Known) -> None:
        with database.organization(known.organization.id) as transaction:
            act(transaction, known)

    return call


def _system(act: Callable[[Transaction], object]) -> Call:
    def call(database: Database, known: Known) -> None:  # it works for all
        with database.system() as transaction:
            act(transaction)

    return call


LISTS: Mapping[str, Call] = {
    "thread list": _list,
    "thread list, closed": partial(_list, status="closed"),
    "thread list, mine": partial(_list, is_mine=True),
    "thread list, mine and open": partial(_list, is_mine=True, status="open"),
    "thread list, nobody's": partial(_list, assigned_to="nobody"),
    "thread list, spam": partial(_list, is_spam=True),
    "thread list, of a customer": partial(_list, of_customer=True),
    "thread list, by a tag": partial(_list, tag="often"),
    "thread list, by a seldom tag": partial(_list, tag="seldom"),
    "thread list, by a tag and mine": partial(_list, tag="often", is_mine=True),
    "thread list, by a tag that finds nothing": partial(_list, tag="never"),
    "thread list of a user without mail": partial(_list, role="manager"),
}

CALLS: Mapping[str, Call] = {
    **LISTS,
    "thread": _user(lambda t, k: threads.get(t, k.threads[0])),
    "thread's messages": _user(lambda t, k: thread_messages.list_page(t, thread_id=k.threads[0], limit=50)),
    "changes since": _user(lambda t, k: changes.list_since(t, since=0, limit=200)),
    "customer list": _user(lambda t, k: customer_lists.list_summaries(t, CustomerQuery())),
    "notifications": _user(
        lambda t, k: notifications.list_page(t, limit=50, cursor=None, include_closed=False)
    ),
    "audit trail": _user(lambda t, k: trail.list_entries(t, AuditFilters(), limit=50, cursor=None)),
    "audit trail by action": _user(
        lambda t, k: trail.list_entries(t, AuditFilters(action="seldom"), limit=50, cursor=None)
    ),
    "look-up by provider id": _worker(lambda t, k: messages.find_by_provider_sid(t, k.sids[0])),
    "look-up by identity": _worker(lambda t, k: filed.find_by_identities(t, k.identities)),
    "24-hour window": _worker(
        lambda t, k: messages.has_written_within(
            t, channel="WHATSAPP", senders=["sender1"], recipient="recipient", window=timedelta(hours=24)
        )
    ),
    "mails near": _worker(
        lambda t, k: mail_links.find_near(
            t, mail_ids=k.mail_ids[:50], references=k.mail_ids[50:100], conversations=[]
        )
    ),
    "free slots": _worker(lambda t, k: due.for_freed_slot(t, channel="EMAIL", in_flight=FOUR)),
    "mails in threads": _worker(lambda t, k: mail_links.list_in_threads(t, k.threads[:20])),
}

SWEEPS: Mapping[str, Call] = {
    "expired leases": _system(lambda t: ledger.with_expired_lease(t, limit=1000)),
    "messages that wait": _system(lambda t: due.waiting(t, older_than_s=20, in_flight=FOUR, limit=1000)),
    "old changes": _system(changes.prune),
}
"""What a sweep asks about all organizations: its cost depends on what it finds."""
