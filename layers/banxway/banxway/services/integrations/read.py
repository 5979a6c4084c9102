"""Lists, changes and removes integrations; new credentials come by configure.py."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

from banxway.clock import Clock
from banxway.errors import NotFound, Unavailable, ValidationFailed
from banxway.models.actors import Actor
from banxway.models.auto_replies.business_hours import BusinessHours
from banxway.models.integrations.integrations import Integration, IntegrationChange
from banxway.models.status.notifications import INTEGRATION_FAILED
from banxway.services.integrations.audit import record, require_stored_version
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.status.notifications import Notifications
from banxway.services.webhooks.urls import CallbackUrls
from banxway.storage import email_accounts, phone_numbers
from banxway.storage.database import Database, Transaction
from banxway.storage.email_sync import inbound_hours
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import AnyIntegration, IntegrationRow, StandIn
from banxway.storage.messages import ledger
from banxway.storage.messages.ledger import FailedRow
from banxway.storage.realtime import changes


class Integrations:
    """Lists, changes and removes an organization's integrations, without their credentials."""

    def __init__(
        self,
        database: Database,
        *,
        callback_urls: CallbackUrls,
        notifications: Notifications,
        environment: EnvironmentIntegrations,
        clock: Clock,
    ) -> None:
        self._clock = clock
        self._database = database
        self._callback_urls = callback_urls
        self._notifications = notifications
        self._environment = environment

    def list_all(self, *, actor: Actor) -> list[Integration]:
        """Return the integrations that the actor may see, without credentials."""
        with self._database.as_actor(actor) as transaction:
            hidden = _hidden_from(transaction, actor)
            rows: dict[str, AnyIntegration] = {
                row.integration_type: row for row in integrations.list_rows(transaction)
            }
            for stand_in in self._environment.list_all(actor.organization_id):
                rows.setdefault(stand_in.integration_type, _standing_in(transaction, stand_in))
        return [self._shown_to(actor, rows[kind]) for kind in sorted(rows.keys() - hidden)]

    def get(self, *, actor: Actor, integration_type: str) -> Integration:
        """Return one integration, without credentials. Raises NotFound, also if the actor may not see it."""
        with self._database.as_actor(actor) as transaction:
            if integration_type in _hidden_from(transaction, actor):
                raise NotFound("Integration not found")
            row: AnyIntegration | None = integrations.find(transaction, integration_type)
            stand_in = self._environment.find(actor.organization_id, integration_type)
            row = row or (_standing_in(transaction, stand_in) if stand_in else None)
        if row is None:
            raise NotFound("Integration not found")
        return self._shown_to(actor, row)

    def _shown_to(self, actor: Actor, row: AnyIntegration) -> Integration:
        """Return an integration; only an admin gets the callback URL, which authenticates what Exotel sends."""
        callback_url = None
        if actor.role == "admin":
            # A deployment that cannot sign a URL still shows the rest; the doctor says what is missing.
            with suppress(Unavailable):
                callback_url = self._callback_urls.of_row(actor.organization_id, row)
        shown = integrations.to_model(row, callback_url=callback_url)
        hours = row.settings.get("business_hours")
        if hours:
            shown.hours_now = BusinessHours(**hours).now(self._clock.now())
        return shown

    def update(
        self, *, actor: Actor, integration_type: str, change: IntegrationChange, based_on: str | None = None
    ) -> Integration:
        """Rename an integration, switch it on or off, set when its credentials end, or revoke its callback URL.

        The integration's mailbox is switched with it. Raises NotFound, ChangedMeanwhile, Conflict for the
        environment's, or ValidationFailed for a field of another type.
        """
        columns = change.model_dump(include={"display_name", "is_active"}, exclude_unset=True)
        with self._database.as_actor(actor) as transaction:
            before = self._lock(transaction, actor, integration_type)
            require_stored_version(transaction, based_on, integration_type, before)
            integrations.change(transaction, before.id, columns)
            if "waba_id" in change.model_fields_set:
                _set_waba_id(transaction, before, change.waba_id)
            if "credentials_expire_on" in change.model_fields_set:
                integrations.expire_on(transaction, before.id, change.credentials_expire_on)
            if change.revoke_callback_url:
                integrations.revoke_callback_url(transaction, before.id)
            if "is_active" in columns and integration_type == "zoho_mail":
                email_accounts.switch(transaction, before.settings["email"], is_on=columns["is_active"])
            after = self._lock(transaction, actor, integration_type)
            record(
                transaction, actor, "integration.update", after, before=_shown(before), after=_shown(after)
            )
        return integrations.to_model(
            after, callback_url=self._callback_urls.of_row(actor.organization_id, after)
        )

    def delete(self, *, actor: Actor, integration_type: str) -> None:
        """Remove an integration with its credentials; its queued messages fail.

        Numbers become inactive, its mailbox is switched off, and history stays. Raises NotFound, or Conflict for the
        environment's.
        """
        with self._database.as_actor(actor) as transaction:
            row = self._lock(transaction, actor, integration_type)
            integrations.remove(transaction, row.id)
            failed = _fail_waiting(transaction, row)
            self._notifications.close(transaction, INTEGRATION_FAILED, integration_type)
            details = {"display_name": row.display_name, "failed_messages": len(failed)}
            record(transaction, actor, "integration.delete", row, details)
            for message in failed:
                changes.record(
                    transaction,
                    organization_id=actor.organization_id,
                    kind="message.status",
                    thread_id=message.thread_id,
                    message_id=message.id,
                )

    def _lock(self, transaction: Transaction, actor: Actor, integration_type: str) -> IntegrationRow:
        row = integrations.lock(
            transaction, organization_id=actor.organization_id, integration_type=integration_type
        )
        if row is None:
            self._environment.refuse_change(actor.organization_id, integration_type)
            raise NotFound("Integration not found")
        return row


