"""The state of the simulated Exotel: accounts, what it received, what it sent back.

Everything survives a restart except faults.
"""

import asyncio
import time
from collections import deque
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from local.sandbox.breakages import Breakages
from local.sandbox.exotel.accounts import Account, Accounts
from local.sandbox.exotel.answers import Refused
from local.sandbox.exotel.breakages import EXOTEL
from local.sandbox.exotel.courier import Attempt, Courier
from local.sandbox.exotel.demo import demo_accounts
from local.sandbox.exotel.faults import Faults
from local.sandbox.exotel.kept import Kept
from local.sandbox.exotel.messages import SentMessage, callback_body, incoming
from local.sandbox.exotel.numbers import canonical
from local.sandbox.exotel.statuses import DELIVERED, SEEN, SENT

Pair = tuple[str, str | None, str | None]
"""An account, its number and a customer's number: a 24-hour window belongs to the two numbers."""

_WINDOW = timedelta(hours=24)
_TRIES_AFTER_A_RESTART = 60


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
    """When the customer's phone reports: seconds after acceptance, per code. With `auto` off, only by hand."""

    auto: bool = True
    delays_s: dict[int, float] = field(default_factory=lambda: {SENT: 0.3, DELIVERED: 0.8, SEEN: 2.0})

    def delay_of(self, code: int) -> float:
        """Return when a code is reported; a failure is known as soon as a message could have been sent."""
        return self.delays_s.get(code, self.delays_s[SENT])


