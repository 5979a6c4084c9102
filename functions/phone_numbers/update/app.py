"""PATCH /api/v1/settings/phone-numbers/{number_id}: rename a phone number or make it the primary one."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.phone_numbers import NumberChange, PhoneNumber


@endpoint(permission="phone_numbers:configure", body=NumberChange, versioned=True, notifies=True)
def handler(request: Request, app: App) -> Reply[PhoneNumber]:
    number_id = request.path.uuid("number_id")
    return Reply(
        app.phone_numbers.update(
            actor=request.actor, number_id=number_id, change=request.body, based_on=request.based_on
        )
    )
