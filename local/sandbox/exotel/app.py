"""The simulated Exotel's routes: those of both hosts (api and ccm) at one address."""

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from local.sandbox.exotel import voice, whatsapp
from local.sandbox.exotel.control import control_routes
from local.sandbox.exotel.endpoint import Endpoint
from local.sandbox.exotel.world import World


class InRegion:
    """Serves an application as one region's host would: both regions run on this machine, each on its own port."""

    def __init__(self, app: ASGIApp, region: str) -> None:
        self._app = app
        self._region = region

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on with its region."""
        await self._app({**scope, "region": self._region}, receive, send)


def provider_routes(world: World) -> list[BaseRoute]:
    """Return the routes that our product calls. v1 and v2_beta write `Accounts`, v2 writes `accounts`."""
    calls = "/v1/Accounts/{sid}/Calls"
    numbers = "/v2_beta/Accounts/{sid}/IncomingPhoneNumbers"
    messages, templates = "/v2/accounts/{sid}/messages", "/v2/accounts/{sid}/templates"
    list_numbers = Endpoint(world, "numbers.list", voice.list_numbers, "v1").respond
    get_number = Endpoint(world, "numbers.list", voice.get_number, "v1").respond
    list_templates = Endpoint(world, "templates.list", whatsapp.list_templates, "v2").respond
    return [
        Route(calls, Endpoint(world, "calls.list", voice.list_calls, "v1", as_xml=True).respond),
        Route(calls + ".json", Endpoint(world, "calls.list", voice.list_calls, "v1").respond),
        Route(numbers, list_numbers),
        Route(numbers + ".json", list_numbers),
        Route(numbers + "/{number_sid}", get_number),
        Route(messages, Endpoint(world, "whatsapp.send", whatsapp.send, "v2").respond, methods=["POST"]),
        Route(templates, list_templates),
    ]


def make_control(world: World, *, more: list[BaseRoute]) -> Starlette:
    """Return the control API, without its prefix."""
    return Starlette(routes=[*control_routes(world), *more])


def make_app(world: World, *, control: ASGIApp) -> Starlette:
    """Return the whole application: provider routes, and the control API under /_sandbox."""
    return Starlette(routes=[*provider_routes(world), Mount("/_sandbox", control)])
