"""One process's clock jumps, the database's does not (fault 42).

Leases, waits, due times, tickets and the 24-hour window are counted by the database, so that a process with a
wrong clock does nothing early and nothing late. Session tokens and the references in callback URLs are the
exception: they expire by the clock of the process that reads them, by exactly as much as it is wrong.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from banxway import errors
from banxway.models.queue_items import MailboxesDue
from banxway.security.references import CallbackKind
from functions.email_sync.poll_mailboxes.app import handler as poll_mailboxes
from functions.maintenance.sweep.app import handler as sweep
from functions.realtime.connect.app import handler as connect
from tests.support.databases.postgres import Organization
from tests.support.product.app import Answer, Bundle, token
from tests.support.product.events import queue_event, queue_record, socket_event, tick
from tests.support.product.fakes import refused
from tests.support.product.stories import (
    SUPPORT,
    add_mailbox,
    configure,
    customer_wrote,
    incoming,
    post_callback,
    whatsapp_body,
)
from tests.support.timing.clocks import WrongClock
from tests.support.timing.database_times import let_tickets_live

Jumped = Callable[[timedelta], Bundle]

COMMUNICATIONS = "/api/v1/communications"
JUMPS = [timedelta(hours=1), timedelta(hours=-1), timedelta(days=1), timedelta(days=-1)]
every_jump = pytest.mark.parametrize("by", JUMPS, ids=["+1 h", "-1 h", "+1 day", "-1 day"])


@pytest.fixture
def jumped(bundle: Bundle) -> Iterator[Jumped]:
    """Start another process of the same deployment, whose clock is wrong by so much."""
    with ExitStack() as stack:

        def start(by: timedelta) -> Bundle:
            process = bundle.twin(clock=WrongClock(by))
            stack.callback(process.close)
            return process

        yield start


def signed_for(user: UUID, by: timedelta) -> dict[str, str]:
    """Return the header of a session that is valid by a clock that is wrong by so much."""
    now = datetime.now(UTC) + by
    session = token(user, iat=now - timedelta(seconds=10), exp=now + timedelta(hours=1))
    return {"authorization": f"Bearer {session}"}


def send(process: Bundle, organization: Organization, thread: str, by: timedelta) -> Answer:
    return process.request(
        "POST",
        f"{COMMUNICATIONS}/threads/{thread}/messages",
        body={"channel": "WHATSAPP", "content": "On its way"},
        headers=signed_for(organization.agent, by),
    )


def seconds_of(bundle: Bundle, interval: str, table: str, where: str = "true") -> float:
    """Return the distance of two columns of the only row, each set by the database."""
    (row,) = bundle.database.rows(
        f"SELECT extract(epoch FROM {interval})::float AS s FROM {table} WHERE {where}"
    )
    return float(row["s"])


# ── leases and waits ─────────────────────────────────────────────────────────────────────────────


@every_jump
def test_a_senders_lease_ends_by_the_databases_clock_for_everybody(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    thread, wrong = customer_wrote(bundle, organization), jumped(by)
    send(wrong, organization, thread, by)
    seen: list[str] = []

    def look(_: object) -> None:
        seen.extend(each.call(sweep, tick())["found"] for each in (bundle, wrong))
        bundle.database.rows("UPDATE messages SET lease_until = now() - interval '1 second'")
        seen.append(wrong.call(sweep, tick())["found"])

    bundle.providers.whatsapp.sending.then(look)
    wrong.work("message")

    assert [found.split("unknown=")[1][0] for found in seen] == ["0", "0", "1"]
    assert len(bundle.providers.whatsapp.sent) == 1


@every_jump
def test_a_refused_send_waits_by_the_database(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    thread, wrong = customer_wrote(bundle, organization), jumped(by)
    bundle.providers.whatsapp.sending.then(refused(errors.ProviderThrottled, retry_after_s=800))
    send(wrong, organization, thread, by)

    wrong.work("message")

    assert seconds_of(bundle, "next_attempt_at - updated_at", "messages", "direction = 'outbound'") == 800
    for process in (bundle, wrong):
        process.call(sweep, tick())
        process.work("message")
    assert len(bundle.providers.whatsapp.sent) == 1


@every_jump
def test_a_mailbox_is_polled_when_the_database_says_so_and_by_one_poller(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    account, wrong = add_mailbox(bundle, organization.admin), jumped(by)
    mailbox = bundle.providers.mailbox(SUPPORT)
    item = MailboxesDue.of(organization.id, UUID(account["id"])).model_dump_json()
    due = queue_event([queue_record(item, queue=bundle.queue_url("mailbox").rpartition("/")[2])])
    polls: list[int] = []

    def look(_: object) -> None:
        bundle.call(poll_mailboxes, due)
        polls.append(mailbox.listed)

    mailbox.opening.then(look)
    (was_due,) = bundle.database.rows(
        "UPDATE email_accounts SET next_poll_at = now() RETURNING next_poll_at AS at"
    )
    wrong.call(poll_mailboxes, due)

    assert polls == [1]
    (then,) = bundle.database.rows("SELECT next_poll_at AS at, now() AS now FROM email_accounts")
    assert was_due["at"] <= then["at"] - timedelta(seconds=30) <= then["now"]
    bundle.database.rows("UPDATE email_accounts SET next_poll_at = now() + interval '30 minutes'")
    for process in (bundle, wrong):
        process.call(poll_mailboxes, due)
    assert mailbox.listed == 1


# ── the 24-hour window ───────────────────────────────────────────────────────────────────────────


@every_jump
@pytest.mark.parametrize(
    ("ago", "status"), [("23 hours 45 minutes", 200), ("24 hours 1 second", 422)], ids=["open", "closed"]
)
def test_the_window_is_open_for_24_hours_by_the_database(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta, ago: str, status: int
) -> None:
    thread, wrong = customer_wrote(bundle, organization), jumped(by)
    bundle.database.rows(f"UPDATE messages SET occurred_at = now() - interval '{ago}'")

    answer = send(wrong, organization, thread, by)

    assert answer.status == status, answer.text


@every_jump
def test_a_message_taken_by_a_receiver_whose_clock_is_wrong_opens_the_window_when_it_was_written(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    wrong = jumped(by)
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    written = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=2)
    message = incoming("Where is my parcel?") | {"timestamp": written.isoformat()}

    post_callback(wrong, url, whatsapp_body(message))
    bundle.work("webhook")

    (row,) = bundle.database.rows("SELECT occurred_at FROM messages")
    assert row["occurred_at"] == written


@pytest.mark.parametrize("by", [jump for jump in JUMPS if jump > timedelta(0)], ids=["+1 h", "+1 day"])
def test_no_clock_that_runs_ahead_keeps_the_window_open_longer(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    wrong = jumped(by)
    url = configure(bundle, organization.admin, "exotel_whatsapp")["callback_url"]
    untimed, ahead = incoming("No time on it"), incoming("From the future")
    del untimed["timestamp"]
    ahead["timestamp"] = (datetime.now(UTC) + by).isoformat(timespec="seconds")

    for item in (untimed, ahead):
        post_callback(wrong, url, whatsapp_body(item))
    bundle.work("webhook")

    rows = bundle.database.rows("SELECT occurred_at <= now() AS is_past FROM messages")
    assert [row["is_past"] for row in rows] == [True, True]


@every_jump
def test_an_answer_stands_after_what_it_answers(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    thread, wrong = customer_wrote(bundle, organization), jumped(by)

    send(wrong, organization, thread, by)

    shown = bundle.get(f"{COMMUNICATIONS}/threads/{thread}", organization.agent).data
    assert [message["direction"] for message in shown["messages"]] == ["inbound", "outbound"]
    # The transaction's now, which updated_at has, too.
    assert seconds_of(bundle, "occurred_at - updated_at", "messages", "direction = 'outbound'") == 0


# ── tickets ──────────────────────────────────────────────────────────────────────────────────────


@every_jump
def test_a_ticket_lives_by_the_databases_clock_for_everybody(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    wrong = jumped(by)

    def ticket(process: Bundle, offset: timedelta) -> str:
        headers = signed_for(organization.agent, offset)
        return str(process.request("POST", "/api/v1/realtime/ticket", headers=headers).data["ticket"])

    def opens(process: Bundle, presented: str) -> bool:
        event = socket_event("$connect", uuid4().hex, query={"ticket": presented})
        return bool(process.call(connect, event)["statusCode"] == 200)

    (before,) = bundle.database.rows("SELECT now() AS at")
    tickets = [
        ticket(wrong, by),
        ticket(bundle, timedelta(0)),
        ticket(wrong, by),
        ticket(bundle, timedelta(0)),
    ]
    (after,) = bundle.database.rows("SELECT now() AS at")
    lives = bundle.database.rows("SELECT expires_at - interval '30 seconds' AS began FROM realtime_tickets")
    assert all(before["at"] <= row["began"] <= after["at"] for row in lives)

    let_tickets_live(bundle.database)
    assert [opens(bundle, tickets[0]), opens(wrong, tickets[1])] == [True, True]
    bundle.database.rows("UPDATE realtime_tickets SET expires_at = now() - interval '1 second'")
    assert [opens(wrong, tickets[2]), opens(bundle, tickets[3])] == [False, False]


# ── what expires by the process's own clock ──────────────────────────────────────────────────────


@every_jump
def test_a_session_expires_by_the_clock_that_reads_it_and_by_no_more(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    wrong = jumped(by)
    now_there = datetime.now(UTC) + by

    def status(process: Bundle, expires_at: datetime) -> int:
        session = token(organization.agent, iat=now_there - timedelta(days=3), exp=expires_at)
        return process.request(
            "GET", f"{COMMUNICATIONS}/threads", headers={"authorization": f"Bearer {session}"}
        ).status

    assert status(wrong, now_there + timedelta(minutes=15)) == 200
    assert status(wrong, now_there - timedelta(minutes=1)) == 401


@every_jump
def test_a_callback_reference_expires_by_the_clock_that_reads_it_and_by_no_more(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    wrong, unit = jumped(by), uuid4()

    def is_genuine(lifetime: timedelta) -> bool:
        """Ask the process with the wrong clock about a reference that one with the right clock has written."""
        text = bundle.app.infrastructure.references.for_unit(
            CallbackKind.WHATSAPP, organization_id=organization.id, unit_id=unit, expires_in=lifetime
        )
        try:
            return (
                wrong.app.infrastructure.references.verify(text, kind=CallbackKind.WHATSAPP).subject_id
                == unit
            )
        except errors.NotAuthenticated:
            return False

    ahead = max(by, timedelta(0))
    assert is_genuine(ahead + timedelta(minutes=15))
    assert not is_genuine(by - timedelta(minutes=1))


@every_jump
def test_the_url_in_a_message_still_takes_its_report(
    bundle: Bundle, organization: Organization, jumped: Jumped, by: timedelta
) -> None:
    thread, wrong = customer_wrote(bundle, organization), jumped(by)
    send(wrong, organization, thread, by)
    wrong.work("message")
    (sent,) = bundle.providers.whatsapp.sent

    answers = [post_callback(each, sent.status_callback, whatsapp_body()) for each in (bundle, wrong)]

    assert parse_qs(urlsplit(sent.status_callback).query)["reference"]
    assert [answer.status for answer in answers] == [200, 200]
