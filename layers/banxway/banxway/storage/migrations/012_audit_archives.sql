-- Where archived stretches of the audit trail are, and how far it is anchored outside the database.

CREATE TABLE audit_archives (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    first_sequence bigint NOT NULL,
    last_sequence bigint NOT NULL,
    -- The hash before the first entry, and that of the last: the archive links into the chain at both ends.
    previous_hash text NOT NULL,
    last_hash text NOT NULL,
    blob_key text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, first_sequence)
);
CALL protect_organization_table('audit_archives');
-- Timers look for organizations whose trail has grown.
CREATE POLICY system_finds_heads ON integration_audit_heads FOR SELECT USING ((SELECT scope_is_system()));
