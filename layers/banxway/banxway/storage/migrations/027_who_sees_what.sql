-- Permissions are read by their user and by admins; the owner finds the organizations that an operator works for.

-- The signed-in user's role; 'organization' where a worker works for an organization and nobody is signed in.
CREATE FUNCTION scope_role() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT coalesce(current_setting('app.role', true), '') $$;

-- Restrictive: each of these must hold beside own_organization. A user's own row may be locked and not changed.
CREATE POLICY own_rows_and_admins ON user_integration_permissions AS RESTRICTIVE FOR ALL TO PUBLIC
    USING (user_id = (SELECT scope_user()) OR (SELECT scope_role()) IN ('admin', 'organization'))
    WITH CHECK ((SELECT scope_role()) IN ('admin', 'organization'));

CREATE POLICY removed_by_admins ON user_integration_permissions AS RESTRICTIVE FOR DELETE TO PUBLIC
    USING ((SELECT scope_role()) IN ('admin', 'organization'));

-- The owner of the tables could switch row-level security off; an operator must not have to.
CREATE POLICY owner_lists ON organizations FOR SELECT TO CURRENT_USER USING (true);
