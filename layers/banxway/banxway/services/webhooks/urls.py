"""The callback URLs that we hand out, each with a signed reference to what it is about."""

from datetime import timedelta
from urllib.parse import urlencode
from uuid import UUID

from banxway.security.references import CallbackKind, CallbackReferences
from banxway.storage.integrations.integrations import AnyIntegration, IntegrationRow

# Customers answer late, and Exotel posts an answer to the URL of the message it answers (reference/exotel.md, 6.5):
# an expired reference would lose it. A year is longer than any conversation here.
_LIFETIME = timedelta(days=365)
_PATHS = {CallbackKind.CALL_STATUS: "call-status", CallbackKind.WHATSAPP: "whatsapp-status"}
_KINDS = {"exotel_phone": CallbackKind.CALL_STATUS, "exotel_whatsapp": CallbackKind.WHATSAPP}


class CallbackUrls:
    """Makes callback URLs."""

    def __init__(self, references: CallbackReferences, *, base_url: str) -> None:
        self._references = references
        self._base_url = base_url.rstrip("/")

    def for_message(self, organization_id: UUID, message_id: UUID) -> str:
        """Return where Exotel reports on one WhatsApp message; good for a year."""
        kind = CallbackKind.WHATSAPP
        reference = self._references.for_unit(
            kind, organization_id=organization_id, unit_id=message_id, expires_in=_LIFETIME
        )
        return self._url(kind, reference)

    def of_row(self, organization_id: UUID, row: AnyIntegration) -> str | None:
        """Return `for_integration` of a stored one; None for types that no provider calls back about.

        The environment's has no row: its address names the organization, and no generation revokes it.
        """
        if row.integration_type not in _KINDS:
            return None
        return self.for_integration(
            organization_id,
            integration_type=row.integration_type,
            integration_id=row.id or organization_id,
            generation=row.callback_generation if isinstance(row, IntegrationRow) else 1,
        )

    def for_integration(
        self, organization_id: UUID, *, integration_type: str, integration_id: UUID, generation: int
    ) -> str:
        """Return what an admin pastes into Exotel's dashboard; good until the generation is raised."""
        kind = _KINDS[integration_type]
        reference = self._references.for_integration(
            kind, organization_id=organization_id, integration_id=integration_id, generation=generation
        )
        return self._url(kind, reference)

    def _url(self, kind: CallbackKind, reference: str) -> str:
        return f"{self._base_url}/api/v1/webhooks/exotel/{_PATHS[kind]}?{urlencode({'reference': reference})}"
