-- What joins mails into threads besides their references, and what agents and rules say of a thread.

ALTER TABLE messages
    -- Outlook's conversation: the first 22 bytes of Thread-Index in hex, and its topic (mail.md, 5).
    ADD COLUMN mail_conversation text,
    -- The subject without reply prefixes, in lower case; NULL where it is too general to join anything.
    ADD COLUMN mail_base_subject text,
    -- What the receiving server found of the sender (RFC 8601); NULL for what we sent.
    ADD COLUMN mail_authentication text CHECK (mail_authentication IN ('passed', 'failed', 'none'));

ALTER TABLE threads
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN is_spam boolean NOT NULL DEFAULT false,
    -- Where this thread's messages went when a late mail proved that two threads are one.
    ADD COLUMN merged_into_thread_id uuid,
    -- The thread that this one's first mail referred to without belonging to it.
    ADD COLUMN related_thread_id uuid,
    ADD FOREIGN KEY (organization_id, merged_into_thread_id) REFERENCES threads (organization_id, id),
    ADD FOREIGN KEY (organization_id, related_thread_id) REFERENCES threads (organization_id, id);

CREATE INDEX messages_by_conversation ON messages (organization_id, mail_conversation)
    WHERE mail_conversation IS NOT NULL;
CREATE INDEX messages_by_base_subject ON messages (organization_id, mail_base_subject, occurred_at)
    WHERE mail_base_subject IS NOT NULL;

-- Which mails refer to which ids, known or not: one row each, for what compares arrays may use no index where
-- row-level security stands before it.
CREATE TABLE mail_links (
    organization_id uuid NOT NULL,
    mail_id text NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (organization_id, mail_id, message_id),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id)
);
CALL protect_organization_table('mail_links');
DROP INDEX messages_by_references;

CREATE FUNCTION link_mails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO mail_links (organization_id, mail_id, message_id)
    SELECT DISTINCT organization_id, unnest(mail_references), id FROM added WHERE mail_references <> '{}';
    RETURN NULL;
END $$;
CREATE TRIGGER messages_are_linked AFTER INSERT ON messages
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION link_mails();

-- A person took two threads apart: no evidence joins them again. Both orders are there.
CREATE TABLE threads_apart (
    organization_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    other_thread_id uuid NOT NULL,
    PRIMARY KEY (organization_id, thread_id, other_thread_id),
    FOREIGN KEY (organization_id, thread_id) REFERENCES threads (organization_id, id),
    FOREIGN KEY (organization_id, other_thread_id) REFERENCES threads (organization_id, id)
);
CALL protect_organization_table('threads_apart');

-- Who takes part is read from the messages themselves.
DROP TABLE thread_participants;
