"""The only place that knows which concrete class fills which role.

    __init__.py      App: one service per area
    foundations.py   what services are made of
    integration_services.py   the services around integrations
    mail_services.py          the services around mail
    examined.py      what the diagnosis is told of the deployment
    edges.py         the concrete clients: AWS, Exotel, SMTP and IMAP

One App per process, made on first use; each service is made when it is first asked for, and imports what it
needs only then, so that a webhook receiver never pays for the database or the mail parser.
"""

import os
import random
from functools import cache, cached_property
from typing import TYPE_CHECKING

from banxway.app.mail_services import MailServices
from banxway.ids import new_id
from banxway.settings import Settings

if TYPE_CHECKING:
    from banxway.services.audit.anchors import AuditAnchors
    from banxway.services.audit.archive import AuditArchive
    from banxway.services.audit.trail import AuditTrail
    from banxway.services.audit.verification import AuditVerifier
    from banxway.services.customers.read import Customers
    from banxway.services.customers.update import CustomerChanges
    from banxway.services.integrations.permissions import IntegrationPermissions
    from banxway.services.maintenance.rotation import Rotation
    from banxway.services.maintenance.sweep import Maintenance
    from banxway.services.messages.deliver import Delivery
    from banxway.services.messages.ledger_epoch import LedgerEpoch
    from banxway.services.messages.send import Messages
    from banxway.services.phone_numbers import PhoneNumbers
    from banxway.services.platform import Platform
    from banxway.services.realtime.sockets import Realtime
    from banxway.services.status.configuration import Status
    from banxway.services.status.diagnosis.runner import Diagnosis
    from banxway.services.status.inbound_watch import InboundWatch
    from banxway.services.status.reviews import Reviews
    from banxway.services.team import Team
    from banxway.services.threads.read import Threads
    from banxway.services.webhooks.apply import Callbacks
    from banxway.services.webhooks.intake import CallbackIntake


@cache
def current_app() -> "App":
    """Return this process's App, configured by its environment."""
    from banxway.log import cover_libraries

    # Lambda's runtime has put its own handler on the root logger by now.
    cover_libraries()
    return App(Settings.from_environment(os.environ))


