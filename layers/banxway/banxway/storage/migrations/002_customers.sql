-- One customer, many addresses: email addresses in lower case, phone numbers in E.164.

CREATE TABLE customers (
    id uuid PRIMARY KEY,
    organization_id uuid NOT NULL REFERENCES organizations,
    name text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organization_id, id)
);
CALL protect_organization_table('customers');

CREATE TABLE customer_addresses (
    organization_id uuid NOT NULL,
    customer_id uuid NOT NULL,
    kind text NOT NULL CHECK (kind IN ('email', 'phone')),
    address text NOT NULL,
    -- What linked the address: 'inbound' (they wrote from it) or 'agent' (somebody typed it in).
    linked_by text NOT NULL CHECK (linked_by IN ('inbound', 'agent')),
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, kind, address),
    FOREIGN KEY (organization_id, customer_id) REFERENCES customers (organization_id, id)
);
CREATE INDEX customer_addresses_by_customer ON customer_addresses (organization_id, customer_id);
CALL protect_organization_table('customer_addresses');
