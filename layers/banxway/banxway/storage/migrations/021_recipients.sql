-- Whom an answer goes to, and who wrote a message for whom.

ALTER TABLE messages
    ALTER COLUMN mail_reply_to TYPE text[]
        USING CASE WHEN mail_reply_to IS NULL THEN '{}' ELSE ARRAY[mail_reply_to] END,
    ALTER COLUMN mail_reply_to SET DEFAULT '{}',
    ALTER COLUMN mail_reply_to SET NOT NULL,
    -- The name displayed beside the sender's address.
    ADD COLUMN sender_name text NOT NULL DEFAULT '',
    -- The Message-ID as the header spells it, where that differs from mail_message_id.
    ADD COLUMN mail_raw_message_id text,
    -- The first address of Reply-To that is neither the sender's nor a mailbox of ours.
    ADD COLUMN mail_written_for text,
    -- The sender of the mail that an outbound one answers, if the answer went to its Reply-To instead.
    ADD COLUMN mail_answered_sender text,
    -- Whom a forwarded text names as its author, where a member of the organization forwarded it.
    ADD COLUMN forwarded_from text,
    ADD COLUMN forwarded_name text,
    -- Whom an answer goes to on better evidence than the header: a person's word, or our own list server's.
    ADD COLUMN answer_to text;
CREATE INDEX messages_by_written_for ON messages (organization_id, sender, mail_written_for)
    WHERE mail_written_for IS NOT NULL;

-- Senders that write for others: one From, another Reply-To each time.
CREATE TABLE mail_relays (
    organization_id uuid NOT NULL REFERENCES organizations,
    address text NOT NULL,
    PRIMARY KEY (organization_id, address)
);
CALL protect_organization_table('mail_relays');

-- Message-IDs that a provider gave to mails of ours instead of the ones that they left with.
CREATE TABLE mail_aliases (
    organization_id uuid NOT NULL,
    mail_id text NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (organization_id, mail_id, message_id),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id)
);
CREATE INDEX mail_aliases_by_message ON mail_aliases (organization_id, message_id);
CALL protect_organization_table('mail_aliases');

-- Who writes over a relay claims an address and proves none: such a customer is known by both.
ALTER TABLE customer_addresses
    ADD COLUMN via text NOT NULL DEFAULT '',
    DROP CONSTRAINT customer_addresses_pkey,
    ADD PRIMARY KEY (organization_id, kind, address, via);

-- The latest message exchanged with a number, in either direction.
CREATE INDEX messages_by_whatsapp_sender ON messages (organization_id, sender, occurred_at)
    WHERE channel = 'WHATSAPP' AND direction = 'inbound';
CREATE INDEX messages_by_whatsapp_recipient ON messages (organization_id, recipient, occurred_at)
    WHERE channel = 'WHATSAPP' AND direction = 'outbound';
