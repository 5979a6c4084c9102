"""The only place that knows which concrete class fills which role.

One App per process, made on first use; each service is made when it is first asked for, and imports what it
needs only then, so that a webhook receiver never pays for the database or the mail parser.
"""

import os
import random
from collections.abc import Callable
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from banxway.clock import utc_now
from banxway.ids import new_id
from banxway.settings import Settings

if TYPE_CHECKING:
    from banxway.models.credentials import ExotelAccount, MailServer
    from banxway.models.queue_items import ChangesDue, MailboxDue, MessageDue
    from banxway.providers.base import (
        FramePusher,
        Mailbox,
        MailSender,
        Providers,
        VoiceAccount,
        WhatsAppProvider,
    )
    from banxway.security.envelope import Envelope
    from banxway.security.hosts import HostGuard
    from banxway.security.references import CallbackReferences
    from banxway.security.sessions import SessionTokens
    from banxway.services.audit import AuditTrail
    from banxway.services.callback_intake import CallbackIntake
    from banxway.services.callback_urls import CallbackUrls
    from banxway.services.callbacks import Callbacks
    from banxway.services.credentials import Credentials
    from banxway.services.delivery import Delivery
    from banxway.services.email_accounts import EmailAccounts
    from banxway.services.email_sync import EmailSync
    from banxway.services.integrations import Integrations
    from banxway.services.ledger_epoch import LedgerEpoch
    from banxway.services.maintenance import Maintenance
    from banxway.services.messages import Messages
    from banxway.services.phone_numbers import PhoneNumbers
    from banxway.services.platform import Platform
    from banxway.services.realtime import Realtime
    from banxway.services.status import Status
    from banxway.services.threads import Threads
    from banxway.storage.blobs import BlobStore
    from banxway.storage.database import Database
    from banxway.storage.queues import Queues


@cache
def current_app() -> "App":
    """Return this process's App, configured by its environment."""
    from banxway.log import cover_libraries

    # Lambda's runtime has put its own handler on the root logger by now.
    cover_libraries()
    return App(Settings.from_environment(os.environ))


