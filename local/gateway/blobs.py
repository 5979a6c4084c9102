"""Serves uploads to the blob folder and downloads from it, where S3 would serve presigned URLs.

The contract is S3's: a PUT of exactly the announced length and type, a GET that answers with a file to be saved,
403 for whatever the signature does not cover. S3 has an origin of its own and this has not: a sandboxing policy
replaces it.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response

from local.function_files import add_layer_to_path
from local.state import Secrets

if TYPE_CHECKING:
    from banxway.security.blob_tokens import BlobTokens, UploadPermit
    from banxway.storage.blobs.store import FolderBlobs
    from banxway.storage.blobs.transfers import FolderTransfers

_REFUSED = 403


class Blobs:
    """The folder's contents under `/local/blobs/{token}`; the product's own code is loaded on first use."""

    def __init__(self, folder: Path, *, secret: str, master_key: str, previous_master_key: str = "") -> None:
        self._folder = folder
        self._secret = secret
        self._keys = (master_key, previous_master_key)
        self._made: tuple[BlobTokens, FolderTransfers, FolderBlobs] | None = None

    async def serve(self, request: Request) -> Response:
        """Answer a GET or a PUT."""
        add_layer_to_path()
        from banxway.errors import BanxwayError

        token = request.path_params["token"]
        try:
            if request.method == "PUT":
                return await self._take(request, token)
            return await asyncio.to_thread(self._give, token)
        except BanxwayError as error:
            # S3 says 403 for a bad or expired signature, where the product's own routes say 401.
            return PlainTextResponse(error.message, _REFUSED if error.status == 401 else error.status)

    async def _take(self, request: Request, token: str) -> Response:
        tokens, transfers, _ = self._parts()
        permit = tokens.read_upload(token)
        if (sentence := _mismatch(request, permit)) is not None:
            return PlainTextResponse(sentence, _REFUSED)
        content = await _read(request, permit.size_bytes)
        if content is None:
            return PlainTextResponse("The body does not have the announced length", 400)
        await asyncio.to_thread(transfers.keep, permit.organization_id, permit.upload_id, content)
        return Response(status_code=200)

    def _give(self, token: str) -> Response:
        from banxway.storage.blobs.downloads import disposition_of, served_type

        tokens, _, blobs = self._parts()
        permit = tokens.read_download(token)
        headers = {
            "Content-Type": served_type(permit.content_type),
            "Content-Disposition": disposition_of(permit.filename),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return Response(blobs.get(permit.organization_id, permit.key), headers=headers)

    def _parts(self) -> "tuple[BlobTokens, FolderTransfers, FolderBlobs]":
        if self._made is None:
            from banxway.clock import SYSTEM_CLOCK
            from banxway.security.blob_tokens import BlobTokens
            from banxway.security.envelope import Envelope
            from banxway.security.key_wrappers import MasterKeyWrapper
            from banxway.storage.blobs.store import FolderBlobs
            from banxway.storage.blobs.transfers import FolderTransfers

            envelope = Envelope(MasterKeyWrapper(*self._keys), clock=SYSTEM_CLOCK)
            tokens = BlobTokens(self._secret, clock=SYSTEM_CLOCK)
            transfers = FolderTransfers(self._folder, lambda: envelope, tokens=tokens, base_url=lambda: "")
            self._made = (tokens, transfers, FolderBlobs(self._folder, lambda: envelope))
        return self._made


def blobs_of(folder: Path, secrets: Secrets) -> Blobs:
    """Return the gateway's access to the blob folder, with the same secrets as the functions."""
    return Blobs(
        folder,
        secret=secrets.webhook_secret,
        master_key=secrets.encryption_master_key,
        previous_master_key=secrets.encryption_previous_master_key,
    )


def _mismatch(request: Request, permit: "UploadPermit") -> str | None:
    """Return how a request differs from the announced upload, or None; S3 sees it by the signed headers."""
    if request.headers.get("content-length") != str(permit.size_bytes):
        return f"Content-Length must be {permit.size_bytes}, as announced"
    if request.headers.get("content-type", "") != permit.content_type:
        return f"Content-Type must be {permit.content_type}, as announced"
    return None


async def _read(request: Request, size: int) -> bytes | None:
    """Return a body of exactly this size, else None; reads no more than that."""
    content = bytearray()
    try:
        async for part in request.stream():
            content += part
            if len(content) > size:
                return None
    except ClientDisconnect:
        return None
    return bytes(content) if len(content) == size else None
