-- What happens to mail automatically: rules with their traces, vacation responders, and the budget of all automatic mail.

CREATE TABLE email_rules (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL,
    -- Rules run in this order, the lowest first.
    position integer NOT NULL,
    is_active boolean NOT NULL DEFAULT true,
    -- All conditions must hold, or any of them.
    match text NOT NULL DEFAULT 'all' CHECK (match IN ('all', 'any')),
    conditions jsonb NOT NULL,
    actions jsonb NOT NULL,
    -- When it began to say what it says: nothing that arrived before is forwarded by it.
    activated_at timestamptz NOT NULL DEFAULT now(),
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, position) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
);
CALL protect_organization_table('email_rules');

-- Why a rule fired for a message, as it was then; it outlives the rule.
CREATE TABLE email_rule_traces (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    message_id uuid NOT NULL,
    rule_id uuid,
    rule_name text NOT NULL,
    -- Each condition that held, with what it was compared with; each action, with what became of it.
    matched jsonb NOT NULL,
    performed jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id),
    FOREIGN KEY (organization_id, rule_id) REFERENCES email_rules (organization_id, id)
        ON DELETE SET NULL (rule_id)
);
CREATE INDEX email_rule_traces_by_message ON email_rule_traces (organization_id, message_id, created_at);
CALL protect_organization_table('email_rule_traces');

CREATE TABLE vacation_responders (
    account_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    is_active boolean NOT NULL DEFAULT false,
    starts_at timestamptz,
    ends_at timestamptz,
    subject text NOT NULL DEFAULT '',
    content_text text NOT NULL DEFAULT '',
    content_html text,
    -- A correspondent gets an answer once in this number of days (RFC 3834, 2).
    repeat_after_days integer NOT NULL DEFAULT 7 CHECK (repeat_after_days BETWEEN 1 AND 90),
    activated_at timestamptz,
    updated_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (organization_id, account_id) REFERENCES email_accounts (organization_id, id) ON DELETE CASCADE
);
CALL protect_organization_table('vacation_responders');

-- Every automatic mail that was put on its way, by whom it goes to: what all budgets are counted from.
CREATE TABLE automatic_mails (
    message_id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('vacation', 'forward')),
    account_id uuid,
    correspondent text NOT NULL,
    domain text NOT NULL,
    -- Whose mail caused it, by its From; the correspondent is where it went.
    author text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id),
    FOREIGN KEY (organization_id, account_id) REFERENCES email_accounts (organization_id, id)
        ON DELETE SET NULL (account_id)
);
CREATE INDEX automatic_mails_by_correspondent ON automatic_mails (organization_id, correspondent, created_at);
CREATE INDEX automatic_mails_by_author ON automatic_mails (organization_id, author, created_at);
CREATE INDEX automatic_mails_by_domain ON automatic_mails (organization_id, domain, created_at);
CREATE INDEX automatic_mails_by_time ON automatic_mails (organization_id, created_at);
CALL protect_organization_table('automatic_mails');
