"""Every environment variable that the product reads: its name, type, default and meaning.

`Settings.from_environment` is called once per process, by `app/__init__.py`; nothing else reads the environment.
docs/settings.md is generated from the declarations below, and from the queues in models/queue_items.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from uuid import UUID

from banxway.errors import SettingsError
from banxway.reasons import Reason

_EXOTEL_SINGAPORE = "https://api.exotel.com"
_EXOTEL_MUMBAI = "https://api.in.exotel.com"
_QUEUE_URL = "_QUEUE_URL"


def _setting(
    variable: str, meaning: str, default: Any = None, *, secret: bool = False, also: str | None = None
) -> Any:
    """Declare one variable. Without a default it may stay unset until it is needed.

    `also` names a second variable, which is read where the first is not set.
    """
    metadata = {"variable": variable, "meaning": meaning, "secret": secret, "also": also}
    return field(default=default, metadata=metadata, repr=not secret)


@dataclass(frozen=True, slots=True)
class Settings:
    """The deployment's settings. An empty variable counts as unset, since SAM cannot leave a variable out."""

    environment: str = _setting("ENVIRONMENT", "production, staging or local; shown by /health", "production")
    function_name: str = _setting(
        "AWS_LAMBDA_FUNCTION_NAME", "Set by Lambda; names the caller in logs", "banxway"
    )
    database_url: str | None = _setting(
        "DATABASE_URL", "Postgres as the role banxway_app; a transaction-mode pooler will do", secret=True
    )
    owner_database_url: str | None = _setting(
        "OWNER_DATABASE_URL", "Postgres as the owner of the tables; migrations only", secret=True
    )
    jwt_secret: str | None = _setting("JWT_SECRET", "Verifies HS256 session tokens", secret=True)
    jwt_jwks_url: str | None = _setting("JWT_JWKS_URL", "Verifies RS256 and ES256 session tokens, instead")
    jwt_issuer: str | None = _setting("JWT_ISSUER", "The exact `iss` of a session token")
    jwt_audience: str | None = _setting("JWT_AUDIENCE", "The exact `aud` of a session token")
    cognito_user_pool_id: str | None = _setting(
        "COGNITO_USER_POOL_ID",
        "The user pool whose accounts follow the members; without one, invitations are passed on by hand",
    )
    encryption_key_arn: str | None = _setting("ENCRYPTION_KEY_ARN", "The KMS key that wraps data keys")
    encryption_previous_key_arn: str | None = _setting(
        "ENCRYPTION_PREVIOUS_KEY_ARN", "The former KMS key, which still decrypts during a rotation"
    )
    encryption_master_key: str | None = _setting(
        "ENCRYPTION_MASTER_KEY", "32 bytes in base64; wraps data keys where there is no KMS", secret=True
    )
    encryption_previous_master_key: str | None = _setting(
        "ENCRYPTION_PREVIOUS_MASTER_KEY",
        "The former key, which still decrypts during a rotation",
        secret=True,
    )
    webhook_secret: str | None = _setting(
        "WEBHOOK_SECRET", "Signs the references inside the URLs that we hand out", secret=True
    )
    webhook_base_url: str | None = _setting(
        "WEBHOOK_BASE_URL",
        "Public https address of this API; EXOTEL_WEBHOOK_BASE_URL is read where this one is not set",
        also="EXOTEL_WEBHOOK_BASE_URL",
    )
    exotel_signature_secret: str | None = _setting(
        "EXOTEL_SIGNATURE_SECRET", "Set it to require a matching X-Exotel-Signature as well", secret=True
    )
    exotel_api_url: str = _setting(
        "EXOTEL_API_URL", "Exotel's address for accounts in Singapore", _EXOTEL_SINGAPORE
    )
    exotel_mumbai_api_url: str | None = _setting(
        "EXOTEL_MUMBAI_API_URL",
        "Exotel's address for accounts in Mumbai; if left out, Exotel's own, or EXOTEL_API_URL if that is another",
    )
    exotel_sid: str | None = _setting(
        "EXOTEL_SID", "The Exotel account of the fallback organization, used until it saves its own"
    )
    exotel_api_key: str | None = _setting("EXOTEL_API_KEY", "Its API key", secret=True)
    exotel_token: str | None = _setting("EXOTEL_TOKEN", "Its API token", secret=True)
    exotel_phone_number: str | None = _setting("EXOTEL_PHONE_NUMBER", "Its virtual number; empty is no phone")
    exotel_whatsapp_number: str | None = _setting(
        "EXOTEL_WHATSAPP_NUMBER", "Its WhatsApp number in E.164; empty is no WhatsApp"
    )
    exotel_waba_id: str | None = _setting(
        "EXOTEL_WABA_ID", "Its WhatsApp Business Account id, by which templates are listed"
    )
    exotel_sms_number: str | None = _setting("EXOTEL_SMS_NUMBER", "Its SMS number; empty is no SMS")
    exotel_fallback_organization_id: str | None = _setting(
        "EXOTEL_FALLBACK_ORGANIZATION_ID",
        "The one organization that uses the account of the EXOTEL_ variables above",
    )
    blob_bucket: str | None = _setting("BLOB_BUCKET", "S3 bucket of raw mail, media and large webhooks")
    blob_folder: str | None = _setting("BLOB_FOLDER", "A folder instead of the bucket, on one machine")
    blob_url: str | None = _setting(
        "BLOB_URL", "Where that folder's contents are uploaded to and downloaded from, on one machine"
    )
    queue_urls: Mapping[str, str] = field(
        default_factory=dict,
        metadata={
            "variable": f"*{_QUEUE_URL}",
            "meaning": "The address of each queue by its name, as models/queue_items.py declares them",
            "secret": False,
            "also": None,
        },
    )
    websocket_url: str | None = _setting("WEBSOCKET_URL", "wss address that a browser connects to")
    console_origin: str | None = _setting(
        "CONSOLE_ORIGIN",
        "The only origin whose pages may open a WebSocket; a client other than a browser sends none",
    )
    websocket_management_url: str | None = _setting(
        "WEBSOCKET_MANAGEMENT_URL", "https address through which frames are posted to connections"
    )
    allow_private_hosts: bool = _setting(
        "ALLOW_PRIVATE_HOSTS",
        "1 allows mailboxes on private addresses and on any port; never in production",
        False,
    )
    trusted_ca_file: str | None = _setting("TRUSTED_CA_FILE", "Extra certificate authority of mail servers")
    send_wait_seconds: float = _setting(
        "SEND_WAIT_SECONDS",
        "How long a send request waits for the provider's answer before it answers queued",
        4.0,
    )
    messages_in_flight: int = _setting(
        "MESSAGES_IN_FLIGHT",
        "How many messages of one organization may be on their way to providers at once, mails and others each",
        4,
    )

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the variables. Raises SettingsError for a value of the wrong type."""
        values: dict[str, Any] = {}
        for declared in fields(cls):
            names = (declared.metadata["variable"], declared.metadata["also"])
            text = next((said for name in names if (said := environment.get(name or "", "").strip())), "")
            if text:
                values[declared.name] = _parse(declared.metadata["variable"], text, declared.default)
        return cls(**values, queue_urls=_queue_urls(environment))

    @property
    def fallback_organization(self) -> UUID | None:
        """The organization that the environment's Exotel account stands in for. Raises SettingsError."""
        try:
            text = self.exotel_fallback_organization_id
            return UUID(text) if text else None
        except ValueError as error:
            raise SettingsError("EXOTEL_FALLBACK_ORGANIZATION_ID must be an organization's id") from error

    @property
    def exotel_mumbai_url(self) -> str:
        """Where accounts in Mumbai live: never the real Exotel while a simulated one stands for Singapore."""
        is_real = self.exotel_api_url.rstrip("/") == _EXOTEL_SINGAPORE
        return self.exotel_mumbai_api_url or (_EXOTEL_MUMBAI if is_real else self.exotel_api_url)

    def require(self, name: str) -> str:
        """Return a setting that the deployment must have. Raises SettingsError naming its variable."""
        value = getattr(self, name)
        if not value:
            variable = next(f.metadata["variable"] for f in fields(self) if f.name == name)
            raise SettingsError(f"{variable} is not set", reason=Reason.SETTING_MISSING)
        return str(value)

    def queue_url(self, queue: str) -> str:
        """Return the address of a queue by its name, such as "message". Raises SettingsError naming its variable."""
        url = self.queue_urls.get(queue)
        if not url:
            raise SettingsError(f"{queue.upper()}{_QUEUE_URL} is not set")
        return url


def _queue_urls(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the address of every queue that a variable names, such as "message" for MESSAGE_QUEUE_URL."""
    return {
        variable.removesuffix(_QUEUE_URL).lower(): text
        for variable, said in environment.items()
        if variable.endswith(_QUEUE_URL) and (text := said.strip())
    }


def _parse(variable: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text not in ("0", "1"):
            raise SettingsError(f"{variable} must be 0 or 1")
        return text == "1"
    if isinstance(default, int):
        if not (text.isascii() and text.isdigit() and int(text)):
            raise SettingsError(f"{variable} must be a whole number from 1")
        return int(text)
    if isinstance(default, float):
        try:
            return float(text)
        except ValueError as error:
            raise SettingsError(f"{variable} must be a number") from error
    return text
