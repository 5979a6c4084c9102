-- The guide's four tables: credentials, permissions, audit trail, phone numbers.

CREATE TABLE integration_credentials (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    integration_type varchar(50) NOT NULL
        CHECK (integration_type IN ('exotel_phone', 'exotel_whatsapp', 'exotel_sms', 'zoho_mail')),
    credentials_encrypted text NOT NULL,
    display_name varchar(255),
    is_active boolean NOT NULL DEFAULT true,
    is_verified boolean NOT NULL DEFAULT false,
    last_verified_at timestamptz,
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, integration_type),
    UNIQUE (organization_id, id),
    FOREIGN KEY (organization_id, created_by) REFERENCES users (organization_id, id)
);
CREATE INDEX integration_credentials_by_type ON integration_credentials (integration_type);
CALL protect_organization_table('integration_credentials');

CREATE TABLE user_integration_permissions (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    user_id uuid NOT NULL,
    integration_type varchar(50) NOT NULL
        CHECK (integration_type IN ('exotel_phone', 'exotel_whatsapp', 'exotel_sms', 'zoho_mail')),
    can_view boolean NOT NULL DEFAULT true,
    can_use boolean NOT NULL DEFAULT false,
    daily_limit integer CHECK (daily_limit >= 0),
    granted_by uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, user_id, integration_type),
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
);
CREATE INDEX user_integration_permissions_by_user ON user_integration_permissions (user_id);
CALL protect_organization_table('user_integration_permissions');

CREATE TABLE integration_audit_logs (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    user_id uuid,
    integration_id uuid,
    integration_type varchar(50),
    action varchar(100) NOT NULL,
    status varchar(20) NOT NULL CHECK (status IN ('success', 'failed')),
    details jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- The chain: each row's hash covers its content and the hash before it. Set by the trigger below.
    sequence bigint NOT NULL,
    previous_hash text NOT NULL,
    hash text NOT NULL,
    UNIQUE (organization_id, sequence)
);
CREATE INDEX integration_audit_logs_by_time ON integration_audit_logs (organization_id, created_at DESC);
CALL protect_organization_table('integration_audit_logs');
REVOKE UPDATE, DELETE ON integration_audit_logs FROM banxway_app;

CREATE TABLE integration_audit_heads (
    organization_id uuid PRIMARY KEY REFERENCES organizations,
    sequence bigint NOT NULL,
    hash text NOT NULL
);
CALL protect_organization_table('integration_audit_heads');
REVOKE INSERT, UPDATE, DELETE ON integration_audit_heads FROM banxway_app;

-- What a row's hash covers; the verifier recomputes it with the same function.
CREATE FUNCTION audit_hash(entry integration_audit_logs) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws(E'\n',
        entry.previous_hash, entry.sequence, entry.id, entry.organization_id, coalesce(entry.user_id::text, '-'),
        coalesce(entry.integration_id::text, '-'), coalesce(entry.integration_type, '-'), entry.action,
        entry.status, entry.details::text, extract(epoch FROM entry.created_at)::text), 'UTF8')), 'hex')
$$;

-- Runs as the owner, since the application role may read the heads but not write them. The head's row
-- lock lets one writer of an organization through at a time, which is what makes it a chain.
CREATE FUNCTION link_audit_entry() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    head integration_audit_heads;
BEGIN
    INSERT INTO integration_audit_heads (organization_id, sequence, hash)
        VALUES (NEW.organization_id, 0, repeat('0', 64)) ON CONFLICT DO NOTHING;
    SELECT * INTO head FROM integration_audit_heads WHERE organization_id = NEW.organization_id FOR UPDATE;
    NEW.sequence := head.sequence + 1;
    NEW.previous_hash := head.hash;
    NEW.created_at := clock_timestamp();
    NEW.hash := audit_hash(NEW);
    UPDATE integration_audit_heads SET sequence = NEW.sequence, hash = NEW.hash
        WHERE organization_id = NEW.organization_id;
    RETURN NEW;
END $$;
CREATE TRIGGER link_audit_entry BEFORE INSERT ON integration_audit_logs
    FOR EACH ROW EXECUTE FUNCTION link_audit_entry();

CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'integration_audit_logs is append-only';
END $$;
CREATE TRIGGER refuse_audit_change BEFORE UPDATE OR DELETE ON integration_audit_logs
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change();
CREATE TRIGGER refuse_audit_truncate BEFORE TRUNCATE ON integration_audit_logs
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change();

CREATE TABLE organization_phone_numbers (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    integration_id uuid,
    phone_number varchar(20) NOT NULL,
    display_name varchar(100),
    number_type varchar(50) NOT NULL DEFAULT 'virtual',
    assigned_to_user_id uuid,
    is_primary boolean NOT NULL DEFAULT false,
    can_call boolean NOT NULL DEFAULT true,
    can_sms boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, phone_number),
    FOREIGN KEY (organization_id, integration_id)
        REFERENCES integration_credentials (organization_id, id) ON DELETE SET NULL (integration_id),
    FOREIGN KEY (organization_id, assigned_to_user_id) REFERENCES users (organization_id, id)
);
CREATE INDEX organization_phone_numbers_by_user ON organization_phone_numbers (assigned_to_user_id);
CREATE UNIQUE INDEX organization_phone_numbers_one_primary ON organization_phone_numbers (organization_id)
    WHERE is_primary;
CALL protect_organization_table('organization_phone_numbers');
