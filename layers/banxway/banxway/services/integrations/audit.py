"""What the audit trail says of integrations: every question to a provider, every change, and what failed."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from banxway.errors import BanxwayError
from banxway.models.actors import Actor
from banxway.security.redaction import mask, masked_pairs
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction


def failure_details(error: BanxwayError) -> dict[str, Any]:
    """Say in an audit entry what went wrong, with the provider's own words and no secret."""
    details: dict[str, Any] = {"error": error.message, "code": error.code}
    for name in ("provider_status", "provider_code", "provider_message"):
        value = getattr(error, name, None)
        if value is not None:
            details[name] = value
    masked: dict[str, Any] = mask(details)
    return masked


class Named(Protocol):
    """An integration, by its id and type; what is the environment's has no id."""

    @property
    def id(self) -> UUID | None:
        """The row's id."""
        ...

    @property
    def integration_type(self) -> str:
        """The type, such as "exotel_phone"."""
        ...


class IntegrationName(NamedTuple):
    """An integration that was just saved."""

    id: UUID
    integration_type: str


def note(
    transaction: Transaction,
    actor: Actor,
    action: str,
    integration: Named,
    details: Mapping[str, Any] | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append what became of an integration; holds the organization's chain, so call it near the commit."""
    sides = {}
    if before is not None or after is not None:
        sides = dict(zip(("before", "after"), masked_pairs(before, after), strict=True))
    audit.append(
        transaction,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        integration_id=integration.id,
        integration_type=integration.integration_type,
        action=action,
        succeeded=True,
        details={**sides, **mask(details or {})},
    )


@contextlib.contextmanager
def audited(
    database: Database, actor: Actor, action: str, integration_type: str, *, only_failure: bool = False
) -> Iterator[None]:
    """Write the outcome of what a provider is asked into the audit trail, in a transaction of its own."""
    try:
        yield
    except BanxwayError as error:
        _append(database, actor, action, integration_type, details=failure_details(error), succeeded=False)
        raise
    if not only_failure:
        _append(database, actor, action, integration_type, details={}, succeeded=True)


def _append(
    database: Database,
    actor: Actor,
    action: str,
    integration_type: str,
    *,
    details: dict[str, Any],
    succeeded: bool,
) -> None:
    with database.as_actor(actor) as transaction:
        audit.append(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            integration_type=integration_type,
            action=action,
            succeeded=succeeded,
            details=details,
        )
