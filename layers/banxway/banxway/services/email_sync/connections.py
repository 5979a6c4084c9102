"""Connections to mailboxes that stay open between polls (decision 008)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from banxway.clock import Clock
from banxway.log import get_logger
from banxway.models.integrations.credentials import MailServer
from banxway.providers.base import Mailbox
from banxway.storage.email_sync.leases import TakenAccount

_LONGEST_KEPT_S = 300
"""A poll comes at least every five minutes; a server drops an idle connection after thirty (RFC 3501, 5.4)."""


@dataclass(frozen=True, slots=True)
class _Kept:
    mailbox: Mailbox
    login: bytes
    until: datetime


class Connections:
    """The connections that this process keeps, one per mailbox at most.

    `holder` is this process's id. A mailbox's row names the process that keeps its connection, so that only one of
    many warm processes does.
    """

    def __init__(self, open_mailbox: Callable[[MailServer], Mailbox], *, holder: UUID, clock: Clock) -> None:
        self._open = open_mailbox
        self.holder = holder
        self._clock = clock
        self._kept: dict[UUID, _Kept] = {}

    def keeps(self, account_id: UUID) -> bool:
        """Return whether a mailbox's connection was kept here, even if another process has taken it over."""
        return account_id in self._kept

    def take(self, account: TakenAccount, server: MailServer) -> Mailbox:
        """Return the kept connection if it still fits the mailbox and is alive, else one that is yet to connect.

        `account` is the row as its lease was taken. A connection that was kept for another login, or that another
        process has taken over, is closed.
        """
        kept = self._kept.pop(account.id, None)
        if kept is None:
            return self._open(server)
        if account.is_kept_here and kept.login == _digest(server):
            if kept.mailbox.is_alive():
                return kept.mailbox
            get_logger().info(
                "a kept connection to a mailbox is gone and is made again",
                organization_id=str(account.organization_id),
                account_id=str(account.id),
            )
        kept.mailbox.close()
        return self._open(server)

    def keep(self, account: TakenAccount, server: MailServer, mailbox: Mailbox) -> int:
        """Keep a connection and return for how many seconds; close it and return 0 if another process keeps one."""
        if account.is_kept_elsewhere:
            mailbox.close()
            return 0
        seconds: int = min(_LONGEST_KEPT_S, 60 + 2 * account.poll_interval_ms // 1000)
        until = self._clock.now() + timedelta(seconds=seconds)
        self._kept[account.id] = _Kept(mailbox, _digest(server), until)
        return seconds

    def close_expired(self) -> None:
        """Close connections past their time: the mailbox was switched off, or another process polls it."""
        now = self._clock.now()
        for account_id in [each for each, kept in self._kept.items() if kept.until < now]:
            self._kept.pop(account_id).mailbox.close()

    def close(self) -> None:
        """Close every kept connection."""
        while self._kept:
            self._kept.popitem()[1].mailbox.close()


def _digest(server: MailServer) -> bytes:
    login = (server.host, str(server.port), server.tls, server.username, server.password)
    return hashlib.sha256("\0".join(login).encode()).digest()
