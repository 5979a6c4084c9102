-- Mailboxes: how to log in, when to poll, who polls, and which messages were seen.

CREATE TABLE email_accounts (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL,
    email text NOT NULL,
    smtp_host text NOT NULL,
    smtp_port integer NOT NULL,
    smtp_user text NOT NULL,
    smtp_secure boolean NOT NULL DEFAULT false,
    smtp_enabled boolean NOT NULL DEFAULT true,
    imap_host text NOT NULL,
    imap_port integer NOT NULL,
    imap_user text NOT NULL,
    imap_tls boolean NOT NULL DEFAULT true,
    imap_enabled boolean NOT NULL DEFAULT true,
    -- {"smtp_password": …, "imap_password": …} in an envelope bound to this row.
    credentials_encrypted text NOT NULL,
    poll_interval_ms integer NOT NULL DEFAULT 30000 CHECK (poll_interval_ms BETWEEN 10000 AND 300000),
    is_default boolean NOT NULL DEFAULT false,
    signature_html text NOT NULL DEFAULT '',
    signature_text text NOT NULL DEFAULT '',
    is_verified boolean NOT NULL DEFAULT false,
    last_verified_at timestamptz,
    last_polled_at timestamptz,
    last_poll_error text,
    consecutive_failures integer NOT NULL DEFAULT 0,
    next_poll_at timestamptz NOT NULL DEFAULT now(),
    -- One poller per mailbox: the holder of the lease. Every write of the holder carries the fence.
    lease_until timestamptz,
    fence bigint NOT NULL DEFAULT 0,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, email)
);
CREATE UNIQUE INDEX email_accounts_one_default ON email_accounts (organization_id) WHERE is_default;
CREATE INDEX email_accounts_due ON email_accounts (next_poll_at) WHERE imap_enabled;
CALL protect_organization_table('email_accounts');
-- The tick looks for due mailboxes of all organizations; it may look, and nothing more.
CREATE POLICY system_finds_due ON email_accounts FOR SELECT USING ((SELECT scope_is_system()) AND imap_enabled);

CREATE TABLE email_folders (
    organization_id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    uid_validity bigint NOT NULL,
    last_uid bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (account_id, name),
    FOREIGN KEY (organization_id, account_id) REFERENCES email_accounts (organization_id, id) ON DELETE CASCADE
);
CALL protect_organization_table('email_folders');
