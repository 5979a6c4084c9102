"""Sums up for the first page of the settings whether each channel works, and what is left to set up."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from banxway.models.actors import Actor
from banxway.models.channels import CHANNELS
from banxway.models.email_accounts.accounts import EmailAccount
from banxway.models.integrations import kinds
from banxway.models.integrations.integrations import Integration
from banxway.models.status.configuration import ChannelStatus
from banxway.models.status.overview import (
    EMAIL_CARD,
    NEEDS_ATTENTION,
    NOT_CONFIGURED,
    NOT_VERIFIED,
    PHONE_CARD,
    SMS_CARD,
    TURNED_OFF,
    WHATSAPP_CARD,
    WORKING,
    CardChannel,
    ChannelCard,
    ChannelState,
    Overview,
    SetupStep,
)
from banxway.models.words import IntegrationType
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.services.status.configuration import Setup
from banxway.storage.database import Database
from banxway.storage.status import traffic

_EMAIL_PAGE = "/settings/email-accounts"
_NUMBERS_PAGE = "/settings/phone-numbers"


class StatusOverview:
    """Shows an organization's channels and its set-up."""

    def __init__(self, database: Database, *, environment: EnvironmentIntegrations) -> None:
        self._database = database
        self._environment = environment

    def get(self, *, actor: Actor) -> Overview:
        """Return a card for each channel, and the steps of the set-up."""
        with self._database.as_actor(actor) as transaction:
            setup = Setup.read(transaction, actor, self._environment)
            sent = traffic.last_outbound(transaction, channels=list(CHANNELS))
        sent_by = {CHANNELS[name].integration_type: at for name, at in sent.items()}
        status = setup.status()
        cards = [
            _email_card(setup.accounts, status.email, sent_by.get(kinds.ZOHO_MAIL.type)),
            _card(PHONE_CARD, kinds.PHONE, setup, status.phone, sent_by),
            _card(WHATSAPP_CARD, kinds.WHATSAPP, setup, status.whatsapp, sent_by),
            _card(SMS_CARD, kinds.SMS, setup, status.sms, sent_by),
        ]
        return Overview(channels=cards, setup=_steps(setup, is_tested=bool(sent)))


def _email_card(accounts: list[EmailAccount], status: ChannelStatus, sent_at: datetime | None) -> ChannelCard:
    default = next((each.email for each in accounts if each.is_default), None)
    return ChannelCard(
        channel=EMAIL_CARD,
        state=_state_of_mail(accounts),
        count=len(accounts),
        address=default or (accounts[0].email if accounts else None),
        last_verified_at=_latest(each.last_verified_at for each in accounts),
        last_inbound_at=_latest(each.inbound_last_proven_at for each in accounts),
        last_outbound_at=sent_at,
        problem=next((_problem_of(each) for each in accounts if _fails(each)), None),
        missing=status.missing or [],
    )


def _state_of_mail(accounts: list[EmailAccount]) -> ChannelState:
    if not accounts:
        return NOT_CONFIGURED
    if any(_fails(each) for each in accounts):
        return NEEDS_ATTENTION
    if not any(each.smtp_enabled or each.imap_enabled for each in accounts):
        return TURNED_OFF
    return WORKING if all(each.is_verified for each in accounts) else NOT_VERIFIED


def _fails(account: EmailAccount) -> bool:
    is_not_polled = account.state != "ok" or account.last_poll_error is not None
    return account.sending_stopped or (account.imap_enabled and is_not_polled)


def _problem_of(account: EmailAccount) -> str:
    if account.sending_stopped:
        return f"{account.email} stopped sending: {_short(account.sending_stopped_reason) or account.state}"
    return f"{account.email} cannot be polled: {_short(account.last_poll_error) or account.state}"


def _short(said: str | None) -> str | None:
    """Return the first sentence, since the advice that follows is the diagnosis's matter."""
    return said.partition(". ")[0].rstrip(".") if said else None


def _card(
    channel: CardChannel,
    kind: kinds.IntegrationKind,
    setup: Setup,
    status: ChannelStatus,
    sent_by: Mapping[IntegrationType, datetime],
) -> ChannelCard:
    integration = setup.integrations.get(kind.type)
    settings = integration.settings if integration else setup.stand_ins.get(kind.type, {})
    return ChannelCard(
        channel=channel,
        state=_state_of(integration, is_stand_in=kind.type in setup.stand_ins),
        count=len(setup.numbers) if channel == PHONE_CARD else None,
        address=settings.get(kind.number_setting or ""),
        last_verified_at=integration.last_verified_at if integration else None,
        last_inbound_at=integration.inbound_last_proven_at if integration else None,
        last_outbound_at=sent_by.get(kind.type),
        problem=_short(integration.unverified_because) if integration and integration.is_active else None,
        missing=status.missing or [],
    )


def _state_of(integration: Integration | None, *, is_stand_in: bool) -> ChannelState:
    if integration is None:
        return NOT_VERIFIED if is_stand_in else NOT_CONFIGURED
    if not integration.is_active:
        return TURNED_OFF
    if integration.is_verified:
        return WORKING
    return NEEDS_ATTENTION if integration.needs_attention else NOT_VERIFIED


def _steps(setup: Setup, *, is_tested: bool) -> list[SetupStep]:
    connected = {*setup.integrations, *setup.stand_ins}
    return [
        SetupStep(name="connect_phone", is_done=kinds.PHONE.type in connected, page=kinds.PHONE.page),
        SetupStep(
            name="connect_whatsapp", is_done=kinds.WHATSAPP.type in connected, page=kinds.WHATSAPP.page
        ),
        SetupStep(name="add_mailbox", is_done=bool(setup.accounts), page=_EMAIL_PAGE),
        SetupStep(
            name="assign_number",
            is_done=any(each.assigned_to_user_id for each in setup.numbers),
            page=_NUMBERS_PAGE,
        ),
        SetupStep(name="send_test", is_done=is_tested, page=None),
    ]


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    return max((each for each in times if each is not None), default=None)
