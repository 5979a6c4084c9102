-- Work across organizations runs under a role of its own, so that no policy of a table is an OR of two scopes.
-- Postgres joins all permissive policies of a role by OR, and an OR is no index condition: while one role had both
-- scopes, every look-up of one organization also searched what other organizations had queued.
SET lock_timeout = '5s';

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'banxway_system') THEN
        CREATE ROLE banxway_system NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;
    END IF;
    -- Without inheritance: else the policies of banxway_system would apply to every statement of banxway_app.
    -- PostgreSQL 15 reads the role's attribute, later releases what the grant took from it.
    IF (SELECT rolinherit FROM pg_roles WHERE rolname = 'banxway_app') THEN
        ALTER ROLE banxway_app NOINHERIT;
    END IF;
    IF NOT pg_has_role('banxway_app', 'banxway_system', 'MEMBER') THEN
        GRANT banxway_system TO banxway_app;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the owner may not make the role banxway_system (%)', SQLERRM
        USING ERRCODE = 'insufficient_privilege';
END $$;
DO $$
BEGIN
    IF pg_has_role('banxway_app', 'banxway_system', 'USAGE') THEN
        RAISE EXCEPTION 'banxway_app inherits banxway_system' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

GRANT USAGE ON SCHEMA public TO banxway_system;

-- An organization's own rows are for the application and, through triggers and set-up, for the owner of the tables.
-- Called without a sub-select, the function's value is known to the planner, which then estimates by this
-- organization's rows. Of a sub-select it knows nothing: it took each organization for the average one, and read all
-- rows of a large organization where it expected a few. A scan still evaluates it once for its index condition.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT tablename, CASE tablename WHEN 'organizations' THEN 'id' ELSE 'organization_id' END AS key
                 FROM pg_policies WHERE policyname = 'own_organization' AND schemaname = 'public' LOOP
        EXECUTE format(
            'ALTER POLICY own_organization ON %I TO banxway_app, CURRENT_USER '
            'USING (%I = scope_organization()) WITH CHECK (%I = scope_organization())',
            found.tablename, found.key, found.key);
    END LOOP;
END $$;

-- For the same reason: as an OR of sub-selects, this was taken to hide nearly all messages from everybody.
ALTER POLICY viewed_channels ON messages USING ((channel = ANY (scope_hidden_channels())) IS NOT TRUE);
-- A sub-select instead of EXISTS, which would be answered by reading all messages of the organization first.
ALTER POLICY viewed_channels ON threads
    USING ((SELECT scope_hidden_channels()) IS NULL OR merged_into_thread_id IS NOT NULL
           OR (SELECT true FROM messages m
               WHERE m.organization_id = threads.organization_id AND m.thread_id = threads.id LIMIT 1));

CREATE OR REPLACE PROCEDURE protect_organization_table(table_name text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', table_name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', table_name);
    EXECUTE format(
        'CREATE POLICY own_organization ON %I FOR ALL TO banxway_app, CURRENT_USER '
        'USING (organization_id = scope_organization()) '
        'WITH CHECK (organization_id = scope_organization())', table_name);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO banxway_app', table_name);
END $$;

DROP POLICY system_finds_due ON email_accounts;
DROP POLICY system_finds_unsent ON messages;
DROP POLICY system_finds_unpushed ON change_sequences;
DROP POLICY system_sees_old ON changes;
DROP POLICY system_prunes ON changes;
DROP POLICY system_finds ON realtime_tickets;
DROP POLICY system_redeems ON realtime_tickets;
DROP POLICY system_forgets ON realtime_connections;
DROP POLICY system_finds ON realtime_connections;
DROP POLICY system_retires ON retiring_credentials;
DROP POLICY system_finds_retired ON retiring_credentials;
DROP POLICY system_finds_active ON integration_credentials;
DROP POLICY system_finds_heads ON integration_audit_heads;
DROP POLICY system_finds_unfinished ON key_rotations;
DROP POLICY system_finds_anchors ON audit_anchors;
DROP POLICY system_forgets_unclaimed ON uploads;
DROP POLICY system_finds_unclaimed ON uploads;
DROP FUNCTION scope_is_system();

