"""An ASGI application on a free port of this machine, in a thread."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from local.servers import Server, claim
from tests.support.timing.waiting import eventually


@contextmanager
def serving(application: Any) -> Iterator[str]:
    """Serve, and yield the address; requests under way get a second to end."""
    listener = claim(0)
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    started = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        server = Server(application, listener)
        await server.start()
        started.set()
        await stop.wait()
        await server.stop()

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        eventually(started.is_set)
        yield address
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
