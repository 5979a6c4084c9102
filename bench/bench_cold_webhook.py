"""The cold start of the WhatsApp webhook, beside that of a bare function that makes a client and sends.

Each figure is the first invocation of a fresh process: Python's start, every import, one message on a queue.
The aim is at most 1.3 times the bare function.
"""

import asyncio

from measuring import report, turns
from product import Product, end, running_product, timed

FUNCTION = "WebhooksExotelWhatsappStatus"
ROUTE = "POST /api/v1/webhooks/exotel/whatsapp-status"
ROUNDS = 25
OURS, BARE = "WhatsApp webhook", "bare boto3 sender"


async def measure(product: Product) -> dict[str, list[float]]:
    queue_url = product.new_queue()
    ours = product.function(FUNCTION, route=ROUTE, WEBHOOK_QUEUE_URL=queue_url)
    functions = {OURS: ours, BARE: product.baseline("bare_sender", ours)}
    event = product.callback_event()
    times: dict[str, list[float]] = {name: [] for name in functions}
    for name in (
        *functions,
        *turns(list(functions), rounds=ROUNDS),
    ):  # the first of each fills the disk's cache
        instance = await product.start(functions[name])
        times[name].append(await timed(instance, event))
        end(instance)
    if product.depth(queue_url) != 2 * (ROUNDS + 1):
        raise RuntimeError("not every invocation put its message on the queue")
    return {name: seconds[1:] for name, seconds in times.items()}


def main() -> None:
    with running_product() as product:
        report("Cold start, first invocation", asyncio.run(measure(product)), baselines={OURS: [BARE]})


if __name__ == "__main__":
    main()
