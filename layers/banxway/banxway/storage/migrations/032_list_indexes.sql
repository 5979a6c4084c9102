-- Each list reads its page from an index that has its rows in the list's order, whatever the list is filtered by.
SET lock_timeout = '5s';

-- Threads: by status, for everybody, for an assignee, for nobody and for a customer. A list of both statuses takes a
-- page of each. "IS NULL" is no equality to the planner, so that threads of nobody have an index of their own.
CREATE INDEX threads_listed ON threads (organization_id, is_spam, status, last_message_at DESC, id DESC)
    WHERE merged_into_thread_id IS NULL;
CREATE INDEX threads_of_assignee
    ON threads (organization_id, assigned_to_user_id, is_spam, status, last_message_at DESC, id DESC)
    WHERE merged_into_thread_id IS NULL AND assigned_to_user_id IS NOT NULL;
CREATE INDEX threads_of_nobody ON threads (organization_id, is_spam, status, last_message_at DESC, id DESC)
    WHERE merged_into_thread_id IS NULL AND assigned_to_user_id IS NULL;
CREATE INDEX threads_of_customer ON threads (organization_id, customer_id, last_message_at DESC, id DESC);
DROP INDEX threads_by_activity;
DROP INDEX threads_by_customer;

-- A thread's tags once more, in the order of the list: an index of arrays has no order, and none may be used where
-- row-level security stands before it. A trigger keeps them, so that no statement can forget to.
CREATE TABLE thread_tags (
    organization_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    tag text NOT NULL,
    is_spam boolean NOT NULL,
    status text NOT NULL,
    -- The zero id is nobody.
    assignee uuid NOT NULL,
    last_message_at timestamptz NOT NULL,
    PRIMARY KEY (organization_id, thread_id, tag),
    FOREIGN KEY (organization_id, thread_id) REFERENCES threads (organization_id, id)
);
CREATE INDEX thread_tags_listed
    ON thread_tags (organization_id, tag, is_spam, status, last_message_at DESC, thread_id DESC);
CREATE INDEX thread_tags_of_assignee
    ON thread_tags (organization_id, tag, assignee, is_spam, status, last_message_at DESC, thread_id DESC);
CALL protect_organization_table('thread_tags');

CREATE FUNCTION keep_thread_tags() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM thread_tags WHERE organization_id = NEW.organization_id AND thread_id = NEW.id;
    INSERT INTO thread_tags (organization_id, thread_id, tag, is_spam, status, assignee, last_message_at)
    SELECT DISTINCT NEW.organization_id, NEW.id, tag, NEW.is_spam, NEW.status,
                    coalesce(NEW.assigned_to_user_id, '00000000-0000-0000-0000-000000000000'), NEW.last_message_at
    FROM unnest(NEW.tags) AS tag WHERE NEW.merged_into_thread_id IS NULL AND tag IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER added_tags_are_kept AFTER INSERT ON threads
    FOR EACH ROW WHEN (NEW.tags <> '{}') EXECUTE FUNCTION keep_thread_tags();
CREATE TRIGGER changed_tags_are_kept
    AFTER UPDATE OF tags, is_spam, status, assigned_to_user_id, last_message_at, merged_into_thread_id ON threads
    FOR EACH ROW WHEN (OLD.tags <> '{}' OR NEW.tags <> '{}') EXECUTE FUNCTION keep_thread_tags();

-- Row-level security binds the owner, too, who therefore goes through the organizations one by one.
DO $$
DECLARE
    found record;
BEGIN
    FOR found IN SELECT id FROM organizations LOOP
        PERFORM set_config('app.organization_id', found.id::text, true);
        UPDATE threads SET tags = tags WHERE tags <> '{}';
    END LOOP;
    PERFORM set_config('app.organization_id', '', true);
END $$;

-- Migration 034 has an index for what waits, and one for what is being sent.
DROP INDEX messages_unsent;

CREATE INDEX notifications_listed ON notifications (organization_id, created_at DESC, id DESC);
CREATE INDEX notifications_open ON notifications (organization_id, created_at DESC, id DESC) WHERE closed_at IS NULL;
DROP INDEX notifications_by_time;

-- The audit trail by each filter, in its own order.
CREATE INDEX integration_audit_logs_by_action ON integration_audit_logs (organization_id, action, sequence);
CREATE INDEX integration_audit_logs_by_type ON integration_audit_logs (organization_id, integration_type, sequence);
CREATE INDEX integration_audit_logs_by_user ON integration_audit_logs (organization_id, user_id, sequence);
CREATE INDEX integration_audit_logs_by_status ON integration_audit_logs (organization_id, status, sequence);

-- What the sweeper prunes.
CREATE INDEX uploads_by_expiry ON uploads (expires_at);
CREATE INDEX realtime_tickets_by_expiry ON realtime_tickets (expires_at);
CREATE INDEX realtime_connections_by_expiry ON realtime_connections (expires_at);
