"""Verifies stored credentials, and syncs the account's phone numbers, for timers and admins."""

from typing import Any
from uuid import UUID

from banxway.errors import BanxwayError, NotFound
from banxway.models.actors import Actor
from banxway.models.integrations.integrations import NumberSync
from banxway.models.phone_numbers import ProviderNumber
from banxway.models.queue_items import IntegrationDue
from banxway.providers.base import Providers
from banxway.security.redaction import mask
from banxway.services.integrations.audit import audited, failure_details, record
from banxway.services.integrations.checks import IntegrationChecks
from banxway.services.integrations.credentials import Credentials
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.integrations.slots import CredentialSlots
from banxway.services.integrations.trust import doubt, is_still_stored, trust
from banxway.services.status.notifications import Notifications
from banxway.storage import phone_numbers
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import AnyIntegration, IntegrationRow


class IntegrationUpkeep:
    """Verifies and syncs stored integrations."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        checks: IntegrationChecks,
        credentials: Credentials,
        slots: CredentialSlots,
        notifications: Notifications,
        environment: EnvironmentIntegrations,
    ) -> None:
        self._database = database
        self._providers = providers
        self._checks = checks
        self._credentials = credentials
        self._slots = slots
        self._notifications = notifications
        self._environment = environment

    def sync_numbers(self, *, actor: Actor, integration_type: str) -> NumberSync:
        """Fetch the account's phone numbers again. Raises NotFound, or what the provider refuses."""
        with self._database.as_actor(actor) as transaction:
            row: AnyIntegration | None = integrations.find(transaction, integration_type)
        row = row or self._environment.find(actor.organization_id, integration_type)
        if row is None:
            raise NotFound("Integration not found")
        with audited(self._database, actor, "integration.sync", integration_type, only_failure=True):
            numbers = self._numbers(actor.organization_id, integration_type)
        with self._database.as_actor(actor) as transaction:
            sync = _sync(transaction, actor.organization_id, row, numbers)
            if sync is None:
                raise NotFound("The integration was deleted while its numbers were fetched")
            record(transaction, actor, "integration.sync", row, sync.model_dump())
        return sync

    def maintain(self, due: IntegrationDue) -> None:
        """Do a timer's task on an integration; nothing if it was removed or switched off meanwhile.

        Repeating it is harmless. Raises only retryable errors, such as ProviderUnavailable.
        """
        with self._database.organization(due.organization_id) as transaction:
            row: AnyIntegration | None = integrations.find(transaction, due.integration_type)
        if due.task == "sync_numbers":
            row = row or self._environment.find(due.organization_id, due.integration_type)
        if row is None or not row.is_active:
            return
        if due.task == "verify":
            if isinstance(row, IntegrationRow):
                self._verify(due.organization_id, row)
        else:
            self._refresh_numbers(due.organization_id, row)

    def _verify(self, organization_id: UUID, row: IntegrationRow) -> None:
        """Verify the live credentials only; retiring ones are about to expire."""
        try:
            secrets = self._credentials.open(row, organization_id=organization_id)
            check = self._checks.run(row.integration_type, secrets=secrets, settings=row.settings)
        except BanxwayError as error:
            if error.retryable:
                raise
            self._record_failure(organization_id, row, error)
            return
        with self._database.organization(organization_id) as transaction:
            if not is_still_stored(transaction, row):
                return
            _append(transaction, organization_id, row, "integration.verify", check.model_dump())
            trust(transaction, self._notifications, row)

    def _record_failure(self, organization_id: UUID, row: IntegrationRow, error: BanxwayError) -> None:
        with self._database.organization(organization_id) as transaction:
            if not is_still_stored(transaction, row):
                # New credentials were saved while the old ones were tried.
                return
            details = failure_details(error)
            _append(transaction, organization_id, row, "integration.verify", details, succeeded=False)
            kind = row.integration_type
            doubt(transaction, self._notifications, organization_id, kind, "test_failed", error)

    def _refresh_numbers(self, organization_id: UUID, row: AnyIntegration) -> None:
        try:
            numbers = self._numbers(organization_id, row.integration_type)
        except BanxwayError as error:
            if error.retryable:
                raise
            with self._database.organization(organization_id) as transaction:
                details = failure_details(error)
                _append(transaction, organization_id, row, "integration.sync", details, succeeded=False)
            return
        with self._database.organization(organization_id) as transaction:
            sync = _sync(transaction, organization_id, row, numbers)
            if sync is not None:
                _append(transaction, organization_id, row, "integration.sync", sync.model_dump())

    def _numbers(self, organization_id: UUID, integration_type: str) -> list[ProviderNumber]:
        return self._slots.using(
            organization_id, integration_type, lambda account: self._providers.voice(account).list_numbers()
        )


def _sync(
    transaction: Transaction, organization_id: UUID, row: AnyIntegration, numbers: list[ProviderNumber]
) -> NumberSync | None:
    """Store an account's numbers; None if the integration was deleted while they were fetched."""
    stored = integrations.lock(
        transaction, organization_id=organization_id, integration_type=row.integration_type
    )
    if (stored.id if stored else None) != row.id:
        return None
    return phone_numbers.sync(
        transaction,
        organization_id=organization_id,
        integration_id=row.id,
        numbers=numbers,
        primary=row.settings.get("virtual_number"),
    )


def _append(
    transaction: Transaction,
    organization_id: UUID,
    row: AnyIntegration,
    action: str,
    details: dict[str, Any],
    *,
    succeeded: bool = True,
) -> None:
    audit.append(
        transaction,
        organization_id=organization_id,
        integration_id=row.id,
        integration_type=row.integration_type,
        action=action,
        succeeded=succeeded,
        details=mask(details),
    )
