"""Seals credentials for the database, and opens them only for a request to the provider."""

import json
from collections.abc import Mapping
from uuid import UUID

from banxway.errors import NotConfigured
from banxway.models.integrations.credentials import ExotelAccount, MailServer
from banxway.security import redaction
from banxway.security.envelope import Binding, Envelope
from banxway.storage.database import Transaction
from banxway.storage.email_accounts import AccountRow
from banxway.storage.integrations import integrations
from banxway.storage.integrations.credential_slots import RetiringRow
from banxway.storage.integrations.integrations import AnyIntegration, StandIn
from banxway.storage.rows import columns_of

_CHANNEL_NAMES = {"exotel_phone": "Phone", "exotel_whatsapp": "WhatsApp", "exotel_sms": "SMS"}


class Credentials:
    """Seals and opens the credentials of integrations and mailboxes."""

    def __init__(self, envelope: Envelope, *, exotel_urls: Mapping[str, str]) -> None:
        """`exotel_urls` are Exotel's base URLs by the region's name."""
        self._envelope = envelope
        self._exotel_urls = exotel_urls

    def seal(self, secrets: Mapping[str, str], *, organization_id: UUID, table: str, row_id: UUID) -> str:
        """Return the secrets sealed for one row of one table of one organization; the envelope opens nowhere else."""
        binding = Binding(organization_id=organization_id, table=table, row_id=row_id)
        return self._envelope.encrypt(json.dumps(dict(secrets)).encode(), binding=binding)

    def exotel_account(self, secrets: Mapping[str, str]) -> ExotelAccount:
        """Return the account of opened secrets, which are masked in logs from here on.

        Secrets without a region were sealed before there were regions, and are of Singapore.
        """
        for name in ("api_key", "api_token"):
            redaction.remember(secrets[name])
        return ExotelAccount(
            account_sid=secrets["account_sid"],
            api_key=secrets["api_key"],
            api_token=secrets["api_token"],
            base_url=self._exotel_urls[secrets.get("region", "singapore")].rstrip("/"),
        )

    def in_other_regions(self, secrets: Mapping[str, str]) -> list[tuple[str, ExotelAccount]]:
        """Return the same account in every other region that has its own base URL, each with the region's name."""
        here = self.exotel_account(secrets).base_url
        others = [
            (region, self.exotel_account({**secrets, "region": region})) for region in self._exotel_urls
        ]
        return [(region, account) for region, account in others if account.base_url != here]

    def open(self, row: AnyIntegration, *, organization_id: UUID) -> dict[str, str]:
        """Open an integration's secrets as they were sealed. Raises WrongKey, KeyMissing or CorruptEnvelope."""
        secrets = (
            row.secrets
            if isinstance(row, StandIn)
            else self._open(
                row.credentials_encrypted,
                row.id,
                organization_id=organization_id,
                table="integration_credentials",
            )
        )
        for name in ("api_key", "api_token", "password"):
            redaction.remember(secrets.get(name, ""))
        return secrets

    def open_retiring(self, row: RetiringRow, *, organization_id: UUID) -> ExotelAccount:
        """Open the account of retiring credentials. Raises WrongKey, KeyMissing or CorruptEnvelope."""
        return self.exotel_account(
            self._open(
                row.credentials_encrypted,
                row.id,
                organization_id=organization_id,
                table="retiring_credentials",
            )
        )

    def open_exotel(self, row: AnyIntegration, *, organization_id: UUID) -> ExotelAccount:
        """Open an integration's account. Raises WrongKey, KeyMissing or CorruptEnvelope."""
        return self.exotel_account(self.open(row, organization_id=organization_id))

    def open_smtp(self, row: AccountRow) -> MailServer:
        """Open a mailbox's SMTP login. Raises WrongKey, KeyMissing or CorruptEnvelope."""
        secrets = self._open(
            row.credentials_encrypted, row.id, organization_id=row.organization_id, table="email_accounts"
        )
        return smtp_server(columns_of(row), secrets["smtp_password"])

    def open_imap(self, row: AccountRow) -> MailServer:
        """Open a mailbox's IMAP login. Raises WrongKey, KeyMissing or CorruptEnvelope."""
        secrets = self._open(
            row.credentials_encrypted, row.id, organization_id=row.organization_id, table="email_accounts"
        )
        return imap_server(columns_of(row), secrets["imap_password"])

    def _open(self, sealed: str, row_id: UUID, *, organization_id: UUID, table: str) -> dict[str, str]:
        binding = Binding(organization_id=organization_id, table=table, row_id=row_id)
        secrets: dict[str, str] = json.loads(self._envelope.decrypt(sealed, binding=binding))
        return secrets


def smtp_server(login: Mapping[str, object], password: str) -> MailServer:
    """Return the SMTP server and login of a mailbox, from its columns or fields."""
    return _server(login, "smtp", password, implicit=bool(login["smtp_secure"]))


def imap_server(login: Mapping[str, object], password: str) -> MailServer:
    """Return the IMAP server and login of a mailbox, from its columns or fields."""
    return _server(login, "imap", password, implicit=bool(login["imap_tls"]))


def require_integration(
    transaction: Transaction, integration_type: str, *, stand_in: StandIn | None = None
) -> AnyIntegration:
    """Return an active integration's row, or `stand_in` if none is saved. Raises NotConfigured."""
    row = integrations.find(transaction, integration_type) or stand_in
    channel = _CHANNEL_NAMES.get(integration_type, integration_type)
    if row is None:
        raise NotConfigured(
            f"{channel} is not configured: an admin must add the {integration_type} integration"
        )
    if not row.is_active:
        raise NotConfigured(
            f"{channel} is switched off: an admin must activate the {integration_type} integration"
        )
    return row


def _server(login: Mapping[str, object], protocol: str, password: str, *, implicit: bool) -> MailServer:
    redaction.remember(password)
    return MailServer(
        host=str(login[f"{protocol}_host"]),
        port=int(str(login[f"{protocol}_port"])),
        tls="implicit" if implicit else "starttls",
        username=str(login[f"{protocol}_user"]),
        password=password,
    )
