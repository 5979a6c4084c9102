"""POST /api/v1/communications/customers/{customer_id}/merge: merge another customer into this one.

This customer gets everything that the other has. `unmerge` is the exact inverse.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.customers import CustomerDetails, CustomerMerge


@endpoint(permission="customers:merge", body=CustomerMerge)
def handler(request: Request, app: App) -> Reply[CustomerDetails]:
    customer_id = request.path.uuid("customer_id")
    merged = app.customers.update.merge(actor=request.actor, customer_id=customer_id, other=request.body)
    return Reply(merged, message="Customers merged")
