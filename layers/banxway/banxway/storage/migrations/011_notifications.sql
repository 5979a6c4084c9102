-- What an admin should hear of once, not once per run.

CREATE TABLE notifications (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    kind text NOT NULL,
    -- What it is about, such as an integration type or a mailbox's id: one open notification per kind and subject.
    subject text NOT NULL,
    sentence text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Set when the cause is gone, or somebody has dismissed it.
    closed_at timestamptz
);
CREATE UNIQUE INDEX notifications_one_open ON notifications (organization_id, kind, subject) WHERE closed_at IS NULL;
CREATE INDEX notifications_by_time ON notifications (organization_id, created_at DESC);
CALL protect_organization_table('notifications');
