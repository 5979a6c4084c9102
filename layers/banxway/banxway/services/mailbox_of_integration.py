"""The mailbox that a zoho_mail integration stands for: one address, two views of it that agree."""

from typing import Any
from uuid import UUID, uuid4

from banxway.models.actors import Actor
from banxway.models.integration_credentials import AccountCredentials
from banxway.services.credentials import Credentials
from banxway.services.integration_checks import mailbox_login
from banxway.storage import email_accounts
from banxway.storage.database import Transaction


def save_mailbox(
    transaction: Transaction,
    actor: Actor,
    typed: AccountCredentials,
    credentials: Credentials,
    *,
    is_verified: bool,
) -> None:
    """Create the mailbox of the integration's address, or give the one that is there the same login.

    Signature, polling interval and name stay as they are unless a name is given; the organization's first
    mailbox becomes its default.
    """
    settings, secrets = typed.settings(), typed.secrets()
    known = email_accounts.find_by_email(transaction, settings["email"])
    account_id = known["id"] if known else uuid4()
    columns = {
        **mailbox_login(settings),
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
        "is_default": not email_accounts.list_all(transaction),
    }
    email_accounts.add(transaction, {**identity, **columns})


def _sealed(credentials: Credentials, organization_id: UUID, account_id: UUID, password: str) -> str:
    return credentials.seal(
        {"smtp_password": password, "imap_password": password},
        organization_id=organization_id,
        table="email_accounts",
        row_id=account_id,
    )
