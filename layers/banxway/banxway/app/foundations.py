"""What services are made of: database, queues, blobs, keys, sessions, providers."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from banxway.app.edges import (
    aws_client,
    exotel_sms,
    exotel_voice,
    exotel_whatsapp,
    html_to_text,
    is_readable_callback,
    parse_callback,
    parse_mail,
    parse_mail_header,
    show_mail,
    tls_context,
)
from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.errors import Unavailable
from banxway.settings import Settings

if TYPE_CHECKING:
    from banxway.models.integrations.credentials import MailServer
    from banxway.models.queue_items import (
        CallbackReceived,
        ChangesDue,
        IdleDue,
        IntegrationDue,
        MailboxesDue,
        MessageDue,
        RotationDue,
    )
    from banxway.providers.base import FramePusher, Mailbox, MailSender, Providers
    from banxway.security.envelope import Envelope
    from banxway.security.hosts import HostGuard
    from banxway.security.references import CallbackReferences
    from banxway.security.sessions import SessionTokens
    from banxway.services.integrations.credentials import Credentials
    from banxway.services.integrations.environment import EnvironmentIntegrations
    from banxway.services.realtime.notices import ChangeNotices
    from banxway.services.webhooks.urls import CallbackUrls
    from banxway.storage.blobs.store import BlobStore
    from banxway.storage.database import Database
    from banxway.storage.queues import Queues


class Foundations:
    """What services are made of; each part is made when it is first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock: Clock = SYSTEM_CLOCK
        self._untold: dict[UUID, ChangesDue] | None = None

    def end_invocation(self) -> None:
        """Give back what an invocation left open; nothing is made for this."""
        if "database" in self.__dict__:
            self.database.release()

    @cached_property
    def database(self) -> "Database":
        from banxway.storage.database import Database

        return Database(self.settings.require("database_url"), application_name=self.settings.function_name)

    @cached_property
    def queues(self) -> "Queues":
        from banxway.storage.queues import Queues

        return Queues(lambda: aws_client("sqs"))

    def queue_url(self, queue_arn: str) -> str:
        """Return the URL of one of our queues by its ARN: both end in the queue's name."""
        name = queue_arn.rpartition(":")[2]
        urls = (
            "webhook_queue_url",
            "message_queue_url",
            "mailbox_queue_url",
            "idle_queue_url",
            "change_queue_url",
            "rotation_queue_url",
            "integration_queue_url",
        )
        return next(url for url in map(self.settings.require, urls) if url.rpartition("/")[2] == name)

    @cached_property
    def blobs(self) -> "BlobStore":
        from banxway.storage.blobs.store import FolderBlobs, S3Blobs

        if self.settings.blob_folder:
            from pathlib import Path

            return FolderBlobs(Path(self.settings.blob_folder), lambda: self.envelope, clock=self.clock)
        return S3Blobs(self.settings.require("blob_bucket"), lambda: aws_client("s3"))

    @cached_property
    def envelope(self) -> "Envelope":
        from banxway.security.envelope import Envelope
        from banxway.security.key_wrappers import KmsKeyWrapper, MasterKeyWrapper, NoKeyWrapper

        settings = self.settings
        if settings.encryption_master_key:
            wrapper: Any = MasterKeyWrapper(
                settings.encryption_master_key, settings.encryption_previous_master_key
            )
        elif settings.encryption_key_arn:
            wrapper = KmsKeyWrapper(
                settings.encryption_key_arn,
                lambda: aws_client("kms"),
                previous_arn=settings.encryption_previous_key_arn,
            )
        else:
            wrapper = NoKeyWrapper()
        return Envelope(wrapper, clock=self.clock)

    @cached_property
    def hosts(self) -> "HostGuard":
        from banxway.security.hosts import HostGuard

        return HostGuard(allow_private=self.settings.allow_private_hosts, clock=self.clock)

    @cached_property
    def sessions(self) -> "SessionTokens":
        from banxway.security.sessions import SessionTokens

        settings = self.settings
        return SessionTokens(
            secret=settings.jwt_secret,
            jwks_url=settings.jwt_jwks_url,
            issuer=settings.require("jwt_issuer"),
            audience=settings.require("jwt_audience"),
            clock=self.clock,
            allow_private=settings.allow_private_hosts,
        )

    @cached_property
    def references(self) -> "CallbackReferences":
        from banxway.security.references import CallbackReferences

        return CallbackReferences(self.settings.webhook_secret, clock=self.clock)

    @cached_property
    def change_notices(self) -> "ChangeNotices":
        from banxway.services.realtime.notices import ChangeNotices

        return ChangeNotices(self.enqueue_changes)

    @cached_property
    def providers(self) -> "Providers":
        from banxway.providers.base import Providers

        return Providers(
            voice=partial(exotel_voice, clock=self.clock),
            sms=partial(exotel_sms, clock=self.clock),
            whatsapp=partial(exotel_whatsapp, clock=self.clock),
            mail_sender=self._smtp,
            mailbox=self._imap,
            parse_callback=parse_callback,
            parse_mail=partial(parse_mail, clock=self.clock),
            parse_mail_header=partial(parse_mail_header, clock=self.clock),
            html_to_text=html_to_text,
            show_mail=show_mail,
        )

    @cached_property
    def credentials(self) -> "Credentials":
        from banxway.services.integrations.credentials import Credentials

        return Credentials(
            self.envelope,
            exotel_urls={
                "singapore": self.settings.exotel_api_url,
                "mumbai": self.settings.exotel_mumbai_url,
            },
        )

    @cached_property
    def environment_integrations(self) -> "EnvironmentIntegrations":
        from banxway.services.integrations.environment import EnvironmentIntegrations

        settings = self.settings
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
    def callback_urls(self) -> "CallbackUrls":
        from banxway.services.webhooks.urls import CallbackUrls

        return CallbackUrls(self.references, base_url=self.settings.require("webhook_base_url"))

    @cached_property
    def frames(self) -> "FramePusher":
        from banxway.providers.websocket import ApiGatewayFrames

        url = self.settings.require("websocket_management_url")
        return ApiGatewayFrames(lambda: aws_client("apigatewaymanagementapi", endpoint_url=url))

    def _smtp(self, server: "MailServer") -> "MailSender":
        from banxway.providers.mail.smtp.sender import SmtpMailSender

        tls = tls_context(self.settings.trusted_ca_file)
        return SmtpMailSender(server, connect=self.hosts.connect, tls=tls, clock=self.clock)

    def _imap(self, server: "MailServer") -> "Mailbox":
        from banxway.providers.mail.imap.mailbox import ImapMailbox

        tls = tls_context(self.settings.trusted_ca_file)
        return ImapMailbox(server, connect=self.hosts.connect, tls=tls, clock=self.clock)

    def is_readable_callback(self, kind: str, body: bytes, content_type: str) -> bool:
        """Tell whether the worker will be able to read a callback."""
        return is_readable_callback(kind, body, content_type)

    def enqueue_message(self, due: "MessageDue", delay_s: int = 0) -> None:
        """Wake the worker that delivers a message, after a delay."""
        self.queues.send(self.settings.require("message_queue_url"), due.model_dump_json(), delay_s=delay_s)

    def enqueue_callback(self, received: "CallbackReceived") -> None:
        """Wake the worker that applies callbacks, for the rest of a long one."""
        self.queues.send(self.settings.require("webhook_queue_url"), received.model_dump_json())

    def enqueue_mailboxes(self, due: "MailboxesDue", delay_s: int = 0) -> None:
        """Wake the worker that polls mailboxes, after a delay."""
        self.queues.send(self.settings.require("mailbox_queue_url"), due.model_dump_json(), delay_s=delay_s)

    def enqueue_idle(self, due: "IdleDue") -> None:
        """Wake a worker that holds IDLE on a mailbox."""
        self.queues.send(self.settings.require("idle_queue_url"), due.model_dump_json())

    def enqueue_changes(self, due: "ChangesDue") -> None:
        """Wake the worker that pushes an organization's changes; at the end of `telling_once` within that."""
        if self._untold is None:
            self.queues.send(self.settings.require("change_queue_url"), due.model_dump_json())
        else:
            self._untold[due.organization_id] = due

    @contextmanager
    def telling_once(self) -> Iterator[None]:
        """Enqueue the changes of what is done within as one item for each organization, at the end.

        One that cannot be enqueued then is left to the sweeper, which pushes what nobody was told of.
        """
        self._untold = {}
        try:
            yield
        finally:
            untold, self._untold = self._untold, None
            with suppress(Unavailable):
                for due in untold.values():
                    self.enqueue_changes(due)

    def enqueue_integration(self, due: "IntegrationDue", delay_s: int = 0) -> None:
        """Wake the worker that looks after an integration, after a delay."""
        self.queues.send(
            self.settings.require("integration_queue_url"), due.model_dump_json(), delay_s=delay_s
        )

    def enqueue_rotation(self, due: "RotationDue") -> None:
        """Wake the worker that brings an organization under the current key."""
        self.queues.send(self.settings.require("rotation_queue_url"), due.model_dump_json())
