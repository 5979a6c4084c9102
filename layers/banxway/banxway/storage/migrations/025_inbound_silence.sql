-- When each way by which customers reach us was last proven to work, and how much usually comes by it.

CREATE TABLE inbound_hours (
    organization_id uuid NOT NULL REFERENCES organizations,
    -- A mailbox's id, or an integration's type.
    subject text NOT NULL,
    -- Its beginning.
    hour timestamptz NOT NULL,
    -- 0 where only a test mail of ours has come.
    arrivals integer NOT NULL CHECK (arrivals >= 0),
    last_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, subject, hour)
);
CALL protect_organization_table('inbound_hours');

-- Test mails of a mailbox to itself, which turn silence into proof: a row each, before it is sent.
ALTER TABLE email_accounts
    ADD COLUMN sends_canary boolean NOT NULL DEFAULT false,
    -- Why none could be sent, or removed. While one cannot be removed, none is sent.
    ADD COLUMN canary_problem text,
    ADD COLUMN canary_is_stuck boolean NOT NULL DEFAULT false;

CREATE TABLE mailbox_canaries (
    organization_id uuid NOT NULL,
    account_id uuid NOT NULL,
    -- By it the mail is known again: nobody else can write such a mail.
    token text NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now(),
    -- It never left.
    has_failed boolean NOT NULL DEFAULT false,
    found_at timestamptz,
    PRIMARY KEY (account_id, token),
    FOREIGN KEY (organization_id, account_id) REFERENCES email_accounts (organization_id, id) ON DELETE CASCADE
);
CALL protect_organization_table('mailbox_canaries');
