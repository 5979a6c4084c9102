-- How far the daily review has read each organization's audit trail, and how often a notification's cause occurred.

CREATE TABLE audit_reviews (
    organization_id uuid PRIMARY KEY REFERENCES organizations,
    reviewed_sequence bigint NOT NULL
);
CALL protect_organization_table('audit_reviews');

ALTER TABLE notifications ADD COLUMN occurrences integer NOT NULL DEFAULT 1;
