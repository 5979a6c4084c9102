"""Connecting an account: tested before it is saved, encrypted when it is, audited whatever happens.

The provider is asked first; what works becomes live, and what it replaces serves for a while longer.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from banxway.errors import BanxwayError, DecryptionFailed
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.integrations.configurations import AccountCredentials
from banxway.models.integrations.integrations import ConfiguredIntegration, NumberSync
from banxway.models.phone_numbers import ProviderNumber
from banxway.models.status.notifications import CREDENTIALS_ENDING, INTEGRATION_FAILED
from banxway.services.email_accounts.integration_link import save_mailbox
from banxway.services.integrations.audit import IntegrationName, audited, failure_details, note
from banxway.services.integrations.checks import Check, IntegrationChecks
from banxway.services.integrations.credentials import Credentials
from banxway.services.messages.channels.email import suspension
from banxway.services.status.notifications import Notifications
from banxway.services.webhooks.urls import CallbackUrls
from banxway.storage import phone_numbers
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import credential_slots, integrations
from banxway.storage.integrations.integrations import IntegrationRow

_RETIRES_IN_S = 15 * 60


@dataclass(frozen=True, slots=True)
class _Tested:
    check: Check | None
    numbers: list[ProviderNumber] | None
    failure: BanxwayError | None


@dataclass(frozen=True, slots=True)
class _Slots:
    """What both slots will hold, sealed for the row that was there when it was sealed."""

    integration_id: UUID
    replaces: str | None
    live: str
    former: dict[str, str] | None
    retiring: str | None


class IntegrationSetup:
    """What an operations admin does to connect an account."""

    def __init__(
        self,
        database: Database,
        *,
        checks: IntegrationChecks,
        credentials: Credentials,
        callback_urls: CallbackUrls,
        notifications: Notifications,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._checks = checks
        self._credentials = credentials
        self._callback_urls = callback_urls
        self._notifications = notifications
        self._new_id = new_id

    def configure(
        self, *, actor: Actor, integration_type: str, typed: AccountCredentials
    ) -> ConfiguredIntegration:
        """Try credentials at the provider; save them encrypted only if they work, and sync their numbers.

        What does not work is not saved: the provider's complaint is raised, and the former credentials stay.
        Forced, it is saved unverified, and the complaint goes to the audit trail. Credentials that worked and
        are replaced by others stay in the second slot for 15 minutes.
        """
        with self._database.as_actor(actor) as transaction:
            existing = integrations.find(transaction, integration_type)
        tested = self._try(actor, integration_type, typed)
        slots = self._seal(actor, typed, existing)
        with self._database.as_actor(actor) as transaction:
            before = integrations.lock(
                transaction, organization_id=actor.organization_id, integration_type=integration_type
            )
            if (before.credentials_encrypted if before else None) != slots.replaces:
                # Somebody else saved while the provider was asked.
                slots = self._seal(actor, typed, before)
            sync = self._save(transaction, actor, integration_type, typed, before, tested, slots)
            saved = integrations.find_by_id(transaction, slots.integration_id)
        if saved is None:
            raise LookupError("what was saved in this transaction is there")
        return self._described(actor, saved, typed, tested, sync)

    def _try(self, actor: Actor, integration_type: str, typed: AccountCredentials) -> _Tested:
        secrets = typed.secrets()
        try:
            check = self._checks.run(integration_type, secrets=secrets, settings=typed.settings())
            return _Tested(check, self._checks.numbers(integration_type, secrets=secrets), None)
        except BanxwayError as error:
            if typed.is_forced:
                return _Tested(None, None, error)
            with audited(self._database, actor, "integration.configure", integration_type, only_failure=True):
                raise

    def _seal(self, actor: Actor, typed: AccountCredentials, existing: IntegrationRow | None) -> _Slots:
        organization_id = actor.organization_id
        integration_id = existing.id if existing else self._new_id()
        former = self._former(organization_id, existing)
        # What did not work is not worth falling back to, and what stays live need not retire.
        retires = bool(existing and existing.is_verified and _is_replaced(former, typed.secrets()))
        return _Slots(
            integration_id=integration_id,
            replaces=existing.credentials_encrypted if existing else None,
            live=self._credentials.seal(
                typed.secrets(),
                organization_id=organization_id,
                table="integration_credentials",
                row_id=integration_id,
            ),
            former=former,
            retiring=self._credentials.seal(
                former, organization_id=organization_id, table="retiring_credentials", row_id=integration_id
            )
            if former and retires
            else None,
        )

    def _former(self, organization_id: UUID, existing: IntegrationRow | None) -> dict[str, str] | None:
        if existing is None:
            return None
        try:
            return self._credentials.open(existing, organization_id=organization_id)
        except DecryptionFailed:
            # Entering them again is the way out of an envelope that nobody can open.
            return None

    def _save(
        self,
        transaction: Transaction,
        actor: Actor,
        integration_type: str,
        typed: AccountCredentials,
        before: IntegrationRow | None,
        tested: _Tested,
        slots: _Slots,
    ) -> NumberSync | None:
        settings, secrets = typed.settings(), typed.secrets()
        integrations.save(
            transaction,
            integration_id=slots.integration_id,
            organization_id=actor.organization_id,
            integration_type=integration_type,
            credentials_encrypted=slots.live,
            display_name=typed.display_name,
            settings=settings,
            created_by=actor.user_id,
            failure=tested.failure.message if tested.failure else None,
            expire_on=typed.credentials_expire_on,
            are_credentials_new=slots.former != secrets,
        )
        self._retire(transaction, actor, slots)
        sync = self._sync(transaction, actor, slots.integration_id, settings, tested.numbers)
        if integration_type == "zoho_mail":
            self._save_mailbox(transaction, actor, typed, works=tested.failure is None)
        if tested.failure is None:
            self._close(transaction, integration_type)
        note(
            transaction,
            actor,
            "integration.force" if tested.failure else "integration.configure",
            IntegrationName(slots.integration_id, integration_type),
            _outcome(tested, sync),
            before={**before.settings, **_typed_secrets(slots.former)} if before else None,
            after={**settings, **_typed_secrets(secrets)},
        )
        return sync

    def _close(self, transaction: Transaction, integration_type: str) -> None:
        for kind in (INTEGRATION_FAILED, CREDENTIALS_ENDING):
            self._notifications.close(transaction, kind, integration_type)

    def _save_mailbox(
        self, transaction: Transaction, actor: Actor, typed: AccountCredentials, *, works: bool
    ) -> None:
        account_id = save_mailbox(transaction, actor, typed, self._credentials, is_verified=works)
        if works:
            suspension.resume(transaction, self._notifications, account_id)

    def _retire(self, transaction: Transaction, actor: Actor, slots: _Slots) -> None:
        if slots.retiring:
            credential_slots.retire(
                transaction,
                organization_id=actor.organization_id,
                integration_id=slots.integration_id,
                credentials_encrypted=slots.retiring,
                retires_in_s=_RETIRES_IN_S,
            )

    def _sync(
        self,
        transaction: Transaction,
        actor: Actor,
        integration_id: UUID,
        settings: dict[str, Any],
        numbers: list[ProviderNumber] | None,
    ) -> NumberSync | None:
        if numbers is None:
            return None
        return phone_numbers.sync(
            transaction,
            organization_id=actor.organization_id,
            integration_id=integration_id,
            numbers=numbers,
            primary=settings.get("virtual_number"),
        )

    def _described(
        self,
        actor: Actor,
        saved: IntegrationRow,
        typed: AccountCredentials,
        tested: _Tested,
        sync: NumberSync | None,
    ) -> ConfiguredIntegration:
        notes = [*typed.notes, *typed.without_effect()]
        if tested.failure:
            notes.append(f"Saved although the test failed: {tested.failure.message}")
        return ConfiguredIntegration(
            **integrations.to_model(
                saved, callback_url=self._callback_urls.of_row(actor.organization_id, saved)
            ).model_dump(),
            check=tested.check.model_dump() if tested.check else None,
            sync=sync,
            notes=notes,
        )


def _is_replaced(former: dict[str, str] | None, typed: dict[str, str]) -> bool:
    """Whether there is something to fall back to; a mailbox's login is opened afresh for every mail."""
    return former is not None and "api_token" in former and former != typed


def _outcome(tested: _Tested, sync: NumberSync | None) -> dict[str, Any]:
    failure = {"failure": failure_details(tested.failure)} if tested.failure else {}
    return failure | ({"sync": sync.model_dump()} if sync else {})


def _typed_secrets(secrets: dict[str, str] | None) -> dict[str, str]:
    """Return what the audit trail may show masked, and as changed; an account's id says nothing there."""
    return {name: value for name, value in (secrets or {}).items() if name not in ("account_sid", "region")}
