"""The services around mail, each made when it is first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.integration_services import IntegrationServices
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.email_accounts import EmailAccounts
    from banxway.services.email_sync import EmailSync


class MailServices(IntegrationServices):
    """What App offers for mail, and what these services share."""

    @cached_property
    def email_accounts(self) -> "EmailAccounts":
        from banxway.services.email_accounts import EmailAccounts

        return EmailAccounts(
            self.database, providers=self.providers, credentials=self.credentials, new_id=new_id
        )

    @cached_property
    def email_sync(self) -> "EmailSync":
        from banxway.services.email_sync import EmailSync
        from banxway.services.mail_filing import MailFiling

        return EmailSync(
            self.database,
            providers=self.providers,
            credentials=self.credentials,
            filing=MailFiling(
                self.database, blobs=lambda: self.blobs, parse=self.providers.parse_mail, new_id=new_id
            ),
            blobs=lambda: self.blobs,
            enqueue_mailbox=self.enqueue_mailbox,
            enqueue_changes=self.enqueue_changes,
        )
