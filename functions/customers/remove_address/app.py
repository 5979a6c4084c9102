"""DELETE /api/v1/communications/customers/{customer_id}/addresses/{address_id}: remove an address from a customer.

Messages from that address stay in their threads. The last address of a customer without a name cannot be removed.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.customers import CustomerDetails


@endpoint(permission="customers:update")
def handler(request: Request, app: App) -> Reply[CustomerDetails]:
    changed = app.customers.update.remove_address(
        actor=request.actor,
        customer_id=request.path.uuid("customer_id"),
        address_id=request.path.uuid("address_id"),
    )
    return Reply(changed, message="Address removed")
