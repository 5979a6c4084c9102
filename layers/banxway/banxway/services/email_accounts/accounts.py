"""Manages mailboxes: tests their logins before saving them encrypted."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from banxway.errors import Conflict, NotFound
from banxway.ids import NewId
from banxway.models.actors import Actor
from banxway.models.channels import EMAIL
from banxway.models.email_accounts.accounts import (
    EmailAccount,
    EmailAccountChange,
    EmailAccountLogin,
    EmailFolder,
    NewEmailAccount,
)
from banxway.models.email_accounts.presets import MailboxPreset, list_presets, provider_of, usual_limits
from banxway.models.integrations.checks import EmailAccountCheck
from banxway.models.pages import Page, PageQuery, page_of
from banxway.security.redaction import mask, masked_pairs
from banxway.services.email_accounts import folders as mailbox_folders
from banxway.services.email_accounts.change_plan import (
    SECRETS,
    PlannedChange,
    is_same_login,
    needs_secrets,
    plan,
    require_known,
    require_stored_version,
)
from banxway.services.email_accounts.integration_link import follow_mailbox, switch_off_integration
from banxway.services.email_accounts.login_checks import HALVES, MailboxChecks, with_default_security
from banxway.services.email_accounts.login_checks import MailboxRefused as MailboxRefused
from banxway.services.email_accounts.login_checks import MailboxUnreachable as MailboxUnreachable
from banxway.services.integrations.credentials import Credentials
from banxway.services.messages.channels.email import suspension
from banxway.services.status.notifications import Notifications
from banxway.storage import email_accounts
from banxway.storage.audit import trail as audit
from banxway.storage.database import Database, Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.email_sync import folders as email_folders
from banxway.storage.email_sync import inbound_hours
from banxway.storage.integrations import integrations
from banxway.storage.messages import ledger
from banxway.storage.realtime import changes
from banxway.storage.rows import columns_of

_NOTIFIED = (
    "mailbox_failing",
    "mailbox_incomplete",
    "mailbox_overdue",
    "inbound_silent",
    "sending_stopped",
    "sending_refused",
)


class EmailAccounts:
    """Lists, tests, saves, changes and removes mailboxes for an operations admin."""

    def __init__(
        self,
        database: Database,
        *,
        checks: MailboxChecks,
        credentials: Credentials,
        notifications: Notifications,
        new_id: NewId,
    ) -> None:
        self._database = database
        self._checks = checks
        self._credentials = credentials
        self._notifications = notifications
        self._new_id = new_id

    def list_page(self, *, actor: Actor, query: PageQuery) -> Page[EmailAccount]:
        """Return mailboxes, without passwords. Raises ValidationFailed for a foreign cursor."""
        with self._database.as_actor(actor) as transaction:
            accounts = email_accounts.list_all(transaction)
        return page_of(accounts, query, name="mailboxes", id_of=lambda account: account.id)

    def get(self, *, actor: Actor, account_id: UUID) -> EmailAccount:
        """Return one mailbox, without passwords. Raises NotFound."""
        with self._database.as_actor(actor) as transaction:
            return _shown(transaction, account_id)

    def list_presets(self) -> list[MailboxPreset]:
        """Return the settings of known mail providers, the same for every organization."""
        return list_presets()

    def list_folders(self, *, actor: Actor, account_id: UUID, query: PageQuery) -> Page[EmailFolder]:
        """Return a mailbox's folders as the server last listed them, and the chosen folders that it did not list.

        Empty until the first poll. Raises NotFound, ValidationFailed for a foreign cursor.
        """
        with self._database.as_actor(actor) as transaction:
            account = _require(email_accounts.find(transaction, account_id))
            rows = email_folders.list_of(transaction, account_id)
        folders = mailbox_folders.shown(account, rows)
        return page_of(folders, query, name=f"folders {account_id}", id_of=lambda folder: folder.name)

    def test(self, *, actor: Actor, login: EmailAccountLogin) -> EmailAccountCheck:
        """Test both logins and save nothing; return for each half what is wrong with it."""
        self._database.release()
        check = self._checks.run(with_default_security(login.model_dump()))
        self._audit_check(actor, "mailbox.test", check)
        return check

    def create(self, *, actor: Actor, account: NewEmailAccount) -> EmailAccount:
        """Save a mailbox whose logins work, passwords encrypted; its first poll is due at once.

        The organization's first mailbox becomes its default. Raises MailboxRefused if a half that is switched on does
        not work, Conflict for a known address, ValidationFailed for an unknown assignee.
        """
        columns = with_default_security(account.model_dump())
        columns["provider"] = provider_of(columns["smtp_host"], columns["imap_host"])
        limits = usual_limits(columns["provider"])
        columns |= {name: limits[name] for name in limits if name not in account.model_fields_set}
        with self._database.as_actor(actor) as transaction:
            require_known(transaction, columns)
        halves = [half for half in HALVES if columns[f"{half}_enabled"]]
        self._try(actor, "mailbox.create", columns, halves)
        account_id = self._new_id()
        columns |= self._sealed(actor, account_id, {name: columns.pop(name) for name in SECRETS})
        with self._database.as_actor(actor) as transaction:
            return self._insert(transaction, actor, account_id, columns)

    def update(
        self, *, actor: Actor, account_id: UUID, change: EmailAccountChange, based_on: str | None = None
    ) -> EmailAccount:
        """Change a mailbox. A login that changes, or is switched on, must work before anything is saved.

        Raises NotFound, ChangedMeanwhile, MailboxRefused, Conflict if another person changed the login meanwhile,
        ValidationFailed for an unknown assignee or folder.
        """
        given = change.model_dump(exclude_unset=True)
        with self._database.as_actor(actor) as transaction:
            before = _require(email_accounts.find(transaction, account_id))
            require_stored_version(transaction, based_on, before)
            require_known(transaction, given, account=before)
        planned = plan(before, given, self._secrets(before) if needs_secrets(before, given) else {})
        if planned.login is not None:
            self._try(actor, "mailbox.update", planned.login, planned.halves)
        sealed = self._sealed(actor, account_id, planned.login) if planned.login is not None else {}
        with self._database.as_actor(actor) as transaction:
            locked = _lock(transaction, actor, account_id)
            require_stored_version(transaction, based_on, locked)
            if planned.login is not None and not is_same_login(locked, before):
                raise Conflict("Another person changed this mailbox's login meanwhile: read it again")
            self._apply(transaction, actor, locked, given, planned, sealed)
            after = _shown(transaction, account_id)
            _audit_change(transaction, actor, locked, given, after)
            return after

    def delete(self, *, actor: Actor, account_id: UUID) -> None:
        """Remove a mailbox with its sync state; its messages stay, and its queued messages fail.

        The zoho_mail integration of its address becomes inactive. If it was the default, the oldest mailbox that may
        send becomes the default. Raises NotFound.
        """
        with self._database.as_actor(actor) as transaction:
            row = _lock(transaction, actor, account_id)
            failed = ledger.fail_of_mailbox(
                transaction,
                account_id=account_id,
                reason=f"The mailbox {row.email} was removed before this message was sent",
                advice="Send the message again from another mailbox",
            )
            email_accounts.remove(transaction, account_id)
            inbound_hours.forget(transaction, str(account_id))
            is_off = switch_off_integration(transaction, actor, row.email)
            for kind in _NOTIFIED:
                self._notifications.close(transaction, kind, str(account_id))
            details = {
                "email": row.email,
                "failed_messages": len(failed),
                "integration_deactivated": is_off,
            }
            _append(transaction, actor, "mailbox.delete", {"account_id": str(account_id), **details})
            pending = [changes.PendingChange("message.status", each.thread_id, each.id) for each in failed]
            changes.record_all(transaction, organization_id=actor.organization_id, pending=pending)

    def _insert(
        self, transaction: Transaction, actor: Actor, account_id: UUID, columns: dict[str, Any]
    ) -> EmailAccount:
        email_accounts.lock_all(transaction, actor.organization_id)
        identity = {"id": account_id, "organization_id": actor.organization_id, "created_by": actor.user_id}
        columns["is_default"] = columns["is_default"] or not email_accounts.exists_any(transaction)
        if not email_accounts.add(transaction, {**columns, **identity, "is_verified": True}):
            raise Conflict("A mailbox with this address exists already", field="email")
        shown = {name: value for name, value in columns.items() if name != "credentials_encrypted"}
        _, after = masked_pairs(None, shown)
        _append(transaction, actor, "mailbox.create", {"account_id": str(account_id), "after": after})
        return _shown(transaction, account_id)

    def _apply(
        self,
        transaction: Transaction,
        actor: Actor,
        locked: AccountRow,
        given: Mapping[str, Any],
        planned: PlannedChange,
        sealed: Mapping[str, str],
    ) -> None:
        account_id = locked.id
        if planned.login is not None:
            is_verified = bool(planned.halves) or locked.is_verified
            columns = {**planned.login_columns(), **sealed, "is_verified": is_verified}
            email_accounts.change_login(transaction, account_id, columns)
            follow_mailbox(transaction, actor, locked.email, planned.login, self._credentials)
        if planned.options:
            email_accounts.change(transaction, account_id, planned.options)
        if given.get("is_default"):
            email_accounts.make_default(transaction, account_id)
        if given.get("sending_stopped") is False or (planned.login is not None and "smtp" in planned.halves):
            suspension.resume(transaction, self._notifications, account_id)
        if given.get("sending_stopped") is False:
            email_accounts.unblock(transaction, account_id)

    def _try(self, actor: Actor, action: str, login: Mapping[str, Any], halves: Collection[str]) -> None:
        """Require that these halves work. A refusal is recorded in the audit trail and raised."""
        if not halves:
            return
        self._database.release()
        try:
            self._checks.require(login, halves=halves)
        except MailboxRefused as error:
            self._audit_check(actor, action, error.check)
            raise

    def _secrets(self, row: AccountRow) -> dict[str, str]:
        return {
            "smtp_password": self._credentials.open_smtp(row).password,
            "imap_password": self._credentials.open_imap(row).password,
        }

    def _sealed(self, actor: Actor, account_id: UUID, login: Mapping[str, Any]) -> dict[str, str]:
        return {
            "credentials_encrypted": self._credentials.seal(
                {name: login[name] for name in SECRETS},
                organization_id=actor.organization_id,
                table="email_accounts",
                row_id=account_id,
            )
        }

    def _audit_check(self, actor: Actor, action: str, check: EmailAccountCheck) -> None:
        details = {"smtp_error": check.smtp.error, "imap_error": check.imap.error, "host": check.smtp.host}
        with self._database.as_actor(actor) as transaction:
            _append(transaction, actor, action, mask(details), succeeded=check.works)


def _lock(transaction: Transaction, actor: Actor, account_id: UUID) -> AccountRow:
    """Lock the integration of mail, the organization's mailboxes and this one, in the order of saving an integration.

    Raises NotFound.
    """
    organization_id = actor.organization_id
    integrations.lock(transaction, organization_id=organization_id, integration_type=EMAIL.integration_type)
    email_accounts.lock_all(transaction, organization_id)
    return _require(email_accounts.lock(transaction, account_id))


def _require(row: AccountRow | None) -> AccountRow:
    if row is None:
        raise NotFound("Email account not found")
    return row


def _shown(transaction: Transaction, account_id: UUID) -> EmailAccount:
    account = email_accounts.show(transaction, account_id)
    if account is None:
        raise NotFound("Email account not found")
    return account


def _audit_change(
    transaction: Transaction,
    actor: Actor,
    before_row: AccountRow,
    given: Mapping[str, Any],
    after: EmailAccount,
) -> None:
    """Record what differs in the audit trail; of a password only that it changed."""
    was = {**columns_of(before_row), "sending_stopped": before_row.sending_stopped_at is not None}
    now = {**after.model_dump(mode="json"), **{name: given[name] for name in SECRETS if name in given}}
    names = [name for name in given if name in SECRETS or was[name] != now[name]]
    before, changed = masked_pairs(
        {name: None if name in SECRETS else was[name] for name in names}, {name: now[name] for name in names}
    )
    details = {"account_id": str(before_row.id), "before": before, "after": changed}
    _append(transaction, actor, "mailbox.update", details)


def _append(
    transaction: Transaction, actor: Actor, action: str, details: dict[str, Any], *, succeeded: bool = True
) -> None:
    audit.append(
        transaction,
        organization_id=actor.organization_id,
        user_id=actor.user_id,
        integration_type=EMAIL.integration_type,
        action=action,
        succeeded=succeeded,
        details=details,
    )
