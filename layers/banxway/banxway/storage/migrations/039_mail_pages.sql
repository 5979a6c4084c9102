-- The list of rules says how often each fired in the last seven days.
SET lock_timeout = '5s';

CREATE INDEX email_rule_traces_by_rule ON email_rule_traces (organization_id, rule_id, created_at);
