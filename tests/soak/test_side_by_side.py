"""Five mailboxes of two organizations, polled side by side by the real timer, queue and workers."""

import itertools
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest

from banxway.clock import SYSTEM_CLOCK
from tests.support.gates.figures import Figures
from tests.support.running.company import Company
from tests.support.running.founding import open_company
from tests.support.running.runner import Runner
from tests.support.running.sandbox_certificate import HOST, SandboxCertificate
from tests.support.servers.dovecot import Dovecot
from tests.support.servers.zoho_smtp import ZohoSmtp
from tests.support.timing.waiting import eventually

PASSWORD = "abcd1234efgh5678"
INTERVALS_S = {0: [10, 10, 20], 1: [10, 30]}
"""Of each organization's mailboxes; 10 s is the shortest that an account may have."""

WATCHED_S = 75
"""Longer than from one tick of the timer to the next, which is 60 s."""

LATE_S = 5
"""What a busy machine may add to an interval between two polls."""


@dataclass(frozen=True)
class Mailbox:
    """One account, and whose it is."""

    company: Company
    address: str
    interval_s: int
    id: str


@pytest.fixture
def companies(runner: Runner) -> Iterator[list[Company]]:
    with ExitStack() as opened:
        yield [opened.enter_context(open_company(runner)) for _ in INTERVALS_S]


@pytest.fixture
def servers(runner: Runner) -> Iterator[tuple[Dovecot, ZohoSmtp]]:
    certificate = SandboxCertificate(runner)
    with (
        Dovecot.running(certificate) as dovecot,  # type: ignore[arg-type]  # of an authority it only asks this
        ZohoSmtp(dovecot, certificate.server_context()) as smtp,
    ):
        yield dovecot, smtp


def add_mailbox(
    company: Company, servers: tuple[Dovecot, ZohoSmtp], address: str, interval_s: int
) -> Mailbox:
    dovecot, smtp = servers
    smtp.add_user(address, PASSWORD)
    account = company.admin.ask(
        "/settings/email-accounts",
        {
            "name": address,
            "email": address,
            **dict.fromkeys(("smtp_host", "imap_host"), HOST),
            **dict.fromkeys(("smtp_user", "imap_user"), address),
            **dict.fromkeys(("smtp_password", "imap_password"), PASSWORD),
            "smtp_port": smtp.starttls_port,
            "smtp_secure": False,
            "imap_port": dovecot.port,
            "poll_interval_ms": interval_s * 1000,
        },
    )
    return Mailbox(company, address, interval_s, account["id"])


def last_polls(mailboxes: list[Mailbox]) -> dict[str, str | None]:
    """Return when each was last polled, as an admin sees it."""
    return {
        each.address: each.company.admin.read(f"/settings/email-accounts/{each.id}")["last_polled_at"]
        for each in mailboxes
    }


def watch(mailboxes: list[Mailbox]) -> dict[str, list[datetime]]:
    """Return the moments of every poll in the time to come, the one before it included."""
    seen: dict[str, set[str]] = {each.address: set() for each in mailboxes}
    ends_at = SYSTEM_CLOCK.monotonic() + WATCHED_S
    while SYSTEM_CLOCK.monotonic() < ends_at:
        for address, moment in last_polls(mailboxes).items():
            seen[address].add(str(moment))
        SYSTEM_CLOCK.sleep(1)
    return {address: sorted(map(datetime.fromisoformat, moments)) for address, moments in seen.items()}


def subjects(company: Company) -> list[str]:
    threads: list[dict[str, Any]] = company.agent.read("/communications/threads")
    return sorted(thread["subject"] for thread in threads)


def test_five_mailboxes_of_two_organizations_each_within_its_interval_and_with_one_connection_each(
    runner: Runner, companies: list[Company], servers: tuple[Dovecot, ZohoSmtp], figures: Figures
) -> None:
    mailboxes = [
        add_mailbox(companies[at], servers, f"desk{number}.{companies[at].mailbox['email']}", interval_s)
        for at, intervals in INTERVALS_S.items()
        for number, interval_s in enumerate(intervals)
    ]
    runner.run_timer("EmailSyncEnqueueDue")
    eventually(lambda: all(last_polls(mailboxes).values()))
    for mailbox in mailboxes:
        servers[0].deliver(mailbox.address, a_mail(mailbox.address))

    polls = watch(mailboxes)

    late_s = 0.0
    for mailbox in mailboxes:
        between = [after - before for before, after in itertools.pairwise(polls[mailbox.address])]
        # After a late poll the next comes when it would have anyway: gaps may be short, not more numerous.
        turns = WATCHED_S // mailbox.interval_s
        assert turns - 1 <= len(between) <= turns + 1, (mailbox.address, between)
        longest_s = max(between).total_seconds()
        assert longest_s <= mailbox.interval_s + LATE_S, (mailbox.address, between)
        late_s = max(late_s, longest_s - mailbox.interval_s)
    # On a busy machine another worker may be asked, who waits two seconds for the keeper of the connection.
    for mailbox in mailboxes:
        assert servers[0].connections(mailbox.address) == 1
        assert servers[0].most_connections_at_once(mailbox.address) <= 2
    for company in companies:
        theirs = [each.address for each in mailboxes if each.company is company]
        assert subjects(company) == [f"To {address}" for address in sorted(theirs)]
    figures.show(
        mailboxes=len(mailboxes), watched_s=WATCHED_S, polls=sum(map(len, polls.values())), latest_s=late_s
    )


def a_mail(address: str) -> bytes:
    return (
        f"From: asha@customer.example\r\nTo: {address}\r\nSubject: To {address}\r\n"
        f"Message-ID: <to-{address.replace('@', '.')}@customer.example>\r\n\r\nHello\r\n"
    ).encode()
