"""GET /api/v1/communications/customers: list customers, or those that a search finds.

The latest added come first; one that was merged into another is found by that one.
"""

from banxway.entrypoints.http import App, Reply, Request, endpoint, page
from banxway.models.customers import CustomerQuery, CustomerSummary


@endpoint(permission="customers:view", query=CustomerQuery)
def handler(request: Request, app: App) -> Reply[list[CustomerSummary]]:
    return page(app.customers.list_page(actor=request.actor, query=request.query))
