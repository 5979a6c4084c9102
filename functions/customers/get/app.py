"""GET /api/v1/communications/customers/{customer_id}: show one customer with every address.

A customer who was merged into another is shown as that other customer.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.customers import CustomerDetails


@endpoint(permission="customers:view")
def handler(request: Request, app: App) -> Reply[CustomerDetails]:
    return Reply(app.customers.read.get(actor=request.actor, customer_id=request.path.uuid("customer_id")))
