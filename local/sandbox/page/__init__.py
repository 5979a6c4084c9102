"""The /sandbox page, on which a person plays the customer: static files, and the control API under ./_sandbox."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

_FOLDER = Path(__file__).parent
# Everything is shown as text; if a message ever got in as markup, none of its scripts and images would load.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


def make_page(control: ASGIApp, *, facts: dict[str, Any]) -> Starlette:
    """Return the page as an application to be mounted anywhere; `facts` are the addresses on it."""

    async def show(request: Request) -> Response:
        base = request.scope.get("root_path", "").rstrip("/") + "/"
        html = (_FOLDER / "page.html").read_text(encoding="utf-8").replace("{{base}}", base)
        return HTMLResponse(html, headers=_HEADERS)

    async def show_facts(request: Request) -> Response:
        del request
        return JSONResponse(facts, headers=_HEADERS)

    async def script(request: Request) -> Response:
        del request
        return Response((_FOLDER / "page.js").read_bytes(), media_type="text/javascript", headers=_HEADERS)

    async def style(request: Request) -> Response:
        del request
        return Response((_FOLDER / "page.css").read_bytes(), media_type="text/css", headers=_HEADERS)

    return Starlette(
        routes=[
            Route("/", show),
            Route("/facts.json", show_facts),
            Route("/page.js", script),
            Route("/page.css", style),
            Mount("/_sandbox", control),
        ]
    )
