"""Serves the built console: its files, and its one page for every path that its own router knows."""

from pathlib import Path
from typing import Any

from starlette.responses import FileResponse

from local.gateway import answers
from local.gateway.http import write


class Console:
    """The console's folder as an ASGI application."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a GET with a file or the page; everything under /api stays the API's 404."""
        file = self._file(scope["path"]) if scope["method"] in ("GET", "HEAD") else None
        if file is None:
            await write(send, answers.not_found())
        else:
            await FileResponse(file)(scope, receive, send)

    def _file(self, path: str) -> Path | None:
        if path.startswith("/api/"):
            return None
        wanted = (self._folder / path.lstrip("/")).resolve()
        if wanted.is_relative_to(self._folder) and wanted.is_file():
            return wanted
        return None if "." in path.rsplit("/", 1)[-1] else self._folder / "index.html"
