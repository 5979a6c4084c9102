"""Connects an account: tests its credentials, saves them encrypted, and records every attempt in the audit trail.

The provider is asked first. Credentials that work become live, and those that they replace stay valid for a while.
"""

from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from banxway.errors import BanxwayError, Conflict, DecryptionFailed
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.integrations.configurations import AccountCredentials
from banxway.models.integrations.integrations import ConfiguredIntegration, NumberSync
from banxway.models.phone_numbers import ProviderNumber
from banxway.models.status.notifications import CREDENTIALS_ENDING, INTEGRATION_FAILED
from banxway.services.email_accounts.integration_link import save_mailbox
from banxway.services.integrations.audit import (
    IntegrationName,
    audited,
    failure_details,
    record,
    require_stored_version,
)
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
_KEPT_MEANWHILE = (
    "Another admin saved other credentials while these were tested, so the stored ones that you kept are gone: "
    "load the integration again, then save"
)


@dataclass(frozen=True, slots=True)
class _Attempt:
    """An admin's attempt to connect an account: what was typed, and what the test of it found.

    `failure` is set if credentials are saved although their test failed; then there are no `check` and no `numbers`.
    """

    actor: Actor
    integration_type: str
    typed: AccountCredentials = field(repr=False)
    settings: dict[str, Any]
    secrets: dict[str, str] = field(repr=False)
    check: Check | None = None
    numbers: list[ProviderNumber] | None = None
    failure: BanxwayError | None = None


@dataclass(frozen=True, slots=True)
class _SealedSlots:
    """The envelopes of both slots, sealed for the row that existed then.

    `replaces` is that row's envelope, and `former` are the secrets in it, None if there is no row or it does not
    open.
    """

    integration_id: UUID
    replaces: str | None
    live: str
    former: dict[str, str] | None = field(repr=False)
    retiring: str | None


