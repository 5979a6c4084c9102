"""Waits for what another process is about to do."""

import time
from collections.abc import Callable
from typing import Any

import pytest


def eventually(question: Callable[[], Any], *, within_s: float = 30) -> Any:
    """Return the first truthy answer; fails when there is none in time. Asks less often the longer it takes.

    The time is for a machine that is busy with other tests, and no promise: a test of one measures it.
    """
    began = time.monotonic()
    while (waited_s := time.monotonic() - began) < within_s:
        answer = question()
        if answer:
            return answer
        time.sleep(min(0.01 + waited_s / 50, 0.5))
    return pytest.fail("it never came true")
