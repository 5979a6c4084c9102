-- What each user has sent on each channel, as the monthly review and the daily limits ask it.

CREATE INDEX messages_by_author ON messages (organization_id, created_by, channel, created_at)
    WHERE direction = 'outbound' AND created_by IS NOT NULL;
