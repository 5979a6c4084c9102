"""POST /api/v1/communications/customers/{customer_id}/addresses: add an address to a customer."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.customers import CustomerDetails, NewCustomerAddress


@endpoint(permission="customers:update", body=NewCustomerAddress)
def handler(request: Request, app: App) -> Reply[CustomerDetails]:
    customer_id = request.path.uuid("customer_id")
    changed = app.customers.update.add_address(
        actor=request.actor, customer_id=customer_id, address=request.body
    )
    return Reply(changed, message="Address added", status=201)
