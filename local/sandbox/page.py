"""What the console's sandbox page asks for, beside the two control APIs.

    GET    /facts                what a client needs to connect: accounts, mailboxes, servers
    GET    /conversation[?last=] the newest mails, WhatsApp messages and requests, and what is broken
    GET    /breakages            what is broken, and the names of everything that can be
    POST   /breakages            {name, times}: break something; without `times` until it is repaired
    DELETE /breakages/{name}     repair it
    DELETE /breakages            repair everything: faults too, and send the answers that are withheld

A refusal is 400 {"error": "<sentence>"}.
"""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute

from local.sandbox.breakages import Breakages
from local.sandbox.control import json_route
from local.sandbox.exotel.world import World
from local.sandbox.mailbox.post_office import PostOffice
from local.sandbox.mailbox.shown import ShownMails

_LAST = 30
_Act = Callable[["_Page", Request, dict[str, Any]], Awaitable[Any]]


class _Page:
    """Everything that the page shows."""

    def __init__(self, world: World, office: PostOffice, facts: dict[str, Any]) -> None:
        self.world = world
        self.office = office
        self.facts = facts
        self.mails = ShownMails(office)

    def sides(self) -> tuple[Breakages, Breakages]:
        """Return what is broken at Exotel and at the mail server. A reset of Exotel replaces its part."""
        return self.world.breakages, self.office.breakages

    def broken(self) -> dict[str, Any]:
        """Return what is broken by name, and the faults that are still to come."""
        return {
            "broken": [each for side in self.sides() for each in side.listed()],
            "faults": [*(each.summary() for each in self.world.faults.waiting), *self.office.list_faults()],
        }


def page_routes(world: World, office: PostOffice, facts: dict[str, Any]) -> list[BaseRoute]:
    """Return the page's routes. `facts` may still be filled in after this."""
    page = _Page(world, office, facts)
    table: list[tuple[str, str, _Act]] = [
        ("GET", "/facts", _show_facts),
        ("GET", "/conversation", _show_conversation),
        ("GET", "/breakages", _list_breakages),
        ("POST", "/breakages", _break),
        ("DELETE", "/breakages/{name}", _repair),
        ("DELETE", "/breakages", _repair_everything),
    ]
    return [json_route(method, path, partial(act, page)) for method, path, act in table]


async def _show_facts(page: _Page, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    return {
        **page.facts,
        "exotel_accounts": [each.to_connect() for each in page.world.accounts],
        "mailboxes": [asdict(each) for each in page.office.mailboxes.values()],
    }


async def _show_conversation(page: _Page, request: Request, values: dict[str, Any]) -> Any:
    del values
    last = max(1, int(request.query_params.get("last", _LAST)))
    world = page.world
    return {
        "received_mails": page.mails.sent_by_us(last),
        "written_mails": page.mails.written_by_customers(last),
        "messages": [each.summary() for each in list(world.messages.values())[-last:]],
        "incoming": world.incoming[-last:],
        "requests": [_request(asdict(each)) for each in world.received[-last:]],
        "addresses": {each.account_sid: each.default_webhook_url for each in world.accounts},
        "phones_report": world.ladder.auto,
        **page.broken(),
    }


def _request(received: dict[str, Any]) -> dict[str, Any]:
    """Return a request without its body."""
    return {name: received[name] for name in ("id", "at", "operation", "fault", "outcome")}


async def _list_breakages(page: _Page, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    return {"known": [name for side in page.sides() for name in side.known], **page.broken()}


async def _break(page: _Page, request: Request, values: dict[str, Any]) -> Any:
    del request
    name = str(values.get("name", ""))
    side = next((each for each in page.sides() if name in each.known), page.world.breakages)
    side.begin(name, times=values.get("times"))
    return page.broken()


async def _repair(page: _Page, request: Request, values: dict[str, Any]) -> Any:
    del values
    for side in page.sides():
        side.end(request.path_params["name"])
    page.world.release()
    return page.broken()


async def _repair_everything(page: _Page, request: Request, values: dict[str, Any]) -> Any:
    del request, values
    for side in page.sides():
        side.clear()
    page.world.faults.clear()
    page.office.faults.clear()
    page.world.release()
    return page.broken()
