"""What a page sends, with its bodies: the browser does not tell the bodies of requests that the page streams.

record(page)
…
sent(page)    [{method, url, body}, …] since then
"""

from playwright.sync_api import Page


def record(page: Page) -> None:
    """Record every request of the page's code from now on."""
    page.evaluate(
        """() => {
            const real = window.fetch;
            window.sent = [];
            window.fetch = async (...given) => {
                const request = new Request(...given);
                const body = await request.clone().text();
                window.sent.push({method: request.method, url: request.url, body});
                return real(request);
            };
        }"""
    )


def sent(page: Page) -> list[dict[str, str]]:
    """Return what was sent since `record`."""
    return list(page.evaluate("() => window.sent"))
