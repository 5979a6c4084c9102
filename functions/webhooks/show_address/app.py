"""GET /api/v1/webhooks/exotel/call-status: confirm that this address is reachable, and say where the signed one is.

Also served at /api/v1/webhooks/exotel/whatsapp-status. It accepts no callback and reads no reference.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.webhooks.addresses import HOW_TO_USE, CallbackAddress, CallbackAddressQuery


@endpoint(public=True, query=CallbackAddressQuery)
def handler(_request: Request, _app: App) -> Reply[CallbackAddress]:
    return Reply(CallbackAddress(), message=HOW_TO_USE)
