-- Re-wrapping every envelope of an organization under the current key, resumable.

CREATE TABLE key_rotations (
    organization_id uuid PRIMARY KEY REFERENCES organizations,
    started_at timestamptz NOT NULL DEFAULT now(),
    started_by uuid,
    finished_at timestamptz,
    -- Envelopes found when the rotation began, and how many of them are done or had to be left.
    total integer NOT NULL DEFAULT 0,
    rewrapped integer NOT NULL DEFAULT 0,
    unreadable integer NOT NULL DEFAULT 0,
    last_error text
);
CALL protect_organization_table('key_rotations');
CREATE POLICY system_finds_unfinished ON key_rotations FOR SELECT
    USING ((SELECT scope_is_system()) AND finished_at IS NULL);
