"""The services of the areas of email: mailboxes, their sync, rules, templates and automatic replies."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.auto_replies.responders import VacationResponders
    from banxway.services.email_accounts.accounts import EmailAccounts
    from banxway.services.email_accounts.login_checks import MailboxChecks
    from banxway.services.email_rules.dry_run import RuleTrials
    from banxway.services.email_rules.rules import EmailRules
    from banxway.services.email_sync.filing.automation import MailAutomation
    from banxway.services.email_sync.filing.filer import MailFiling
    from banxway.services.email_sync.sent_evidence import SentEvidence
    from banxway.services.email_sync.sync import EmailSync
    from banxway.services.email_templates.templates import EmailTemplates


class EmailAccountServices(Part):
    """Services of functions/email_accounts/."""

    @cached_property
    def accounts(self) -> "EmailAccounts":
        from banxway.services.email_accounts.accounts import EmailAccounts

        return EmailAccounts(
            self._infrastructure.database,
            checks=self.login_checks,
            credentials=self._app.integrations.credentials,
            notifications=self._app.status.notifications,
            new_id=new_id,
        )

    @cached_property
    def login_checks(self) -> "MailboxChecks":
        from banxway.services.email_accounts.login_checks import MailboxChecks

        return MailboxChecks(
            providers=self._infrastructure.providers,
            hosts=self._infrastructure.hosts,
            clock=self._infrastructure.clock,
        )


class EmailSyncServices(Part):
    """Services of functions/email_sync/."""

    @cached_property
    def sync(self) -> "EmailSync":
        from banxway.services.email_sync.canaries import Canaries
        from banxway.services.email_sync.connections import Connections
        from banxway.services.email_sync.failures import Failures
        from banxway.services.email_sync.poll_services import PollServices
        from banxway.services.email_sync.runner import PollRunner
        from banxway.services.email_sync.sync import EmailSync

        connections = Connections(
            self._infrastructure.providers.mailbox, holder=new_id(), clock=self._infrastructure.clock
        )
        services = PollServices(
            credentials=self._app.integrations.credentials,
            blobs=lambda: self._infrastructure.blobs,
            filing=self.filing,
            evidence=self.sent_evidence,
            failures=Failures(self._app.status.notifications),
            canaries=Canaries(
                providers=self._infrastructure.providers,
                credentials=self._app.integrations.credentials,
                new_id=new_id,
            ),
            notices=self._app.notices,
            due_messages=self._app.messages.due_messages,
        )
        return EmailSync(
            self._infrastructure.database,
            runner=PollRunner(services, connections=connections, clock=self._infrastructure.clock),
            connections=connections,
            credentials=self._app.integrations.credentials,
            open_mailbox=self._infrastructure.providers.mailbox,
            clock=self._infrastructure.clock,
            enqueue_mailboxes=self._infrastructure.enqueue,
            enqueue_idle=self._infrastructure.enqueue,
        )

    @cached_property
    def filing(self) -> "MailFiling":
        from banxway.services.email_sync.filing.filer import MailFiling
        from banxway.services.email_sync.filing.reader import MailReading
        from banxway.services.email_sync.filing.transaction import MailBatches

        return MailFiling(
            reading=MailReading(
                blobs=lambda: self._infrastructure.blobs,
                parse=self._infrastructure.providers.parse_mail,
                parse_header=self._infrastructure.providers.parse_mail_header,
            ),
            batches=MailBatches(self._infrastructure.database, automation=self.automation, new_id=new_id),
        )

    @cached_property
    def automation(self) -> "MailAutomation":
        from banxway.services.auto_replies.vacation import Vacation
        from banxway.services.email_rules.forward import Forwarding
        from banxway.services.email_rules.run import RuleRunner
        from banxway.services.email_sync.filing.automation import MailAutomation

        return MailAutomation(
            rules=RuleRunner(forwarding=Forwarding(new_id=new_id), new_id=new_id),
            vacation=Vacation(new_id=new_id),
        )

    @cached_property
    def sent_evidence(self) -> "SentEvidence":
        from banxway.services.email_sync.sent_evidence import SentEvidence

        return SentEvidence(self._infrastructure.database)


class EmailRuleServices(Part):
    """Services of functions/email_rules/."""

    @cached_property
    def rules(self) -> "EmailRules":
        from banxway.services.email_rules.rules import EmailRules

        return EmailRules(self._infrastructure.database, new_id=new_id)

    @cached_property
    def dry_run(self) -> "RuleTrials":
        from banxway.services.email_rules.dry_run import RuleTrials

        return RuleTrials(
            self._infrastructure.database,
            blobs=lambda: self._infrastructure.blobs,
            parse=self._infrastructure.providers.parse_mail,
            clock=self._infrastructure.clock,
        )


class EmailTemplateServices(Part):
    """Services of functions/email_templates/."""

    @cached_property
    def templates(self) -> "EmailTemplates":
        from banxway.services.email_templates.templates import EmailTemplates

        return EmailTemplates(
            self._infrastructure.database, providers=self._infrastructure.providers, new_id=new_id
        )


class AutoReplyServices(Part):
    """Services of functions/auto_replies/."""

    @cached_property
    def responders(self) -> "VacationResponders":
        from banxway.services.auto_replies.responders import VacationResponders

        return VacationResponders(
            self._infrastructure.database, to_text=self._infrastructure.providers.html_to_text
        )
