"""Connections that stay open between polls: reused where that is right, and closed everywhere else."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from banxway.models.integrations.credentials import MailServer
from banxway.services.email_sync.connections import Connections
from banxway.storage.email_sync.leases import TakenAccount
from tests.support.product.fakes import FakeMailbox
from tests.support.product.stored import row_of
from tests.support.timing.clocks import SetClock

SERVER = MailServer("imap.example.com", 993, "implicit", "support@yourdomain.com", "secret")


class Deployment:
    """The connections of one process; each that it opens is another mailbox."""

    def __init__(self) -> None:
        self.clock = SetClock()
        self.opened: list[FakeMailbox] = []
        self.connections = Connections(self._open, holder=uuid4(), clock=self.clock)
        self.account = _account()

    def _open(self, server: MailServer) -> FakeMailbox:
        self.opened.append(FakeMailbox())
        self.opened[-1].is_connected = True
        return self.opened[-1]

    def keep(self, server: MailServer = SERVER, **account: Any) -> int:
        """Poll over a connection and keep it."""
        mailbox = self.connections.take(self.account, server)
        return self.connections.keep(replace(self.account, **account), server, mailbox)

    def take(self, server: MailServer = SERVER, **account: Any) -> FakeMailbox:
        found: Any = self.connections.take(replace(self.account, **account), server)
        return found

    @property
    def closed(self) -> list[int]:
        return [mailbox.closed for mailbox in self.opened]


def _account(**values: Any) -> TakenAccount:
    usual = {
        "id": UUID(int=1),
        "organization_id": UUID(int=2),
        "poll_interval_ms": 30_000,
        "is_kept_here": True,
        "is_kept_elsewhere": False,
    }
    return row_of(TakenAccount, **usual | values)


@pytest.fixture
def process() -> Deployment:
    return Deployment()


def test_a_kept_connection_is_used_again(process: Deployment) -> None:
    process.keep()

    assert process.take() is process.opened[0]
    assert process.closed == [0]


def test_it_is_used_by_one_poll_at_a_time(process: Deployment) -> None:
    process.keep()
    process.take()

    assert not process.connections.keeps(UUID(int=1))
    assert process.take() is process.opened[1]


@pytest.mark.parametrize(
    "changed",
    [
        MailServer("imap.elsewhere.example", 993, "implicit", "support@yourdomain.com", "secret"),
        MailServer("imap.example.com", 143, "implicit", "support@yourdomain.com", "secret"),
        MailServer("imap.example.com", 993, "starttls", "support@yourdomain.com", "secret"),
        MailServer("imap.example.com", 993, "implicit", "sales@yourdomain.com", "secret"),
        MailServer("imap.example.com", 993, "implicit", "support@yourdomain.com", "changed"),
    ],
    ids=["host", "port", "security", "user", "password"],
)
def test_one_that_was_kept_for_another_login_is_closed(process: Deployment, changed: MailServer) -> None:
    process.keep()

    assert process.take(changed) is process.opened[1]
    assert process.closed == [1, 0]


def test_one_that_died_is_closed_and_logged(process: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
    process.keep()
    process.opened[0].is_connected = False

    assert process.take() is process.opened[1]
    assert process.closed == [1, 0]
    (line,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert line["message"] == "a kept connection to a mailbox is gone and is made again"
    assert (line["organization_id"], line["account_id"]) == (str(UUID(int=2)), str(UUID(int=1)))


def test_one_that_another_process_has_taken_over_is_closed(process: Deployment) -> None:
    process.keep()

    assert process.take(is_kept_here=False) is process.opened[1]
    assert process.closed == [1, 0]


def test_none_is_kept_where_another_process_keeps_one(process: Deployment) -> None:
    assert process.keep(is_kept_elsewhere=True) == 0

    assert process.closed == [1]
    assert not process.connections.keeps(UUID(int=1))


@pytest.mark.parametrize(
    ("interval_ms", "seconds"), [(10_000, 80), (30_000, 120), (120_000, 300), (300_000, 300)]
)
def test_it_is_kept_for_two_intervals_and_a_minute_and_for_five_minutes_at_most(
    process: Deployment, interval_ms: int, seconds: int
) -> None:
    assert process.keep(poll_interval_ms=interval_ms) == seconds

    process.clock.advance(seconds=seconds)
    process.connections.close_expired()
    before = process.closed
    process.clock.advance(seconds=1)
    process.connections.close_expired()

    assert (before, process.closed) == ([0], [1])
    assert not process.connections.keeps(UUID(int=1))


def test_a_process_that_ends_closes_what_it_keeps(process: Deployment) -> None:
    process.keep()
    process.account = _account(id=UUID(int=2))
    process.keep()

    process.connections.close()

    assert process.closed == [1, 1]
