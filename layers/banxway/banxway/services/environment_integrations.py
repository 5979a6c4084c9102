"""Exotel credentials of the deployment's environment: they stand in where an admin has saved none.

One deployment may serve several organizations, and an Exotel account belongs to one of them; so they stand in for
the one organization that EXOTEL_FALLBACK_ORGANIZATION_ID names, and for no other (docs/decisions/007).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from banxway.errors import Conflict
from banxway.storage.database import Row

NUMBER_SETTINGS = {
    "exotel_phone": "virtual_number",
    "exotel_whatsapp": "whatsapp_number",
    "exotel_sms": "sms_number",
}


class EnvironmentIntegrations:
    """Rows as `storage.integrations` has them, made of settings instead of a table."""

    def __init__(
        self, organization_id: UUID | None, *, secrets: Mapping[str, str | None], numbers: Mapping[str, str]
    ) -> None:
        """Take the account's secrets and its number by integration type; a type without a number is not there."""
        self._organization_id = organization_id
        self._secrets = {name: value for name, value in secrets.items() if value}
        self._is_complete = len(self._secrets) == len(secrets)
        self._numbers = numbers

    def find(self, organization_id: UUID, integration_type: str) -> Row | None:
        """Return what stands in for an organization's integration of a type, or None."""
        number = self._numbers.get(integration_type)
        if not (self._is_complete and number and organization_id == self._organization_id):
            return None
        settings: dict[str, Any] = {NUMBER_SETTINGS[integration_type]: number}
        return {
            "id": None,
            "integration_type": integration_type,
            "source": "environment",
            "secrets": {**self._secrets, "region": "singapore"},
            "display_name": None,
            "is_active": True,
            "is_verified": False,
            "last_verified_at": None,
            "settings": settings,
            "phone_number_count": 0,
            "created_at": None,
            "updated_at": None,
        }

    def list_all(self, organization_id: UUID) -> list[Row]:
        """Return all that stand in for an organization's integrations, by type."""
        found = (self.find(organization_id, integration_type) for integration_type in sorted(self._numbers))
        return [row for row in found if row is not None]

    def refuse_change(self, organization_id: UUID, integration_type: str) -> None:
        """Raise Conflict if an integration is the environment's, so that nothing here can change it."""
        if self.find(organization_id, integration_type) is not None:
            raise Conflict(
                f"{integration_type} comes from the deployment's environment variables: change them there, or "
                "save credentials here, which replace them"
            )
