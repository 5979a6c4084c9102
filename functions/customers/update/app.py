"""PATCH /api/v1/communications/customers/{customer_id}: rename a customer."""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.customers import CustomerChange, CustomerDetails


@endpoint(permission="customers:update", body=CustomerChange)
def handler(request: Request, app: App) -> Reply[CustomerDetails]:
    customer_id = request.path.uuid("customer_id")
    changed = app.customers.update.update(actor=request.actor, customer_id=customer_id, change=request.body)
    return Reply(changed, message="Customer updated")
