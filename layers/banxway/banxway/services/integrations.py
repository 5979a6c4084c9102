"""Integrations as they stand: shown without credentials, changed without new ones, removed with their work."""

from typing import Any

from banxway.errors import NotFound
from banxway.models.actors import Actor
from banxway.models.integrations import ChangedIntegration, Integration, IntegrationChange
from banxway.models.notifications import INTEGRATION_FAILED
from banxway.services.callback_urls import CallbackUrls
from banxway.services.environment_integrations import EnvironmentIntegrations
from banxway.services.integration_audit import note
from banxway.services.notifications import Notifications
from banxway.storage import changes, email_accounts, inbound_hours, integrations, waiting_messages
from banxway.storage.database import Database, Row, Transaction


class Integrations:
    """What an operations admin does with the accounts of an organization, short of their credentials."""

    def __init__(
        self,
        database: Database,
        *,
        callback_urls: CallbackUrls,
        notifications: Notifications,
        environment: EnvironmentIntegrations,
    ) -> None:
        self._database = database
        self._callback_urls = callback_urls
        self._notifications = notifications
        self._environment = environment

    def list_all(self, *, actor: Actor) -> list[Integration]:
        """Return the integrations that the actor may see, without credentials."""
        with self._database.as_actor(actor) as transaction:
            hidden = _hidden_from(transaction, actor)
            saved = {each.integration_type: each for each in integrations.list_all(transaction)}
            rows = self._environment.list_all(actor.organization_id)
            stand_ins = [_stand_in(transaction, row) for row in rows]
        by_type = {each.integration_type: each for each in stand_ins} | saved
        found = sorted(by_type.values(), key=lambda each: each.integration_type)
        return [each for each in found if each.integration_type not in hidden]

    def get(self, *, actor: Actor, integration_type: str) -> Integration:
        """Return one integration, without credentials. Raises NotFound, also where the actor may not see it."""
        with self._database.as_actor(actor) as transaction:
            if integration_type in _hidden_from(transaction, actor):
                raise NotFound("Integration not found")
            row = integrations.find(transaction, integration_type)
            if row is not None:
                return integrations.to_model(row)
            row = self._environment.find(actor.organization_id, integration_type)
            if row is None:
                raise NotFound("Integration not found")
            return _stand_in(transaction, row)

    def update(self, *, actor: Actor, integration_type: str, change: IntegrationChange) -> ChangedIntegration:
        """Rename an integration, switch it on or off, revoke its callback URL. Raises NotFound, or Conflict.

        A mailbox that the integration stands for is switched with it.
        """
        columns = change.model_dump(include={"display_name", "is_active"}, exclude_unset=True)
        with self._database.as_actor(actor) as transaction:
            before = self._hold(transaction, actor, integration_type)
            integrations.change(transaction, before["id"], columns)
            if change.revoke_callback_url:
                integrations.revoke_callback_url(transaction, before["id"])
            if "is_active" in columns and integration_type == "zoho_mail":
                email_accounts.switch(transaction, before["settings"]["email"], is_on=columns["is_active"])
            after = self._hold(transaction, actor, integration_type)
            note(transaction, actor, "integration.update", after, before=_shown(before), after=_shown(after))
        return ChangedIntegration(
            **integrations.to_model(after).model_dump(),
            callback_url=self._callback_urls.of_row(actor.organization_id, after),
        )

    def delete(self, *, actor: Actor, integration_type: str) -> None:
        """Remove an integration's credentials; what waits to be sent with them fails.

        Numbers become inactive, a mailbox is no longer polled, and history stays. Raises NotFound, or Conflict.
        """
        with self._database.as_actor(actor) as transaction:
            row = self._hold(transaction, actor, integration_type)
            integrations.remove(transaction, row["id"])
            failed = _fail_waiting(transaction, row)
            self._notifications.close(transaction, INTEGRATION_FAILED, integration_type)
            details = {"display_name": row["display_name"], "failed_messages": len(failed)}
            note(transaction, actor, "integration.delete", row, details)
            for message in failed:
                changes.record(
                    transaction,
                    organization_id=actor.organization_id,
                    kind="message.status",
                    thread_id=message["thread_id"],
                    message_id=message["id"],
                )

    def _hold(self, transaction: Transaction, actor: Actor, integration_type: str) -> Row:
        row = integrations.hold(
            transaction, organization_id=actor.organization_id, integration_type=integration_type
        )
        if row is None:
            self._environment.refuse_change(actor.organization_id, integration_type)
            raise NotFound("Integration not found")
        return row


def _stand_in(transaction: Transaction, row: Row) -> Integration:
    proven_at = inbound_hours.find_proven(transaction, row["integration_type"])
    return integrations.to_model({**row, "inbound_last_proven_at": proven_at})


def _fail_waiting(transaction: Transaction, row: Row) -> list[Row]:
    """Fail what is queued for an integration; switch off the mailbox that it stands for."""
    integration_type = row["integration_type"]
    words = {
        "reason": f"The {integration_type} integration was deleted before this message was sent",
        "advice": "Configure the integration again under /settings/integrations, then send the message anew",
    }
    if integration_type == "exotel_whatsapp":
        return waiting_messages.fail_on_channel(transaction, channel="WHATSAPP", **words)
    mailbox = None
    if integration_type == "zoho_mail":
        mailbox = email_accounts.find_by_email(transaction, row["settings"]["email"])
    if mailbox is None:
        return []
    email_accounts.switch(transaction, mailbox["email"], is_on=False)
    return waiting_messages.fail_of_mailbox(transaction, account_id=mailbox["id"], **words)


def _hidden_from(transaction: Transaction, actor: Actor) -> set[str]:
    return set() if actor.role == "admin" else integrations.hidden_types(transaction, actor.user_id)


def _shown(row: Row) -> dict[str, Any]:
    return {name: row[name] for name in ("display_name", "is_active", "callback_generation")}
