"""Tests credentials that were just typed in, or the stored ones. A test changes no credentials.

typed     tested at the provider; if they equal the stored ones and work, those become verified
stored    tested unchanged; if they work they become verified, if the provider refuses them they become unverified
"""

from uuid import UUID

from banxway.errors import BanxwayError, DecryptionFailed, NotFound
from banxway.models.actors import Actor
from banxway.models.integrations.configurations import AccountCredentials
from banxway.services.integrations.audit import audited
from banxway.services.integrations.checks import TESTED_SETTINGS, Check, IntegrationChecks
from banxway.services.integrations.credentials import Credentials
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.integrations.trust import doubt, is_still_stored, trust
from banxway.services.status.notifications import Notifications
from banxway.storage.database import Database
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import AnyIntegration, IntegrationRow

_TEST = "integration.test"


class IntegrationTests:
    """Tests credentials for an admin."""

    def __init__(
        self,
        database: Database,
        *,
        checks: IntegrationChecks,
        credentials: Credentials,
        notifications: Notifications,
        environment: EnvironmentIntegrations,
    ) -> None:
        self._database = database
        self._checks = checks
        self._credentials = credentials
        self._notifications = notifications
        self._environment = environment

    def run(self, *, actor: Actor, integration_type: str, typed: AccountCredentials | None) -> Check:
        """Test the typed credentials, or the stored ones if none were typed; return what the provider answered.

        A secret that was left out is the stored one. Raises what the provider refuses, and NotFound if nothing was
        typed and nothing is stored.
        """
        if typed is None:
            return self._run_stored(actor, integration_type)
        if typed.keeps_stored:
            typed = typed.completed(self._stored_secrets(actor, integration_type))
        self._database.release()
        with audited(self._database, actor, _TEST, integration_type):
            check = self._checks.run(integration_type, secrets=typed.secrets(), settings=typed.settings())
        self._trust_if_stored(actor, integration_type, typed)
        return check.model_copy(update={"notes": typed.notes})

    def _stored_secrets(self, actor: Actor, integration_type: str) -> dict[str, str] | None:
        with self._database.as_actor(actor) as transaction:
            row = integrations.find(transaction, integration_type)
        return self._credentials.open(row, organization_id=actor.organization_id) if row else None

    def _run_stored(self, actor: Actor, integration_type: str) -> Check:
        with self._database.as_actor(actor) as transaction:
            row: AnyIntegration | None = integrations.find(transaction, integration_type)
        row = row or self._environment.find(actor.organization_id, integration_type)
        if row is None:
            raise NotFound("Integration not found: save it first, or send the credentials to test")
        self._database.release()
        with audited(self._database, actor, _TEST, integration_type):
            check = self._try(actor.organization_id, row)
        if isinstance(row, IntegrationRow):
            with self._database.as_actor(actor) as transaction:
                trust(transaction, self._notifications, row)
        return check

    def _try(self, organization_id: UUID, row: AnyIntegration) -> Check:
        try:
            secrets = self._credentials.open(row, organization_id=organization_id)
            return self._checks.run(row.integration_type, secrets=secrets, settings=row.settings)
        except BanxwayError as error:
            if not error.retryable and isinstance(row, IntegrationRow):
                self._doubt(organization_id, row, error)
            raise

    def _doubt(self, organization_id: UUID, row: IntegrationRow, error: BanxwayError) -> None:
        with self._database.organization(organization_id) as transaction:
            if is_still_stored(transaction, row):
                kind = row.integration_type
                doubt(transaction, self._notifications, organization_id, kind, "test_failed", error)

    def _trust_if_stored(self, actor: Actor, integration_type: str, typed: AccountCredentials) -> None:
        with self._database.as_actor(actor) as transaction:
            row = integrations.find(transaction, integration_type)
        if row is None or not self._is_stored(actor.organization_id, row, typed):
            return
        with self._database.as_actor(actor) as transaction:
            trust(transaction, self._notifications, row)

    def _is_stored(self, organization_id: UUID, row: IntegrationRow, typed: AccountCredentials) -> bool:
        try:
            secrets = self._credentials.open(row, organization_id=organization_id)
        except DecryptionFailed:
            return False
        settings = typed.settings()
        tested = TESTED_SETTINGS[row.integration_type]
        return secrets == typed.secrets() and all(
            settings.get(name) == row.settings.get(name) for name in tested
        )
