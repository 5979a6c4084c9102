-- What keeps a mailbox from being whole: folders that are gone or refused, and bodies that came short.

ALTER TABLE email_accounts
    DROP CONSTRAINT email_accounts_state_check,
    ADD CONSTRAINT email_accounts_state_check
        CHECK (state IN ('ok', 'login_failed', 'blocked', 'unreachable', 'needs_attention'));

ALTER TABLE email_folders
    -- Why the last poll could not read a folder that it should have, and in whose words; NULL where it could.
    ADD COLUMN trouble text CHECK (trouble IN ('gone', 'refused')),
    ADD COLUMN trouble_said text,
    ADD COLUMN trouble_since timestamptz,
    -- The folder that took its place, by its UIDVALIDITY.
    ADD COLUMN renamed_to text,
    ADD CHECK ((trouble IS NULL) = (trouble_since IS NULL));

ALTER TABLE mailbox_messages
    -- The size that the server announced, if it gave fewer bytes each time it was asked; else NULL.
    ADD COLUMN announced_bytes bigint;
CREATE INDEX mailbox_messages_short ON mailbox_messages (account_id) WHERE announced_bytes IS NOT NULL;
