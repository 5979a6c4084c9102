"""Starts the browser in which the console is tried: Debian's Chromium, driven by Playwright."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, expect, sync_playwright

from tests.support.gates.debian import found
from tests.support.timing.waiting import PATIENCE_S

# Without these it asks its maker's hosts for news at every start.
_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-default-apps", "--disable-dev-shm-usage",
)  # fmt: skip


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run one browser for many tests; each takes a context of its own, which shares nothing with others."""
    expect.set_options(timeout=PATIENCE_S * 1000)
    quiet = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found("chromium"), args=list(_FLAGS), env=quiet, timeout=PATIENCE_S * 1000
        )
        yield browser
        browser.close()
