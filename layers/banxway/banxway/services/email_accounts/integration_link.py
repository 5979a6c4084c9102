"""Keeps a mailbox and the zoho_mail integration of its address in step: one login, shown in two areas."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from banxway.models.actors import Actor
from banxway.models.channels import EMAIL
from banxway.models.email_accounts.presets import provider_of, usual_limits
from banxway.models.integrations.configurations import AccountCredentials
from banxway.services.integrations.checks import mailbox_login
from banxway.services.integrations.credentials import Credentials
from banxway.storage import email_accounts
from banxway.storage.database import Transaction
from banxway.storage.integrations import integrations
from banxway.storage.integrations.integrations import IntegrationRow


def save_mailbox(
    transaction: Transaction,
    actor: Actor,
    typed: AccountCredentials,
    credentials: Credentials,
    *,
    is_verified: bool,
) -> UUID:
    """Create the mailbox of the integration's address, or give the existing one the same login.

    Signature and polling interval stay unchanged, and so does the name unless one is given. The organization's first
    mailbox becomes its default. Returns the mailbox's id.
    """
    settings, secrets = typed.settings(), typed.secrets()
    email_accounts.lock_all(transaction, actor.organization_id)
    known = email_accounts.find_by_email(transaction, settings["email"])
    account_id = known.id if known else uuid4()
    columns = {
        **mailbox_login(settings),
        "provider": provider_of(settings["smtp_host"], settings["imap_host"]),
        "smtp_enabled": True,
        "imap_enabled": True,
        "is_verified": is_verified,
        "credentials_encrypted": _sealed(credentials, actor.organization_id, account_id, secrets["password"]),
    }
    if settings.get("account_name"):
        columns["name"] = settings["account_name"]
    if known:
        email_accounts.change_login(transaction, account_id, columns)
    else:
        _add(transaction, actor, account_id, settings, columns)
    return account_id


def _add(
    transaction: Transaction,
    actor: Actor,
    account_id: UUID,
    settings: dict[str, Any],
    columns: dict[str, Any],
) -> None:
    identity = {
        "id": account_id,
        "organization_id": actor.organization_id,
        "created_by": actor.user_id,
        "email": settings["email"],
        "name": settings["email"],
        "is_default": not email_accounts.exists_any(transaction),
    }
    email_accounts.add(transaction, {**identity, **usual_limits(columns["provider"]), **columns})


def follow_mailbox(
    transaction: Transaction, actor: Actor, email: str, login: Mapping[str, Any], credentials: Credentials
) -> None:
    """Give the integration of a mailbox's address the mailbox's new login, which was just tested.

    Does nothing without an integration, or for a login that an integration cannot express: two passwords, or a user
    name other than the address.
    """
    row = _integration_of(transaction, actor, email)
    users, passwords = (
        {login[f"{half}_{part}"] for half in ("smtp", "imap")} for part in ("user", "password")
    )
    if row is None or users != {email} or len(passwords) > 1:
        return
    names = ("smtp_host", "smtp_port", "smtp_secure", "imap_host", "imap_port", "imap_tls")
    integrations.save(
        transaction,
        integration_id=row.id,
        organization_id=actor.organization_id,
        integration_type=EMAIL.integration_type,
        credentials_encrypted=credentials.seal(
            {"password": passwords.pop()},
            organization_id=actor.organization_id,
            table="integration_credentials",
            row_id=row.id,
        ),
        display_name=row.display_name,
        settings={**row.settings, **{name: login[name] for name in names}},
        created_by=actor.user_id,
        failure=None,
        expire_on=None,
        are_credentials_new=True,
    )
    if not row.is_active:
        integrations.change(transaction, row.id, {"is_active": False})


def switch_off_integration(transaction: Transaction, actor: Actor, email: str) -> bool:
    """Make the integration of a removed mailbox's address inactive; return False if no active one exists."""
    row = _integration_of(transaction, actor, email)
    if row is None or not row.is_active:
        return False
    integrations.change(transaction, row.id, {"is_active": False})
    return True


def _integration_of(transaction: Transaction, actor: Actor, email: str) -> IntegrationRow | None:
    row = integrations.lock(
        transaction, organization_id=actor.organization_id, integration_type=EMAIL.integration_type
    )
    return row if row is not None and row.settings.get("email") == email else None


def _sealed(credentials: Credentials, organization_id: UUID, account_id: UUID, password: str) -> str:
    return credentials.seal(
        {"smtp_password": password, "imap_password": password},
        organization_id=organization_id,
        table="email_accounts",
        row_id=account_id,
    )
