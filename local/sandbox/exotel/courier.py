"""Posts callbacks to our product and remembers every attempt."""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

import urllib3


@dataclass
class Attempt:
    """One POST: `status` is the HTTP answer, or None with the reason in `error`."""

    at: str
    url: str
    kind: str
    sid: str | None
    number: int
    body: Any
    status: int | None = None
    error: str | None = None
    duration_ms: int = 0

    @property
    def arrived(self) -> bool:
        """Return whether it was answered with 2xx."""
        return self.status is not None and 200 <= self.status < 300

    def summary(self) -> dict[str, Any]:
        """Return the attempt as JSON."""
        return asdict(self)


@dataclass
class Delivery:
    """How callbacks are delivered: after any answer but 2xx a callback is posted again, once after each delay.

    Exotel's documents give several retry schedules, none confirmed (reference/exotel.md, 10): two quick retries here.
    """

    retry_delays_s: list[float] = field(default_factory=lambda: [0.5, 1.0])
    timeout_s: float = 15.0
    signature_secret: str | None = None


class Courier:
    """Delivers JSON callbacks; attempts are listed in the order in which they ended."""

    def __init__(self, *, known: list[Attempt], keep: Callable[[int, Attempt], None]) -> None:
        self.attempts = known
        self._keep = keep
        self.delivery = Delivery()
        self._threads = ThreadPoolExecutor(max_workers=16, thread_name_prefix="sandbox-courier")
        self._pool = urllib3.PoolManager(maxsize=16, retries=False)

    async def deliver(self, url: str, body: Any, *, kind: str, sid: str | None = None) -> list[Attempt]:
        """POST a body until it is answered 2xx or the retries are used up; returns the attempts."""
        made: list[Attempt] = []
        for delay_s in [0.0, *self.delivery.retry_delays_s]:
            await asyncio.sleep(delay_s)
            attempt = Attempt(datetime.now(UTC).isoformat(), url, kind, sid, len(made) + 1, body)
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._threads, self._post, attempt)
            made.append(attempt)
            self.attempts.append(attempt)
            self._keep(len(self.attempts), attempt)
            if attempt.arrived:
                break
        return made

    def _post(self, attempt: Attempt) -> None:
        payload = json.dumps(attempt.body, ensure_ascii=False).encode()
        started = time.monotonic()
        try:
            answer = self._pool.request(
                "POST",
                attempt.url,
                body=payload,
                headers=self._headers(payload),
                redirect=False,
                timeout=self.delivery.timeout_s,
            )
            attempt.status = answer.status
        except urllib3.exceptions.HTTPError as error:
            attempt.error = f"{type(error).__name__}: {error}"
        attempt.duration_ms = round((time.monotonic() - started) * 1000)

    def _headers(self, payload: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json", "User-Agent": "sandbox-exotel"}
        if self.delivery.signature_secret:
            digest = hmac.new(self.delivery.signature_secret.encode(), payload, hashlib.sha256).hexdigest()
            headers["X-Exotel-Signature"] = f"sha256={digest}"
        return headers

    def close(self) -> None:
        """Stop delivering; what is on its way is dropped."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._pool.clear()
