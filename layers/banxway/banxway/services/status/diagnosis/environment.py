"""Checks whether the environment's Exotel account is complete and equals the saved one (the guide's issue 10)."""

from uuid import UUID

from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.status.diagnosis.causes import Found
from banxway.services.status.diagnosis.encryption import Opened, key_of
from banxway.storage.integrations.integrations import StandIn
from banxway.storage.status.diagnosis import Facts


def examine(
    facts: Facts, opened: Opened, environment: EnvironmentIntegrations, organization_id: UUID
) -> list[Found]:
    """Return which variables are missing, and which differ from the saved values; names only, never a value."""
    found = []
    if missing := environment.missing():
        found.append(Found("environment_incomplete", "environment", f"not set: {', '.join(missing)}"))
    for row in facts.integrations:
        secrets = opened.secrets.get(key_of(row))
        if secrets is None or isinstance(row, StandIn):
            continue
        if differs := environment.differences(organization_id, row, secrets):
            evidence = f"{', '.join(differs)} {_differ(differs)} from what is saved"
            found.append(Found("environment_differs", row.integration_type, evidence))
    return found


def _differ(names: list[str]) -> str:
    return "differs" if len(names) == 1 else "differ"
