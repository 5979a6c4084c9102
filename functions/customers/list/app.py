"""GET /api/v1/communications/customers: list or search customers.

The latest added come first; a merged customer is found as the one they were merged into.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.customers import CustomerQuery, CustomerSummary


@endpoint(permission="customers:view", query=CustomerQuery)
def handler(request: Request, app: App) -> Reply[list[CustomerSummary]]:
    return page(app.customers.read.list_page(actor=request.actor, query=request.query))
