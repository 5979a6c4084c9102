-- Organizations, their users, and the scope that every later table's row-level security is written in.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'banxway_app') THEN
        CREATE ROLE banxway_app NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
END $$;

GRANT USAGE ON SCHEMA public TO banxway_app;
GRANT SELECT ON schema_migrations TO banxway_app;

-- A setting that was set transaction-locally reads as the empty string afterwards, not as NULL: hence nullif.
CREATE FUNCTION scope_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.organization_id', true), '')::uuid $$;

CREATE FUNCTION scope_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;

CREATE FUNCTION scope_is_system() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('app.scope', true), '') = 'system' $$;

-- Enables and forces row-level security on a table with organization_id, for all four verbs, and grants them.
-- The sub-select makes the scope one constant per query, so that indexes on organization_id are used.
CREATE PROCEDURE protect_organization_table(table_name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
        'CREATE POLICY own_organization ON %I FOR ALL TO PUBLIC '
        'USING (organization_id = (SELECT scope_organization())) '
        'WITH CHECK (organization_id = (SELECT scope_organization()))', table_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO banxway_app', table_name);
END $$;

CREATE TABLE organizations (
    id uuid PRIMARY KEY,
    name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE organizations FORCE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON organizations USING (id = (SELECT scope_organization()));
GRANT SELECT ON organizations TO banxway_app;

CREATE TABLE users (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    email text NOT NULL,
    name text NOT NULL DEFAULT '',
    role text NOT NULL CHECK (role IN ('admin', 'manager', 'agent')),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id),
    UNIQUE (organization_id, email)
);
CALL protect_organization_table('users');
-- Before the organization is known, a signed-in user may see exactly one row: their own.
CREATE POLICY own_row ON users FOR SELECT USING (id = (SELECT scope_user()));

-- Starts a request: names the user, reads their row through own_row, and takes organization and role from
-- it. One round trip; everything is local to the transaction, so that a pooler may hand the connection on.
CREATE FUNCTION enter_user_scope(requested_user uuid, timeout_ms integer) RETURNS SETOF users
LANGUAGE plpgsql AS $$
DECLARE
    found_user users;
BEGIN
    PERFORM set_config('app.scope', 'organization', true), set_config('app.organization_id', '', true),
            set_config('app.user_id', requested_user::text, true), set_config('app.role', '', true),
            set_config('statement_timeout', timeout_ms::text, true);
    SELECT * INTO found_user FROM users WHERE id = requested_user;
    IF found_user.is_active THEN
        PERFORM set_config('app.organization_id', found_user.organization_id::text, true),
                set_config('app.role', found_user.role, true);
        RETURN NEXT found_user;
    END IF;
END $$;

-- Starts work on behalf of one organization, or across organizations (scope 'system', organization NULL).
CREATE FUNCTION enter_scope(scope text, organization uuid, timeout_ms integer) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('app.scope', scope, true),
           set_config('app.organization_id', coalesce(organization::text, ''), true),
           set_config('app.user_id', '', true), set_config('app.role', scope, true),
           set_config('statement_timeout', timeout_ms::text, true);
$$;
