-- The second slot: credentials that were replaced and may still serve work in flight, until they retire.

CREATE TABLE retiring_credentials (
    organization_id uuid NOT NULL,
    integration_id uuid PRIMARY KEY,
    -- In an envelope bound to this table and integration_id.
    credentials_encrypted text NOT NULL,
    retires_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, integration_id)
        REFERENCES integration_credentials (organization_id, id) ON DELETE CASCADE
);
CALL protect_organization_table('retiring_credentials');
CREATE POLICY system_retires ON retiring_credentials FOR DELETE
    USING ((SELECT scope_is_system()) AND retires_at < now());
CREATE POLICY system_finds_retired ON retiring_credentials FOR SELECT
    USING ((SELECT scope_is_system()) AND retires_at < now());

-- When the credentials themselves last changed: what their age is counted from.
ALTER TABLE integration_settings ADD COLUMN credentials_changed_at timestamptz NOT NULL DEFAULT now();

-- Timers look for what is due in all organizations; they may look, and nothing more.
CREATE POLICY system_finds_active ON integration_credentials FOR SELECT
    USING ((SELECT scope_is_system()) AND is_active);
