"""The cold start of the WhatsApp webhook, beside that of a bare function that makes a client and sends.

The first figures are the first invocation of a fresh process: Python's start, every import, one message on a queue.

On Lambda a function starts with a whole processor; afterwards it has a share, which is 0.29 at 512 MB. So the second
figures are the processor time of both parts, the second divided by this share. The aim is at most 1.1 times the bare
function in both.
"""

import asyncio
import json
import subprocess
from typing import Any

from measuring import report, turns
from product import BUNDLE, Product, end, running_product, timed

from local.template import Function

FUNCTION = "WebhooksExotelWhatsappStatus"
ROUTE = "POST /api/v1/webhooks/exotel/whatsapp-status"
ROUNDS = 25
OURS, BARE = "WhatsApp webhook", "bare boto3 sender"
SHARE = 512 / 1769
"""Lambda gives a whole processor at 1,769 MB, and in proportion below."""

PARTS = """
import json, sys, time

began = time.process_time()
import app
started = time.process_time()

class Context:
    function_name, aws_request_id = "bench", "1"

answer = app.handler(json.loads(sys.stdin.read()), Context())
ended = time.process_time()
assert answer["statusCode"] == 200, answer
print(json.dumps([started - began, ended - started]))
"""


async def measure(product: Product, functions: dict[str, Function]) -> dict[str, list[float]]:
    event = product.callback_event()
    times: dict[str, list[float]] = {name: [] for name in functions}
    for name in (
        *functions,
        *turns(list(functions), rounds=ROUNDS),
    ):  # the first of each fills the disk's cache
        instance = await product.start(functions[name])
        times[name].append(await timed(instance, event))
        end(instance)
    return {name: seconds[1:] for name, seconds in times.items()}


def measure_as_on_lambda(product: Product, functions: dict[str, Function]) -> dict[str, list[float]]:
    """Return each start's processor time, as if all after the start had Lambda's share of a processor."""
    event = product.callback_event()
    times: dict[str, list[float]] = {name: [] for name in functions}
    for name in turns(list(functions), rounds=ROUNDS):
        start_s, rest_s = _parts(functions[name], event)
        times[name].append(start_s + rest_s / SHARE)
    return times


def _parts(function: Function, event: dict[str, Any]) -> list[float]:
    found = subprocess.run(
        [str(BUNDLE / "runtime/bin/python"), "-c", PARTS],
        cwd=function.folder,
        env={**function.environment, "PYTHONPATH": f"{function.folder}:{function.environment['PYTHONPATH']}"},
        input=json.dumps(event),
        capture_output=True,
        text=True,
        check=True,
    )
    return list(json.loads(found.stdout.splitlines()[-1]))


def main() -> None:
    with running_product() as product:
        queue_url = product.new_queue()
        ours = product.function(FUNCTION, route=ROUTE, WEBHOOK_QUEUE_URL=queue_url)
        functions = {OURS: ours, BARE: product.baseline("bare_sender", ours)}
        whole = asyncio.run(measure(product, functions))
        in_parts = measure_as_on_lambda(product, functions)
        if product.depth(queue_url) != 2 * (2 * ROUNDS + 1):
            raise RuntimeError("not every invocation put its message on the queue")
    report("Cold start, first invocation", whole, baselines={OURS: [BARE]})
    report("Cold start, processor time as on Lambda at 512 MB", in_parts, baselines={OURS: [BARE]})


if __name__ == "__main__":
    main()
