"""The control API of the simulated Exotel: JSON, under /_sandbox/, for tests, benchmarks and the page.

    GET    /accounts                    every account with its credentials
    POST   /accounts                    add one: {account_sid, api_key, api_token, region: singapore|mumbai,
                                        status: active|suspended, voice_enabled, whatsapp_enabled, ip_allowed,
                                        numbers: [number or {phone_number, friendly_name, voice, sms, …}],
                                        whatsapp_numbers: […], waba_id, default_webhook_url, templates, calls}
    PATCH  /accounts/{sid}              change any of these
    POST   /accounts/{sid}/templates    add one: {name, body, language, category, status, components}
    POST   /accounts/{sid}/calls        add one call to the list: {Sid, From, To, Status, …}
    GET    /received[?kind=whatsapp]    requests to the provider endpoints, oldest first, with body, ids and
                                        outcome; kinds: whatsapp, calls, numbers, templates
    GET    /messages[?to=&last=]        accepted WhatsApp messages with the steps of their ladder
    GET    /incoming[?last=]            what customers wrote, and where it was posted
    GET    /callbacks[?sid=]            every attempt to post a callback: url, body, status, time
    POST   /incoming                    {from, to, text | content, profile_name, sid, route: reply|default}
    POST   /callbacks                   by hand: {url, body} or {sid, code | codes}; with {repeat, reverse,
                                        batch: all reports in one body}
    POST   /windows                     {account_sid, number, customer, open}: the 24-hour window by hand
    POST   /faults                      add one (faults.py explains the kinds); GET lists, DELETE removes all
    POST   /release                     send the answers that `hold` faults withhold
    POST   /ladder                      {auto, delays: {sent, delivered, seen} in seconds}; GET returns them
    POST   /settings                    {rate_limit_per_minute, signature_secret, retry_delays, timeout}
    POST   /reset                       forget everything, as after a fresh start

A refusal is 400 {"error": "<field or sentence>"}. Everything survives a restart except faults, ladder and settings.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from local.sandbox.control import json_route, newest
from local.sandbox.exotel import demo
from local.sandbox.exotel.accounts import Account, make_account
from local.sandbox.exotel.faults import KINDS, OPERATIONS
from local.sandbox.exotel.manual import post_by_hand
from local.sandbox.exotel.statuses import DELIVERED, SEEN, SENT
from local.sandbox.exotel.world import World

_STEPS = {"sent": SENT, "delivered": DELIVERED, "seen": SEEN}
Act = Callable[[World, Request, dict[str, Any]], Awaitable[Any]]


def control_routes(world: World) -> list[BaseRoute]:
    """Return the control API's routes, relative to /_sandbox."""
    table: list[tuple[str, str, Act]] = [
        ("GET", "/accounts", _list_accounts),
        ("POST", "/accounts", _add_account),
        ("PATCH", "/accounts/{sid}", _change_account),
        ("POST", "/accounts/{sid}/templates", _add_template),
        ("POST", "/accounts/{sid}/calls", _add_call),
        ("GET", "/received", _list_received),
        ("GET", "/messages", _list_messages),
        ("GET", "/incoming", _list_incoming),
        ("POST", "/incoming", _write_as_customer),
        ("GET", "/callbacks", _list_callbacks),
        ("POST", "/callbacks", _post_callbacks),
        ("POST", "/windows", _set_window),
        ("GET", "/faults", _list_faults),
        ("POST", "/faults", _add_fault),
        ("DELETE", "/faults", _forget_faults),
        ("POST", "/release", _release),
        ("GET", "/ladder", _get_ladder),
        ("POST", "/ladder", _set_ladder),
        ("POST", "/settings", _change_settings),
        ("POST", "/reset", _reset),
    ]
    return [json_route(method, path, partial(act, world)) for method, path, act in table]


def _account(world: World, sid: str) -> Account:
    account = world.accounts.find(sid)
    if account is None:
        raise ValueError(f"no account {sid}")
    return account


