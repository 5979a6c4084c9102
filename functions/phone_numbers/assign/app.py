"""POST /api/v1/settings/phone-numbers/{number_id}/assign: assign a phone number to a member or to nobody."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.phone_numbers import NumberAssignment, PhoneNumber


@endpoint(permission="phone_numbers:assign", body=NumberAssignment, versioned=True, notifies=True)
def handler(request: Request, app: App) -> Reply[PhoneNumber]:
    number_id = request.path.uuid("number_id")
    return Reply(
        app.phone_numbers.assign(
            actor=request.actor, number_id=number_id, assignment=request.body, based_on=request.based_on
        )
    )
