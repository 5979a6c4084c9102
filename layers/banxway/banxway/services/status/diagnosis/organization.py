"""Checks the organization's integrations, and who may use them, by its rows (the guide's issues 7 and 10)."""

from banxway.models.integrations.integrations import why_unverified
from banxway.services.status.diagnosis.causes import Found
from banxway.storage.integrations.integrations import StandIn
from banxway.storage.status.diagnosis import Facts


def examine(facts: Facts) -> list[Found]:
    """Return what is switched off, unverified, taken from the environment, or permitted to nobody."""
    found = []
    for row in facts.integrations:
        # A mailbox goes by its address, so that what is wrong with it and with its integration is one thing.
        subject = row.settings.get("email") or row.integration_type
        if isinstance(row, StandIn):
            evidence = "nothing is saved, and the environment has credentials"
            found.append(Found("environment_fallback_used", subject, evidence))
        elif not row.is_active:
            found.append(Found("integration_inactive", subject, "is_active is false"))
        elif not row.is_verified:
            found.append(
                Found("integration_unverified", subject, why_unverified(row.doubt, row.doubt_reason))
            )
    if not facts.active_admins:
        found.append(Found("no_active_admin", "team", "no active user has the role admin"))
    for one in facts.undecided:
        evidence = f"{one.users} active agents have no entry, such as {one.example}"
        found.append(Found("user_without_permission", one.integration_type, evidence))
    if facts.is_read_only:
        found.append(Found("database_read_only", "database", "transaction_read_only is on"))
    return found
