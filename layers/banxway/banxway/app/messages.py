"""The services of the area messages."""

import random
from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.models.messages.delivering import InFlight
    from banxway.security.display_tokens import DisplayTokens
    from banxway.services.messages.attachments import Attachments
    from banxway.services.messages.channels.base import Channels
    from banxway.services.messages.channels.email.channel import EmailChannel
    from banxway.services.messages.channels.whatsapp.channel import WhatsAppChannel
    from banxway.services.messages.deliver import Delivery
    from banxway.services.messages.display import MailDisplay
    from banxway.services.messages.due_messages import DueMessages
    from banxway.services.messages.ledger_epoch import LedgerEpoch
    from banxway.services.messages.preview import Previews
    from banxway.services.messages.send import Messages
    from banxway.services.messages.uploads import Uploads


class MessageServices(Part):
    """Services of functions/messages/."""

    def end_invocation(self) -> None:
        """Close what a delivery left open: a connection kept for the next mail, and its login."""
        if "email" in self.__dict__:
            self.email.close()

    @cached_property
    def send(self) -> "Messages":
        from banxway.services.messages.send import Messages

        return Messages(
            self._infrastructure.database,
            channels=self.channels,
            due_messages=self.due_messages,
            notices=self._app.notices,
            new_id=new_id,
            clock=self._infrastructure.clock,
            wait_s=self._infrastructure.settings.send_wait_seconds,
        )

    @cached_property
    def deliver(self) -> "Delivery":
        from banxway.services.messages.deliver import Delivery

        return Delivery(
            self._infrastructure.database,
            channels=self.channels,
            epoch=self.ledger_epoch,
            notifications=self._app.status.notifications,
            due_messages=self.due_messages,
            in_flight=self.in_flight,
            notices=self._app.notices,
            new_id=new_id,
            random=random.random,
        )

    @cached_property
    def due_messages(self) -> "DueMessages":
        from banxway.services.messages.due_messages import DueMessages

        return DueMessages(self._infrastructure.enqueue)

    @cached_property
    def in_flight(self) -> "InFlight":
        from banxway.models.channels import channels_by_queue
        from banxway.models.messages.delivering import InFlight

        return InFlight(self._infrastructure.settings.messages_in_flight, channels_by_queue())

    @cached_property
    def preview(self) -> "Previews":
        from banxway.services.messages.preview import Previews

        return Previews(self._infrastructure.database, channels=self.channels)

    @cached_property
    def channels(self) -> "Channels":
        from banxway.models.channels import EMAIL, WHATSAPP
        from banxway.services.messages.channels.base import Channels

        return Channels({EMAIL.name: lambda: self.email, WHATSAPP.name: lambda: self.whatsapp})

    @cached_property
    def email(self) -> "EmailChannel":
        from banxway.services.messages.channels.email.channel import EmailChannel
        from banxway.services.messages.channels.email.compose import MailComposer
        from banxway.services.messages.channels.email.submit import MailSubmission

        return EmailChannel(
            composer=MailComposer(
                uploads=lambda: self.uploads, to_text=self._infrastructure.providers.html_to_text
            ),
            submission=MailSubmission(
                self._infrastructure.database,
                providers=self._infrastructure.providers,
                credentials=self._app.integrations.credentials,
                blobs=lambda: self._infrastructure.blobs,
            ),
            notifications=self._app.status.notifications,
        )

    @cached_property
    def whatsapp(self) -> "WhatsAppChannel":
        from banxway.services.messages.channels.whatsapp.channel import WhatsAppChannel

        return WhatsAppChannel(
            providers=self._infrastructure.providers,
            slots=self._app.integrations.slots,
            callback_urls=self._app.webhooks.urls,
            environment=self._app.integrations.environment,
            notifications=self._app.status.notifications,
        )

    @cached_property
    def ledger_epoch(self) -> "LedgerEpoch":
        from banxway.services.messages.ledger_epoch import LedgerEpoch

        return LedgerEpoch(
            self._infrastructure.database, self._infrastructure.blobs, clock=self._infrastructure.clock
        )

    @cached_property
    def uploads(self) -> "Uploads":
        from banxway.services.messages.uploads import Uploads

        return Uploads(
            self._infrastructure.database,
            transfers=lambda: self._infrastructure.blob_transfers,
            blobs=lambda: self._infrastructure.blobs,
            new_id=new_id,
            clock=self._infrastructure.clock,
        )

    @cached_property
    def attachments(self) -> "Attachments":
        from banxway.services.messages.attachments import Attachments

        return Attachments(
            self._infrastructure.database,
            transfers=lambda: self._infrastructure.blob_transfers,
            clock=self._infrastructure.clock,
        )

    @cached_property
    def display_tokens(self) -> "DisplayTokens":
        from banxway.security.display_tokens import DisplayTokens

        return DisplayTokens(self._infrastructure.settings.webhook_secret, clock=self._infrastructure.clock)

    @cached_property
    def display(self) -> "MailDisplay":
        from banxway.services.messages.display import MailDisplay

        return MailDisplay(
            self._infrastructure.database,
            providers=self._infrastructure.providers,
            tokens=self.display_tokens,
            transfers=lambda: self._infrastructure.blob_transfers,
            base_url=lambda: self._infrastructure.settings.require("webhook_base_url"),
            console_origin=self._infrastructure.settings.console_origin,
        )
