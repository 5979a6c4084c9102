-- What changed, numbered per organization, and who is listening.

-- The row's lock is held until commit, so that numbers become visible in their order and without gaps.
CREATE TABLE change_sequences (
    organization_id uuid PRIMARY KEY REFERENCES organizations,
    current bigint NOT NULL DEFAULT 0,
    pushed bigint NOT NULL DEFAULT 0
);
CALL protect_organization_table('change_sequences');
CREATE POLICY system_finds_unpushed ON change_sequences FOR SELECT
    USING ((SELECT scope_is_system()) AND current > pushed);

CREATE TABLE changes (
    organization_id uuid NOT NULL REFERENCES organizations,
    sequence bigint NOT NULL,
    kind text NOT NULL,
    thread_id uuid,
    message_id uuid,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, sequence)
);
CREATE INDEX changes_by_age ON changes (created_at);
CALL protect_organization_table('changes');
CREATE POLICY system_sees_old ON changes FOR SELECT
    USING ((SELECT scope_is_system()) AND created_at < now() - interval '30 days');
-- Says the age again: a DELETE that reads no column is not bound by what its role may SELECT.
CREATE POLICY system_prunes ON changes FOR DELETE
    USING ((SELECT scope_is_system()) AND created_at < now() - interval '30 days');

CREATE TABLE realtime_tickets (
    ticket_sha256 bytea PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
);
CALL protect_organization_table('realtime_tickets');
-- A ticket is redeemed before its organization is known: by its hash, once, by deleting it.
CREATE POLICY system_finds ON realtime_tickets FOR SELECT USING ((SELECT scope_is_system()));
CREATE POLICY system_redeems ON realtime_tickets FOR DELETE USING ((SELECT scope_is_system()));

CREATE TABLE realtime_connections (
    connection_id text PRIMARY KEY,
    organization_id uuid NOT NULL,
    user_id uuid NOT NULL,
    connected_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    FOREIGN KEY (organization_id, user_id) REFERENCES users (organization_id, id)
);
CREATE INDEX realtime_connections_of ON realtime_connections (organization_id);
CALL protect_organization_table('realtime_connections');
-- A closed connection is known by its id alone.
CREATE POLICY system_forgets ON realtime_connections FOR DELETE USING ((SELECT scope_is_system()));
CREATE POLICY system_finds ON realtime_connections FOR SELECT USING ((SELECT scope_is_system()));
