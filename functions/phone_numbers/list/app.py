"""GET /api/v1/settings/phone-numbers: list the organization's phone numbers."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, listing
from banxway.models.phone_numbers import PhoneNumber, PhoneNumberQuery


@endpoint(permission="phone_numbers:view", query=PhoneNumberQuery)
def handler(request: Request, app: App) -> Reply[list[PhoneNumber]]:
    return listing(app.phone_numbers.list_all(actor=request.actor, query=request.query))
