-- What joins mails into threads besides their references, and what agents and rules say of a thread.

ALTER TABLE messages
    -- Outlook's conversation: the first 22 bytes of Thread-Index in hex, and its topic (mail.md, 5).
    ADD COLUMN mail_conversation text,
    -- The subject without reply prefixes, in lower case; NULL where it is too general to join anything.
    ADD COLUMN mail_base_subject text;

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