async def _list_accounts(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    return {"accounts": [asdict(each) for each in world.accounts]}


async def _add_account(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request
    account = make_account(values)
    world.keep_account(account)
    return asdict(account)


async def _change_account(world: World, request: Request, values: dict[str, Any]) -> Any:
    account = _account(world, request.path_params["sid"])
    account.change(values)
    world.keep_account(account)
    return asdict(account)


async def _add_template(world: World, request: Request, values: dict[str, Any]) -> Any:
    if not values.get("name"):
        raise ValueError("missing field: name")
    template = demo.template(values.pop("name"), values.pop("body", ""), **values)
    account = _account(world, request.path_params["sid"])
    account.templates.append(template)
    world.keep_account(account)
    return template


async def _add_call(world: World, request: Request, values: dict[str, Any]) -> Any:
    account = _account(world, request.path_params["sid"])
    account.calls.append(values)
    world.keep_account(account)
    return values


async def _list_received(world: World, request: Request, values: dict[str, Any]) -> Any:
    del values
    kind = request.query_params.get("kind")
    return {"received": [each.summary() for each in world.received if kind in (None, each.kind)]}


async def _list_messages(world: World, request: Request, values: dict[str, Any]) -> Any:
    del values
    to = request.query_params.get("to")
    messages = newest(list(world.messages.values()), request)
    return {"messages": [each.summary() for each in messages if to in (None, each.recipient)]}


async def _list_incoming(world: World, request: Request, values: dict[str, Any]) -> Any:
    del values
    return {"incoming": newest(world.incoming, request)}


async def _write_as_customer(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request
    return await world.receive_from_customer(values)


async def _list_callbacks(world: World, request: Request, values: dict[str, Any]) -> Any:
    del values
    sid = request.query_params.get("sid")
    return {"callbacks": [each.summary() for each in world.courier.attempts if sid in (None, each.sid)]}


async def _post_callbacks(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request
    attempts = await post_by_hand(world, values)
    return {"attempts": [each.summary() for each in attempts]}


async def _set_window(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request
    account = _account(world, values.get("account_sid", ""))
    is_open = bool(values.get("open", True))
    world.set_window(
        account.account_sid,
        number=values.get("number", ""),
        customer=values.get("customer", ""),
        is_open=is_open,
    )
    return {"open": is_open}


async def _list_faults(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    waiting = [each.summary() for each in world.faults.waiting]
    return {"faults": waiting, "operations": OPERATIONS, "kinds": KINDS}


async def _add_fault(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request
    return world.faults.add(values).summary()


async def _forget_faults(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    world.faults.clear()
    return {"faults": []}


async def _release(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    world.release()
    return {}


async def _set_ladder(world: World, request: Request, values: dict[str, Any]) -> Any:
    world.ladder.auto = bool(values.get("auto", world.ladder.auto))
    for step, delay_s in values.get("delays", {}).items():
        if step not in _STEPS or not isinstance(delay_s, int | float) or delay_s < 0:
            raise ValueError(f"delays takes seconds for {', '.join(_STEPS)}")
        world.ladder.delays_s[_STEPS[step]] = float(delay_s)
    return await _get_ladder(world, request, values)


async def _get_ladder(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    delays = {step: world.ladder.delays_s[code] for step, code in _STEPS.items()}
    return {"auto": world.ladder.auto, "delays": delays}


async def _change_settings(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request
    unknown = set(values) - {"rate_limit_per_minute", "signature_secret", "retry_delays", "timeout"}
    if unknown:
        raise ValueError(f"unknown field: {min(unknown)}")
    delivery = world.courier.delivery
    world.rate_limit_per_minute = values.get("rate_limit_per_minute", world.rate_limit_per_minute)
    delivery.signature_secret = values.get("signature_secret", delivery.signature_secret)
    delivery.retry_delays_s = [float(each) for each in values.get("retry_delays", delivery.retry_delays_s)]
    delivery.timeout_s = float(values.get("timeout", delivery.timeout_s))
    return {"rate_limit_per_minute": world.rate_limit_per_minute, **asdict(delivery)}


async def _reset(world: World, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    world.reset()
    return {}
