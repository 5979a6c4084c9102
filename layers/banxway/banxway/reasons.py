"""Every reason that an error may carry: a stable word for what happened, which a program may act on.

An error's `code` names its kind and so what the caller may do; its `reason` names the cause within that kind. The
code that raises an error sets the reason, since only that code knows it. No program reads an error's sentence.
"""

from enum import StrEnum


class Reason(StrEnum):
    """A reason's word; `meaning` explains it, and docs/errors.md lists both."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> "Reason":
        reason = str.__new__(cls, word)
        reason._value_ = word
        reason.meaning = meaning
        return reason

    # Signing in
    NO_AUTHORIZATION_HEADER = "no_authorization_header", "The request has no Authorization header."
    MALFORMED_AUTHORIZATION_HEADER = (
        "malformed_authorization_header",
        "The Authorization header is not of the form 'Bearer <token>'.",
    )
    SESSION_EXPIRED = "session_expired", "The session token is past its time."
    WRONG_SIGNATURE = "wrong_signature", "The session token was signed with another key."
    WRONG_ISSUER = "wrong_issuer", "Another issuer than JWT_ISSUER issued the session token."
    WRONG_AUDIENCE = "wrong_audience", "The session token is for another audience than JWT_AUDIENCE."
    TOKEN_UNREADABLE = "token_unreadable", "The text sent as the session token is not a JWT, or was cut."
    TOKEN_REFUSED = (
        "token_refused",
        "The session token is a JWT with a header, a claim or a time that is not accepted.",
    )
    USER_DEACTIVATED = "user_deactivated", "An admin has deactivated the token's user."
    EMAIL_MISSING = "email_missing", "The token's user is not a member, and the token has no e-mail address."
    EMAIL_NOT_VERIFIED = (
        "email_not_verified",
        "The token's user is not a member, and its e-mail address is not verified.",
    )
    NO_INVITATION = "no_invitation", "The token's user is not a member, and nobody has invited its address."
    INVITATION_EXPIRED = "invitation_expired", "The invitation of the token's address is past its time."
    SEVERAL_INVITATIONS = (
        "several_invitations",
        "More than one organization has invited the token's address.",
    )
    SIGN_IN_SERVICE_DOWN = "sign_in_service_down", "The user pool did not carry out what it was asked."
    INVITATION_NOT_SENT = (
        "invitation_not_sent",
        "The invitation is saved, and the sign-in service did not mail it.",
    )
    INVITATION_OPEN = "invitation_open", "The person is invited, and has not accepted yet."
    ALREADY_MEMBER = "already_member", "The person is a member already."
    LAST_ADMIN = "last_admin", "The organization would be left without an active admin."
    NUMBER_NOT_PROVEN = (
        "number_not_proven",
        "The session token does not prove that the telephone is the user's.",
    )
    LINK_EXPIRED = "link_expired", "The signed link is past its time."
    LINK_REFUSED = "link_refused", "The signed link is not one of ours, or was changed."

    # The deployment
    SETTING_MISSING = "setting_missing", "A setting that is needed is not set."
    DATABASE_ADDRESS_UNREADABLE = (
        "database_address_unreadable",
        "The database's address is not a connection address.",
    )
    DATABASE_UNREACHABLE = "database_unreachable", "The database does not answer."
    DATABASE_HOST_NOT_FOUND = "database_host_not_found", "The host in the database's address does not exist."
    DATABASE_WRONG_PASSWORD = "database_wrong_password", "The database refuses the password."
    DATABASE_SIGN_IN_REFUSED = "database_sign_in_refused", "The database does not let the role sign in."
    DATABASE_NOT_FOUND = "database_not_found", "There is no database of the name in the address."
    DATABASE_FULL = "database_full", "The database takes no more connections."
    DATABASE_VERSION = "database_version", "The PostgreSQL release is not supported."
    DATABASE_WRONG_ROLE = "database_wrong_role", "Row-level security does not bind the database role."
    DATABASE_READ_ONLY = "database_read_only", "The database takes no changes at the moment."
    DATABASE_SLOW = "database_slow", "A statement took longer than allowed."
    DATABASE_LOCKED = (
        "database_locked",
        "A statement waited for rows that other work had locked for too long.",
    )
    DATABASE_IDLE = "database_idle", "A transaction stood still for too long, and the database ended it."
    DATABASE_ROLES_MISSING = (
        "database_roles_missing",
        "The owner's role may not create or grant the product's database roles.",
    )
    DATABASE_DISK_FULL = "database_disk_full", "The database's disk is full."
    SCHEMA_MISSING = "schema_missing", "The database has none of the product's tables."
    MIGRATION_MISSING = "migration_missing", "The database lacks a migration of this release."
    STORAGE_FULL = "storage_full", "The disk of the blob store is full."
    LEDGER_EPOCH_BEHIND = (
        "ledger_epoch_behind",
        "The database was restored from a backup; sending waits for a person.",
    )
    ENCRYPTION_KEY_MISSING = "encryption_key_missing", "No encryption key is configured."
    ENCRYPTION_KEY_INVALID = "encryption_key_invalid", "The master key is not 32 bytes in base64."
    KEY_SERVICE_DOWN = "key_service_down", "KMS does not answer."
    KMS_ACCESS_DENIED = "kms_access_denied", "KMS does not allow us to use the key."
    KMS_KEY_DISABLED = "kms_key_disabled", "The KMS key is disabled or is being deleted."
    KMS_KEY_NOT_FOUND = "kms_key_not_found", "KMS has no such key, or it is not for encryption."

    # Any connection to a provider
    TIMEOUT = "timeout", "The provider did not answer in time."
    UNREACHABLE = "unreachable", "No connection to the provider could be made."
    CONNECTION_REFUSED = "connection_refused", "The host takes no connection on that port."
    CONNECTION_CLOSED = "connection_closed", "The server ended the connection."
    CERTIFICATE_REFUSED = "certificate_refused", "The server's certificate could not be verified."
    ANSWER_UNREADABLE = "answer_unreadable", "The answer does not follow the provider's protocol."
    RATE_LIMITED = "rate_limited", "The provider takes no more requests or logins for a while."
    SERVER_BUSY = "server_busy", "The provider cannot serve us at the moment."
    PROVIDER_FAULT = "provider_fault", "The provider reports a fault of its own."

    # Exotel
    INVALID_CREDENTIALS = "invalid_credentials", "Exotel refuses the API key or token."
    WRONG_REGION = "wrong_region", "The account lives in Exotel's other region."
    WRONG_ACCOUNT_SID = "wrong_account_sid", "Exotel knows no such account, or it is not that of the key."
    ACCOUNT_INACTIVE = "account_inactive", "Exotel suspended or closed the account."
    ACCESS_DENIED = "access_denied", "Exotel refuses the account for another reason."
    IP_NOT_WHITELISTED = "ip_not_whitelisted", "Exotel does not accept requests from our address."
    VOICE_NOT_ENABLED = "voice_not_enabled", "The Exotel account may not make calls."
    SMS_NOT_ENABLED = "sms_not_enabled", "The Exotel account or number may not send SMS."
    NUMBER_NOT_FOUND = "number_not_found", "The Exotel account does not own the number."
    WHATSAPP_NOT_ENABLED = "whatsapp_not_enabled", "The Exotel account may not use WhatsApp."
    WHATSAPP_NUMBER_NOT_VERIFIED = (
        "whatsapp_number_not_verified",
        "Exotel does not accept the WhatsApp sender.",
    )
    WHATSAPP_NUMBER_FORMAT = "whatsapp_number_format", "The WhatsApp number is not in E.164 format."
    WABA_ID_MISSING = "waba_id_missing", "Exotel lists templates by the WhatsApp Business Account id only."

    # Mail servers
    HOST_NOT_FOUND = "host_not_found", "The mail server's host name does not exist."
    HOST_REFUSED = "host_refused", "The mail server's host leads to an address that must not be dialled."
    PORT_REFUSED = "port_refused", "The mail server's port is not a mail port."
    PORT_MISMATCH = "port_mismatch", "Port and encryption contradict each other."
    NAME_SERVICE_DOWN = "name_service_down", "The name service did not answer."
    TLS_FAILED = "tls_failed", "The TLS handshake failed; usually the port and the encryption do not match."
    LOGIN_REFUSED = "login_refused", "The mail server refuses user name and password."
    LOGIN_BLOCKED = "login_blocked", "The mail server refuses the login since it blocked the account."
    APP_PASSWORD_REQUIRED = "app_password_required", "The mail server asks for an app password."
    IMAP_SWITCHED_OFF = "imap_switched_off", "The mail server says that IMAP is switched off."
    ACCOUNT_BLOCKED = "account_blocked", "The mail server says that it blocked the account."
    TOO_MANY_CONNECTIONS = (
        "too_many_connections",
        "The mailbox has as many connections as the mail server allows.",
    )
    FOLDER_BUSY = "folder_busy", "The mail server cannot serve the folder at the moment."
    FOLDER_DENIED = "folder_denied", "The account may not read the folder, or the mail server cannot."
    SERVER_REFUSED = (
        "server_refused",
        "The mail server refuses in words that match none of the other reasons.",
    )
