"""Tests each type of account at its provider, with credentials just typed in or stored."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from banxway.errors import ProviderError, ProviderRejected, WrongRegion
from banxway.models.integrations.checks import (
    EmailAccountCheck,
    PhoneAccountCheck,
    SmsAccountCheck,
    WhatsAppAccountCheck,
)
from banxway.models.integrations.credentials import ExotelAccount
from banxway.models.phone_numbers import ProviderNumber
from banxway.providers.base import Providers
from banxway.reasons import Reason
from banxway.services.email_accounts.login_checks import MailboxChecks, MailboxRefused, MailboxUnreachable
from banxway.services.integrations.credentials import Credentials
from banxway.services.status.diagnosis.explanations import explain

Check = PhoneAccountCheck | WhatsAppAccountCheck | SmsAccountCheck | EmailAccountCheck
T = TypeVar("T")

TESTED_SETTINGS = {
    "exotel_phone": ("virtual_number",),
    "exotel_whatsapp": ("whatsapp_number",),
    "exotel_sms": ("sms_number",),
    "zoho_mail": (
        "email", "smtp_host", "smtp_port", "smtp_secure", "imap_host", "imap_port", "imap_tls",
    ),
}  # fmt: skip
"""The settings that a test proves, besides the secrets."""

_MAYBE_OTHER_REGION = (401, 404)  # the answers of a wrong region (reference/exotel.md, 11.1 and 11.2)


class IntegrationChecks:
    """Tests accounts at their providers; changes nothing."""

    def __init__(self, *, providers: Providers, credentials: Credentials, mailboxes: MailboxChecks) -> None:
        self._providers = providers
        self._mailboxes = mailboxes
        self._credentials = credentials

    def run(self, integration_type: str, *, secrets: Mapping[str, str], settings: Mapping[str, Any]) -> Check:
        """Test an account by its secrets and settings, as AccountCredentials splits them.

        Raises the provider's first refusal: MailboxRefused or MailboxUnreachable for a mailbox, WrongRegion for an
        Exotel account that only another region knows; with the catalogue's cause and fix if it knows them.
        """
        if integration_type == "zoho_mail":
            return self._mail(secrets["password"], settings)
        try:
            return self._in_its_region(
                secrets, lambda account: self._exotel(integration_type, account, settings)
            )
        except ProviderError as error:
            explain(error)
            raise

    def numbers(self, integration_type: str, *, secrets: Mapping[str, str]) -> list[ProviderNumber] | None:
        """Return the account's numbers, or None if its type has none to sync. Raises ProviderError."""
        if integration_type != "exotel_phone":
            return None
        return self._providers.voice(self._credentials.exotel_account(secrets)).list_numbers()

    def _exotel(self, integration_type: str, account: ExotelAccount, settings: Mapping[str, Any]) -> Check:
        if integration_type == "exotel_phone":
            return self._providers.voice(account).check(virtual_number=settings["virtual_number"])
        if integration_type == "exotel_sms":
            return self._providers.sms(account).check(sms_number=settings["sms_number"])
        found = self._providers.whatsapp(account).check(whatsapp_number=settings["whatsapp_number"])
        typed = {name: settings.get(name, "unknown") for name in ("quality_rating", "messaging_limit")}
        return found.model_copy(update=typed)

    def _mail(self, password: str, settings: Mapping[str, Any]) -> EmailAccountCheck:
        login = {**mailbox_login(settings), "smtp_password": password, "imap_password": password}
        check = self._mailboxes.run(login)
        if not check.works:
            raise MailboxUnreachable(check) if check.may_pass else MailboxRefused(check)
        return check

    def _in_its_region(self, secrets: Mapping[str, str], ask: Callable[[ExotelAccount], T]) -> T:
        try:
            return ask(self._credentials.exotel_account(secrets))
        except ProviderRejected as error:
            is_unknown = error.provider_status in _MAYBE_OTHER_REGION
            region = self._region_that_knows(secrets) if is_unknown else None
            if region is None:
                raise
            raise WrongRegion(
                f"This account is in the {region.title()} region: set region to {region}",
                provider=error.provider,
                operation=error.operation,
                provider_status=error.provider_status,
                provider_message=error.provider_message,
                field="region",
                reason=Reason.WRONG_REGION,
            ) from error

    def _region_that_knows(self, secrets: Mapping[str, str]) -> str | None:
        others = self._credentials.in_other_regions(secrets)
        return next((region for region, account in others if self._providers.voice(account).is_known()), None)


def mailbox_login(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a mailbox's login from a zoho_mail integration's settings."""
    hosts = ("smtp_host", "smtp_port", "smtp_secure", "imap_host", "imap_port", "imap_tls")
    return {
        "smtp_user": settings["email"],
        "imap_user": settings["email"],
        **{name: settings[name] for name in hosts},
    }