class App:
    """The bundle of services that entrypoints hand to handlers."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    def end_invocation(self) -> None:
        """Give back what an invocation left open; nothing is made for this."""
        if "database" in self.__dict__:
            self.database.release()

    # ── what services are made of ────────────────────────────────────────────────────────────

    @cached_property
    def database(self) -> "Database":
        from banxway.storage.database import Database

        return Database(self.settings.require("database_url"), application_name=self.settings.function_name)

    @cached_property
    def queues(self) -> "Queues":
        from banxway.storage.queues import Queues

        return Queues(lambda: _aws_client("sqs"))

    def queue_url(self, queue_arn: str) -> str:
        """Return the URL of one of our queues by its ARN: both end in the queue's name."""
        name = queue_arn.rpartition(":")[2]
        urls = ("webhook_queue_url", "message_queue_url", "mailbox_queue_url", "change_queue_url")
        return next(url for url in map(self.settings.require, urls) if url.rpartition("/")[2] == name)

    @cached_property
    def blobs(self) -> "BlobStore":
        from banxway.storage.blobs import FolderBlobs, S3Blobs

        if self.settings.blob_folder:
            from pathlib import Path

            return FolderBlobs(Path(self.settings.blob_folder), lambda: self.envelope)
        return S3Blobs(self.settings.require("blob_bucket"), lambda: _aws_client("s3"))

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
            wrapper = KmsKeyWrapper(settings.encryption_key_arn, lambda: _aws_client("kms"))
        else:
            wrapper = NoKeyWrapper()
        return Envelope(wrapper, clock=utc_now)

    @cached_property
    def hosts(self) -> "HostGuard":
        from banxway.security.hosts import HostGuard

        return HostGuard(allow_private=self.settings.allow_private_hosts)

    @cached_property
    def sessions(self) -> "SessionTokens":
        from banxway.security.sessions import SessionTokens

        settings = self.settings
        return SessionTokens(
            secret=settings.jwt_secret,
            jwks_url=settings.jwt_jwks_url,
            issuer=settings.require("jwt_issuer"),
            audience=settings.require("jwt_audience"),
            clock=utc_now,
            allow_private=settings.allow_private_hosts,
        )

    @cached_property
    def references(self) -> "CallbackReferences":
        from banxway.security.references import CallbackReferences

        return CallbackReferences(self.settings.webhook_secret, clock=utc_now)

    @cached_property
    def providers(self) -> "Providers":
        from banxway.providers.base import Providers

        return Providers(
            voice=_exotel_voice,
            whatsapp=_exotel_whatsapp,
            mail_sender=self._smtp,
            mailbox=self._imap,
            parse_callback=_parse_callback,
            parse_mail=_parse_mail,
            html_to_text=_html_to_text,
        )

    @cached_property
    def _credentials(self) -> "Credentials":
        from banxway.services.credentials import Credentials

        return Credentials(self.envelope, exotel_url=self.settings.exotel_api_url)

    @cached_property
    def _callback_urls(self) -> "CallbackUrls":
        from banxway.services.callback_urls import CallbackUrls

        return CallbackUrls(self.references, base_url=self.settings.require("webhook_base_url"))

    # ── services, one per area ───────────────────────────────────────────────────────────────

    @cached_property
    def integrations(self) -> "Integrations":
        from banxway.services.integrations import Integrations

        return Integrations(
            self.database,
            providers=self.providers,
            credentials=self._credentials,
            callback_urls=self._callback_urls,
            new_id=new_id,
        )

    @cached_property
    def phone_numbers(self) -> "PhoneNumbers":
        from banxway.services.phone_numbers import PhoneNumbers

        return PhoneNumbers(self.database)

    @cached_property
    def email_accounts(self) -> "EmailAccounts":
        from banxway.services.email_accounts import EmailAccounts

        return EmailAccounts(
            self.database, providers=self.providers, credentials=self._credentials, new_id=new_id
        )

    @cached_property
    def email_sync(self) -> "EmailSync":
        from banxway.services.email_sync import EmailSync
        from banxway.services.mail_filing import MailFiling

        return EmailSync(
            self.database,
            providers=self.providers,
            credentials=self._credentials,
            filing=MailFiling(
                self.database, blobs=lambda: self.blobs, parse=self.providers.parse_mail, new_id=new_id
            ),
            blobs=lambda: self.blobs,
            enqueue_mailbox=self._enqueue_mailbox,
            enqueue_changes=self._enqueue_changes,
        )

    @cached_property
    def threads(self) -> "Threads":
        from banxway.services.threads import Threads

        return Threads(self.database)

    @cached_property
    def messages(self) -> "Messages":
        from banxway.services.messages import Messages

        return Messages(
            self.database,
            enqueue_message=self._enqueue_message,
            enqueue_changes=self._enqueue_changes,
            clock=utc_now,
            new_id=new_id,
            to_text=self.providers.html_to_text,
            wait_s=self.settings.send_wait_seconds,
        )

    @cached_property
    def delivery(self) -> "Delivery":
        from banxway.services.delivery import Delivery

        return Delivery(
            self.database,
            providers=self.providers,
            credentials=self._credentials,
            callback_urls=self._callback_urls,
            epoch=self.ledger_epoch,
            enqueue_later=self._enqueue_message,
            enqueue_changes=self._enqueue_changes,
            new_id=new_id,
            random=random.random,
        )

    @cached_property
    def ledger_epoch(self) -> "LedgerEpoch":
        from banxway.services.ledger_epoch import LedgerEpoch

        return LedgerEpoch(self.database, self.blobs)

    @cached_property
    def callback_intake(self) -> "CallbackIntake":
        from banxway.services.callback_intake import CallbackIntake

        return CallbackIntake(
            enqueue=lambda body: self.queues.send(self.settings.require("webhook_queue_url"), body),
            blobs=lambda: self.blobs,
            clock=utc_now,
        )

    @cached_property
    def callbacks(self) -> "Callbacks":
        from banxway.services.callbacks import Callbacks
        from banxway.services.incoming import IncomingMessages

        return Callbacks(
            self.database,
            blobs=lambda: self.blobs,
            parse=self.providers.parse_callback,
            incoming=IncomingMessages(new_id=new_id),
            enqueue_changes=self._enqueue_changes,
            new_id=new_id,
        )

    @cached_property
    def realtime(self) -> "Realtime":
        from banxway.services.realtime import Realtime

        return Realtime(
            self.database,
            pusher=lambda: self._frames,
            websocket_url=lambda: self.settings.require("websocket_url"),
            console_origin=self.settings.console_origin,
        )

    @cached_property
    def maintenance(self) -> "Maintenance":
        from banxway.services.maintenance import Maintenance

        return Maintenance(
            self.database,
            epoch=self.ledger_epoch,
            enqueue_message=self._enqueue_message,
            enqueue_changes=self._enqueue_changes,
        )

    @cached_property
    def audit(self) -> "AuditTrail":
        from banxway.services.audit import AuditTrail

        return AuditTrail(self.database)

    @cached_property
    def status(self) -> "Status":
        from banxway.services.status import Status

        return Status(self.database)

    @cached_property
    def platform(self) -> "Platform":
        from banxway.services.platform import Platform

        return Platform(
            self.database,
            environment=self.settings.environment,
            owner_url=lambda: self.settings.require("owner_database_url"),
            app_url=self.settings.database_url,
        )

    # ── the edges ────────────────────────────────────────────────────────────────────────────

    @cached_property
    def _frames(self) -> "FramePusher":
        from banxway.providers.websocket import ApiGatewayFrames

        url = self.settings.require("websocket_management_url")
        return ApiGatewayFrames(lambda: _aws_client("apigatewaymanagementapi", endpoint_url=url))

    def _smtp(self, server: "MailServer") -> "MailSender":
        from banxway.providers.mail.smtp import SmtpMailSender

        return SmtpMailSender(
            server, connect=self.hosts.connect, tls=_tls_context(self.settings.trusted_ca_file)
        )

    def _imap(self, server: "MailServer") -> "Mailbox":
        from banxway.providers.mail.imap import ImapMailbox

        return ImapMailbox(
            server, connect=self.hosts.connect, tls=_tls_context(self.settings.trusted_ca_file)
        )

    def _enqueue_message(self, due: "MessageDue", delay_s: int = 0) -> None:
        self.queues.send(self.settings.require("message_queue_url"), due.model_dump_json(), delay_s=delay_s)

    def _enqueue_mailbox(self, due: "MailboxDue", delay_s: int = 0) -> None:
        self.queues.send(self.settings.require("mailbox_queue_url"), due.model_dump_json(), delay_s=delay_s)

    def _enqueue_changes(self, due: "ChangesDue") -> None:
        self.queues.send(self.settings.require("change_queue_url"), due.model_dump_json())


