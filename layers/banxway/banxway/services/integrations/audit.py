"""Records in the audit trail what happens to integrations, and refuses changes of what somebody else has changed."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from banxway.errors import BanxwayError
from banxway.models.actors import Actor
from banxway.security.redaction import mask, masked_pairs
from banxway.storage.audit import trail as audit
from banxway.storage.audit.meanwhile import require_version
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import IntegrationRow

_CHANGES = (
    "integration.configure",
    "integration.force",
    "integration.update",
    "integration.delete",
    "mailbox.update",
    "mailbox.delete",
)


def failure_details(error: BanxwayError) -> dict[str, Any]:
    """Return the details of an audit entry about an error, with the provider's own words and without secrets."""
    details: dict[str, Any] = {"error": error.message, "code": error.code}
    for name in ("provider_status", "provider_code", "provider_message"):
        value = getattr(error, name, None)
        if value is not None:
            details[name] = value
    masked: dict[str, Any] = mask(details)
    return masked


class Named(Protocol):
    """An integration, by its id and type; a stand-in of the environment has no id."""

    @property
    def id(self) -> UUID | None:
        """The row's id, None for a stand-in."""
        ...

    @property
    def integration_type(self) -> str:
        """The type, such as exotel_phone."""
        ...


class IntegrationName(NamedTuple):
    """The id and type of an integration that was just saved."""

    id: UUID
    integration_type: str


def record(
    transaction: Transaction,
    actor: Actor,
    action: str,
    integration: Named,
    details: Mapping[str, Any] | None = None,
    *,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """Append a success to the audit trail; this locks the organization's chain, so call it near the commit."""
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
    """Record the result of a request to a provider in the audit trail, in a transaction of its own."""
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


def require_stored_version(
    transaction: Transaction, based_on: str | None, integration_type: str, row: IntegrationRow | None
) -> None:
    """Require that the integration, None if it is not stored, has the version that a change is based on.

    Raises ChangedMeanwhile.
    """
    require_version(
        transaction,
        based_on,
        integrations.version(row),
        actions=_CHANGES,
        integration_type=integration_type,
    )
