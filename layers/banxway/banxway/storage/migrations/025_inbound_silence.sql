-- When each way by which customers reach us was last proven to work, and how much usually comes by it.

CREATE TABLE inbound_hours (
    organization_id uuid NOT NULL REFERENCES organizations,
    -- A mailbox's id, or an integration's type.
    subject text NOT NULL,
    hour timestamptz NOT NULL CHECK (hour = date_trunc('hour', hour, 'UTC')),
    -- 0 where only a test mail of ours has come.
    arrivals integer NOT NULL CHECK (arrivals >= 0),
    last_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, subject, hour)
);
CALL protect_organization_table('inbound_hours');
