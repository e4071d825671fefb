-- Who holds a lease, so that those of the dead are free at once; and what must not be sent side by side.

ALTER TABLE epochs ADD COLUMN ended_at @INT@;              -- nobody holds anything under it any more
UPDATE epochs SET ended_at = seen_at;
ALTER TABLE arrivals ADD COLUMN held_by @INT@;             -- an epoch; NULL: the lease ends by its time alone
ALTER TABLE fetches ADD COLUMN held_by @INT@;
ALTER TABLE outbox ADD COLUMN held_by @INT@;
ALTER TABLE outbox ADD COLUMN conversation TEXT NOT NULL DEFAULT '';   -- where the other side shows it

CREATE INDEX epochs_not_ended ON epochs (id) WHERE ended_at IS NULL;
CREATE INDEX outbox_open_to ON outbox (contact_point, channel, id)
    WHERE state IN ('waiting', 'sending', 'doubtful');
CREATE INDEX outbox_open_in ON outbox (channel, conversation, id)
    WHERE state IN ('waiting', 'sending', 'doubtful') AND conversation <> '';