def _aws_client(service: str, **options: Any) -> Any:
    """Make a client that gives up soon: a caller is waiting, and rows outlive queues."""
    import boto3
    from botocore.config import Config

    config = Config(connect_timeout=2, read_timeout=5, retries={"max_attempts": 2, "mode": "standard"})
    make: Callable[..., Any] = boto3.client
    return make(service, config=config, **options)


@cache
def _tls_context(ca_file: str | None) -> Any:
    import ssl

    context = ssl.create_default_context()
    if ca_file:
        context.load_verify_locations(ca_file)
    return context


def _exotel_voice(account: "ExotelAccount") -> "VoiceAccount":
    from banxway.providers.exotel.client import ExotelClient
    from banxway.providers.exotel.voice import ExotelVoice

    return ExotelVoice(ExotelClient(account))


def _exotel_whatsapp(account: "ExotelAccount") -> "WhatsAppProvider":
    from banxway.providers.exotel.client import ExotelClient
    from banxway.providers.exotel.whatsapp import ExotelWhatsApp

    return ExotelWhatsApp(ExotelClient(account))


def _parse_callback(kind: str, body: bytes, content_type: str) -> Any:
    from banxway.providers.exotel import webhooks

    parsers = {"call_status": webhooks.parse_call_status, "whatsapp": webhooks.parse_whatsapp}
    return parsers[kind](body, content_type)


def _parse_mail(raw: bytes) -> Any:
    from banxway.providers.mail.parser import parse

    return parse(raw)


def _html_to_text(html: str) -> str:
    from banxway.providers.mail.html import to_text

    return to_text(html)