class App(MailServices):
    """The bundle of services that entrypoints hand to handlers."""

    @cached_property
    def phone_numbers(self) -> "PhoneNumbers":
        from banxway.services.phone_numbers import PhoneNumbers

        return PhoneNumbers(self.database)

    @cached_property
    def integration_permissions(self) -> "IntegrationPermissions":
        from banxway.services.integrations.permissions import IntegrationPermissions

        return IntegrationPermissions(self.database)

    @cached_property
    def team(self) -> "Team":
        from banxway.services.team import Team

        return Team(self.database, realtime=self.realtime)

    @cached_property
    def threads(self) -> "Threads":
        from banxway.services.threads.read import Threads

        return Threads(self.database)

    @cached_property
    def customers(self) -> "Customers":
        from banxway.services.customers.read import Customers

        return Customers(self.database)

    @cached_property
    def customer_changes(self) -> "CustomerChanges":
        from banxway.services.customers.update import CustomerChanges

        return CustomerChanges(
            self.database,
            environment=self.environment_integrations,
            notices=self.change_notices,
            new_id=new_id,
        )

    @cached_property
    def messages(self) -> "Messages":
        from banxway.services.messages.send import Messages

        return Messages(
            self.database,
            enqueue_message=self.enqueue_message,
            notices=self.change_notices,
            new_id=new_id,
            channels=self.channels,
            clock=self.clock,
            wait_s=self.settings.send_wait_seconds,
        )

    @cached_property
    def delivery(self) -> "Delivery":
        from banxway.services.messages.deliver import Delivery

        return Delivery(
            self.database,
            channels=self.channels,
            epoch=self.ledger_epoch,
            notifications=self.notifications,
            enqueue_later=self.enqueue_message,
            notices=self.change_notices,
            new_id=new_id,
            random=random.random,
        )

    @cached_property
    def ledger_epoch(self) -> "LedgerEpoch":
        from banxway.services.messages.ledger_epoch import LedgerEpoch

        return LedgerEpoch(self.database, self.blobs, clock=self.clock)

    @cached_property
    def callback_intake(self) -> "CallbackIntake":
        from banxway.services.webhooks.intake import CallbackIntake

        return CallbackIntake(
            enqueue=lambda body: self.queues.send(self.settings.require("webhook_queue_url"), body),
            blobs=lambda: self.blobs,
            clock=self.clock,
        )

    @cached_property
    def callbacks(self) -> "Callbacks":
        from banxway.services.customers.events import CustomerEvents
        from banxway.services.messages.channels.whatsapp.inbound import IncomingMessages
        from banxway.services.webhooks.apply import Callbacks

        return Callbacks(
            self.database,
            blobs=lambda: self.blobs,
            parse=self.providers.parse_callback,
            incoming=IncomingMessages(new_id=new_id),
            events=CustomerEvents(new_id=new_id),
            environment=self.environment_integrations,
            enqueue_rest=self.enqueue_callback,
            notices=self.change_notices,
            new_id=new_id,
        )

    @cached_property
    def realtime(self) -> "Realtime":
        from banxway.services.realtime.sockets import Realtime

        return Realtime(
            self.database,
            pusher=lambda: self.frames,
            websocket_url=lambda: self.settings.require("websocket_url"),
            console_origin=self.settings.console_origin,
        )

    @cached_property
    def maintenance(self) -> "Maintenance":
        from banxway.services.maintenance.sweep import Maintenance

        return Maintenance(
            self.database,
            epoch=self.ledger_epoch,
            anchors=self.audit_anchors,
            rotation=self.rotation,
            uploads=self.uploads,
            enqueue_message=self.enqueue_message,
            enqueue_changes=self.enqueue_changes,
        )

    @cached_property
    def reviews(self) -> "Reviews":
        from banxway.services.status.reviews import Reviews

        return Reviews(self.database, notifications=self.notifications)

    @cached_property
    def inbound_watch(self) -> "InboundWatch":
        from banxway.services.status.inbound_watch import InboundWatch

        return InboundWatch(self.database, notifications=self.notifications)

    @cached_property
    def audit(self) -> "AuditTrail":
        from banxway.services.audit.trail import AuditTrail

        return AuditTrail(self.database)

    @cached_property
    def audit_anchors(self) -> "AuditAnchors":
        from banxway.services.audit.anchors import AuditAnchors

        return AuditAnchors(self.database, blobs=lambda: self.blobs, notifications=self.notifications)

    @cached_property
    def audit_verifier(self) -> "AuditVerifier":
        from banxway.services.audit.verification import AuditVerifier

        return AuditVerifier(
            self.database, blobs=lambda: self.blobs, anchors=self.audit_anchors, clock=self.clock
        )

    @cached_property
    def audit_archive(self) -> "AuditArchive":
        from banxway.services.audit.archive import AuditArchive

        return AuditArchive(self.database, blobs=lambda: self.blobs, clock=self.clock, new_id=new_id)

    @cached_property
    def rotation(self) -> "Rotation":
        from banxway.services.maintenance.rotation import Rotation

        return Rotation(
            self.database,
            envelope=lambda: self.envelope,
            blobs=lambda: self.blobs,
            enqueue=self.enqueue_rotation,
            clock=self.clock,
        )

    @cached_property
    def status(self) -> "Status":
        from banxway.services.status.configuration import Status

        return Status(self.database, environment=self.environment_integrations)

    @cached_property
    def diagnosis(self) -> "Diagnosis":
        from banxway.app.examined import deployment_of
        from banxway.services.status.diagnosis.runner import Diagnosis

        return Diagnosis(
            self.database,
            providers=self.providers,
            credentials=lambda: self.credentials,
            deployment=deployment_of(self),
            clock=self.clock,
        )

    @cached_property
    def platform(self) -> "Platform":
        from banxway.services.platform import Platform

        return Platform(
            self.database,
            blob_folder=self.settings.blob_folder,
            environment=self.settings.environment,
            owner_url=lambda: self.settings.require("owner_database_url"),
            app_url=self.settings.database_url,
        )