def _fail_waiting(transaction: Transaction, row: IntegrationRow) -> list[FailedRow]:
    """Fail the messages that are queued for an integration, and switch off its mailbox; return the messages."""
    integration_type = row.integration_type
    words = {
        "reason": f"The {integration_type} integration was deleted before this message was sent",
        "advice": "Configure the integration again under /settings/integrations, then write the message again",
    }
    if integration_type == "exotel_whatsapp":
        return ledger.fail_on_channel(transaction, channel="WHATSAPP", **words)
    mailbox = None
    if integration_type == "zoho_mail":
        mailbox = email_accounts.find_by_email(transaction, row.settings["email"])
    if mailbox is None:
        return []
    email_accounts.switch(transaction, mailbox.email, is_on=False)
    return ledger.fail_of_mailbox(transaction, account_id=mailbox.id, **words)


def _set_waba_id(transaction: Transaction, row: IntegrationRow, waba_id: str | None) -> None:
    if row.integration_type != "exotel_whatsapp":
        raise ValidationFailed("waba_id must be set for exotel_whatsapp only", field="waba_id")
    integrations.set_waba_id(transaction, row.id, waba_id)


def _hidden_from(transaction: Transaction, actor: Actor) -> set[str]:
    return set() if actor.role == "admin" else integrations.hidden_types(transaction, actor.user_id)


def _standing_in(transaction: Transaction, row: StandIn) -> StandIn:
    """Return a stand-in of the environment with its number count, and the time of its last inbound callback."""
    proven_at = inbound_hours.find_proven(transaction, row.integration_type)
    has_numbers = row.integration_type == "exotel_phone"
    numbers = phone_numbers.count_of_environment(transaction) if has_numbers else 0
    return replace(row, inbound_last_proven_at=proven_at, phone_number_count=numbers)


def _shown(row: IntegrationRow) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in ("display_name", "is_active", "callback_generation")}
    if row.credentials_expire_on:
        # Under a name that the audit trail does not mask as a secret's.
        kept["expire_on"] = row.credentials_expire_on.isoformat()
    if row.settings.get("waba_id"):
        kept["waba_id"] = row.settings["waba_id"]
    return kept