class World:
    """The state of one simulated Exotel. Lives on one event loop; nothing here is thread-safe."""

    def __init__(self, kept: Kept) -> None:
        self._kept = kept
        self._begin()

    def _begin(self) -> None:
        kept = self._kept
        self.accounts = Accounts()
        for account in (*demo_accounts(), *kept.accounts()):
            self.accounts.add(account)
        self.received = [Received(**value) for _, value in kept.all("received")]
        self.messages = kept.messages()
        self.incoming: list[dict[str, Any]] = [value for _, value in kept.all("incoming")]
        self.faults = Faults()
        self.breakages = Breakages(EXOTEL)
        self.ladder = Ladder()
        self.courier = Courier(
            known=kept.attempts(), keep=lambda at, attempt: kept.keep("attempt", at, attempt.summary())
        )
        self.rate_limit_per_minute: int | None = None
        self._recent_requests: dict[str, deque[float]] = {}
        self.released = asyncio.Event()
        self._last_incoming: dict[Pair, datetime] = {
            _pair(*key): datetime.fromisoformat(at) for key, at in kept.all("window")
        }
        self._last_callback: dict[Pair, str] = {_pair(*key): url for key, url in kept.all("reply_url")}
        self._under_way: set[asyncio.Task[Any]] = set()

    def reset(self) -> None:
        """Go back to the state of a fresh start; callbacks under way are dropped."""
        self.close()
        self._kept.forget()
        self._begin()

    def close(self) -> None:
        """Stop all background work."""
        self.release()
        for task in self._under_way:
            task.cancel()
        self.courier.close()

    def release(self) -> None:
        """Send every answer that a `hold` fault withholds."""
        self.released.set()
        self.released = asyncio.Event()

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Run something in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    def count_request(self, account: Account) -> None:
        """Count one request against the account's rate limit (reference/exotel.md, 9). Raises Refused (429)."""
        if self.rate_limit_per_minute is None:
            return
        recent = self._recent_requests.setdefault(account.account_sid, deque())
        while recent and recent[0] < time.monotonic() - 60:
            recent.popleft()
        if len(recent) >= self.rate_limit_per_minute:
            raise Refused(429, "Too many requests")
        recent.append(time.monotonic())

    def window_is_open(self, account_sid: str, *, number: str, customer: str) -> bool:
        """Return whether free text may reach the customer: whether they wrote within the last 24 hours."""
        last = self._last_incoming.get(_pair(account_sid, number, customer))
        return last is not None and datetime.now(UTC) - last < _WINDOW

    def set_window(self, account_sid: str, *, number: str, customer: str, is_open: bool) -> None:
        """Open or close the 24-hour window by hand."""
        moment = datetime.now(UTC) if is_open else datetime.min.replace(tzinfo=UTC)
        self._open_window(_pair(account_sid, number, customer), moment)

    def _open_window(self, pair: Pair, at: datetime) -> None:
        self._last_incoming[pair] = at
        self._kept.keep("window", pair, at.isoformat())

    def keep_account(self, account: Account) -> None:
        """Add an account, or store its changes."""
        self.accounts.add(account)
        self._kept.keep_account(account)

    def keep_received(self, seen: Received) -> None:
        """Store a request, and later its answer."""
        if seen.id > len(self.received):
            self.received.append(seen)
        self._kept.keep("received", seen.id, seen.summary())

    def keep_message(self, message: SentMessage) -> None:
        """Store a message and how far it got."""
        self.messages[message.sid] = message
        self._kept.keep("message", message.sid, message.summary())

    def accept(self, message: SentMessage) -> None:
        """Accept a message: from now on its customer's phone reports on it."""
        message.climbs = self.ladder.auto
        self.keep_message(message)
        if message.status_callback:
            pair = _pair(message.account_sid, message.sender, message.recipient)
            self._last_callback[pair] = message.status_callback
            self._kept.keep("reply_url", pair, message.status_callback)
        if message.climbs:
            for code in message.fate:
                self.later(self._climb(message, code, self.ladder.delay_of(code)))

    async def _climb(self, message: SentMessage, code: int, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        await self.report(message, code)

    async def report(self, message: SentMessage, code: int) -> list[Attempt]:
        """Post one delivery report to the message's sender, if an address for it is known."""
        item = message.report(code)
        self.keep_message(message)
        return await self._post(message, item)

    async def _post(self, message: SentMessage, item: dict[str, Any]) -> list[Attempt]:
        account = self.accounts.find(message.account_sid)
        url = message.status_callback or (account.default_webhook_url if account else None)
        if url is None:
            return []
        return await self.courier.deliver(url, callback_body([item]), kind="dlr", sid=message.sid)

    def resume(self) -> None:
        """Continue the delivery reports that were still to come when the sandbox stopped."""
        reported = {
            (attempt.sid, item.get("exo_status_code"))
            for attempt in self.courier.attempts
            if attempt.arrived and attempt.kind == "dlr"
            for item in attempt.body["whatsapp"]["messages"]
        }
        for message in self.messages.values():
            unreported = [code for code in message.fate if (message.sid, code) not in reported]
            if unreported and message.climbs:
                self.later(self._report_the_rest(message, unreported))

    async def _report_the_rest(self, message: SentMessage, codes: list[int]) -> None:
        for code in codes:
            known = next((step for step in message.ladder if step["code"] == code), None)
            at = datetime.fromisoformat(known["at"]) if known else datetime.now(UTC)
            item = message.report_again(code, at=at) if known else message.report(code, at=at)
            self.keep_message(message)
            for _ in range(_TRIES_AFTER_A_RESTART):  # the product may take a minute to start
                attempts = await self._post(message, item)
                if not attempts or attempts[-1].arrived:
                    break
                await asyncio.sleep(1.0)

    async def receive_from_customer(self, values: dict[str, Any]) -> dict[str, Any]:
        """Let a customer write to a business number; opens the 24-hour window. Raises ValueError.

        Goes to one address (reference/exotel.md, 6.5): a reply to the last message's status_callback, else to
        the account's default. `route` in the values ("reply" or "default") picks one by hand.
        """
        item = incoming(values)
        account = self._owner_of(item["to"])
        pair = _pair(account.account_sid, item["to"], item["from"])
        self._open_window(pair, datetime.now(UTC))
        reply_url = self._last_callback.get(pair)
        routes = {"reply": reply_url, "default": account.default_webhook_url}
        url = (
            routes[values["route"]]
            if values.get("route") in routes
            else reply_url or account.default_webhook_url
        )
        written = {"account_sid": account.account_sid, "posted_to": url, "arrived": None, **item}
        self.incoming.append(written)
        number = len(self.incoming)
        self._kept.keep("incoming", number, written)
        attempts = (
            await self.courier.deliver(url, callback_body([item]), kind="incoming_message") if url else []
        )
        written["arrived"] = bool(attempts) and attempts[-1].arrived
        self._kept.keep("incoming", number, written)
        return {"message": item, "posted_to": url, "attempts": [each.summary() for each in attempts]}

    def _owner_of(self, number: str) -> Account:
        for account in self.accounts:
            if account.owns_whatsapp_number(number):
                return account
        raise ValueError("to: no account has this WhatsApp number")


def _pair(account_sid: str, number: str | None, customer: str | None) -> Pair:
    """Return the key of a window; numbers in one spelling."""
    return account_sid, number and canonical(number), customer and canonical(customer)
