-- Fair delivery: an organization has a set number of messages in flight in each queue, and a hand-over records its start.

SET lock_timeout = '5s';

-- When the worker was about to send the bytes with which the provider could take the message; NULL before that. A worker
-- that died before has sent nothing.
ALTER TABLE messages ADD COLUMN hand_over_began_at timestamptz;

-- What an organization has in flight, and what waits for it, oldest first; neither costs more because of others.
CREATE INDEX messages_in_flight ON messages (organization_id, channel) WHERE status = 'sending';
CREATE INDEX messages_waiting ON messages (organization_id, channel, next_attempt_at, id) WHERE status = 'queued';

-- Returns the channels whose messages share a queue with those of this one. `queues` has the channels by queue, such as
-- {"mail": ["EMAIL"]}.
CREATE FUNCTION channels_beside(own_channel text, queues jsonb) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY(SELECT jsonb_array_elements_text(one.value)) FROM jsonb_each(queues) AS one
    WHERE one.value ? own_channel
$$;

-- Counts the messages of the scope's organization that are being sent by these channels. Until the transaction ends,
-- nobody else counts them: two workers cannot both take the last slot. The count is a statement of its own within a
-- volatile function, so that it sees what was committed while this one waited for the lock.
-- The lock comes before the lock of any row, in every transaction that takes it.
CREATE FUNCTION locked_in_flight(channels text[]) RETURNS bigint LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(scope_organization()::text || ' in flight ' || channels::text, 0));
    RETURN (SELECT count(*) FROM messages
            WHERE organization_id = scope_organization() AND status = 'sending' AND channel = ANY (channels));
END $$;

-- Returns the messages that are due for the slots that are free when this transaction has freed one: the oldest of the
-- scope's organization on these channels, as many as are left of `most`. It takes the same lock, so that it sees a
-- message whose claim was refused before, and one that is claimed later finds the slot.
CREATE FUNCTION due_for_freed_slot(channels text[], most integer) RETURNS TABLE (id uuid, channel text)
LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    free bigint := greatest(most + 1 - locked_in_flight(channels), 0);
    -- Not the transaction's time, which may be before the message was committed.
    moment timestamptz := clock_timestamp();
BEGIN
    RETURN QUERY
    SELECT due.id, due.channel
    FROM unnest(channels) AS one (name)
    CROSS JOIN LATERAL (
        SELECT m.id, m.channel, m.next_attempt_at FROM messages m
        WHERE m.organization_id = scope_organization() AND m.channel = one.name AND m.status = 'queued'
          AND m.next_attempt_at <= moment
        ORDER BY m.next_attempt_at, m.id LIMIT free
    ) AS due
    ORDER BY due.next_attempt_at, due.id LIMIT free;
END $$;
