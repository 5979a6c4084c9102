"""The local gateway's way to a deployment's blob folder, without the rest of the runner."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.routing import Route

from banxway.settings import Settings
from local.gateway.blobs import Blobs
from tests.support.hostile.web_server import serving
from tests.support.timing.waiting import PATIENCE_S


def blobs_of_settings(settings: Settings) -> Blobs:
    """Return the gateway's way to the blob folder of these settings."""
    return Blobs(
        Path(settings.require("blob_folder")),
        secret=settings.require("webhook_secret"),
        master_key=settings.require("encryption_master_key"),
    )


@contextmanager
def gateway_of(settings: Settings) -> Iterator[httpx.Client]:
    """Yield a client that finds `https://blobs.test/…` of these settings under `/local/blobs/…`."""
    serve = blobs_of_settings(settings).serve
    application = Starlette(routes=[Route("/local/blobs/{token}", serve, methods=["GET", "PUT"])])
    with serving(application) as address, httpx.Client(base_url=address, timeout=PATIENCE_S) as client:
        yield client


def path_of(url: str) -> str:
    """Return where the gateway serves a blob URL of `https://blobs.test`."""
    return "/local/blobs/" + url.rpartition("/")[2]
