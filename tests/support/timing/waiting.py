"""Waits for what another thread or process is about to do."""

import time
from collections.abc import Callable
from typing import Any

import pytest

PATIENCE_S = 240
"""Ends a wait for something that never comes, and nothing else: far longer than any machine needs."""


def eventually(question: Callable[[], Any]) -> Any:
    """Return the first truthy answer. Asks less often the longer it takes, and fails after PATIENCE_S.

    There is no way to ask for a shorter time: a test that something comes *soon* counts what happened before it.
    """
    began = time.monotonic()
    while (waited_s := time.monotonic() - began) < PATIENCE_S:
        answer = question()
        if answer:
            return answer
        time.sleep(min(0.01 + waited_s / 50, 0.5))
    return pytest.fail("it never came true")
