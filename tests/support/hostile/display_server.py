"""The product's pages and attachments on a real address, for a real browser, beside pages that attack them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from local.gateway.blobs import Blobs
from tests.support.hostile.blob_gateway import blobs_of_settings
from tests.support.hostile.web_server import serving
from tests.support.product.app import Bundle


@dataclass
class DisplayServer:
    """What it serves, and every path that it was asked for.

    `pages` are a test's own, by path. `bundle` is another process of the deployment, whose links lead here.
    """

    address: str
    bundle: Bundle
    pages: dict[str, Response] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def add(self, path: str, content: str, **headers: str) -> str:
        """Serve an HTML page of the test's own, and return its address."""
        self.pages[path] = HTMLResponse(content, headers=headers)
        return self.address + path


class _Application:
    def __init__(self) -> None:
        self.server: DisplayServer | None = None
        self.blobs: Blobs | None = None

    async def display(self, request: Request) -> Response:
        """Serve a page as API Gateway would."""
        assert self.server is not None
        self.server.asked.append(request.url.path)
        answer = await run_in_threadpool(self.server.bundle.request, "GET", request.url.path)
        return Response(answer.text, status_code=answer.status, headers=answer.headers)

    async def blob(self, request: Request) -> Response:
        """Serve a blob as the gateway does."""
        assert self.server is not None
        assert self.blobs is not None
        self.server.asked.append(request.url.path)
        return await self.blobs.serve(request)

    async def page(self, request: Request) -> Response:
        """Serve a test's own page; 404 and a note for everything else."""
        assert self.server is not None
        self.server.asked.append(request.url.path)
        return self.server.pages.get(request.url.path, Response(status_code=404))

    def starlette(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/display/{token}", self.display),
                Route("/local/blobs/{token}", self.blob),
                Route("/{rest:path}", self.page, methods=["GET", "POST"]),
            ]
        )


@contextmanager
def display_server(bundle: Bundle) -> Iterator[DisplayServer]:
    """Serve a deployment's pages; the console's origin is the server's own."""
    application = _Application()
    with serving(application.starlette()) as address:
        beside = bundle.twin(
            blob_url=f"{address}/local/blobs", webhook_base_url=address, console_origin=address
        )
        application.blobs = blobs_of_settings(beside.settings)
        application.server = DisplayServer(address, beside)
        try:
            yield application.server
        finally:
            beside.close()
