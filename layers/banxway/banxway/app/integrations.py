"""The services of the area integrations."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.integrations.checks import IntegrationChecks
    from banxway.services.integrations.configure import IntegrationSetup
    from banxway.services.integrations.credentials import Credentials
    from banxway.services.integrations.environment import EnvironmentIntegrations
    from banxway.services.integrations.permissions import IntegrationPermissions
    from banxway.services.integrations.read import Integrations
    from banxway.services.integrations.readings import CredentialReadings
    from banxway.services.integrations.rounds import IntegrationRounds
    from banxway.services.integrations.slots import CredentialSlots
    from banxway.services.integrations.stored_tests import IntegrationTests
    from banxway.services.integrations.upkeep import IntegrationUpkeep
    from banxway.services.integrations.whatsapp_templates import WhatsAppTemplates


class IntegrationServices(Part):
    """Services of functions/integrations/."""

    @cached_property
    def permissions(self) -> "IntegrationPermissions":
        from banxway.services.integrations.permissions import IntegrationPermissions

        return IntegrationPermissions(self._infrastructure.database)

    @cached_property
    def read(self) -> "Integrations":
        from banxway.services.integrations.read import Integrations

        return Integrations(
            self._infrastructure.database,
            callback_urls=self._app.webhooks.urls,
            notifications=self._app.status.notifications,
            environment=self.environment,
            clock=self._infrastructure.clock,
        )

    @cached_property
    def rounds(self) -> "IntegrationRounds":
        from banxway.services.integrations.rounds import IntegrationRounds

        return IntegrationRounds(
            self._infrastructure.database, enqueue=self._infrastructure.enqueue, environment=self.environment
        )

    @cached_property
    def configure(self) -> "IntegrationSetup":
        from banxway.services.integrations.configure import IntegrationSetup

        return IntegrationSetup(
            self._infrastructure.database,
            checks=self.checks,
            credentials=self.credentials,
            callback_urls=self._app.webhooks.urls,
            notifications=self._app.status.notifications,
            new_id=new_id,
        )

    @cached_property
    def stored_tests(self) -> "IntegrationTests":
        from banxway.services.integrations.stored_tests import IntegrationTests

        return IntegrationTests(
            self._infrastructure.database,
            checks=self.checks,
            credentials=self.credentials,
            notifications=self._app.status.notifications,
            environment=self.environment,
        )

    @cached_property
    def checks(self) -> "IntegrationChecks":
        from banxway.services.integrations.checks import IntegrationChecks

        return IntegrationChecks(
            providers=self._infrastructure.providers,
            credentials=self.credentials,
            mailboxes=self._app.email_accounts.login_checks,
        )

    @cached_property
    def upkeep(self) -> "IntegrationUpkeep":
        from banxway.services.integrations.upkeep import IntegrationUpkeep

        return IntegrationUpkeep(
            self._infrastructure.database,
            providers=self._infrastructure.providers,
            checks=self.checks,
            credentials=self.credentials,
            slots=self.slots,
            notifications=self._app.status.notifications,
            environment=self.environment,
        )

    @cached_property
    def slots(self) -> "CredentialSlots":
        from banxway.services.integrations.slots import CredentialSlots

        return CredentialSlots(
            self._infrastructure.database, credentials=self.credentials, environment=self.environment
        )

    @cached_property
    def readings(self) -> "CredentialReadings":
        from banxway.services.integrations.readings import CredentialReadings

        return CredentialReadings(
            self._infrastructure.database,
            credentials=self.credentials,
            notifications=self._app.status.notifications,
            environment=self.environment,
        )

    @cached_property
    def credentials(self) -> "Credentials":
        from banxway.services.integrations.credentials import Credentials

        return Credentials(
            self._infrastructure.envelope,
            exotel_urls={
                "singapore": self._infrastructure.settings.exotel_api_url,
                "mumbai": self._infrastructure.settings.exotel_mumbai_url,
            },
        )

    @cached_property
    def environment(self) -> "EnvironmentIntegrations":
        from banxway.services.integrations.environment import EnvironmentIntegrations

        settings = self._infrastructure.settings
        numbers = {
            "exotel_phone": settings.exotel_phone_number,
            "exotel_whatsapp": settings.exotel_whatsapp_number,
            "exotel_sms": settings.exotel_sms_number,
        }
        return EnvironmentIntegrations(
            settings.fallback_organization,
            secrets={
                "account_sid": settings.exotel_sid,
                "api_key": settings.exotel_api_key,
                "api_token": settings.exotel_token,
            },
            numbers={name: number for name, number in numbers.items() if number},
            waba_id=settings.exotel_waba_id,
        )

    @cached_property
    def whatsapp_templates(self) -> "WhatsAppTemplates":
        from banxway.services.integrations.whatsapp_templates import WhatsAppTemplates

        return WhatsAppTemplates(
            self._infrastructure.database,
            providers=self._infrastructure.providers,
            slots=self.slots,
            environment=self.environment,
        )
