-- How often each rule matched, by weeks: folded from decisions and history, never counted anew.

CREATE TABLE rule_weeks (
    week TEXT NOT NULL,            -- its Monday, 2026-11-16; '' is all time
    rule TEXT NOT NULL,
    matched @INT@ NOT NULL,
    decided @INT@ NOT NULL,        -- of these: a queue, priority or assignee came from it
    overridden @INT@ NOT NULL,     -- of those: a person decided one of them otherwise afterwards
    last_at @INT@ NOT NULL,
    PRIMARY KEY (week, rule)
) @STRICT@;
