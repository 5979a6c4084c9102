-- How far the push of an organization's changes has come, and which worker is at it.
SET lock_timeout = '5s';

-- One notifier at a time, until a time by the database's clock. It is in the row that numbers the changes, so that
-- ending the lease and looking for a newer change is one step.
ALTER TABLE change_sequences
    ADD COLUMN notifier_id uuid,
    ADD COLUMN notifier_until timestamptz,
    -- The batch under way: its frames carry `pushing`, and the connections up to `pushed_through` have been served.
    ADD COLUMN pushing bigint NOT NULL DEFAULT 0,
    ADD COLUMN pushed_through text NOT NULL DEFAULT '';

-- Pushes in a row that failed while others of the organization arrived.
ALTER TABLE realtime_connections ADD COLUMN failed_pushes integer NOT NULL DEFAULT 0;

DROP INDEX realtime_connections_of;
CREATE INDEX realtime_connections_in_order ON realtime_connections (organization_id, connection_id);
