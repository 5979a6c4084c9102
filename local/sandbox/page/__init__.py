"""The /sandbox page: a newcomer plays the customer. Static files, and the control API under ./_sandbox."""

from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

_FOLDER = Path(__file__).parent
# Everything shown is text; should a message ever get in as markup, no script and no picture of it is loaded.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "base-uri 'self'; form-action 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
}


def make_page(control: ASGIApp, *, facts: dict[str, Any]) -> Starlette:
    """Return the page as an application to be mounted anywhere; `facts` are the addresses that it shows."""

    async def show(request: Request) -> Response:
        base = request.scope.get("root_path", "").rstrip("/") + "/"
        html = (_FOLDER / "page.html").read_text(encoding="utf-8").replace("{{base}}", base)
        return HTMLResponse(html, headers=_HEADERS)

    async def tell(request: Request) -> Response:
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
            Route("/facts.json", tell),
            Route("/page.js", script),
            Route("/page.css", style),
            Mount("/_sandbox", control),
        ]
    )
