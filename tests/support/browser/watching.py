"""Watches a page for what must never happen, whatever it shows: errors, refused styles, requests to other hosts.

watch = Watch(context, "http://127.0.0.1:8000")
…
watch.problems    sentences; a test's fixture fails if there are any
"""

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, WebError

_LOCAL = ("data", "blob", "about", "chrome-error")
# The browser's own words for an answer that is not a success; tests make such answers on purpose.
_ANSWERED = ("Failed to load resource", "WebSocket connection to")


class Watch:
    """What happened in every page of a context."""

    def __init__(self, context: BrowserContext, *origins: str) -> None:
        self.problems: list[str] = []
        self.requests: list[Request] = []
        self._hosts = {urlsplit(origin).netloc for origin in origins}
        context.on("request", self._request)
        context.on("console", self._message)
        context.on("weberror", self._error)
        context.on("page", self._page)

    def _request(self, request: Request) -> None:
        self.requests.append(request)
        address = urlsplit(request.url)
        if address.scheme not in _LOCAL and address.netloc not in self._hosts:
            self.problems.append(f"the page asked {request.url}")

    def _message(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(_ANSWERED):
            self.problems.append(f"the browser's console has: {message.text}")

    def _error(self, error: WebError) -> None:
        self.problems.append(f"the page's code failed: {error.error}")

    def _page(self, page: Page) -> None:
        page.on("crash", lambda _: self.problems.append("the page crashed"))
