"""WhatsApp as a channel, by Exotel."""

from typing import cast
from uuid import UUID

from banxway.errors import ProviderDenied, ProviderError
from banxway.models.channels import WHATSAPP
from banxway.models.messages.messages import (
    NewTemplateMessage,
    NewWhatsAppMessage,
    SentWhatsApp,
)
from banxway.models.messages.outgoing import OutgoingWhatsApp, TemplateContent, TextContent
from banxway.models.messages.statuses import MessageStatus
from banxway.providers.base import Begin, Providers
from banxway.services.integrations.credentials import require_integration
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.integrations.slots import CredentialSlots
from banxway.services.integrations.trust import doubt
from banxway.services.messages.channels.base import Backoff, HandedOver, SendRequest
from banxway.services.messages.channels.whatsapp.compose import compose, require_open_window
from banxway.services.messages.draft import Draft
from banxway.services.status.notifications import Notifications
from banxway.services.webhooks.urls import CallbackUrls
from banxway.storage.database import Transaction
from banxway.storage.messages.rows import MessageRow


class WhatsAppChannel:
    """Sends texts and templates by the organization's WhatsApp number."""

    traits = WHATSAPP
    accepted_status = MessageStatus.ACCEPTED
    """Exotel's acceptance is only its first word; its reports say what became of the message."""
    backoff = Backoff(first_s=4.0, factor=2.0)

    def __init__(
        self,
        *,
        providers: Providers,
        slots: CredentialSlots,
        callback_urls: CallbackUrls,
        environment: EnvironmentIntegrations,
        notifications: Notifications,
    ) -> None:
        self._providers = providers
        self._slots = slots
        self._callback_urls = callback_urls
        self._environment = environment
        self._notifications = notifications

    def compose(self, transaction: Transaction, request: SendRequest) -> Draft:
        """Complete a text or a template for a thread.

        Raises NotConfigured, TemplateRequired for free text outside the window, and ValidationFailed naming the
        field for a recipient that is ours or unknown, and for a template or variable that cannot be sent.
        """
        return compose(
            transaction,
            thread=request.thread,
            content=cast("NewWhatsAppMessage | NewTemplateMessage", request.content),
            sender=self._sender(transaction, request.actor.organization_id),
        )

    def require_sendable(self, transaction: Transaction, message: MessageRow) -> None:
        """Require that WhatsApp is still configured, and the window open for free text."""
        self._sender(transaction, message.organization_id)
        if message.kind != "template":
            require_open_window(transaction, sender=message.sender, recipient=message.recipient)

    def hand_over(self, message: MessageRow, *, begin: Begin) -> HandedOver:
        """Send a claimed message once, with the live credentials, else the retiring ones.

        Raises what the provider client and the stored credentials raise; only OutcomeUnknown may have sent it.
        """
        organization_id, content = message.organization_id, message.content
        outgoing = OutgoingWhatsApp(
            sender=message.sender,
            recipient=message.recipient,
            content=TemplateContent(
                content["template_name"], content["language"], tuple(content["variables"])
            )
            if message.kind == "template"
            else TextContent(message.body_text),
            status_callback=self._callback_urls.for_message(organization_id, message.id),
            reference=str(message.id),
        )
        accepted, proven = self._slots.using_and_proving(
            organization_id,
            self.traits.integration_type,
            lambda account: self._providers.whatsapp(account).send(outgoing, begin=begin),
        )
        return HandedOver(accepted, proven)

    def record_refusal(self, transaction: Transaction, message: MessageRow, error: ProviderError) -> None:
        """Mark the integration as unverified after refused credentials, and notify an admin."""
        if isinstance(error, ProviderDenied):
            doubt(
                transaction,
                self._notifications,
                message.organization_id,
                self.traits.integration_type,
                "send_refused",
                error,
            )

    def answer(self, message: MessageRow, status: MessageStatus) -> SentWhatsApp:
        """Return the guide's Test 4."""
        return SentWhatsApp(
            message_id=message.id,
            message_sid=message.provider_sid,
            status=status,
            channel=self.traits.name,
            to=message.recipient,
            created_at=message.created_at,
        )

    def _sender(self, transaction: Transaction, organization_id: UUID) -> str:
        """Return the number that messages leave from. Raises NotConfigured."""
        kind = self.traits.integration_type
        stand_in = self._environment.find(organization_id, kind)
        number: str = require_integration(transaction, kind, stand_in=stand_in).settings["whatsapp_number"]
        return number
