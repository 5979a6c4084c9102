-- Mailboxes, whole: limits, folders, the state of their logins, and what the server says of each message.

ALTER TABLE email_accounts
    ADD COLUMN provider text NOT NULL DEFAULT 'custom',
    ADD COLUMN reply_to text,
    -- NULL is no limit of ours. Counted over a rolling hour and day.
    ADD COLUMN hourly_limit integer CHECK (hourly_limit > 0),
    ADD COLUMN daily_limit integer CHECK (daily_limit > 0),
    -- NULL is the inbox, Sent and Spam, found by their special use.
    ADD COLUMN folders text[],
    -- Reading a mail in the console marks it seen on the server, too.
    ADD COLUMN marks_seen boolean NOT NULL DEFAULT false,
    ADD COLUMN uses_idle boolean NOT NULL DEFAULT false,
    ADD COLUMN assigned_to_user_id uuid,
    ADD COLUMN state text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'login_failed', 'blocked', 'unreachable')),
    ADD COLUMN state_since timestamptz NOT NULL DEFAULT now(),
    -- Set when the provider blocked sending: nothing leaves until a person says so.
    ADD COLUMN sending_stopped_at timestamptz,
    ADD COLUMN sending_stopped_reason text,
    -- Which worker process keeps this mailbox's connection open between polls, and until when.
    ADD COLUMN connection_holder uuid,
    ADD COLUMN connection_kept_until timestamptz,
    -- Somebody waits for the mailbox: the worker that holds IDLE on it polls, and clears this.
    ADD COLUMN poll_requested_at timestamptz,
    -- The server answered IDLE with no: it is polled for a day before IDLE is tried again.
    ADD COLUMN idle_refused_at timestamptz,
    ADD COLUMN last_failed_at timestamptz,
    -- What the last poll that worked found, for a person who had asked the holder of IDLE for it.
    ADD COLUMN last_poll_messages integer NOT NULL DEFAULT 0,
    ADD COLUMN last_poll_threads integer NOT NULL DEFAULT 0,
    ADD FOREIGN KEY (organization_id, assigned_to_user_id) REFERENCES users (organization_id, id);

-- A mailbox can be removed; what it sent and received stays.
ALTER TABLE messages
    DROP CONSTRAINT messages_organization_id_email_account_id_fkey,
    ADD FOREIGN KEY (organization_id, email_account_id) REFERENCES email_accounts (organization_id, id)
        ON DELETE SET NULL (email_account_id);

ALTER TABLE email_folders
    ADD COLUMN role text NOT NULL DEFAULT 'other'
        CHECK (role IN ('inbox', 'sent', 'drafts', 'junk', 'trash', 'archive', 'all', 'other')),
    -- Whether the server named it in its last list; what lay in a folder that is gone is not visible any more.
    ADD COLUMN is_listed boolean NOT NULL DEFAULT true,
    -- What the server said of the folder when it was last taken in whole: while it says the same, nothing changed.
    ADD COLUMN uid_next bigint,
    ADD COLUMN messages bigint,
    ADD COLUMN highest_modseq numeric(20, 0),
    ADD COLUMN synced_at timestamptz,
    -- When every flag was last read, and when every UID was last compared.
    ADD COLUMN flags_read_at timestamptz,
    ADD COLUMN compared_at timestamptz,
    -- A mail that breaks the connection whenever it is fetched, and in how many polls it has.
    ADD COLUMN stuck_uid bigint,
    ADD COLUMN stuck_polls integer NOT NULL DEFAULT 0;

ALTER TABLE mailbox_messages
    -- A vanished UID is no deletion: archived or hidden mail vanishes, too (mail.md, 1.7).
    ADD COLUMN is_visible boolean NOT NULL DEFAULT true,
    ADD COLUMN is_seen boolean NOT NULL DEFAULT false,
    ADD COLUMN flags text[] NOT NULL DEFAULT '{}',
    -- Somebody read it in the console: it is still to be marked as read on the server (email_accounts.marks_seen).
    ADD COLUMN seen_wanted boolean NOT NULL DEFAULT false,
    -- The header alone, of a mail that is too large to fetch.
    ADD COLUMN header_blob text;
-- uid_validity 0, which no server has (RFC 3501, 2.3.1.1), are mails whose number is gone and not found again.
CREATE INDEX mailbox_messages_unfound ON mailbox_messages (coalesce(raw_blob, header_blob)) WHERE uid_validity = 0;
CREATE INDEX mailbox_messages_seen_wanted ON mailbox_messages (account_id) WHERE seen_wanted;
