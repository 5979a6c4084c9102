"""What all services are made of: settings, clock, database, queues, blobs, keys, sessions and providers."""

import math
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from banxway.app.clients import (
    PUSHES_AT_ONCE,
    aws_client,
    exotel_sms,
    exotel_voice,
    exotel_whatsapp,
    html_to_text,
    parse_callback,
    parse_mail,
    parse_mail_header,
    show_mail,
    tls_context,
)
from banxway.clock import SYSTEM_CLOCK, Clock
from banxway.settings import Settings

if TYPE_CHECKING:
    from banxway.models.integrations.credentials import MailServer
    from banxway.models.queue_items import QueueItem
    from banxway.providers.base import FramePusher, Mailbox, MailSender, Providers, UserPool
    from banxway.security.envelope import Envelope
    from banxway.security.hosts import HostGuard
    from banxway.security.references import CallbackReferences
    from banxway.security.sessions import SessionTokens
    from banxway.storage.blobs.store import BlobStore
    from banxway.storage.blobs.transfers import BlobTransfers
    from banxway.storage.database import Database
    from banxway.storage.queues import Queues


class Infrastructure:
    """What all services are made of. Each attribute is made, and imports what it needs, when it is first used.

    Tests replace an attribute here before the first service is made: `app.infrastructure.queues = ...`.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock: Clock = SYSTEM_CLOCK
        self.kind = "worker"
        """The kind of the function that runs, which decides how long the database may take."""
        self._remaining_ms: Callable[[], float] | None = None

    def begin_invocation(self, kind: str, context: Any) -> None:
        """Give the database the time limits of this kind of function, and keep how long Lambda lets it run."""
        self.kind = kind
        self._remaining_ms = getattr(context, "get_remaining_time_in_millis", None)

    def remaining_s(self) -> float:
        """Return how many seconds are left until Lambda ends this invocation; infinite outside of one."""
        return self._remaining_ms() / 1000 if self._remaining_ms else math.inf

    def end_invocation(self) -> None:
        """Close what an invocation left open in the database; makes nothing that was not used."""
        if "database" in self.__dict__:
            self.database.release()

    @cached_property
    def database(self) -> "Database":
        from banxway.models.time_limits import LIMITS
        from banxway.storage.database import Database

        return Database(
            self.settings.require("database_url"),
            application_name=self.settings.function_name,
            limits=lambda: LIMITS[self.kind],
        )

    @cached_property
    def queues(self) -> "Queues":
        from banxway.storage.queues import Queues

        return Queues(lambda: aws_client("sqs"))

    @cached_property
    def blobs(self) -> "BlobStore":
        from banxway.storage.blobs.store import FolderBlobs, S3Blobs

        if self.settings.blob_folder:
            from pathlib import Path

            return FolderBlobs(Path(self.settings.blob_folder), lambda: self.envelope, clock=self.clock)
        return S3Blobs(self.settings.require("blob_bucket"), lambda: aws_client("s3"))

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
    def frames(self) -> "FramePusher":
        from banxway.providers.websocket import ApiGatewayFrames

        url = self.settings.require("websocket_management_url")
        return ApiGatewayFrames(
            lambda: aws_client("apigatewaymanagementapi", endpoint_url=url),
            at_once=PUSHES_AT_ONCE,
            clock=self.clock,
        )

    @cached_property
    def user_pool(self) -> "UserPool | None":
        """The sign-in service's accounts; None where the deployment has none of its own."""
        from banxway.providers.cognito import CognitoUserPool

        pool_id = self.settings.cognito_user_pool_id
        return CognitoUserPool(pool_id, lambda: aws_client("cognito-idp")) if pool_id else None

    def _smtp(self, server: "MailServer") -> "MailSender":
        from banxway.providers.mail.smtp.sender import SmtpMailSender

        tls = tls_context(self.settings.trusted_ca_file)
        return SmtpMailSender(server, connect=self.hosts.connect, tls=tls, clock=self.clock)

    def _imap(self, server: "MailServer") -> "Mailbox":
        from banxway.providers.mail.imap.mailbox import ImapMailbox

        tls = tls_context(self.settings.trusted_ca_file)
        return ImapMailbox(server, connect=self.hosts.connect, tls=tls, clock=self.clock)

    def enqueue(self, item: "QueueItem", delay_s: int = 0) -> None:
        """Put an item into the queue of its class, to be seen after a delay of at most 900 s. Raises Unavailable."""
        url = self.settings.queue_url(item.queue)
        self.queues.send(url, item.model_dump_json(), group=item.group, delay_s=delay_s)
