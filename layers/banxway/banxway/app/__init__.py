"""Decides which concrete class fills which role; nothing else knows them.

    __init__.py          App: one attribute for each area of functions/
    infrastructure.py    what all services are made of
    clients.py           the concrete clients of AWS, Exotel and mail servers
    diagnosis_target.py  what the diagnosis knows of the deployment
    part.py              what the files of the areas have in common
    audit.py …           services by area; conversations.py: customers, threads; email.py: the areas of mail;
                         people.py: team, organizations

A service is found where its file is: services/threads/read.py is `app.threads.read`, services/phone_numbers.py is
`app.phone_numbers`.

One App per process, made on first use. Each service is made when it is first used, and imports what it needs
only then, so that a webhook receiver never imports the database or the mail parser.
"""

import os
from functools import cache, cached_property
from typing import TYPE_CHECKING

from banxway.app.infrastructure import Infrastructure
from banxway.settings import Settings

if TYPE_CHECKING:
    from banxway.app.audit import AuditServices
    from banxway.app.conversations import CustomerServices, ThreadServices
    from banxway.app.dead_letters import DeadLetterServices
    from banxway.app.email import (
        AutoReplyServices,
        EmailAccountServices,
        EmailRuleServices,
        EmailSyncServices,
        EmailTemplateServices,
    )
    from banxway.app.integrations import IntegrationServices
    from banxway.app.maintenance import MaintenanceServices
    from banxway.app.messages import MessageServices
    from banxway.app.people import OrganizationServices, TeamServices
    from banxway.app.status import StatusServices
    from banxway.app.webhooks import WebhookServices
    from banxway.services.phone_numbers import PhoneNumbers
    from banxway.services.platform import Platform
    from banxway.services.realtime.notices import ChangeNotices
    from banxway.services.realtime.pushes import ChangePushes
    from banxway.services.realtime.sockets import Realtime


@cache
def current_app() -> "App":
    """Return this process's App, configured by its environment."""
    from banxway.log import cover_libraries

    # Lambda's runtime has put its own handler on the root logger by now.
    cover_libraries()
    return App(Settings.from_environment(os.environ))


def runs_on_lambda() -> bool:
    """Return whether Lambda has started this process, rather than a test or a script."""
    return "AWS_LAMBDA_INITIALIZATION_TYPE" in os.environ


class App:
    """The product's services, by area. Entrypoints hand it to handlers."""

    def __init__(self, settings: Settings) -> None:
        self.infrastructure = Infrastructure(settings)

    def end_invocation(self) -> None:
        """Close what an invocation left open; makes nothing that was not used."""
        if "messages" in self.__dict__:
            self.messages.end_invocation()
        self.infrastructure.end_invocation()

    @cached_property
    def audit(self) -> "AuditServices":
        from banxway.app.audit import AuditServices

        return AuditServices(self)

    @cached_property
    def auto_replies(self) -> "AutoReplyServices":
        from banxway.app.email import AutoReplyServices

        return AutoReplyServices(self)

    @cached_property
    def customers(self) -> "CustomerServices":
        from banxway.app.conversations import CustomerServices

        return CustomerServices(self)

    @cached_property
    def dead_letters(self) -> "DeadLetterServices":
        from banxway.app.dead_letters import DeadLetterServices

        return DeadLetterServices(self)

    @cached_property
    def email_accounts(self) -> "EmailAccountServices":
        from banxway.app.email import EmailAccountServices

        return EmailAccountServices(self)

    @cached_property
    def email_rules(self) -> "EmailRuleServices":
        from banxway.app.email import EmailRuleServices

        return EmailRuleServices(self)

    @cached_property
    def email_sync(self) -> "EmailSyncServices":
        from banxway.app.email import EmailSyncServices

        return EmailSyncServices(self)

    @cached_property
    def email_templates(self) -> "EmailTemplateServices":
        from banxway.app.email import EmailTemplateServices

        return EmailTemplateServices(self)

    @cached_property
    def integrations(self) -> "IntegrationServices":
        from banxway.app.integrations import IntegrationServices

        return IntegrationServices(self)

    @cached_property
    def maintenance(self) -> "MaintenanceServices":
        from banxway.app.maintenance import MaintenanceServices

        return MaintenanceServices(self)

    @cached_property
    def messages(self) -> "MessageServices":
        from banxway.app.messages import MessageServices

        return MessageServices(self)

    @cached_property
    def status(self) -> "StatusServices":
        from banxway.app.status import StatusServices

        return StatusServices(self)

    @cached_property
    def threads(self) -> "ThreadServices":
        from banxway.app.conversations import ThreadServices

        return ThreadServices(self)

    @cached_property
    def webhooks(self) -> "WebhookServices":
        from banxway.app.webhooks import WebhookServices

        return WebhookServices(self)

    @cached_property
    def phone_numbers(self) -> "PhoneNumbers":
        from banxway.services.phone_numbers import PhoneNumbers

        return PhoneNumbers(self.infrastructure.database)

    @cached_property
    def organizations(self) -> "OrganizationServices":
        from banxway.app.people import OrganizationServices

        return OrganizationServices(self)

    @cached_property
    def team(self) -> "TeamServices":
        from banxway.app.people import TeamServices

        return TeamServices(self)

    @cached_property
    def realtime(self) -> "Realtime":
        from banxway.services.realtime.sockets import Realtime

        return Realtime(
            self.infrastructure.database,
            pusher=lambda: self.infrastructure.frames,
            websocket_url=lambda: self.infrastructure.settings.require("websocket_url"),
            console_origin=self.infrastructure.settings.console_origin,
        )

    @cached_property
    def notices(self) -> "ChangeNotices":
        from banxway.services.realtime.notices import ChangeNotices

        return ChangeNotices(self.infrastructure.enqueue)

    @cached_property
    def pushes(self) -> "ChangePushes":
        from banxway.services.realtime.pushes import ChangePushes

        return ChangePushes(
            self.infrastructure.database,
            pusher=lambda: self.infrastructure.frames,
            notices=self.notices,
            remaining_s=self.infrastructure.remaining_s,
            clock=self.infrastructure.clock,
        )

    @cached_property
    def platform(self) -> "Platform":
        from banxway.services.platform import Platform

        return Platform(
            self.infrastructure.database,
            blob_folder=self.infrastructure.settings.blob_folder,
            environment=self.infrastructure.settings.environment,
            owner_url=lambda: self.infrastructure.settings.require("owner_database_url"),
            app_url=self.infrastructure.settings.database_url,
        )
