-- Every genuine callback, verbatim.

CREATE TABLE webhook_events (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    kind text NOT NULL,
    content_type text NOT NULL,
    body text,
    -- Bodies above 64 KiB live in the blob store instead.
    body_blob text,
    body_sha256 text NOT NULL,
    -- False where an entry carries no provider id: then an equal body may be a second, genuine event.
    is_identifiable boolean NOT NULL,
    deliveries integer NOT NULL DEFAULT 1,
    outcome text NOT NULL CHECK (outcome IN ('applied', 'unknown', 'unreadable', 'revoked')),
    received_at timestamptz NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((body IS NULL) <> (body_blob IS NULL))
);
CREATE UNIQUE INDEX webhook_events_one_content ON webhook_events (organization_id, kind, body_sha256)
    WHERE is_identifiable;
CREATE INDEX webhook_events_by_time ON webhook_events (organization_id, received_at DESC);
CALL protect_organization_table('webhook_events');

-- Call reports as they came. Calls themselves are a later chapter; nothing reported is lost until then.
CREATE TABLE call_reports (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    provider_sid text NOT NULL,
    identity text NOT NULL,
    event text NOT NULL,
    status text,
    duration_s integer,
    recording_url text,
    occurred_at timestamptz,
    received_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, identity)
);
CALL protect_organization_table('call_reports');
