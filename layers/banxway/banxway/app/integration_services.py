"""The services around integrations, each made when it is first asked for."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.foundations import Foundations
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.email_accounts.login_checks import MailboxChecks
    from banxway.services.integrations.checks import IntegrationChecks
    from banxway.services.integrations.configure import IntegrationSetup
    from banxway.services.integrations.read import Integrations
    from banxway.services.integrations.readings import CredentialReadings
    from banxway.services.integrations.rounds import IntegrationRounds
    from banxway.services.integrations.slots import CredentialSlots
    from banxway.services.integrations.stored_tests import IntegrationTests
    from banxway.services.integrations.upkeep import IntegrationUpkeep
    from banxway.services.integrations.whatsapp_templates import WhatsAppTemplates
    from banxway.services.status.notifications import Notifications


class IntegrationServices(Foundations):
    """What App offers for integrations, and what these services share."""

    @cached_property
    def notifications(self) -> "Notifications":
        from banxway.services.status.notifications import Notifications

        return Notifications(self.database, new_id=new_id)

    @cached_property
    def integrations(self) -> "Integrations":
        from banxway.services.integrations.read import Integrations

        return Integrations(
            self.database,
            callback_urls=self.callback_urls,
            notifications=self.notifications,
            environment=self.environment_integrations,
        )

    @cached_property
    def integration_rounds(self) -> "IntegrationRounds":
        from banxway.services.integrations.rounds import IntegrationRounds

        return IntegrationRounds(
            self.database, enqueue=self.enqueue_integration, environment=self.environment_integrations
        )

    @cached_property
    def integration_setup(self) -> "IntegrationSetup":
        from banxway.services.integrations.configure import IntegrationSetup

        return IntegrationSetup(
            self.database,
            checks=self.integration_checks,
            credentials=self.credentials,
            callback_urls=self.callback_urls,
            notifications=self.notifications,
            new_id=new_id,
        )

    @cached_property
    def integration_tests(self) -> "IntegrationTests":
        from banxway.services.integrations.stored_tests import IntegrationTests

        return IntegrationTests(
            self.database,
            checks=self.integration_checks,
            credentials=self.credentials,
            notifications=self.notifications,
            environment=self.environment_integrations,
        )

    @cached_property
    def integration_checks(self) -> "IntegrationChecks":
        from banxway.services.integrations.checks import IntegrationChecks

        return IntegrationChecks(
            providers=self.providers, credentials=self.credentials, mailboxes=self.mailbox_checks
        )

    @cached_property
    def mailbox_checks(self) -> "MailboxChecks":
        from banxway.services.email_accounts.login_checks import MailboxChecks

        return MailboxChecks(providers=self.providers, hosts=self.hosts, clock=self.clock)

    @cached_property
    def integration_upkeep(self) -> "IntegrationUpkeep":
        from banxway.services.integrations.upkeep import IntegrationUpkeep

        return IntegrationUpkeep(
            self.database,
            providers=self.providers,
            checks=self.integration_checks,
            credentials=self.credentials,
            slots=self.credential_slots,
            notifications=self.notifications,
            environment=self.environment_integrations,
        )

    @cached_property
    def credential_slots(self) -> "CredentialSlots":
        from banxway.services.integrations.slots import CredentialSlots

        return CredentialSlots(
            self.database, credentials=self.credentials, environment=self.environment_integrations
        )

    @cached_property
    def credential_readings(self) -> "CredentialReadings":
        from banxway.services.integrations.readings import CredentialReadings

        return CredentialReadings(
            self.database,
            credentials=self.credentials,
            notifications=self.notifications,
            environment=self.environment_integrations,
        )

    @cached_property
    def whatsapp_templates(self) -> "WhatsAppTemplates":
        from banxway.services.integrations.whatsapp_templates import WhatsAppTemplates

        return WhatsAppTemplates(
            self.database,
            providers=self.providers,
            slots=self.credential_slots,
            environment=self.environment_integrations,
        )
