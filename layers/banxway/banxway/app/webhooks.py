"""The services of the area webhooks."""

from functools import cached_property
from typing import TYPE_CHECKING

from banxway.app.clients import is_readable_callback
from banxway.app.part import Part
from banxway.ids import new_id

if TYPE_CHECKING:
    from banxway.services.webhooks.apply import Callbacks
    from banxway.services.webhooks.intake import CallbackIntake
    from banxway.services.webhooks.log import WebhookLog
    from banxway.services.webhooks.pieces import PieceReader
    from banxway.services.webhooks.replay import WebhookReplaying
    from banxway.services.webhooks.trial import WebhookTrials
    from banxway.services.webhooks.urls import CallbackUrls


class WebhookServices(Part):
    """Services of functions/webhooks/."""

    @cached_property
    def intake(self) -> "CallbackIntake":
        from banxway.services.webhooks.intake import CallbackIntake

        infrastructure = self._infrastructure
        return CallbackIntake(
            # Not `enqueue`, whose items a receiver cannot afford to import.
            enqueue=lambda body: infrastructure.queues.send(
                infrastructure.settings.queue_url("webhook"), body
            ),
            blobs=lambda: infrastructure.blobs,
            clock=infrastructure.clock,
        )

    is_readable = staticmethod(is_readable_callback)

    def prepare_intake(self) -> None:
        """Import and make everything that receiving a callback needs; connects to nothing."""
        from importlib import import_module

        from banxway.log import get_logger
        from banxway.security.references import CallbackKind

        get_logger()
        import_module("encodings.idna")  # for the name of the queue service
        self._infrastructure.queues.prepare()
        for kind in CallbackKind:
            self.is_readable(kind, b"{}", "application/json")
        _made = (self.intake, self._infrastructure.references)

    @cached_property
    def reader(self) -> "PieceReader":
        from banxway.services.webhooks.pieces import PieceReader

        return PieceReader(
            blobs=lambda: self._infrastructure.blobs,
            parse=self._infrastructure.providers.parse_callback,
        )

    @cached_property
    def log(self) -> "WebhookLog":
        from banxway.services.webhooks.log import WebhookLog

        return WebhookLog(self._infrastructure.database, reader=self.reader)

    @cached_property
    def replay(self) -> "WebhookReplaying":
        from banxway.services.webhooks.replay import WebhookReplaying

        return WebhookReplaying(
            self._infrastructure.database,
            reader=self.reader,
            callbacks=self.apply,
            enqueue_rest=self._infrastructure.enqueue,
            notices=self._app.notices,
        )

    @cached_property
    def trial(self) -> "WebhookTrials":
        from banxway.providers.web import post
        from banxway.services.webhooks.trial import WebhookTrials

        return WebhookTrials(
            self._infrastructure.database,
            urls=lambda: self.urls,
            environment=self._app.integrations.environment,
            post=post,
        )

    @cached_property
    def apply(self) -> "Callbacks":
        from banxway.services.customers.events import CustomerEvents
        from banxway.services.messages.channels.whatsapp.inbound import IncomingMessages
        from banxway.services.webhooks.apply import Callbacks

        return Callbacks(
            self._infrastructure.database,
            reader=self.reader,
            incoming=IncomingMessages(new_id=new_id),
            events=CustomerEvents(new_id=new_id),
            environment=self._app.integrations.environment,
            enqueue_rest=self._infrastructure.enqueue,
            notices=self._app.notices,
            new_id=new_id,
        )

    @cached_property
    def urls(self) -> "CallbackUrls":
        from banxway.services.webhooks.urls import CallbackUrls

        return CallbackUrls(
            self._infrastructure.references,
            base_url=self._infrastructure.settings.require("webhook_base_url"),
        )
