"""The tables of the queues, and the two most frequent queries."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY,
    attributes TEXT NOT NULL,
    created_ms INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    message_id TEXT NOT NULL,
    body TEXT NOT NULL,
    body_md5 TEXT NOT NULL,
    attributes TEXT NOT NULL,
    attributes_md5 TEXT,
    group_id TEXT,
    dedup_id TEXT,
    trace TEXT,
    source_arn TEXT,
    sent_ms INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL,
    first_received_ms INTEGER,
    received INTEGER NOT NULL DEFAULT 0,
    receipt TEXT,
    held INTEGER NOT NULL DEFAULT 0  -- 1 from a receive until its visibility is changed
) STRICT;
CREATE INDEX IF NOT EXISTS by_visibility ON messages (queue, visible_ms, id);
CREATE INDEX IF NOT EXISTS by_group ON messages (queue, group_id, visible_ms, id);
CREATE INDEX IF NOT EXISTS in_flight ON messages (queue, group_id, visible_ms) WHERE receipt IS NOT NULL;
CREATE INDEX IF NOT EXISTS by_age ON messages (queue, sent_ms);
CREATE INDEX IF NOT EXISTS in_order ON messages (queue, id, group_id, visible_ms) WHERE group_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS seen (
    queue TEXT NOT NULL,
    dedup_id TEXT NOT NULL,
    message_id TEXT NOT NULL,
    sequence INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (queue, dedup_id)
) STRICT;
CREATE INDEX IF NOT EXISTS seen_by_end ON seen (until_ms);
"""

# A standard queue is fair: the oldest message of the group with the fewest in flight. Those without one are a group.
# The first part steps from group to group in the index; each step and each group costs the same, however many wait.
NEXT = """
WITH RECURSIVE groups (id) AS (
    SELECT (SELECT group_id FROM messages INDEXED BY by_group WHERE queue = :queue AND group_id > ''
            ORDER BY group_id LIMIT 1)
    UNION
    SELECT (SELECT group_id FROM messages INDEXED BY by_group WHERE queue = :queue AND group_id > groups.id
            ORDER BY group_id LIMIT 1)
    FROM groups WHERE groups.id IS NOT NULL
)
SELECT first.* FROM groups JOIN messages AS first ON first.id = (
    SELECT id FROM messages INDEXED BY by_group
    WHERE queue = :queue AND group_id IS groups.id AND visible_ms <= :now
      AND id NOT IN (SELECT value FROM json_each(:taken))
    ORDER BY visible_ms, id LIMIT 1
)
ORDER BY (
    SELECT count(*) FROM messages INDEXED BY in_flight
    WHERE queue = :queue AND group_id IS groups.id AND visible_ms > :now AND receipt IS NOT NULL
), first.visible_ms, first.id
LIMIT 1
"""
# While any message of a group is in flight the group is closed: only this keeps its order, also after a time-out.
NEXT_IN_GROUPS = """
SELECT * FROM messages INDEXED BY in_order  -- walks until it has enough; the planner would sort them all
WHERE queue = :queue AND group_id IS NOT NULL AND visible_ms <= :now AND group_id NOT IN (
    SELECT group_id FROM messages WHERE queue = :queue AND visible_ms > :now AND receipt IS NOT NULL
)
ORDER BY id
LIMIT :limit
"""
