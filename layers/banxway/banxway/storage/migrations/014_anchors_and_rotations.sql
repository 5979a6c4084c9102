-- How far each audit trail is anchored outside the database, and where a rotation of keys stands.

-- Only saves the sweeper a look at anchors that need not move; what counts is the anchor in the blob store.
CREATE TABLE audit_anchors (
    organization_id uuid PRIMARY KEY REFERENCES organizations,
    sequence bigint NOT NULL,
    hash text NOT NULL,
    anchored_at timestamptz NOT NULL DEFAULT now()
);
CALL protect_organization_table('audit_anchors');
CREATE POLICY system_finds_anchors ON audit_anchors FOR SELECT USING ((SELECT scope_is_system()));

ALTER TABLE key_rotations
    -- The key that everything is brought under; NULL until the worker has asked for it.
    ADD COLUMN key_id text,
    -- Where the worker stands: the table (or 'blobs'), the last row of it that is done, which pass this is,
    -- and how much this pass found under another key. A pass that finds nothing ends the rotation.
    ADD COLUMN stage text NOT NULL DEFAULT '',
    ADD COLUMN done_through text NOT NULL DEFAULT '',
    ADD COLUMN pass integer NOT NULL DEFAULT 1,
    ADD COLUMN moved_in_pass integer NOT NULL DEFAULT 0,
    -- Table and id of the first rows that could not be opened.
    ADD COLUMN unreadable_rows jsonb NOT NULL DEFAULT '[]',
    ADD COLUMN progressed_at timestamptz NOT NULL DEFAULT now();
