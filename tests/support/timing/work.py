"""How much work something is, counted instead of timed: the same number on every machine.

`make soak` measures the seconds besides, since what happens within a built-in function counts for one step here.
"""

import sys
import tracemalloc
from collections.abc import Callable
from types import FrameType
from typing import Any, NamedTuple

_LOOK_AT_A_PART = frozenset(
    ("append", "endswith", "extend", "find", "index", "isdigit", "isspace", "pop", "rfind", "startswith")
)
"""Methods that may be called of a long text again and again, each time for a few of its characters."""


class Work(NamedTuple):
    """Lines that ran, calls, calls of built-in functions, and the characters or bytes passed to these."""

    steps: int
    handed: int


def work_of(act: Callable[[], object]) -> Work:
    """Return what an act costs in this thread the second time, so that imports and caches do not count."""
    steps = handed = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal steps
        steps += event != "return"
        return trace

    def profile(frame: FrameType, event: str, function: Any) -> None:
        nonlocal steps, handed
        if event == "c_call":
            steps += 1
            text = getattr(function, "__self__", None)
            if isinstance(text, str | bytes | bytearray) and function.__name__ not in _LOOK_AT_A_PART:
                handed += len(text)

    act()
    former = sys.gettrace(), sys.getprofile()
    sys.setprofile(profile)
    sys.settrace(trace)
    try:
        act()
    finally:
        sys.settrace(former[0])
        sys.setprofile(former[1])
    return Work(steps, handed)


def peak_of(act: Callable[[], object]) -> int:
    """Return how many bytes of memory an act takes at most, the second time it is done."""
    act()
    tracemalloc.start()
    try:
        act()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
