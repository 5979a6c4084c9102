"""POST /api/v1/communications/customers/{customer_id}/unmerge: undo the merge of another customer into this one.

The other customer gets back what they brought, and what has arrived since for their addresses; everything else stays.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint
from banxway.models.customers import CustomerDetails, CustomerMerge


@endpoint(permission="customers:merge", body=CustomerMerge)
def handler(request: Request, app: App) -> Reply[CustomerDetails]:
    customer_id = request.path.uuid("customer_id")
    left = app.customers.update.unmerge(actor=request.actor, customer_id=customer_id, other=request.body)
    return Reply(left, message="Customers un-merged")
