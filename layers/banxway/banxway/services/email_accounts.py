"""Mailboxes: tested before they are saved, encrypted when they are."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from banxway.errors import Conflict
from banxway.ids import NewId
from banxway.models.account_checks import ImapCheck, SmtpCheck
from banxway.models.actors import Actor
from banxway.models.email_accounts import EmailAccount, EmailAccountCheck, EmailAccountLogin, NewEmailAccount
from banxway.providers.base import Providers
from banxway.security.redaction import mask
from banxway.services.credentials import Credentials, imap_server, smtp_server
from banxway.storage import audit, email_accounts
from banxway.storage.database import Database

_SECRETS = ("smtp_password", "imap_password")
_IMPLICIT_TLS_PORT = 465


class MailboxRefused(Conflict):
    """Raised when a mailbox does not work as typed. Mend the half that `details.check` names."""

    code, status = "mailbox_check_failed", 422

    def __init__(self, check: EmailAccountCheck) -> None:
        failed = [
            name.upper() for name, half in (("smtp", check.smtp), ("imap", check.imap)) if not half.success
        ]
        super().__init__(f"{' and '.join(failed)} did not work: nothing was saved", check=check.model_dump())
        self.check = check


class EmailAccounts:
    """What an operations admin does with mailboxes."""

    def __init__(
        self, database: Database, *, providers: Providers, credentials: Credentials, new_id: NewId
    ) -> None:
        self._database = database
        self._providers = providers
        self._credentials = credentials
        self._new_id = new_id

    def list_all(self, *, actor: Actor) -> list[EmailAccount]:
        """Return the mailboxes, without passwords."""
        with self._database.as_actor(actor) as transaction:
            return email_accounts.list_all(transaction)

    def test(self, *, actor: Actor, login: EmailAccountLogin) -> EmailAccountCheck:
        """Try both logins and save nothing; a failed half is in the result. Raises HostRefused."""
        self._database.release()
        check = self._check(_with_default_security(login.model_dump()))
        self._note(actor, "mailbox.test", check)
        return check

    def create(self, *, actor: Actor, account: NewEmailAccount) -> EmailAccount:
        """Save a mailbox that works, passwords encrypted; its first poll is due at once.

        Raises MailboxRefused if a half that is switched on does not work, Conflict for a known address.
        """
        self._database.release()
        columns = _with_default_security(account.model_dump())
        check = self._check(columns)
        if not (check.smtp.success or not account.smtp_enabled) or not (
            check.imap.success or not account.imap_enabled
        ):
            self._note(actor, "mailbox.create", check)
            raise MailboxRefused(check)
        account_id = self._new_id()
        columns["credentials_encrypted"] = self._credentials.seal(
            {name: columns.pop(name) for name in _SECRETS},
            organization_id=actor.organization_id,
            table="email_accounts",
            row_id=account_id,
        )
        return self._insert(actor, account_id, columns)

    def _insert(self, actor: Actor, account_id: UUID, columns: dict[str, Any]) -> EmailAccount:
        identity = {"id": account_id, "organization_id": actor.organization_id, "created_by": actor.user_id}
        with self._database.as_actor(actor) as transaction:
            if not email_accounts.add(transaction, {**columns, **identity, "is_verified": True}):
                raise Conflict("There is a mailbox of this address already", field="email")
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                integration_type="zoho_mail",
                action="mailbox.create",
                succeeded=True,
                details={"account_id": str(account_id), "smtp_host": columns["smtp_host"]},
            )
            return next(row for row in email_accounts.list_all(transaction) if row.id == account_id)

    def _check(self, login: Mapping[str, Any]) -> EmailAccountCheck:
        smtp: SmtpCheck = self._providers.mail_sender(smtp_server(login, login["smtp_password"])).check()
        imap: ImapCheck = self._providers.mailbox(imap_server(login, login["imap_password"])).check()
        return EmailAccountCheck(smtp=smtp, imap=imap)

    def _note(self, actor: Actor, action: str, check: EmailAccountCheck) -> None:
        with self._database.as_actor(actor) as transaction:
            audit.append(
                transaction,
                organization_id=actor.organization_id,
                user_id=actor.user_id,
                integration_type="zoho_mail",
                action=action,
                succeeded=check.works,
                details=mask(
                    {
                        "smtp_error": check.smtp.error,
                        "imap_error": check.imap.error,
                        "host": check.smtp.host,
                    }
                ),
            )


def _with_default_security(columns: dict[str, Any]) -> dict[str, Any]:
    """Decide by the port where `smtp_secure` was left out: 465 speaks TLS at once, all others STARTTLS."""
    if columns["smtp_secure"] is None:
        columns["smtp_secure"] = columns["smtp_port"] == _IMPLICIT_TLS_PORT
    return columns
