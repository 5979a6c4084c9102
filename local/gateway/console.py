"""Serves the built console as a deployment does: its files, its one page for every other path, its configuration.

The headers are those of the template's response headers policy. Files are named by their content and may be kept for
ever; the page and the configuration are asked for each time.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse, Response

from local.gateway import answers
from local.gateway.http import write

FOR_EVER = "public, max-age=31536000, immutable"
EACH_TIME = "no-cache"
ASSETS = "assets/"
"""The folder of files that are named by their content."""

PAGES = ("/", "/sandbox")
"""Where a person looks for the console, also where none is served."""

_SMALLEST = 500  # bytes; compressing less saves nothing


class Console:
    """The console's folder as an ASGI application."""

    def __init__(self, folder: Path, *, headers: Mapping[str, str], configuration: Mapping[str, Any]) -> None:
        self._folder = folder.resolve()
        self._headers = dict(headers)
        self._configuration = dict(configuration)
        self._compressed = GZipMiddleware(self._answer, minimum_size=_SMALLEST)

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a GET with a file or the page; everything under /api stays the API's 404."""
        await self._compressed(scope, receive, send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        response = self._response(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
        if response is None:
            await write(send, answers.not_found())
        else:
            await response(scope, receive, send)

    def _response(self, path: str) -> Response | None:
        if path == "/config.json":
            return JSONResponse(self._configuration, headers=self._marked(EACH_TIME))
        file = self._file(path)
        if file is None:
            return None
        is_named_by_content = file.is_relative_to(self._folder / ASSETS)
        return FileResponse(file, headers=self._marked(FOR_EVER if is_named_by_content else EACH_TIME))

    def _marked(self, caching: str) -> dict[str, str]:
        return {**self._headers, "Cache-Control": caching}

    def _file(self, path: str) -> Path | None:
        if path.startswith("/api/"):
            return None
        wanted = (self._folder / path.lstrip("/")).resolve()
        if wanted.is_relative_to(self._folder) and wanted.is_file():
            return wanted
        return None if "." in path.rsplit("/", 1)[-1] else self._folder / "index.html"


async def no_console(scope: Any, _receive: Any, send: Any) -> None:
    """Say at the console's address that it is not served; answer anything else as an unknown route."""
    said = answers.plain(404, "The console is not served: start the product without CONSOLE=0")
    await write(send, said if scope["path"] in PAGES else answers.not_found())
