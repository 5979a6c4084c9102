-- What a user may do with integrations is their own affair and the admins': nobody else reads or changes it.

-- The signed-in user's role; 'organization' where a worker works for an organization and nobody is signed in.
CREATE FUNCTION scope_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('app.role', true), '') $$;

-- Restrictive: each of these must hold beside own_organization. A user's own row may be locked and not changed.
CREATE POLICY own_rows_and_admins ON user_integration_permissions AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (user_id = (SELECT scope_user()) OR (SELECT scope_role()) IN ('admin', 'organization'))
    WITH CHECK ((SELECT scope_role()) IN ('admin', 'organization'));

CREATE POLICY removed_by_admins ON user_integration_permissions AS RESTRICTIVE FOR DELETE TO PUBLIC
    USING ((SELECT scope_role()) IN ('admin', 'organization'));
