"""The queue of callers that wait for an instance: people's requests first, then background work, by arrival."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(eq=False)
class Caller:
    """One caller of one function. `since` is its arrival, by the pool's clock."""

    name: str
    background: bool
    arrival: int
    since: float
    turn: "asyncio.Future[None] | None" = None


class Line:
    """All waiting callers; those of one function are served in order of arrival."""

    def __init__(self) -> None:
        self._queues: dict[tuple[bool, str], list[Caller]] = defaultdict(list)

    def __len__(self) -> int:
        return sum(len(queue) for queue in self._queues.values())

    def join(self, caller: Caller) -> "asyncio.Future[None]":
        """Add a caller; one that was woken in vain gets its former position back."""
        queue = self._queues[caller.background, caller.name]
        caller.turn = asyncio.get_running_loop().create_future()
        position = next((at for at, other in enumerate(queue) if other.arrival > caller.arrival), len(queue))
        queue.insert(position, caller)
        return caller.turn

    def leave(self, caller: Caller) -> bool:
        """Remove a caller that gives up, and return whether it was still waiting; False if it was woken already."""
        queue = self._queues[caller.background, caller.name]
        if caller not in queue:
            return False
        queue.remove(caller)
        return True

    def wake_next(self, may_go: Callable[[Caller], bool]) -> bool:
        """Wake the longest-waiting caller that may go and return True; False if there is none."""
        for background in (False, True):
            heads = [queue[0] for (kind, _), queue in self._queues.items() if queue and kind == background]
            able = [head for head in heads if may_go(head)]
            if able:
                self._wake(min(able, key=lambda head: head.arrival))
                return True
        return False

    def _wake(self, caller: Caller) -> None:
        self._queues[caller.background, caller.name].remove(caller)
        if caller.turn and not caller.turn.done():
            caller.turn.set_result(None)

    def refuse_all(self) -> None:
        """Cancel every caller's wait."""
        for queue in self._queues.values():
            for caller in list(queue):
                if caller.turn:
                    caller.turn.cancel()
