-- What happens to messages without being one, and which templates nobody can fill.

-- What a customer did to a message (reaction, edit, deletion), and WhatsApp's notes on a customer. It counts nowhere
-- as a message. Which message it is about is found by the provider's name for it, whichever of the two came first.
CREATE TABLE thread_events (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    -- The customer's conversation when it came; NULL while there is none.
    thread_id uuid,
    kind text NOT NULL CHECK (kind IN ('reaction', 'reaction_removed', 'edit', 'revocation', 'number_change',
                                       'system')),
    message_sid text,
    sender text NOT NULL,
    -- Every way in which a numbering plan writes the sender: only those who take part in a message do things to it.
    sender_spellings text[] NOT NULL DEFAULT '{}',
    text text NOT NULL DEFAULT '',
    identity text NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    UNIQUE (organization_id, identity),
    FOREIGN KEY (organization_id, thread_id) REFERENCES threads (organization_id, id)
);
CREATE INDEX thread_events_by_message ON thread_events (organization_id, message_sid) WHERE message_sid IS NOT NULL;
CREATE INDEX thread_events_by_thread ON thread_events (organization_id, thread_id);
CALL protect_organization_table('thread_events');

ALTER TABLE whatsapp_templates
    -- Why the product cannot fill this template; NULL where it can.
    ADD COLUMN not_usable text;
