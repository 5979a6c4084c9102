"""By hand, for each new customer of the deployment: create an organization and invite its first admin.

Repeating it sends the same invitation again.
"""

from banxway.entrypoints.deployment import App, deployment
from banxway.models.organizations import CreatedOrganization, OrganizationToCreate


@deployment(takes=OrganizationToCreate)
def handler(given: OrganizationToCreate, app: App) -> CreatedOrganization:
    return app.organizations.creation.create(given)
