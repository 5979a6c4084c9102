"""Callbacks posted by hand: any body, or any delivery reports, repeated, reversed or in one batch."""

from datetime import UTC, datetime, timedelta
from typing import Any

from local.sandbox.exotel.courier import Attempt
from local.sandbox.exotel.messages import callback_body
from local.sandbox.exotel.world import World

_FIELDS = {"url", "body", "sid", "code", "codes", "repeat", "reverse", "batch"}


async def post_by_hand(world: World, values: dict[str, Any]) -> list[Attempt]:
    """Post callbacks one after the other and return the attempts. Raises ValueError naming the wrong field.

    Reports keep the times of their natural order when they are posted in reverse.
    """
    if set(values) - _FIELDS:
        raise ValueError(f"unknown field: {min(set(values) - _FIELDS)}")
    url, bodies = _bodies(world, values)
    if values.get("reverse"):
        bodies.reverse()
    attempts: list[Attempt] = []
    for body in bodies * int(values.get("repeat", 1)):
        attempts += await world.courier.deliver(url, body, kind="manual", sid=values.get("sid"))
    return attempts


def _bodies(world: World, values: dict[str, Any]) -> tuple[str, list[Any]]:
    if "body" in values:
        if not isinstance(values.get("url"), str):
            raise ValueError("missing field: url")
        return values["url"], [values["body"]]
    message = world.messages.get(values.get("sid", ""))
    if message is None:
        raise ValueError("sid: no such message")
    account = world.accounts.find(message.account_sid)
    url = values.get("url") or message.status_callback or (account.default_webhook_url if account else None)
    if not url:
        raise ValueError("missing field: url")
    codes = values.get("codes", [values.get("code")])
    if not codes or not all(isinstance(code, int) for code in codes):
        raise ValueError("code must be a number such as 30002")
    now = datetime.now(UTC)
    reports = [message.report(code, at=now + timedelta(seconds=step)) for step, code in enumerate(codes)]
    world.keep_message(message)
    if values.get("batch"):
        return url, [callback_body(reports[::-1] if values.get("reverse") else reports)]
    return url, [callback_body([report]) for report in reports]
