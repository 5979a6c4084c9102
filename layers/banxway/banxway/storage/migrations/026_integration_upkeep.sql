-- Why an integration is unverified, when its credentials end, what ended a failed message, and who sends how much.

ALTER TABLE integration_settings
    -- What made it unverified, and the reason in a sentence; NULL where it is verified or was never tried.
    ADD COLUMN doubt text CHECK (doubt IN ('test_failed', 'send_refused', 'saved_by_force')),
    ADD COLUMN doubt_reason text,
    -- The day on which the provider ends the credentials, where an admin has entered it.
    ADD COLUMN credentials_expire_on date;

ALTER TABLE messages
    -- The stable word of the error that ended a failed message, as answers give it; NULL where a report did.
    ADD COLUMN failure_code text;

-- What each user has sent on each channel, as the monthly review and the daily limits ask it.
CREATE INDEX messages_by_author ON messages (organization_id, created_by, channel, created_at)
    WHERE direction = 'outbound' AND created_by IS NOT NULL;
