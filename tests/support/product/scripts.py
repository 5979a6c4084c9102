"""Scripts the outcomes of a fake's calls, provider errors included."""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from banxway import errors

T = TypeVar("T")
P = TypeVar("P", bound=errors.ProviderError)


def refused(error: type[P], message: str = "The provider said no", **values: Any) -> P:
    """Make a provider error as a client would raise it."""
    return error(message, **{"provider": "exotel", "operation": "send", **values})


class Script:
    """The outcomes still to come, in order; after the last one, always `default`."""

    def __init__(self) -> None:
        self._outcomes: deque[Any] = deque()
        self._always: Any = None
        self._lock = threading.Lock()

    def then(self, *outcomes: Any) -> None:
        """Use these outcomes for the next calls, one each."""
        with self._lock:
            self._outcomes.extend(outcomes)

    def always(self, outcome: Any) -> None:
        """Use this outcome for every call without a scripted one; None succeeds again."""
        with self._lock:
            self._always = outcome

    def meet(self, argument: Any, default: Callable[[], T]) -> T:
        """Return or raise the next outcome."""
        with self._lock:
            outcome = self._outcomes.popleft() if self._outcomes else self._always
        if isinstance(outcome, BaseException):
            raise outcome
        if callable(outcome):
            outcome = outcome(argument)
        return default() if outcome is None else outcome
