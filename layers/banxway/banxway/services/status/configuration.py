"""Reports which channels are configured, which of them fail, and what is missing: the guide's Test 9.

`fix` is a path of the console, as the guide names it, or a path of the API if the console has no page for it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from banxway.models.actors import Actor
from banxway.models.email_accounts.accounts import EmailAccount
from banxway.models.integrations.integrations import Integration
from banxway.models.integrations.kinds import PHONE, SMS, WHATSAPP, IntegrationKind
from banxway.models.phone_numbers import PhoneNumber
from banxway.models.status.configuration import (
    ConfigurationStatus,
    EmailStatus,
    Missing,
    PhoneStatus,
    SmsStatus,
    WhatsAppStatus,
)
from banxway.models.words import IntegrationType
from banxway.services.integrations.environment import EnvironmentIntegrations
from banxway.storage import email_accounts, phone_numbers
from banxway.storage.database import Database, Transaction
from banxway.storage.integrations import integrations

_EMAIL_PAGE = "/settings/email-accounts"
_NUMBERS_PAGE = "/settings/phone-numbers"
_NOT_SYNCED = Missing(what="No phone number has been synced", fix=PHONE.page)


class Status:
    """Sums up an organization's configuration."""

    def __init__(self, database: Database, *, environment: EnvironmentIntegrations) -> None:
        self._database = database
        self._environment = environment

    def get(self, *, actor: Actor) -> ConfigurationStatus:
        """Return one entry per channel; a channel that is configured and works has neither `status` nor `missing`.

        A stand-in from the deployment's environment counts as configured, although it was never tested.
        """
        with self._database.as_actor(actor) as transaction:
            setup = Setup.read(transaction, actor, self._environment)
        return setup.status()


@dataclass(frozen=True, slots=True)
class Setup:
    """What an organization has set up: its mailboxes, numbers and integrations."""

    accounts: list[EmailAccount]
    numbers: list[PhoneNumber]
    integrations: Mapping[IntegrationType, Integration]
    stand_ins: Mapping[str, dict[str, Any]]

    @classmethod
    def read(cls, transaction: Transaction, actor: Actor, environment: EnvironmentIntegrations) -> "Setup":
        """Return what the actor's organization has set up, with the settings of stand-ins from the environment."""
        found = {each.integration_type: each for each in integrations.list_all(transaction)}
        stand_ins = {
            row.integration_type: row.settings
            for row in environment.list_all(actor.organization_id)
            if row.integration_type not in found
        }
        accounts, numbers = email_accounts.list_all(transaction), phone_numbers.list_all(transaction)
        return cls(accounts, numbers, found, stand_ins)

    def status(self) -> ConfigurationStatus:
        """Return one entry per channel."""
        found, stand_ins = self.integrations, self.stand_ins
        return ConfigurationStatus(
            email=_email(self.accounts),
            phone=_environments_phone(self.numbers)
            if PHONE.type in stand_ins
            else _phone(found.get(PHONE.type), self.numbers),
            whatsapp=WhatsAppStatus(
                configured=True, provider="exotel", number=stand_ins[WHATSAPP.type]["whatsapp_number"]
            )
            if WHATSAPP.type in stand_ins
            else _whatsapp(found.get(WHATSAPP.type)),
            sms=SmsStatus(configured=True, provider="exotel")
            if SMS.type in stand_ins
            else _sms(found.get(SMS.type)),
        )


def _email(accounts: list[EmailAccount]) -> EmailStatus:
    default = next((account.email for account in accounts if account.is_default), None)
    failing = [account for account in accounts if _fails(account)]
    return EmailStatus(
        configured=bool(accounts),
        accounts=len(accounts),
        default_account=default or (accounts[0].email if accounts else None),
        status="unverified" if failing else None,
        missing=[*_missing_from_mail(accounts, default), *map(_what_fails, failing)] or None,
    )


def _fails(account: EmailAccount) -> bool:
    return not account.is_verified or (account.imap_enabled and account.last_poll_error is not None)


def _what_fails(account: EmailAccount) -> Missing:
    reason = account.last_poll_error or "its logins have not been verified"
    return Missing(what=f"{account.email} does not work: {reason}", fix=_EMAIL_PAGE)


def _missing_from_mail(accounts: list[EmailAccount], default: str | None) -> list[Missing]:
    if not accounts:
        return [Missing(what="No mailbox has been added", fix=_EMAIL_PAGE)]
    lacks = []
    if not any(account.smtp_enabled for account in accounts):
        lacks.append("No mailbox may send: smtp_enabled is off in all of them")
    if not any(account.imap_enabled for account in accounts):
        lacks.append("No mailbox is polled: imap_enabled is off in all of them")
    if default is None:
        lacks.append("No mailbox is the default; the oldest that may send is used instead")
    return [Missing(what=what, fix=_EMAIL_PAGE) for what in lacks]


def _phone(integration: Integration | None, numbers: list[PhoneNumber]) -> PhoneStatus:
    shared = _shared(PHONE, integration)
    if integration is None:
        return PhoneStatus(**shared)
    lacks = list(shared.pop("missing") or ())
    active = [number for number in numbers if number.is_active]
    if integration.phone_number_count == 0:
        lacks.append(_NOT_SYNCED)
    elif not any(number.is_primary for number in active):
        lacks.append(Missing(what="No phone number is the primary one", fix=_NUMBERS_PAGE))
    return PhoneStatus(
        **shared, provider="exotel", numbers=integration.phone_number_count, missing=lacks or None
    )


def _environments_phone(numbers: list[PhoneNumber]) -> PhoneStatus:
    active = [number for number in numbers if number.is_active]
    return PhoneStatus(
        configured=True,
        provider="exotel",
        numbers=len(active),
        missing=None if active else [_NOT_SYNCED],
    )


def _whatsapp(integration: Integration | None) -> WhatsAppStatus:
    shared = _shared(WHATSAPP, integration)
    if integration is None:
        return WhatsAppStatus(**shared)
    return WhatsAppStatus(**shared, provider="exotel", number=integration.settings.get("whatsapp_number"))


def _sms(integration: Integration | None) -> SmsStatus:
    return SmsStatus(**_shared(SMS, integration), provider="exotel" if integration is not None else None)


def _shared(kind: IntegrationKind, integration: Integration | None) -> dict[str, Any]:
    """Return what every Exotel channel says: configured, status and missing."""
    name, page = kind.name, kind.page
    if integration is None:
        lack = Missing(what=f"{name} has not been configured", fix=page)
        return {"configured": False, "status": None, "missing": [lack]}
    if not integration.is_active:
        lack = Missing(what=f"{name} is switched off", fix=page)
        return {"configured": False, "status": "inactive", "missing": [lack]}
    if not integration.is_verified:
        what = f"{name} is unverified. {integration.unverified_because}. Test it again"
        lack = Missing(what=what, fix=page)
        return {"configured": True, "status": "unverified", "missing": [lack]}
    return {"configured": True, "status": None, "missing": None}
