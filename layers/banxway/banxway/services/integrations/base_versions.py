"""Compares the version that an admin's change of an integration is based on with the stored one."""

from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Transaction
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import IntegrationRow

_CHANGES = (
    "integration.configure",
    "integration.force",
    "integration.update",
    "integration.delete",
    "mailbox.update",
    "mailbox.delete",
)


def require_stored_version(
    transaction: Transaction, based_on: str | None, integration_type: str, row: IntegrationRow | None
) -> None:
    """Require that the integration, None if it is not stored, has the version that a change is based on.

    Raises ChangedMeanwhile.
    """
    require_version(
        transaction,
        based_on,
        integrations.version(row),
        actions=_CHANGES,
        integration_type=integration_type,
    )
