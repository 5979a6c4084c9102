"""Asks many questions at once, and waits for none of them longer than allowed."""

import queue
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from banxway.clock import Clock
from banxway.errors import BanxwayError
from banxway.log import get_logger
from banxway.services.status.diagnosis.causes import Found, Probe, ProbeResult

THREAD = "diagnosis"
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Asked:
    """One probe with its result and how long it took."""

    probe: Probe
    result: ProbeResult
    duration_ms: int


def ask_all(probes: Sequence[Probe], *, deadline_s: float, clock: Clock) -> list[Asked]:
    """Return every probe's result in the order given, at the latest when the deadline has passed.

    A probe without an answer by then counts by its `if_silent`; its thread is left to end by its own timeout.
    """
    began = clock.monotonic()
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    answered: queue.SimpleQueue[tuple[int, Asked]] = queue.SimpleQueue()
    for index in range(len(probes)):
        waiting.put(index)

    def work() -> None:
        while clock.monotonic() - began < deadline_s:
            try:
                index = waiting.get_nowait()
            except queue.Empty:
                return
            answered.put((index, _ask(probes[index], clock)))

    for _ in range(min(_AT_ONCE, len(probes))):
        threading.Thread(target=work, name=THREAD, daemon=True).start()
    left_s = partial(_left_s, began + deadline_s, clock)
    return _collected(probes, answered, left_s, round(deadline_s * 1000))


def _left_s(deadline: float, clock: Clock) -> float:
    return max(0.0, deadline - clock.monotonic())


def _collected(
    probes: Sequence[Probe],
    answered: "queue.SimpleQueue[tuple[int, Asked]]",
    left_s: Callable[[], float],
    longest_ms: int,
) -> list[Asked]:
    results: dict[int, Asked] = {}
    while len(results) < len(probes):
        try:
            index, asked = answered.get(timeout=left_s())
        except queue.Empty:
            break
        results[index] = asked
    return [results.get(index) or _silent(probe, longest_ms) for index, probe in enumerate(probes)]


def _ask(probe: Probe, clock: Clock) -> Asked:
    began = clock.monotonic()
    try:
        result = probe.ask()
    except BanxwayError as error:
        result = ProbeResult(ok=False, found=(_broken(probe, error.message),))
    except Exception as error:  # noqa: BLE001 -- a fault in one probe must not silence the others
        get_logger().exception("a probe of the diagnosis failed", probe=probe.name)
        result = ProbeResult(ok=False, found=(_broken(probe, type(error).__name__),))
    return Asked(probe, result, round((clock.monotonic() - began) * 1000))


def _broken(probe: Probe, reason: str) -> Found:
    return Found("diagnosis_incomplete", probe.subject, f"{probe.name} could not be checked: {reason}")


def _silent(probe: Probe, longest_ms: int) -> Asked:
    found = (probe.if_silent,) if probe.if_silent else ()
    return Asked(probe, ProbeResult(ok=False, found=found), longest_ms)
