"""GET /api/v1/settings/phone-numbers: list the organization's phone numbers."""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.phone_numbers import PhoneNumber, PhoneNumberQuery


@endpoint(permission="phone_numbers:view", query=PhoneNumberQuery)
def handler(request: Request, app: App) -> Reply[list[PhoneNumber]]:
    return page(app.phone_numbers.list_page(actor=request.actor, query=request.query))
