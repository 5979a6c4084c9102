"""Shows an integration's credentials to an admin in the clear, and records every reading."""

from banxway.errors import NotFound
from banxway.log import get_logger
from banxway.models.actors import Actor
from banxway.models.integrations.integrations import RevealedCredentials
from banxway.models.status.notifications import CREDENTIALS_READ_OFTEN
from banxway.services.integrations.audit import audited, record
from banxway.services.integrations.credentials import Credentials
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.status.notifications import Notifications
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import IntegrationRow

_ACTION = "credentials.read"
_OFTEN = 6  # readings by one user within an hour
_HOUR_S = 3600


class CredentialReadings:
    """Opens credentials for a person, with one audit entry each time."""

    def __init__(
        self,
        database: Database,
        *,
        credentials: Credentials,
        notifications: Notifications,
        environment: EnvironmentIntegrations,
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._notifications = notifications
        self._environment = environment

    def read(self, *, actor: Actor, integration_type: str) -> RevealedCredentials:
        """Return the credentials, after recording the reading in the audit trail.

        From the sixth reading by one user within an hour, each reading writes a warning to the log and notifies the
        admins. Raises NotFound, Conflict for the environment's, and what `Credentials.open` raises.
        """
        with self._database.as_actor(actor) as transaction:
            row = integrations.find(transaction, integration_type)
        if row is None:
            self._environment.refuse_change(actor.organization_id, integration_type)
            raise NotFound("Integration not found")
        with audited(self._database, actor, _ACTION, integration_type, only_failure=True):
            secrets = self._open(row, actor)
        with self._database.as_actor(actor) as transaction:
            record(transaction, actor, _ACTION, row)
            readings = audit.count_recent(
                transaction, action=_ACTION, user_id=actor.user_id, within_s=_HOUR_S
            )
            if readings >= _OFTEN:
                self._warn(transaction, actor, readings)
        return RevealedCredentials(
            integration_type=row.integration_type, credentials=secrets, readings_within_an_hour=readings
        )

    def _open(self, row: IntegrationRow, actor: Actor) -> dict[str, str]:
        return self._credentials.open(row, organization_id=actor.organization_id)

    def _warn(self, transaction: Transaction, actor: Actor, readings: int) -> None:
        get_logger().warning(
            "credentials are read unusually often", user_id=str(actor.user_id), readings=readings
        )
        self._notifications.open(
            transaction,
            organization_id=actor.organization_id,
            kind=CREDENTIALS_READ_OFTEN,
            subject=str(actor.user_id),
            sentence=f"{actor.email} has read credentials {readings} times within an hour: see "
            f"/api/v1/settings/audit-logs?action={_ACTION} and make new ones at the provider if that was not them",
        )
