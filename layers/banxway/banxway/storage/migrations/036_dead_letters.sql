-- What workers gave up: one row for each item of a queue that failed at every attempt, with the cause.
SET lock_timeout = '5s';

CREATE TABLE dead_letters (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    queue text NOT NULL,
    -- The hash of the item: the same work that is given up again is the same row.
    identity text NOT NULL,
    -- The item as it is enqueued again. A callback's body is in it, as it is in webhook_events.
    item jsonb NOT NULL,
    -- What the item is about, if it is about a message or a mailbox.
    message_id uuid,
    account_id uuid,
    cause text NOT NULL,
    sentence text NOT NULL,
    attempts integer NOT NULL,
    times_given_up integer NOT NULL DEFAULT 1,
    -- The ids that the queue gave the item, the latest last: what comes with one of them was recorded already.
    queue_message_ids text[] NOT NULL,
    first_failed_at timestamptz NOT NULL,
    last_failed_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'redriven', 'discarded')),
    reason text,
    settled_at timestamptz,
    settled_by uuid,
    UNIQUE (organization_id, queue, identity),
    FOREIGN KEY (organization_id, settled_by) REFERENCES users (organization_id, id),
    CHECK ((state = 'open') = (settled_at IS NULL)),
    CHECK ((state = 'discarded') = (reason IS NOT NULL))
);
CREATE INDEX dead_letters_by_time ON dead_letters (organization_id, state, last_failed_at DESC, id DESC);
CALL protect_organization_table('dead_letters');
