"""Exotel credentials from the deployment's environment, which stand in while an admin has saved none.

One deployment may serve several organizations, and an Exotel account belongs to one of them. So they stand in only
for the organization that EXOTEL_FALLBACK_ORGANIZATION_ID names (docs/decisions/007).
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from banxway.errors import Conflict
from banxway.models.integrations.kinds import KINDS
from banxway.storage.integrations.integrations import IntegrationRow, StandIn

_NATIONAL_DIGITS = 11  # an Indian number with its leading 0
NUMBER_SETTINGS: Mapping[str, str] = {
    kind.type: kind.number_setting for kind in KINDS.values() if kind.number_setting
}
_VARIABLES = {
    "account_sid": "EXOTEL_SID",
    "api_key": "EXOTEL_API_KEY",
    "api_token": "EXOTEL_TOKEN",
    "virtual_number": "EXOTEL_PHONE_NUMBER",
    "whatsapp_number": "EXOTEL_WHATSAPP_NUMBER",
    "sms_number": "EXOTEL_SMS_NUMBER",
}


def _spelled(number: str) -> str:
    """Return a number without the parts in which its spellings differ: country code, leading 0, plus."""
    digits = number.lstrip("+")
    return digits.removeprefix("91").lstrip("0") if len(digits) > _NATIONAL_DIGITS else digits.lstrip("0")


class EnvironmentIntegrations:
    """Finds integrations as `storage.integrations` does, in settings instead of a table."""

    def __init__(
        self,
        organization_id: UUID | None,
        *,
        secrets: Mapping[str, str | None],
        numbers: Mapping[str, str],
        waba_id: str | None = None,
    ) -> None:
        """`secrets` are the account's; `numbers` are by integration type. A type without one does not stand in."""
        self._waba_id = waba_id
        self._organization_id = organization_id
        self._wanted = tuple(secrets)
        self._secrets = {name: value for name, value in secrets.items() if value}
        self._is_complete = len(self._secrets) == len(secrets)
        self._numbers = numbers

    def find(self, organization_id: UUID, integration_type: str) -> StandIn | None:
        """Return the stand-in for an organization's integration of a type, or None."""
        number = self._numbers.get(integration_type)
        if not (self._is_complete and number and organization_id == self._organization_id):
            return None
        settings: dict[str, Any] = {NUMBER_SETTINGS[integration_type]: number}
        if integration_type == "exotel_whatsapp" and self._waba_id:
            settings["waba_id"] = self._waba_id
        return StandIn(integration_type, settings, {**self._secrets, "region": "singapore"})

    def list_all(self, organization_id: UUID) -> list[StandIn]:
        """Return all stand-ins of an organization, in the order of their types."""
        found = (self.find(organization_id, integration_type) for integration_type in sorted(self._numbers))
        return [row for row in found if row is not None]

    def list_everywhere(self) -> list[tuple[UUID, StandIn]]:
        """Return all stand-ins, each with its organization's id."""
        if self._organization_id is None:
            return []
        return [(self._organization_id, row) for row in self.list_all(self._organization_id)]

    def missing(self) -> list[str]:
        """Return the variables that are missing for the set ones to stand in; none if none is set."""
        if not self._secrets and not self._numbers:
            return []
        lacks = [_VARIABLES[name] for name in self._wanted if name not in self._secrets]
        if not self._numbers:
            lacks.append("EXOTEL_PHONE_NUMBER, EXOTEL_WHATSAPP_NUMBER or EXOTEL_SMS_NUMBER")
        if self._organization_id is None:
            lacks.append("EXOTEL_FALLBACK_ORGANIZATION_ID")
        return lacks

    def differences(
        self, organization_id: UUID, row: IntegrationRow, secrets: Mapping[str, str]
    ) -> list[str]:
        """Return the variables whose values differ from an organization's saved integration."""
        own = self.find(organization_id, row.integration_type)
        if own is None:
            return []
        number = NUMBER_SETTINGS[row.integration_type]
        differs = [_VARIABLES[name] for name in self._secrets if secrets.get(name) != self._secrets[name]]
        if _spelled(own.settings[number]) != _spelled(str(row.settings.get(number, ""))):
            differs.append(_VARIABLES[number])
        return differs

    def refuse_change(self, organization_id: UUID, integration_type: str) -> None:
        """Raise Conflict if an integration comes from the environment, where alone it can be changed."""
        if self.find(organization_id, integration_type) is not None:
            raise Conflict(
                f"{integration_type} comes from the deployment's environment variables: change them there, or "
                "save credentials here, which replace them"
            )
