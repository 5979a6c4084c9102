"""Showing an integration's credentials to an admin: in the clear, and never unseen."""

from banxway.errors import DecryptionFailed, NotFound
from banxway.log import get_logger
from banxway.models.actors import Actor
from banxway.models.integrations import RevealedCredentials
from banxway.models.notifications import CREDENTIALS_READ_OFTEN
from banxway.services.credentials import Credentials
from banxway.services.integration_audit import audited, note
from banxway.services.notifications import Notifications
from banxway.storage import audit, integrations
from banxway.storage.database import Database, Transaction

_ACTION = "credentials.read"
_OFTEN = 6  # readings by one user within an hour


class CredentialReadings:
    """Decrypts for a person, one audit entry each time."""

    def __init__(
        self, database: Database, *, credentials: Credentials, notifications: Notifications
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._notifications = notifications

    def read(self, *, actor: Actor, integration_type: str) -> RevealedCredentials:
        """Return the credentials; the reading is in the audit trail before they leave.

        The sixth reading within an hour by one user, and every one after it, is a warning in the log, and
        notifies the admins. Raises NotFound, WrongKey, KeyMissing or CorruptEnvelope.
        """
        with self._database.as_actor(actor) as transaction:
            row = integrations.find(transaction, integration_type)
        if row is None:
            raise NotFound("Integration not found")
        with audited(self._database, actor, _ACTION, integration_type, only_failure=True):
            secrets = self._open(row, actor)
        with self._database.as_actor(actor) as transaction:
            note(transaction, actor, _ACTION, row)
            readings = audit.count_recent(
                transaction, action=_ACTION, user_id=actor.user_id, within_s=3600
            )
            if readings >= _OFTEN:
                self._warn(transaction, actor, readings)
        return RevealedCredentials(
            integration_type=integration_type, credentials=secrets, readings_within_an_hour=readings
        )
