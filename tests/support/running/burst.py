"""Posts many requests over few connections, cheaply enough to leave the machine to what is being tested."""

import asyncio
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit


def post_burst(requests: Sequence[tuple[str, bytes]], *, connections: int) -> Counter[int]:
    """Post JSON bodies to URLs of one host, in their order; returns how often each status was answered."""
    address = urlsplit(requests[0][0])
    return asyncio.run(_burst(address.hostname or "", address.port or 80, iter(requests), connections))


async def _burst(
    host: str, port: int, requests: Iterator[tuple[str, bytes]], connections: int
) -> Counter[int]:
    statuses: Counter[int] = Counter()
    await asyncio.gather(*(_pump(host, port, requests, statuses) for _ in range(connections)))
    return statuses


async def _pump(host: str, port: int, requests: Iterator[tuple[str, bytes]], statuses: Counter[int]) -> None:
    """Post the waiting requests, one after the other, until none is left."""
    reader, writer = await asyncio.open_connection(host, port)
    try:
        for url, body in requests:
            writer.write(_written(url, body))
            statuses[await _answered(reader)] += 1
    finally:
        writer.close()
        await writer.wait_closed()


def _written(url: str, body: bytes) -> bytes:
    address = urlsplit(url)
    head = (
        f"POST {address.path}?{address.query} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _answered(reader: asyncio.StreamReader) -> int:
    """Read one answer to its end and return its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = head.partition("content-length: ")[2].partition("\r\n")[0]
    await reader.readexactly(int(length))
    return int(head.split(" ", 2)[1])
