"""Integrations: tested before they are saved, encrypted when they are, audited whatever happens."""

import contextlib
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from banxway.errors import BanxwayError, NotConfigured, NotFound
from banxway.ids import NewId
from banxway.models.account_checks import PhoneAccountCheck, WhatsAppAccountCheck
from banxway.models.actors import Actor
from banxway.models.credentials import ExotelAccount
from banxway.models.integrations import (
    SECRET_FIELDS,
    ConfiguredIntegration,
    Integration,
    NumberSync,
    PhoneCredentials,
    TemplateSync,
    WhatsAppCredentials,
)
from banxway.models.phone_numbers import ProviderNumber
from banxway.models.whatsapp_templates import WhatsAppTemplate
from banxway.providers.base import Providers
from banxway.security.redaction import mask
from banxway.services.callback_urls import CallbackUrls
from banxway.services.credentials import Credentials
from banxway.storage import audit, integrations, phone_numbers, whatsapp_templates
from banxway.storage.database import Database, Row, Transaction


class Integrations:
    """What an operations admin does with the accounts of an organization."""

    def __init__(
        self,
        database: Database,
        *,
        providers: Providers,
        credentials: Credentials,
        callback_urls: CallbackUrls,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._providers = providers
        self._credentials = credentials
        self._callback_urls = callback_urls
        self._new_id = new_id

    def list_all(self, *, actor: Actor) -> list[Integration]:
        """Return the integrations, without credentials."""
        with self._database.as_actor(actor) as transaction:
            return integrations.list_all(transaction)

    def get(self, *, actor: Actor, integration_type: str) -> Integration:
        """Return one integration, without credentials. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            return integrations.to_model(_require(transaction, integration_type))

    def test(
        self, *, actor: Actor, integration_type: str, typed: PhoneCredentials | WhatsAppCredentials
    ) -> PhoneAccountCheck | WhatsAppAccountCheck:
        """Try credentials at the provider and save nothing. Raises what the provider finds wrong."""
        self._database.release()
        with self._audited(actor, "integration.test", integration_type):
            return self._check(self._credentials.exotel(typed.model_dump()), typed)

    def configure(
        self, *, actor: Actor, integration_type: str, typed: PhoneCredentials | WhatsAppCredentials
    ) -> ConfiguredIntegration:
        """Try credentials at the provider; save them encrypted only if they work, and sync their numbers.

        What does not work is not saved: the provider's complaint is raised, and the former credentials stay.
        """
        with self._database.as_actor(actor) as transaction:
            existing = integrations.find(transaction, integration_type)
        account = self._credentials.exotel(typed.model_dump())
        with self._audited(actor, "integration.configure", integration_type, only_failure=True):
            check = self._check(account, typed)
            numbers = self._numbers_of(account, typed)
        integration_id = existing["id"] if existing else self._new_id()
        sealed = self._credentials.seal(
            {name: getattr(typed, name) for name in SECRET_FIELDS},
            organization_id=actor.organization_id,
            table="integration_credentials",
            row_id=integration_id,
        )
        with self._database.as_actor(actor) as transaction:
            saved, sync = self._save(
                transaction, actor, integration_type, typed, integration_id, sealed, numbers
            )
        return ConfiguredIntegration(
            **integrations.to_model(saved).model_dump(),
            check=check.model_dump(),
            sync=sync,
            callback_url=self._callback_urls.for_integration(
                actor.organization_id,
                integration_type=integration_type,
                integration_id=integration_id,
                generation=saved["callback_generation"],
            ),
        )

    def delete(self, *, actor: Actor, integration_type: str) -> None:
        """Remove an integration's credentials; numbers become inactive and history stays. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            row = _require(transaction, integration_type)
            integrations.remove(transaction, row["id"])
            self._note(transaction, actor, "integration.delete", row, {"display_name": row["display_name"]})

    def sync_numbers(self, *, actor: Actor, integration_type: str) -> NumberSync:
        """Fetch the account's phone numbers again. Raises NotFound, or what the provider finds wrong."""
        with self._database.as_actor(actor) as transaction:
            row = _require(transaction, integration_type)
        account = self._credentials.open_exotel(row, organization_id=actor.organization_id)
        with self._audited(actor, "integration.sync", integration_type, only_failure=True):
            numbers = self._providers.voice(account).list_numbers()
        with self._database.as_actor(actor) as transaction:
            sync = phone_numbers.sync(
                transaction,
                organization_id=actor.organization_id,
                integration_id=row["id"],
                numbers=numbers,
                primary=row["settings"].get("virtual_number"),
            )
            self._note(transaction, actor, "integration.sync", row, sync.model_dump())
        return sync

    def sync_templates(self, *, actor: Actor) -> TemplateSync:
        """Fetch the account's WhatsApp templates again. Raises NotConfigured without a waba_id."""
        with self._database.as_actor(actor) as transaction:
            row = _require(transaction, "exotel_whatsapp")
        waba_id = row["settings"].get("waba_id")
        if not waba_id:
            raise NotConfigured(
                "Templates cannot be listed without waba_id: save the integration again with the "
                "WhatsApp Business Account id from WhatsApp Manager",
                field="waba_id",
            )
        account = self._credentials.open_exotel(row, organization_id=actor.organization_id)
        with self._audited(actor, "integration.sync_templates", "exotel_whatsapp", only_failure=True):
            templates = self._providers.whatsapp(account).list_templates(waba_id=waba_id)
        with self._database.as_actor(actor) as transaction:
            sync = whatsapp_templates.sync(
                transaction, organization_id=actor.organization_id, templates=templates
            )
            self._note(transaction, actor, "integration.sync_templates", row, sync.model_dump())
        return sync

    def list_templates(self, *, actor: Actor) -> list[WhatsAppTemplate]:
        """Return the templates as last synced."""
        with self._database.as_actor(actor) as transaction:
            return whatsapp_templates.list_all(transaction)

    def _check(
        self, account: ExotelAccount, typed: PhoneCredentials | WhatsAppCredentials
    ) -> PhoneAccountCheck | WhatsAppAccountCheck:
        if isinstance(typed, PhoneCredentials):
            return self._providers.voice(account).check(virtual_number=typed.virtual_number)
        return self._providers.whatsapp(account).check(whatsapp_number=typed.whatsapp_number)

    def _numbers_of(
        self, account: ExotelAccount, typed: PhoneCredentials | WhatsAppCredentials
    ) -> list[ProviderNumber] | None:
        return self._providers.voice(account).list_numbers() if isinstance(typed, PhoneCredentials) else None

    def _save(
        self,
        transaction: Transaction,
        actor: Actor,
        integration_type: str,
        typed: PhoneCredentials | WhatsAppCredentials,
        integration_id: UUID,
        sealed: str,
        numbers: list[ProviderNumber] | None,
    ) -> tuple[Row, NumberSync | None]:
        before = integrations.find(transaction, integration_type)
        settings = typed.model_dump(mode="json", exclude={*SECRET_FIELDS, "display_name"}, exclude_none=True)
        integrations.save(
            transaction,
            integration_id=integration_id,
            organization_id=actor.organization_id,
            integration_type=integration_type,
            credentials_encrypted=sealed,
            display_name=typed.display_name,
            settings=settings,
            created_by=actor.user_id,
        )
        sync = None
        if numbers is not None:
            sync = phone_numbers.sync(
                transaction,
                organization_id=actor.organization_id,
                integration_id=integration_id,
                numbers=numbers,
                primary=settings.get("virtual_number"),
            )
        saved = _require(transaction, integration_type)
        details = {"before": before["settings"] if before else None, "after": settings}
        if sync:
            details["sync"] = sync.model_dump()
        self._note(transaction, actor, "integration.configure", saved, details)
        return _require(transaction, integration_type), sync

    @contextlib.contextmanager
    def _audited(
        self, actor: Actor, action: str, integration_type: str, *, only_failure: bool = False
    ) -> Iterator[None]:
        """Write the outcome of what a provider is asked into the audit trail, in a transaction of its own."""
        try:
            yield
        except BanxwayError as error:
            self._append(actor, action, integration_type, details=failure_details(error), succeeded=False)
            raise
        if not only_failure:
            self._append(actor, action, integration_type, details={}, succeeded=True)

    def _append(
        self, actor: Actor, action: str, integration_type: str, *, details: dict[str, Any], succeeded: bool
    ) -> None:
        with self._database.as_actor(actor) as transaction:
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                integration_type=integration_type,
                action=action,
                succeeded=succeeded,
                details=details,
            )

    def _note(
        self, transaction: Transaction, actor: Actor, action: str, row: Row, details: dict[str, Any]
    ) -> None:
        audit.append(
            transaction,
            organization_id=actor.organization_id,
            user_id=actor.user_id,
            integration_id=row["id"],
            integration_type=row["integration_type"],
            action=action,
            succeeded=True,
            details=mask(details),
        )


def failure_details(error: BanxwayError) -> dict[str, Any]:
    """Say in an audit entry what went wrong, with the provider's own words and no secret."""
    details: dict[str, Any] = {"error": error.message, "code": error.code}
    for name in ("provider_status", "provider_code", "provider_message"):
        value = getattr(error, name, None)
        if value is not None:
            details[name] = value
    masked: dict[str, Any] = mask(details)
    return masked


def _require(transaction: Transaction, integration_type: str) -> Row:
    row = integrations.find(transaction, integration_type)
    if row is None:
        raise NotFound("Integration not found")
    return row
