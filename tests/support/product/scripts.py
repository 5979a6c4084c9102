"""The outcomes that a fake meets its calls with, and the provider errors among them."""

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
    """The outcomes still to come, in order; then `default` for ever."""

    def __init__(self) -> None:
        self._outcomes: deque[Any] = deque()
        self._always: Any = None
        self._lock = threading.Lock()

    def then(self, *outcomes: Any) -> None:
        """Meet the next calls with these, one each."""
        with self._lock:
            self._outcomes.extend(outcomes)

    def always(self, outcome: Any) -> None:
        """Meet every call that nothing else is scripted for with this; None succeeds again."""
        with self._lock:
            self._always = outcome

    def meet(self, argument: Any, default: Callable[[], T]) -> T:
        """Return or raise what comes next."""
        with self._lock:
            outcome = self._outcomes.popleft() if self._outcomes else self._always
        if isinstance(outcome, BaseException):
            raise outcome
        if callable(outcome):
            outcome = outcome(argument)
        return default() if outcome is None else outcome
