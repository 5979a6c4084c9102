-- Threads and their messages. An outbound message is a row of the send ledger (design, section 7).

CREATE TABLE threads (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    customer_id uuid NOT NULL,
    subject text NOT NULL DEFAULT '',
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'closed')),
    assigned_to_user_id uuid,
    last_message_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
    FOREIGN KEY (organization_id, assigned_to_user_id) REFERENCES users (organization_id, id)
);
CREATE INDEX threads_by_activity ON threads (organization_id, last_message_at DESC, id DESC);
CREATE INDEX threads_by_customer ON threads (organization_id, customer_id, last_message_at DESC);
CALL protect_organization_table('threads');

-- The people who wrote or were written to: only they may join by quoting a Message-ID.
CREATE TABLE thread_participants (
    organization_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    address text NOT NULL,
    PRIMARY KEY (organization_id, thread_id, address),
    FOREIGN KEY (organization_id, thread_id) REFERENCES threads (organization_id, id)
);
CALL protect_organization_table('thread_participants');

CREATE TABLE messages (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    thread_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    channel text NOT NULL CHECK (channel IN ('EMAIL', 'WHATSAPP')),
    direction text NOT NULL CHECK (direction IN ('inbound', 'outbound')),
    kind text NOT NULL DEFAULT 'text',
    status text NOT NULL CHECK (status IN ('received', 'queued', 'sending', 'accepted', 'sent', 'delivered',
                                           'read', 'failed', 'unknown', 'cancelled')),
    sender text NOT NULL,
    recipient text NOT NULL,
    subject text NOT NULL DEFAULT '',
    body_text text NOT NULL DEFAULT '',
    body_html text,
    -- What the provider needs beyond the text: template, variables, language, media.
    content jsonb NOT NULL DEFAULT '{}',
    provider_sid text,
    provider_code text,
    failure_reason text,
    failure_advice text,
    email_account_id uuid,
    mail_message_id text,
    mail_in_reply_to text,
    mail_references text[] NOT NULL DEFAULT '{}',
    mail_origin text,
    -- Why this message is in this thread: the rule, and the id or address that proves it.
    join_rule text NOT NULL,
    join_evidence text NOT NULL DEFAULT '',
    raw_blob text,
    problems text[] NOT NULL DEFAULT '{}',
    -- Tells an inbound message from every other; the same identity arriving again is the same message.
    identity text,
    created_by uuid,
    attempts integer NOT NULL DEFAULT 0,
    next_attempt_at timestamptz NOT NULL DEFAULT now(),
    lease_id uuid,
    lease_until timestamptz,
    occurred_at timestamptz NOT NULL,
    -- The wall clock, not the transaction's: messages of one callback keep their order.
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, thread_id) REFERENCES threads (organization_id, id),
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id),
    FOREIGN KEY (organization_id, email_account_id) REFERENCES email_accounts (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
);
CREATE UNIQUE INDEX messages_one_identity ON messages (organization_id, channel, identity) WHERE identity IS NOT NULL;
CREATE INDEX messages_in_thread ON messages (organization_id, thread_id, occurred_at, created_at);
CREATE INDEX messages_by_mail_id ON messages (organization_id, mail_message_id) WHERE mail_message_id IS NOT NULL;
CREATE INDEX messages_by_references ON messages USING gin (mail_references) WHERE mail_references <> '{}';
CREATE INDEX messages_by_provider_sid ON messages (organization_id, provider_sid) WHERE provider_sid IS NOT NULL;
CREATE INDEX messages_last_inbound ON messages (organization_id, channel, sender, occurred_at DESC)
    WHERE direction = 'inbound';
CREATE INDEX messages_unsent ON messages (next_attempt_at) WHERE status IN ('queued', 'sending');
CALL protect_organization_table('messages');
-- The sweeper looks for what a crash left behind, in all organizations; it may look, and nothing more.
CREATE POLICY system_finds_unsent ON messages FOR SELECT
    USING ((SELECT scope_is_system()) AND status IN ('queued', 'sending'));

-- The provider's words on a message. Its status is a pure function of this set and the ledger's own outcome.
CREATE TABLE message_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    -- NULL while no such message is known; kept, and joined when it appears.
    message_id uuid,
    provider_sid text NOT NULL,
    identity text NOT NULL,
    status text,
    provider_code text,
    provider_status text,
    description text,
    occurred_at timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, identity),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id)
);
CREATE INDEX message_events_by_message ON message_events (organization_id, message_id);
CREATE INDEX message_events_by_sid ON message_events (organization_id, provider_sid);
CALL protect_organization_table('message_events');

CREATE TABLE attachments (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    message_id uuid NOT NULL,
    filename text NOT NULL,
    content_type text NOT NULL,
    size_bytes bigint NOT NULL,
    blob_key text NOT NULL,
    content_id text,
    is_inline boolean NOT NULL DEFAULT false,
    position integer NOT NULL,
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id)
);
CREATE INDEX attachments_by_message ON attachments (organization_id, message_id, position);
CALL protect_organization_table('attachments');

-- One row per message on the mail server. It exists, with its raw bytes stored, before anything is parsed.
CREATE TABLE mailbox_messages (
    organization_id uuid NOT NULL,
    account_id uuid NOT NULL,
    folder text NOT NULL,
    uid_validity bigint NOT NULL,
    uid bigint NOT NULL,
    size_bytes bigint NOT NULL,
    -- NULL where the mail was too large to fetch.
    raw_blob text,
    internal_date timestamptz,
    -- NULL until the mail has become a message.
    message_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, folder, uid_validity, uid),
    FOREIGN KEY (organization_id, account_id) REFERENCES email_accounts (organization_id, id) ON DELETE CASCADE,
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id)
);
CREATE INDEX mailbox_messages_unread ON mailbox_messages (account_id) WHERE message_id IS NULL;
CREATE INDEX mailbox_messages_by_message ON mailbox_messages (organization_id, message_id);
CALL protect_organization_table('mailbox_messages');
