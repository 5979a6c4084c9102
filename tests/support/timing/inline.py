"""Does at once, in this thread, what would be done in another one, so that every run takes the same steps."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any


class InlineExecutor:
    """Takes the place of a ThreadPoolExecutor: what is submitted is done before `submit` returns."""

    def __init__(self, *_: object, **__: object) -> None:
        """Accept the arguments of a ThreadPoolExecutor."""

    def __enter__(self) -> "InlineExecutor":
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, act: Callable[..., Any], *given: Any) -> "Future[Any]":
        done: Future[Any] = Future()
        try:
            done.set_result(act(*given))
        except BaseException as error:  # noqa: BLE001  # raised where the result is asked for
            done.set_exception(error)
        return done
