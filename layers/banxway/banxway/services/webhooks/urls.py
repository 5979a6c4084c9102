"""Makes callback URLs, each with a signed reference to what it is about."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from banxway.models.integrations.kinds import KINDS
from banxway.security.references import CallbackKind, CallbackReferences
from banxway.storage.integrations.integrations import AnyIntegration, IntegrationRow

# Customers answer late, and Exotel posts an answer to the URL of the message it answers (reference/exotel.md, 6.5):
# an expired reference would lose it. A year is longer than any conversation here.
_LIFETIME = timedelta(days=365)
_PATHS = {CallbackKind.CALL_STATUS: "call-status", CallbackKind.WHATSAPP: "whatsapp-status"}


class CallbackUrls:
    """Makes the callback URLs of messages and integrations."""

    def __init__(self, references: CallbackReferences, *, base_url: str) -> None:
        self._references = references
        self._base_url = base_url.rstrip("/")

    def for_message(self, organization_id: UUID, message_id: UUID) -> str:
        """Return the URL at which Exotel reports on one WhatsApp message; valid for a year."""
        kind = CallbackKind.WHATSAPP
        reference = self._references.for_unit(
            kind, organization_id=organization_id, unit_id=message_id, expires_in=_LIFETIME
        )
        return self._url(kind, reference)

    def of_row(self, organization_id: UUID, row: AnyIntegration) -> str | None:
        """Return the URL that an admin enters in Exotel's dashboard; None for types without callbacks.

        It is valid until the generation of the integration's row is raised.

        A stand-in of the environment has no id: its URL names the organization, and no generation revokes it.
        """
        posts = KINDS[row.integration_type].callback_kind
        if posts is None:
            return None
        kind = CallbackKind(posts)
        reference = self._references.for_integration(
            kind,
            organization_id=organization_id,
            integration_id=row.id or organization_id,
            generation=row.callback_generation if isinstance(row, IntegrationRow) else 1,
        )
        return self._url(kind, reference)

    def _url(self, kind: CallbackKind, reference: str) -> str:
        return f"{self._base_url}/api/v1/webhooks/exotel/{_PATHS[kind]}?{urlencode({'reference': reference})}"