-- What banxway_system may look for, column by column; it reads no content and no credentials.

GRANT SELECT (organization_id, id, imap_enabled, next_poll_at, poll_interval_ms, lease_until, consecutive_failures,
              uses_idle, idle_refused_at, state) ON email_accounts TO banxway_system;
CREATE POLICY system_finds_due ON email_accounts FOR SELECT TO banxway_system USING (imap_enabled);

GRANT SELECT (organization_id, id, thread_id, channel, status, next_attempt_at, lease_until)
    ON messages TO banxway_system;
CREATE POLICY system_finds_unsent ON messages FOR SELECT TO banxway_system USING (status IN ('queued', 'sending'));

GRANT SELECT ON change_sequences TO banxway_system;
CREATE POLICY system_finds_unpushed ON change_sequences FOR SELECT TO banxway_system USING (current > pushed);

GRANT SELECT (organization_id, created_at), DELETE ON changes TO banxway_system;
CREATE POLICY system_sees_old ON changes FOR SELECT TO banxway_system
    USING (created_at < now() - interval '30 days');
-- Says the age again: a DELETE that reads no column is not bound by what its role may SELECT.
CREATE POLICY system_prunes ON changes FOR DELETE TO banxway_system
    USING (created_at < now() - interval '30 days');

-- A ticket is redeemed, and a closed connection removed, before its organization is known.
GRANT SELECT, DELETE ON realtime_tickets, realtime_connections TO banxway_system;
CREATE POLICY system_finds ON realtime_tickets FOR SELECT TO banxway_system USING (true);
CREATE POLICY system_redeems ON realtime_tickets FOR DELETE TO banxway_system USING (true);
CREATE POLICY system_finds ON realtime_connections FOR SELECT TO banxway_system USING (true);
CREATE POLICY system_forgets ON realtime_connections FOR DELETE TO banxway_system USING (true);

GRANT SELECT (organization_id, retires_at), DELETE ON retiring_credentials TO banxway_system;
CREATE POLICY system_finds_retired ON retiring_credentials FOR SELECT TO banxway_system USING (retires_at < now());
CREATE POLICY system_retires ON retiring_credentials FOR DELETE TO banxway_system USING (retires_at < now());

GRANT SELECT (organization_id, id, integration_type, is_active) ON integration_credentials TO banxway_system;
CREATE POLICY system_finds_active ON integration_credentials FOR SELECT TO banxway_system USING (is_active);

GRANT SELECT ON integration_audit_heads, audit_anchors TO banxway_system;
CREATE POLICY system_finds_heads ON integration_audit_heads FOR SELECT TO banxway_system USING (true);
CREATE POLICY system_finds_anchors ON audit_anchors FOR SELECT TO banxway_system USING (true);

GRANT SELECT (organization_id, finished_at, progressed_at) ON key_rotations TO banxway_system;
CREATE POLICY system_finds_unfinished ON key_rotations FOR SELECT TO banxway_system USING (finished_at IS NULL);

GRANT SELECT (organization_id, expires_at), DELETE ON uploads TO banxway_system;
CREATE POLICY system_finds_unclaimed ON uploads FOR SELECT TO banxway_system USING (expires_at < now());
CREATE POLICY system_prunes_unclaimed ON uploads FOR DELETE TO banxway_system USING (expires_at < now());

-- These two tables belong to no organization.
GRANT SELECT ON schema_migrations, ledger_epoch TO banxway_system;
GRANT UPDATE (epoch, risen_at) ON ledger_epoch TO banxway_system;
REVOKE ALL ON ledger_epoch FROM banxway_app;

-- Starts work on behalf of one organization, or across organizations (scope 'system', organization NULL). The role
-- is local to the transaction like the settings; 'none' is the role that has signed in.
CREATE OR REPLACE FUNCTION enter_scope(scope text, organization uuid, timeout_ms integer) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('app.organization_id', coalesce(organization::text, ''), true),
           set_config('app.user_id', '', true), set_config('app.role', scope, true),
           set_config('app.hidden_channels', '', true),
           set_config('statement_timeout', timeout_ms::text, true),
           set_config('role', CASE WHEN scope = 'system' THEN 'banxway_system' ELSE 'none' END, true);
$$;
