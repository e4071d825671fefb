-- What rules set and ask for: fields of inquiries, records of customers, figures that are counted.

ALTER TABLE inquiries ADD COLUMN fields TEXT NOT NULL DEFAULT '{}';   -- JSON: what rules have set
ALTER TABLE inquiries ADD COLUMN snoozed_until @INT@;
CREATE INDEX inquiries_snoozed ON inquiries (snoozed_until) WHERE state = 'snoozed';
CREATE INDEX inquiries_in_time ON inquiries (customer, created_at);
CREATE INDEX inquiries_active ON inquiries (customer) WHERE state NOT IN ('resolved', 'closed');
CREATE INDEX inquiries_waiting ON inquiries (queue)
    WHERE unanswered > 0 AND state NOT IN ('resolved', 'closed', 'snoozed');
CREATE INDEX messages_in_time ON messages (contact_point, created_at) WHERE direction = 'in';
CREATE INDEX decisions_in_time ON decisions (decided_at);

CREATE TABLE customer_records (    -- what a file says of customers, by one address, number or domain
    matched_by TEXT NOT NULL CHECK (matched_by IN ('email', 'phone', 'domain')),
    key TEXT NOT NULL,             -- folded: an address, digits with their plus, a domain
    organization TEXT NOT NULL,
    attributes TEXT NOT NULL,      -- JSON
    imported_at @INT@ NOT NULL,         -- which import wrote it: what the newest does not name goes
    PRIMARY KEY (matched_by, key)
) @STRICT@;
