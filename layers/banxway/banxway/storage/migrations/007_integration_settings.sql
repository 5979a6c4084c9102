-- What an integration needs beyond its secrets, and what is synced from its provider.

CREATE TABLE integration_settings (
    organization_id uuid NOT NULL,
    integration_id uuid PRIMARY KEY,
    -- Numbers, names, auto-reply and business hours; never a secret.
    settings jsonb NOT NULL DEFAULT '{}',
    -- Raised to revoke the callback URL that was typed into the provider's dashboard.
    callback_generation integer NOT NULL DEFAULT 1,
    FOREIGN KEY (organization_id, integration_id)
        REFERENCES integration_credentials (organization_id, id) ON DELETE CASCADE
);
CALL protect_organization_table('integration_settings');

CREATE TABLE whatsapp_templates (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL,
    language text NOT NULL,
    category text NOT NULL DEFAULT '',
    status text NOT NULL,
    body text NOT NULL DEFAULT '',
    variables integer NOT NULL DEFAULT 0,
    components jsonb NOT NULL DEFAULT '[]',
    synced_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, name, language)
);
CALL protect_organization_table('whatsapp_templates');
