"""The services around mail, each made when it is first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.edges import aws_client
from banxway.app.integration_services import IntegrationServices
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.security.display_tokens import DisplayTokens
    from banxway.services.auto_replies.responders import VacationResponders
    from banxway.services.email_accounts.accounts import EmailAccounts
    from banxway.services.email_rules.dry_run import RuleTrials
    from banxway.services.email_rules.rules import EmailRules
    from banxway.services.email_sync.filing.automation import MailAutomation
    from banxway.services.email_sync.filing.filer import MailFiling
    from banxway.services.email_sync.sent_evidence import SentEvidence
    from banxway.services.email_sync.sync import EmailSync
    from banxway.services.email_templates.templates import EmailTemplates
    from banxway.services.messages.attachments import Attachments
    from banxway.services.messages.channels.base import Channels
    from banxway.services.messages.channels.email.channel import EmailChannel
    from banxway.services.messages.channels.whatsapp.channel import WhatsAppChannel
    from banxway.services.messages.display import MailDisplay
    from banxway.services.messages.preview import Previews
    from banxway.services.messages.uploads import Uploads
    from banxway.services.threads.read_state import ReadMarks
    from banxway.services.threads.update import ThreadChanges
    from banxway.storage.blobs.transfers import BlobTransfers


class MailServices(IntegrationServices):
    """What App offers for mail, and what these services share."""

    @cached_property
    def email_accounts(self) -> "EmailAccounts":
        from banxway.services.email_accounts.accounts import EmailAccounts

        return EmailAccounts(
            self.database,
            checks=self.mailbox_checks,
            credentials=self.credentials,
            notifications=self.notifications,
            new_id=new_id,
        )

    @cached_property
    def email_templates(self) -> "EmailTemplates":
        from banxway.services.email_templates.templates import EmailTemplates

        return EmailTemplates(self.database, providers=self.providers, new_id=new_id)

    @cached_property
    def email_sync(self) -> "EmailSync":
        from banxway.services.email_sync.canaries import Canaries
        from banxway.services.email_sync.failures import Failures
        from banxway.services.email_sync.poll_services import PollServices
        from banxway.services.email_sync.runner import PollRunner
        from banxway.services.email_sync.sync import EmailSync

        services = PollServices(
            providers=self.providers,
            credentials=self.credentials,
            blobs=lambda: self.blobs,
            filing=self.mail_filing,
            evidence=self.sent_evidence,
            failures=Failures(self.notifications),
            canaries=Canaries(providers=self.providers, credentials=self.credentials, new_id=new_id),
            notices=self.change_notices,
            enqueue_message=self.enqueue_message,
        )
        return EmailSync(
            self.database,
            runner=PollRunner(self.database, services, holder=new_id(), clock=self.clock),
            clock=self.clock,
            enqueue_mailboxes=self.enqueue_mailboxes,
            enqueue_idle=self.enqueue_idle,
        )

    @cached_property
    def thread_changes(self) -> "ThreadChanges":
        from banxway.services.threads.update import ThreadChanges

        return ThreadChanges(self.database, notices=self.change_notices, new_id=new_id)

    @cached_property
    def mail_filing(self) -> "MailFiling":
        from banxway.services.email_sync.filing.filer import MailFiling

        return MailFiling(
            self.database,
            blobs=lambda: self.blobs,
            parse=self.providers.parse_mail,
            parse_header=self.providers.parse_mail_header,
            automation=self.mail_automation,
            new_id=new_id,
        )

    @cached_property
    def read_marks(self) -> "ReadMarks":
        from banxway.services.threads.read_state import ReadMarks

        return ReadMarks(self.database, enqueue_mailboxes=self.enqueue_mailboxes, notices=self.change_notices)

    @cached_property
    def email_rules(self) -> "EmailRules":
        from banxway.services.email_rules.rules import EmailRules

        return EmailRules(self.database, new_id=new_id)

    @cached_property
    def rule_trials(self) -> "RuleTrials":
        from banxway.services.email_rules.dry_run import RuleTrials

        return RuleTrials(
            self.database, blobs=lambda: self.blobs, parse=self.providers.parse_mail, clock=self.clock
        )

    @cached_property
    def vacation_responders(self) -> "VacationResponders":
        from banxway.services.auto_replies.responders import VacationResponders

        return VacationResponders(self.database, to_text=self.providers.html_to_text)

    @cached_property
    def mail_automation(self) -> "MailAutomation":
        from banxway.services.auto_replies.vacation import Vacation
        from banxway.services.email_rules.forward import Forwarding
        from banxway.services.email_rules.run import RuleRunner
        from banxway.services.email_sync.filing.automation import MailAutomation

        return MailAutomation(
            rules=RuleRunner(forwarding=Forwarding(new_id=new_id), new_id=new_id),
            vacation=Vacation(new_id=new_id),
        )

    def end_invocation(self) -> None:
        """Give back what an invocation left open: also a connection kept for the next mail, and its login."""
        if "email_channel" in self.__dict__:
            self.email_channel.close()
        super().end_invocation()

    @cached_property
    def channels(self) -> "Channels":
        from banxway.models.channels import EMAIL, WHATSAPP
        from banxway.services.messages.channels.base import Channels

        return Channels(
            {EMAIL.name: lambda: self.email_channel, WHATSAPP.name: lambda: self.whatsapp_channel}
        )

    @cached_property
    def email_channel(self) -> "EmailChannel":
        from banxway.services.messages.channels.email.channel import EmailChannel
        from banxway.services.messages.channels.email.compose import MailComposer
        from banxway.services.messages.channels.email.submit import MailSubmission

        return EmailChannel(
            composer=MailComposer(uploads=lambda: self.uploads, to_text=self.providers.html_to_text),
            submission=MailSubmission(
                self.database,
                providers=self.providers,
                credentials=self.credentials,
                blobs=lambda: self.blobs,
            ),
            notifications=self.notifications,
        )

    @cached_property
    def whatsapp_channel(self) -> "WhatsAppChannel":
        from banxway.services.messages.channels.whatsapp.channel import WhatsAppChannel

        return WhatsAppChannel(
            providers=self.providers,
            slots=self.credential_slots,
            callback_urls=self.callback_urls,
            environment=self.environment_integrations,
            notifications=self.notifications,
        )

    @cached_property
    def previews(self) -> "Previews":
        from banxway.services.messages.preview import Previews

        return Previews(self.database, channels=self.channels)

    @cached_property
    def sent_evidence(self) -> "SentEvidence":
        from banxway.services.email_sync.sent_evidence import SentEvidence

        return SentEvidence(self.database)

    @cached_property
    def blob_transfers(self) -> "BlobTransfers":
        from banxway.storage.blobs.transfers import FolderTransfers, S3Transfers

        settings = self.settings
        if not settings.blob_folder:
            return S3Transfers(settings.require("blob_bucket"), lambda: aws_client("s3"))
        from pathlib import Path

        from banxway.security.blob_tokens import BlobTokens

        return FolderTransfers(
            Path(settings.blob_folder),
            lambda: self.envelope,
            tokens=BlobTokens(settings.webhook_secret, clock=self.clock),
            base_url=lambda: settings.require("blob_url"),
            clock=self.clock,
        )

    @cached_property
    def uploads(self) -> "Uploads":
        from banxway.services.messages.uploads import Uploads

        return Uploads(
            self.database,
            transfers=lambda: self.blob_transfers,
            blobs=lambda: self.blobs,
            new_id=new_id,
            clock=self.clock,
        )

    @cached_property
    def attachments(self) -> "Attachments":
        from banxway.services.messages.attachments import Attachments

        return Attachments(self.database, transfers=lambda: self.blob_transfers, clock=self.clock)

    @cached_property
    def display_tokens(self) -> "DisplayTokens":
        from banxway.security.display_tokens import DisplayTokens

        return DisplayTokens(self.settings.webhook_secret, clock=self.clock)

    @cached_property
    def mail_display(self) -> "MailDisplay":
        from banxway.services.messages.display import MailDisplay

        return MailDisplay(
            self.database,
            providers=self.providers,
            tokens=self.display_tokens,
            transfers=lambda: self.blob_transfers,
            base_url=lambda: self.settings.require("webhook_base_url"),
            console_origin=self.settings.console_origin,
        )
