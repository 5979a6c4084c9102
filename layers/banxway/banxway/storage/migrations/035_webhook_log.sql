-- What the log of callbacks shows, and what applying one again needs: what its URL was about, and how often that was done.

ALTER TABLE webhook_events
    -- What the reference in the URL named; NULL in rows of an earlier release.
    ADD COLUMN subject text,
    ADD COLUMN subject_id uuid,
    ADD COLUMN replays integer NOT NULL DEFAULT 0,
    ADD COLUMN replayed_at timestamptz;

-- In the order of the log's pages.
DROP INDEX webhook_events_by_time;
CREATE INDEX webhook_events_latest ON webhook_events (organization_id, received_at DESC, id DESC);
