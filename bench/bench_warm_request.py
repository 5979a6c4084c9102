"""A warm GET /api/v1/settings/phone-numbers, beside a hello-world of Powertools under the same runtime.

Ours verifies a session, reads the user and ten numbers under row-level security, and writes them as JSON. Both
are invoked at the runtime's emulator, without a gateway, in turn.
"""

import asyncio
import json
from typing import Any
from uuid import uuid4

import psycopg
from measuring import ROOT, report, turns
from product import Product, end, running_product, timed

FUNCTION = "PhoneNumbersList"
ROUTE = "GET /api/v1/settings/phone-numbers"
ROUNDS = 1000
NUMBERS = 10
OURS, HELLO = "phone numbers, ten of them", "Powertools hello"


def add_numbers(product: Product) -> None:
    with psycopg.connect(product.runner.info["database"]["superuser_url"], autocommit=True) as connection:
        for number in range(NUMBERS):
            connection.execute(
                "INSERT INTO organization_phone_numbers (id, organization_id, phone_number, display_name)"
                " VALUES (%s, %s, %s, %s)",
                (uuid4(), product.organization_id, f"0114000{number:04d}", f"Line {number}"),
            )


def signed_in_event(product: Product) -> dict[str, Any]:
    event = json.loads((ROOT / "events/phone_numbers/list__all.json").read_text())
    event["headers"]["authorization"] = f"Bearer {product.runner.token()}"
    return dict(event)


async def measure(product: Product) -> dict[str, list[float]]:
    ours = product.function(FUNCTION, route=ROUTE)
    functions = {OURS: ours, HELLO: product.baseline("hello_powertools", ours)}
    event = signed_in_event(product)
    instances = {name: await product.start(function) for name, function in functions.items()}
    answer = json.loads((await instances[OURS].invoke(json.dumps(event).encode())).result["body"])
    if len(answer["data"]) != NUMBERS:
        raise RuntimeError(f"not the numbers that were added: {answer}")
    for name in turns(list(functions), rounds=50):
        await timed(instances[name], event)
    times: dict[str, list[float]] = {name: [] for name in functions}
    for name in turns(list(functions), rounds=ROUNDS):
        times[name].append(await timed(instances[name], event))
    for instance in instances.values():
        end(instance)
    return times


def main() -> None:
    with running_product() as product:
        add_numbers(product)
        report("Warm request", asyncio.run(measure(product)), baselines={OURS: [HELLO]})


if __name__ == "__main__":
    main()
