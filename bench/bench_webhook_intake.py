"""How fast callbacks reach the queue, beside bare `send_message` to the same SQS endpoint.

One receiver, invoked with one callback after the other; the same by way of the gateway, over one connection
and over twelve; and a client that sends the same messages and does nothing else. The queue's consumer is left
out, so that taking is not slowed by applying.
"""

import asyncio
import time
from collections.abc import Callable

from measuring import Figures, per_second, report, turns
from product import Product, end, running_product, timed

from tests.support.running.burst import post_burst

FUNCTION = "WebhooksExotelWhatsappStatus"
PATH = "/api/v1/webhooks/exotel/whatsapp-status"
CONSUMER = "WebhooksApplyCallbackSource"
ROUNDS = 20
BATCH = 100
DIRECT, ONE, TWELVE = "receiver, direct", "through the gateway", "through the gateway, 12 connections"
BARE = "bare send_message"


def gateway_sender(product: Product, *, connections: int) -> Callable[[], None]:
    """Return a call that posts one batch of genuine callbacks as Exotel does."""
    url = f"{product.runner.url}{PATH}?reference={product.reference()}"
    requests = [(url, product.callback_event()["body"].encode())] * BATCH

    def send() -> None:
        statuses = post_burst(requests, connections=connections)
        if statuses != {200: BATCH}:
            raise RuntimeError(f"not every callback was taken: {statuses}")

    return send


def bare_sender(product: Product, queue_url: str) -> Callable[[], None]:
    """Return a call that sends a batch of messages like the one on the queue."""
    (queued,) = product.sqs.receive_message(QueueUrl=queue_url, VisibilityTimeout=0)["Messages"]

    def send() -> None:
        for _ in range(BATCH):
            product.sqs.send_message(QueueUrl=queue_url, MessageBody=queued["Body"])

    return send


def measure(product: Product, loop: asyncio.Runner) -> Figures:
    queue_url = str(product.runner.info["sqs"]["queues"]["WebhookQueue"])
    receiver = loop.run(product.start(product.function(FUNCTION, route=f"POST {PATH}")))
    event = product.callback_event()
    loop.run(timed(receiver, event))

    async def direct() -> None:
        for _ in range(BATCH):
            await timed(receiver, event)

    subjects: dict[str, Callable[[], None]] = {
        DIRECT: lambda: loop.run(direct()),
        ONE: gateway_sender(product, connections=1),
        TWELVE: gateway_sender(product, connections=12),
        BARE: bare_sender(product, queue_url),
    }
    figures: Figures = {name: [] for name in subjects}
    for name in (*subjects, *turns(list(subjects), rounds=ROUNDS)):  # one more of each, to warm up
        product.sqs.purge_queue(QueueUrl=queue_url)
        began = time.perf_counter()
        subjects[name]()
        figures[name].append(BATCH / (time.perf_counter() - began))
        if (depth := product.depth(queue_url)) != BATCH:
            raise RuntimeError(f"{name}: {depth} of {BATCH} are on the queue")
    end(receiver)
    return {name: rates[1:] for name, rates in figures.items()}


def main() -> None:
    with running_product(without=[CONSUMER]) as product, asyncio.Runner() as loop:
        figures = measure(product, loop)
    baselines = {name: [BARE] for name in (DIRECT, ONE, TWELVE)}
    report(f"Callbacks taken, {BATCH} a round", figures, baselines=baselines, shown=per_second)


if __name__ == "__main__":
    main()
