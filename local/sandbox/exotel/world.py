"""Everything the simulated Exotel knows: accounts, what it received, what it sent back. Memory only."""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.sandbox.exotel.accounts import Account, Accounts
from local.sandbox.exotel.answers import Refused
from local.sandbox.exotel.courier import Attempt, Courier
from local.sandbox.exotel.demo import demo_accounts
from local.sandbox.exotel.faults import Faults
from local.sandbox.exotel.messages import SentMessage, callback_body, incoming
from local.sandbox.exotel.numbers import canonical
from local.sandbox.exotel.statuses import DELIVERED, SEEN, SENT

_WINDOW = timedelta(hours=24)


@dataclass
class Received:
    """One request that reached a provider endpoint. `outcome` is null while it is unanswered."""

    id: int
    at: str
    kind: str
    operation: str
    method: str
    path: str
    query: dict[str, str]
    body: Any
    sids: list[str] = field(default_factory=list)
    fault: str | None = None
    outcome: dict[str, Any] | None = None

    def summary(self) -> dict[str, Any]:
        """Return the request as JSON."""
        return asdict(self)


@dataclass
class Ladder:
    """When the customer's phone reports: seconds from acceptance, per code. `auto` off: only by hand."""

    auto: bool = True
    delays_s: dict[int, float] = field(default_factory=lambda: {SENT: 0.3, DELIVERED: 0.8, SEEN: 2.0})

    def delay_of(self, code: int) -> float:
        """Return when a code is reported; a failure is known as soon as a message could have been sent."""
        return self.delays_s.get(code, self.delays_s[SENT])


class World:
    """The state of one simulated Exotel. Lives on one event loop; nothing here is thread-safe."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self.accounts = Accounts()
        for account in demo_accounts():
            self.accounts.add(account)
        self.received: list[Received] = []
        self.messages: dict[str, SentMessage] = {}
        self.incoming: list[dict[str, Any]] = []
        self.faults = Faults()
        self.ladder = Ladder()
        self.courier = Courier()
        self.rate_limit_per_minute: int | None = None
        self._recent_requests: dict[str, deque[float]] = {}
        self.released = asyncio.Event()
        self._last_incoming: dict[tuple[str, str | None, str | None], datetime] = {}
        self._last_callback: dict[tuple[str, str | None, str | None], str] = {}
        self._under_way: set[asyncio.Task[Any]] = set()

    def reset(self) -> None:
        """Return to the state of a fresh start; what is still on its way is dropped."""
        self.close()
        self._begin()

    def close(self) -> None:
        """Let nothing more happen."""
        self.release()
        for task in self._under_way:
            task.cancel()
        self.courier.close()

    def release(self) -> None:
        """Send every answer that is being held."""
        self.released.set()
        self.released = asyncio.Event()

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Let something happen in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def count_request(self, account: Account) -> None:
        """Count one request against the account's rate limit (exotel.md, section 9). Raises Refused (429)."""
        if self.rate_limit_per_minute is None:
            return
        recent = self._recent_requests.setdefault(account.account_sid, deque())
        while recent and recent[0] < time.monotonic() - 60:
            recent.popleft()
        if len(recent) >= self.rate_limit_per_minute:
            raise Refused(429, "Too many requests")
        recent.append(time.monotonic())

    def window_is_open(self, account_sid: str, *, number: str, customer: str) -> bool:
        """Whether free text may reach the customer: he wrote within the last 24 hours."""
        last = self._last_incoming.get((account_sid, canonical(number), canonical(customer)))
        return last is not None and datetime.now(UTC) - last < _WINDOW

    def set_window(self, account_sid: str, *, number: str, customer: str, is_open: bool) -> None:
        """Open or close the 24-hour window by hand."""
        moment = datetime.now(UTC) if is_open else datetime.min.replace(tzinfo=UTC)
        self._last_incoming[(account_sid, canonical(number), canonical(customer))] = moment

    def accept(self, message: SentMessage) -> None:
        """Take a message over: from now on its customer's phone reports its fate."""
        self.messages[message.sid] = message
        if message.status_callback:
            pair = (message.account_sid, canonical(message.sender), canonical(message.recipient))
            self._last_callback[pair] = message.status_callback
        if self.ladder.auto:
            for code in message.fate:
                self.later(self._climb(message, code, self.ladder.delay_of(code)))

    async def _climb(self, message: SentMessage, code: int, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        await self.report(message, code)

    async def report(self, message: SentMessage, code: int) -> list[Attempt]:
        """Report one step of a message's fate to whoever sent it; nobody to tell is no error."""
        item = message.report(code)
        account = self.accounts.find(message.account_sid)
        url = message.status_callback or (account.default_webhook_url if account else None)
        if url is None:
            return []
        return await self.courier.deliver(url, callback_body([item]), kind="dlr", sid=message.sid)

    async def receive_from_customer(self, values: dict[str, Any]) -> dict[str, Any]:
        """Let a customer write to a business number; opens the 24-hour window. Raises ValueError.

        Goes to one address (exotel.md, section 6.5): a reply to the last message's status_callback, else to
        the account's default. `route` in the values ("reply" or "default") picks one by hand.
        """
        item = incoming(values)
        account = self._owner_of(item["to"])
        pair = (account.account_sid, canonical(item["to"]), canonical(item["from"]))
        self._last_incoming[pair] = datetime.now(UTC)
        reply_url = self._last_callback.get(pair)
        routes = {"reply": reply_url, "default": account.default_webhook_url}
        url = (
            routes[values["route"]]
            if values.get("route") in routes
            else reply_url or account.default_webhook_url
        )
        self.incoming.append({"account_sid": account.account_sid, "posted_to": url, **item})
        attempts = (
            await self.courier.deliver(url, callback_body([item]), kind="incoming_message") if url else []
        )
        return {"message": item, "posted_to": url, "attempts": [each.summary() for each in attempts]}

    def _owner_of(self, number: str) -> Account:
        for account in self.accounts:
            if account.owns_whatsapp_number(number):
                return account
        raise ValueError("to: no account has this WhatsApp number")
