-- Two customers who are one person: which rows were whose, so that a merge can be undone exactly.

ALTER TABLE customer_addresses
    ADD COLUMN id uuid NOT NULL DEFAULT gen_random_uuid(),
    ADD UNIQUE (organization_id, id);

CREATE TABLE customer_merges (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL,
    -- The customer that has the rows now, and the one that had them. A row exists as long as the merge holds.
    survivor_id uuid NOT NULL,
    merged_id uuid NOT NULL,
    merged_by uuid NOT NULL,
    merged_at timestamptz NOT NULL DEFAULT now(),
    -- By table, the ids of the rows that came from the merged customer.
    moved jsonb NOT NULL DEFAULT '{}',
    -- By table, the ids of rows that the survivor had before, where nothing else would tell.
    kept jsonb NOT NULL,
    UNIQUE (organization_id, merged_id),
    FOREIGN KEY (organization_id, survivor_id) REFERENCES customers (organization_id, id),
    FOREIGN KEY (organization_id, merged_id) REFERENCES customers (organization_id, id),
    FOREIGN KEY (organization_id, merged_by) REFERENCES users (organization_id, id)
);
CREATE INDEX customer_merges_by_survivor ON customer_merges (organization_id, survivor_id, merged_at DESC);
CALL protect_organization_table('customer_merges');

CREATE INDEX customers_by_age ON customers (organization_id, created_at DESC, id DESC);
CREATE INDEX messages_by_customer ON messages (organization_id, customer_id);
