-- What a mail is made of: its people, its reply without the quote, uploads on their way into one, templates.

ALTER TABLE messages
    ADD COLUMN mail_to text[] NOT NULL DEFAULT '{}',
    ADD COLUMN mail_cc text[] NOT NULL DEFAULT '{}',
    ADD COLUMN mail_bcc text[] NOT NULL DEFAULT '{}',
    ADD COLUMN mail_reply_to text,
    -- body_text without what it quotes and signs with; NULL where that is the same.
    ADD COLUMN reply_text text,
    ADD COLUMN signature_text text,
    ADD COLUMN seen_at timestamptz,
    ADD COLUMN is_spam boolean NOT NULL DEFAULT false,
    -- What sent an outbound message that no person did.
    ADD COLUMN automatic text CHECK (automatic IN ('vacation', 'forward')),
    -- When a worker last took it for sending; the limits of a mailbox are counted from it.
    ADD COLUMN attempted_at timestamptz,
    -- It failed, and the failure proves that the provider took nothing: a person may send it again.
    ADD COLUMN took_nothing boolean NOT NULL DEFAULT false,
    -- How often an unknown mail was looked for in the Sent folder, and when last.
    ADD COLUMN sent_looks integer NOT NULL DEFAULT 0,
    ADD COLUMN sent_looked_at timestamptz;
CREATE INDEX messages_sent_by_account ON messages
    (organization_id, email_account_id, (coalesce(attempted_at, occurred_at)))
    WHERE direction = 'outbound' AND channel = 'EMAIL';
CREATE INDEX messages_unknown_mail ON messages (organization_id, email_account_id)
    WHERE status = 'unknown' AND channel = 'EMAIL';

-- An attachment on its way into a message: announced, then uploaded straight to the blob store.
CREATE TABLE uploads (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    filename text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL CHECK (size_bytes > 0),
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
);
CALL protect_organization_table('uploads');
-- The sweeper forgets, in all organizations, what nobody claimed in time.
CREATE POLICY system_forgets_unclaimed ON uploads FOR DELETE
    USING ((SELECT scope_is_system()) AND expires_at < now());
CREATE POLICY system_finds_unclaimed ON uploads FOR SELECT
    USING ((SELECT scope_is_system()) AND expires_at < now());

CREATE TABLE email_templates (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL,
    subject text NOT NULL,
    content_html text,
    content_text text,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, name),
    FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
);
CALL protect_organization_table('email_templates');
