"""Two slots for an account's credentials: the live ones, and for a while the retiring ones that they replaced.

New credentials are tested before they become live. A request that is denied with them is tried once more with the
former ones: a denial (401 or 403) proves that nothing was accepted, so nothing can happen twice.
"""

from collections.abc import Callable, Iterator
from typing import TypeVar
from uuid import UUID

from banxway.errors import DecryptionFailed, ProviderDenied, ProviderError
from banxway.models.integrations.credentials import ExotelAccount
from banxway.services.integrations.credentials import Credentials, require_integration
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.status.diagnosis.explanations import explain
from banxway.storage.database import Database
from banxway.storage.integrations import credential_slots, integrations
from banxway.storage.integrations.credential_slots import RetiringRow
from banxway.storage.integrations.integrations import IntegrationRow

T = TypeVar("T")


class CredentialSlots:
    """Makes requests with the credentials of an Exotel integration that its provider accepts."""

    def __init__(
        self, database: Database, *, credentials: Credentials, environment: EnvironmentIntegrations
    ) -> None:
        self._database = database
        self._credentials = credentials
        self._environment = environment

    def using(self, organization_id: UUID, integration_type: str, act: Callable[[ExotelAccount], T]) -> T:
        """Return what `act` returns with the live credentials; if denied, with newer ones, then with the former ones.

        Raises NotConfigured, DecryptionFailed, or what `act` raises, with the catalogue's cause and fix if it knows
        them; if all are denied, the first denial.
        """
        return self.using_and_proving(organization_id, integration_type, act)[0]

    def using_and_proving(
        self, organization_id: UUID, integration_type: str, act: Callable[[ExotelAccount], T]
    ) -> tuple[T, IntegrationRow | None]:
        """Do as `using` does, and also return the row of credentials that worked if it is unverified, else None."""
        try:
            return self._act(organization_id, integration_type, act)
        except ProviderError as error:
            explain(error)
            raise

    def _act(
        self, organization_id: UUID, integration_type: str, act: Callable[[ExotelAccount], T]
    ) -> tuple[T, IntegrationRow | None]:
        with self._database.organization(organization_id) as transaction:
            row = require_integration(
                transaction,
                integration_type,
                stand_in=self._environment.find(organization_id, integration_type),
            )
        live = self._credentials.open_exotel(row, organization_id=organization_id)
        try:
            return act(live), row if isinstance(row, IntegrationRow) and not row.is_verified else None
        except ProviderDenied:
            for other in self._others(organization_id, integration_type, live):
                try:
                    return act(other), None
                except ProviderDenied:
                    continue
            raise

    def _others(
        self, organization_id: UUID, integration_type: str, live: ExotelAccount
    ) -> Iterator[ExotelAccount]:
        """Yield the accounts to try instead: the live one if it was replaced meanwhile, then the retiring one."""
        with self._database.organization(organization_id) as transaction:
            row = integrations.find(transaction, integration_type)
            former = credential_slots.find_retiring(transaction, row.id) if row else None
        tried = [live]
        for found, unsealed in (
            (row, self._credentials.open_exotel),
            (former, self._credentials.open_retiring),
        ):
            account = _opened(found, organization_id, unsealed)
            if account is not None and account not in tried:
                tried.append(account)
                yield account


def _opened(
    row: IntegrationRow | RetiringRow | None, organization_id: UUID, unsealed: Callable[..., ExotelAccount]
) -> ExotelAccount | None:
    """Return the slot's account, or None if absent or undecryptable: the live slot's denial is the one to report."""
    if row is None:
        return None
    try:
        return unsealed(row, organization_id=organization_id)
    except DecryptionFailed:
        return None
