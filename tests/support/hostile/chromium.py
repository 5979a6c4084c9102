"""A real browser, to see what pages do: one headless Chromium for many pages, one after another.

    with Browser.running() as browser:
        with browser.open(url) as page:
            page.html()
            page.requested()    # every address that was asked for, and every name that was looked up

It takes commands, and reports when each is done, over its DevTools protocol: nothing here waits for a time to pass.
Every name resolves to this machine, so that nothing leaves it; names below .localhost always do, and
are the ones that are seen being looked up.
"""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection, connect

from tests.support.gates.debian import found
from tests.support.timing.waiting import PATIENCE_S, eventually

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--disable-default-apps", "--remote-debugging-port=0",
    "--host-resolver-rules=MAP * 127.0.0.1, EXCLUDE *.localhost",
)  # fmt: skip
_ASKED = {"URL_REQUEST_START_JOB": "url", "HOST_RESOLVER_MANAGER_REQUEST": "host"}
"""What its network log calls a request and a look-up, and where each says what it is of."""

_KIND = r'"(URL_REQUEST_START_JOB|HOST_RESOLVER_MANAGER_REQUEST)":(\d+)'
_Event = dict[str, Any]


class Browser:
    """A running browser, for one thread."""

    def __init__(self, socket: ClientConnection, log_file: Path) -> None:
        self._socket, self._log_file = socket, log_file
        self._numbers = count(1)
        self._events: list[_Event] = []

    @classmethod
    @contextmanager
    def running(cls) -> "Iterator[Browser]":
        """Start a browser, and end it."""
        profile = Path(tempfile.mkdtemp(prefix="chromium-"))
        log_file = profile / "network.json"
        places = (f"--user-data-dir={profile}", f"--log-net-log={log_file}")
        command = [found("chromium"), *_FLAGS, *places, "about:blank"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            port, path = eventually(lambda: _address(profile / "DevToolsActivePort"))
            where = f"ws://127.0.0.1:{port}{path}"
            with connect(
                where, max_size=None, open_timeout=PATIENCE_S, ping_interval=None, proxy=None
            ) as socket:
                browser = cls(socket, log_file)
                yield browser
                browser.ask("Browser.close")
        finally:
            process.terminate()
            process.wait()
            shutil.rmtree(profile, ignore_errors=True)

    @contextmanager
    def open(self, address: str) -> "Iterator[Page]":
        """Open an address with an empty cache; yields the page once it is loaded and requests nothing more.

        In the browser's usual profile: a private one looks no names up beforehand.
        """
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self.ask("Network.clearBrowserCache", session)
        page = Page(self, session)
        try:
            page.go(address)
            yield page
        finally:
            self.ask("Target.closeTarget", targetId=target)
            self._events.clear()

    def mark_log(self) -> str:
        """Return an address that the network log names by now, behind all that happened before."""
        mark = f"http://mark-{next(self._numbers)}.localhost/"
        eventually(lambda: self._has_logged(mark))
        return mark

    def log(self) -> str:
        """Return the network log so far, an event on a line."""
        return self._log_file.read_text(errors="replace")

    def _has_logged(self, address: str) -> bool:
        """Whether the log names an address; asks for it each time, since the log is written some events at a time."""
        target = self.ask("Target.createTarget", url=address)["targetId"]
        self.ask("Target.closeTarget", targetId=target)
        return address in self.log()

    def ask(self, method: str, session: str | None = None, **parameters: Any) -> Any:
        """Send a command and return the answer; what happens meanwhile is kept for `await_event`."""
        message = {"id": next(self._numbers), "method": method, "params": parameters}
        self._socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while (heard := self._hear()).get("id") != message["id"]:
            self._events.append(heard)
        assert "error" not in heard, f"{method}: {heard['error']}"
        return heard["result"]

    def await_event(self, is_it: Callable[[_Event], bool]) -> None:
        """Wait for something to happen, unless it already has."""
        while not any(is_it(event) for event in self._events):
            self._events.append(self._hear())

    def _hear(self) -> _Event:
        heard: _Event = json.loads(self._socket.recv(timeout=PATIENCE_S))
        return heard


class Page:
    """One page, as long as it is open."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser, self._session = browser, session
        self._begins = len(browser.log())

    def requested(self) -> list[str]:
        """Return every address asked for, and every name looked up, since the page was opened.

        What an earlier page asked for may be among them, if it was logged late: its server had another port.
        """
        ends = self._browser.mark_log()
        log = self._browser.log()
        kinds = {number: _ASKED[name] for name, number in re.findall(_KIND, log) if name in _ASKED}
        events = log[self._begins :].partition(ends)[0].splitlines()[1:-1]
        return [address for line in events for address in _asked(line, kinds)]

    def go(self, address: str) -> None:
        """Load an address and wait until the page, or the one that it leads to, asks for nothing more."""
        blank = self._ask("Page.getFrameTree")["frameTree"]["frame"]
        self._ask("Page.enable")
        self._ask("Page.setLifecycleEventsEnabled", enabled=True)
        self._ask("Page.navigate", url=address)
        self._browser.await_event(lambda event: self._is_at_rest(event, blank))

    def html(self) -> str:
        """Return the page as the browser has it now."""
        root = self._ask("DOM.getDocument")["root"]["nodeId"]
        return str(self._ask("DOM.getOuterHTML", nodeId=root)["outerHTML"])

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression in the page."""
        answer = self._ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def _is_at_rest(self, event: _Event, blank: dict[str, str]) -> bool:
        said = event.get("params", {})
        return (
            event.get("sessionId") == self._session
            and event["method"] == "Page.lifecycleEvent"
            and said["name"] == "networkIdle"
            and said["frameId"] == blank["id"]
            and said["loaderId"] != blank["loaderId"]
        )

    def _ask(self, method: str, **parameters: Any) -> Any:
        return self._browser.ask(method, self._session, **parameters)


def _address(file: Path) -> list[str]:
    """Return the port and path that a browser wrote down; nothing before it has written both."""
    words = file.read_text().split() if file.exists() else []
    return words if len(words) == 2 else []


def _asked(line: str, kinds: dict[str, str]) -> Iterator[str]:
    """Yield the address or the name that one event of the network log is about."""
    event = json.loads(line.rstrip(","))
    parameter = kinds.get(str(event["type"]))
    if parameter and parameter in event.get("params", {}):
        yield str(event["params"][parameter])