class IntegrationSetup:
    """Saves an admin's credentials for an account."""

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
        self,
        *,
        actor: Actor,
        integration_type: str,
        typed: AccountCredentials,
        based_on: str | None = None,
    ) -> ConfiguredIntegration:
        """Test credentials at the provider; save them encrypted only if they work, and sync their numbers.

        Credentials that do not work are not saved: the provider's refusal is raised, and the former ones stay. With
        `force` they are saved as unverified, and the refusal is recorded in the audit trail. Verified credentials
        that are replaced by others stay in the second slot for 15 minutes. A secret that was left out stays as it is
        stored; raises Conflict if another admin replaces it meanwhile. Raises ChangedMeanwhile, before the provider
        is asked if possible.
        """
        with self._database.as_actor(actor) as transaction:
            existing = integrations.find(transaction, integration_type)
            require_stored_version(transaction, based_on, integration_type, existing)
        former = self._former(actor.organization_id, existing)
        attempt = self._test(actor, integration_type, typed.completed(former))
        slots = self._seal(attempt, existing)
        with self._database.as_actor(actor) as transaction:
            before = integrations.lock(
                transaction, organization_id=actor.organization_id, integration_type=integration_type
            )
            require_stored_version(transaction, based_on, integration_type, before)
            if (before.credentials_encrypted if before else None) != slots.replaces:
                # Another admin saved while the provider was asked.
                slots = self._seal(attempt, before)
                if typed.keeps_stored and slots.former != former:
                    raise Conflict(_KEPT_MEANWHILE)
            sync = self._save(transaction, attempt, slots)
            self._record(transaction, attempt, before, slots, sync)
            saved = integrations.find_by_id(transaction, slots.integration_id)
        if saved is None:
            raise LookupError("the integration that was saved in this transaction is missing")
        return self._described(attempt, saved, sync)

    def _test(self, actor: Actor, integration_type: str, typed: AccountCredentials) -> _Attempt:
        attempt = _Attempt(actor, integration_type, typed, typed.settings(), typed.secrets())
        try:
            check = self._checks.run(integration_type, secrets=attempt.secrets, settings=attempt.settings)
            numbers = self._checks.numbers(integration_type, secrets=attempt.secrets)
        except BanxwayError as error:
            if typed.is_forced:
                return replace(attempt, failure=error)
            with audited(self._database, actor, "integration.configure", integration_type, only_failure=True):
                raise
        return replace(attempt, check=check, numbers=numbers)

    def _seal(self, attempt: _Attempt, existing: IntegrationRow | None) -> _SealedSlots:
        organization_id = attempt.actor.organization_id
        integration_id = existing.id if existing else self._new_id()
        former = self._former(organization_id, existing)
        # Credentials that did not work are not worth falling back to, and those that stay live need not retire.
        retires = bool(existing and existing.is_verified and _is_replaced(former, attempt.secrets))
        return _SealedSlots(
            integration_id=integration_id,
            replaces=existing.credentials_encrypted if existing else None,
            live=self._credentials.seal(
                attempt.secrets,
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
            # Entering credentials again is how an admin gets rid of an envelope that does not open.
            return None

    def _save(self, transaction: Transaction, attempt: _Attempt, slots: _SealedSlots) -> NumberSync | None:
        """Save an integration with its retiring credentials and its mailbox; return the sync of its numbers."""
        organization_id = attempt.actor.organization_id
        integrations.save(
            transaction,
            integration_id=slots.integration_id,
            organization_id=organization_id,
            integration_type=attempt.integration_type,
            credentials_encrypted=slots.live,
            display_name=attempt.typed.display_name,
            settings=attempt.settings,
            created_by=attempt.actor.user_id,
            failure=attempt.failure.message if attempt.failure else None,
            expire_on=attempt.typed.credentials_expire_on,
            are_credentials_new=slots.former != attempt.secrets,
        )
        if slots.retiring:
            credential_slots.retire(
                transaction,
                organization_id=organization_id,
                integration_id=slots.integration_id,
                credentials_encrypted=slots.retiring,
                retires_in_s=_RETIRES_IN_S,
            )
        if attempt.integration_type == "zoho_mail":
            self._save_mailbox(transaction, attempt)
        if attempt.numbers is None:
            return None
        return phone_numbers.sync(
            transaction,
            organization_id=organization_id,
            integration_id=slots.integration_id,
            numbers=attempt.numbers,
            primary=attempt.settings.get("virtual_number"),
        )

    def _record(
        self,
        transaction: Transaction,
        attempt: _Attempt,
        before: IntegrationRow | None,
        slots: _SealedSlots,
        sync: NumberSync | None,
    ) -> None:
        """Close what the attempt proved to be over, and record the attempt in the audit trail."""
        if attempt.failure is None:
            for kind in (INTEGRATION_FAILED, CREDENTIALS_ENDING):
                self._notifications.close(transaction, kind, attempt.integration_type)
        record(
            transaction,
            attempt.actor,
            "integration.force" if attempt.failure else "integration.configure",
            IntegrationName(slots.integration_id, attempt.integration_type),
            _audit_details(attempt, sync),
            before={**before.settings, **_audited_secrets(slots.former)} if before else None,
            after={**attempt.settings, **_audited_secrets(attempt.secrets)},
        )

    def _save_mailbox(self, transaction: Transaction, attempt: _Attempt) -> None:
        works = attempt.failure is None
        account_id = save_mailbox(
            transaction, attempt.actor, attempt.typed, self._credentials, is_verified=works
        )
        if works:
            suspension.resume(transaction, self._notifications, account_id)

    def _described(
        self, attempt: _Attempt, saved: IntegrationRow, sync: NumberSync | None
    ) -> ConfiguredIntegration:
        notes = [*attempt.typed.notes, *attempt.typed.without_effect()]
        if attempt.failure:
            notes.append(f"Saved although the test failed: {attempt.failure.message}")
        return ConfiguredIntegration(
            **integrations.to_model(
                saved, callback_url=self._callback_urls.of_row(attempt.actor.organization_id, saved)
            ).model_dump(),
            check=attempt.check.model_dump() if attempt.check else None,
            sync=sync,
            notes=notes,
        )


def _is_replaced(former: dict[str, str] | None, typed: dict[str, str]) -> bool:
    """Return whether credentials have a use as retiring ones: a mailbox's login is opened again for every mail."""
    return former is not None and "api_token" in former and former != typed


def _audit_details(attempt: _Attempt, sync: NumberSync | None) -> dict[str, Any]:
    failure = {"failure": failure_details(attempt.failure)} if attempt.failure else {}
    return failure | ({"sync": sync.model_dump()} if sync else {})


def _audited_secrets(secrets: dict[str, str] | None) -> dict[str, str]:
    """Return the secrets that the audit trail records masked, to show that they changed; not the account's id."""
    return {name: value for name, value in (secrets or {}).items() if name not in ("account_sid", "region")}
