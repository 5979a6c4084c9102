-- What keeps a customer from being contacted twice: answers given once, and the ledger's epoch.

CREATE TABLE idempotency_keys (
    organization_id uuid NOT NULL REFERENCES organizations,
    user_id uuid NOT NULL,
    route text NOT NULL,
    key text NOT NULL,
    request_sha256 text NOT NULL,
    message_id uuid NOT NULL,
    -- NULL until the first answer was given; a crash before that leaves the message to answer for itself.
    answer jsonb,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, user_id, route, key),
    FOREIGN KEY (organization_id, message_id) REFERENCES messages (organization_id, id)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
CALL protect_organization_table('idempotency_keys');

-- Rises every minute here and in the blob store. A database restored from a backup is behind the blob
-- store's copy: then nothing is sent until a person has confirmed (design, section 7).
CREATE TABLE ledger_epoch (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    epoch bigint NOT NULL DEFAULT 0,
    risen_at timestamptz NOT NULL DEFAULT now()
);
INSERT INTO ledger_epoch DEFAULT VALUES;
GRANT SELECT, UPDATE ON ledger_epoch TO banxway_app;
