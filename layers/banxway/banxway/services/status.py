"""Which channels are configured: the guide's Test 9."""

from banxway.models.actors import Actor
from banxway.models.status import ConfigurationStatus, EmailStatus, PhoneStatus, SmsStatus, WhatsAppStatus
from banxway.storage import email_accounts, integrations
from banxway.storage.database import Database


class Status:
    """Sums up an organization's configuration."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, *, actor: Actor) -> ConfigurationStatus:
        """Return one entry per channel; a channel counts as configured if it is active and verified."""
        with self._database.as_actor(actor) as transaction:
            accounts = email_accounts.list_all(transaction)
            working = {
                integration.integration_type: integration
                for integration in integrations.list_all(transaction)
                if integration.is_active and integration.is_verified
            }
        default = next((account.email for account in accounts if account.is_default), None)
        phone, whatsapp = working.get("exotel_phone"), working.get("exotel_whatsapp")
        return ConfigurationStatus(
            email=EmailStatus(
                configured=bool(accounts),
                accounts=len(accounts),
                default_account=default or (accounts[0].email if accounts else None),
            ),
            phone=PhoneStatus(configured=True, provider="exotel", numbers=phone.phone_number_count)
            if phone
            else PhoneStatus(configured=False),
            whatsapp=WhatsAppStatus(
                configured=True, provider="exotel", number=whatsapp.settings.get("whatsapp_number")
            )
            if whatsapp
            else WhatsAppStatus(configured=False),
            sms=SmsStatus(configured=True, provider="exotel")
            if "exotel_sms" in working
            else SmsStatus(configured=False),
        )
