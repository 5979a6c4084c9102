-- What somebody must not view is not there for them: the messages of a channel, and all that is made of them.
-- Unlike a condition in each query, this also binds the queries that are still to be written.
SET lock_timeout = '5s';

-- The channels that the signed-in user must not view, as an array; NULL, which is nearly always, if there is none.
CREATE FUNCTION scope_hidden_channels() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
    AS $$ SELECT string_to_array(nullif(current_setting('app.hidden_channels', true), ''), ',') $$;

CREATE FUNCTION channel_of_integration(integration_type text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE integration_type WHEN 'zoho_mail' THEN 'EMAIL' WHEN 'exotel_whatsapp' THEN 'WHATSAPP'
                                       WHEN 'exotel_sms' THEN 'SMS' WHEN 'exotel_phone' THEN 'CALL' END $$;

CREATE OR REPLACE FUNCTION enter_user_scope(requested_user uuid, timeout_ms integer) RETURNS SETOF users
LANGUAGE plpgsql AS $$
DECLARE
    found_user users;
BEGIN
    PERFORM set_config('app.scope', 'organization', true), set_config('app.organization_id', '', true),
            set_config('app.user_id', requested_user::text, true), set_config('app.role', '', true),
            set_config('app.hidden_channels', '', true),
            set_config('statement_timeout', timeout_ms::text, true);
    SELECT * INTO found_user FROM users WHERE id = requested_user;
    IF found_user.is_active THEN
        PERFORM set_config('app.organization_id', found_user.organization_id::text, true),
                set_config('app.role', found_user.role, true);
        IF found_user.role <> 'admin' THEN
            PERFORM set_config('app.hidden_channels', coalesce(string_agg(channel_of_integration(integration_type), ','), ''), true)
            FROM user_integration_permissions WHERE user_id = requested_user AND NOT can_view;
        END IF;
        RETURN NEXT found_user;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION enter_scope(scope text, organization uuid, timeout_ms integer) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('app.scope', scope, true),
           set_config('app.organization_id', coalesce(organization::text, ''), true),
           set_config('app.user_id', '', true), set_config('app.role', scope, true),
           set_config('app.hidden_channels', '', true),
           set_config('statement_timeout', timeout_ms::text, true);
$$;

CREATE POLICY viewed_channels ON messages AS RESTRICTIVE FOR SELECT
    USING ((SELECT scope_hidden_channels()) IS NULL OR channel <> ALL ((SELECT scope_hidden_channels())::text[]));
-- A thread is there for somebody who may view one of its messages; one that was merged only leads to another.
CREATE POLICY viewed_channels ON threads AS RESTRICTIVE FOR SELECT
    USING ((SELECT scope_hidden_channels()) IS NULL OR merged_into_thread_id IS NOT NULL
           OR EXISTS (SELECT FROM messages m WHERE m.thread_id = threads.id));
CREATE POLICY viewed_channels ON attachments AS RESTRICTIVE FOR SELECT
    USING ((SELECT scope_hidden_channels()) IS NULL
           OR EXISTS (SELECT FROM messages m WHERE m.id = attachments.message_id));
CREATE POLICY viewed_channels ON email_rule_traces AS RESTRICTIVE FOR SELECT
    USING ((SELECT scope_hidden_channels()) IS NULL
           OR EXISTS (SELECT FROM messages m WHERE m.id = email_rule_traces.message_id));
-- Reactions, edits and notes come from WhatsApp alone.
CREATE POLICY viewed_channels ON thread_events AS RESTRICTIVE FOR SELECT
    USING ((SELECT scope_hidden_channels()) IS NULL OR 'WHATSAPP' <> ALL ((SELECT scope_hidden_channels())::text[]));
