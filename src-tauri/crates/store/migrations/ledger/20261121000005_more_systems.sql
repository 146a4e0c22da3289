-- Accounts of more payment systems, and a wish to be the default card.
--
-- A check of a column cannot be changed in place, so three tables are made anew: every row keeps its number, and numbers
-- go on where they were.

ALTER TABLE account ADD COLUMN connector TEXT;
ALTER TABLE account ADD COLUMN read_only INTEGER NOT NULL DEFAULT 0;

CREATE TABLE change_next (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    account         BLOB NOT NULL,
    token           BLOB NOT NULL,
    remote_id       TEXT NOT NULL,
    field           TEXT NOT NULL CHECK (field IN ('one_click', 'active', 'delete', 'default')),
    value           INTEGER CHECK ((field = 'delete') = (value IS NULL) AND (field <> 'default' OR value = 1)),
    status          TEXT NOT NULL
                    CHECK (status IN ('held', 'waiting', 'sending', 'done', 'conflict', 'stuck', 'withdrawn')),
    stuck           TEXT,
    conflict        TEXT,
    -- Needs a person, and keeps later wishes of its lane from being sent.
    stops_lane      INTEGER NOT NULL DEFAULT 0,
    withdrawn       TEXT,
    replaced_by     BLOB,
    stood           TEXT,
    doubt           TEXT,
    plan            BLOB,
    plan_row        INTEGER,
    reason          TEXT,
    actor           TEXT NOT NULL,
    label           TEXT NOT NULL,
    base            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    decided_at      INTEGER NOT NULL,
    hold_ms         INTEGER NOT NULL DEFAULT 0,
    updated_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    request_id      TEXT
);
INSERT INTO change_next (n, id, account, token, remote_id, field, value, status, stuck, conflict, stops_lane, withdrawn,
                         replaced_by, stood, doubt, plan, plan_row, reason, actor, label, base, created_at, decided_at,
                         hold_ms, updated_at, attempts, next_attempt_at, request_id)
SELECT n, id, account, token, remote_id, field, value, status, stuck, conflict, stops_lane, withdrawn,
       replaced_by, stood, doubt, plan, plan_row, reason, actor, label, base, created_at, decided_at,
       hold_ms, updated_at, attempts, next_attempt_at, request_id
FROM change ORDER BY n;
DELETE FROM sqlite_sequence WHERE name = 'change_next';
INSERT INTO sqlite_sequence (name, seq) SELECT 'change_next', seq FROM sqlite_sequence WHERE name = 'change';
-- Its triggers go with it.
DROP TABLE change;
ALTER TABLE change_next RENAME TO change;

CREATE INDEX change_lane ON change (token, status, n);
CREATE INDEX change_status ON change (status, n);
CREATE INDEX change_account ON change (account, n);
CREATE INDEX change_account_status ON change (account, status, n);
CREATE INDEX change_later ON change (next_attempt_at) WHERE status = 'waiting' AND next_attempt_at IS NOT NULL;
CREATE INDEX change_replaced ON change (replaced_by) WHERE replaced_by IS NOT NULL;
CREATE INDEX change_doubt ON change (token) WHERE doubt IS NOT NULL;
CREATE INDEX change_plan ON change (plan, n) WHERE plan IS NOT NULL;
CREATE INDEX change_plan_status ON change (plan, status, plan_row) WHERE plan IS NOT NULL;
CREATE UNIQUE INDEX change_one_sending ON change (token) WHERE status = 'sending';

CREATE TRIGGER change_counted AFTER INSERT ON change BEGIN
    INSERT INTO change_count (account, status, changes) VALUES (NEW.account, NEW.status, 1)
    ON CONFLICT (account, status) DO UPDATE SET changes = changes + 1;
END;
CREATE TRIGGER change_moved AFTER UPDATE OF account, status ON change
WHEN NEW.status <> OLD.status OR NEW.account <> OLD.account BEGIN
    UPDATE change_count SET changes = changes - 1 WHERE account = OLD.account AND status = OLD.status;
    INSERT INTO change_count (account, status, changes) VALUES (NEW.account, NEW.status, 1)
    ON CONFLICT (account, status) DO UPDATE SET changes = changes + 1;
END;
CREATE TRIGGER change_uncounted AFTER DELETE ON change BEGIN
    UPDATE change_count SET changes = changes - 1 WHERE account = OLD.account AND status = OLD.status;
END;

-- The rows of a plan name their plan, so they are made anew with it, and go before it.
CREATE TABLE plan_next (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    environment INTEGER NOT NULL,
    field       TEXT NOT NULL CHECK (field IN ('one_click', 'active', 'delete', 'default')),
    value       INTEGER CHECK ((field = 'delete') = (value IS NULL) AND (field <> 'default' OR value = 1)),
    query       TEXT,
    actor       TEXT NOT NULL,
    reason      TEXT,
    status      TEXT NOT NULL CHECK (status IN ('draft', 'running', 'stopped', 'finished')),
    made_at     INTEGER NOT NULL,
    took_ms     INTEGER NOT NULL,
    total       INTEGER NOT NULL,
    -- As the plan was made: [[account, cards that are changed, cards left out], …], and [[why, cards], …].
    accounts    TEXT NOT NULL,
    skips       TEXT NOT NULL
);
INSERT INTO plan_next (n, id, environment, field, value, query, actor, reason, status, made_at, took_ms, total, accounts,
                       skips)
SELECT n, id, environment, field, value, query, actor, reason, status, made_at, took_ms, total, accounts, skips
FROM plan ORDER BY n;
DELETE FROM sqlite_sequence WHERE name = 'plan_next';
INSERT INTO sqlite_sequence (name, seq) SELECT 'plan_next', seq FROM sqlite_sequence WHERE name = 'plan';

CREATE TABLE plan_row_next (
    plan      INTEGER NOT NULL REFERENCES plan_next (n),
    -- Its place, from 1.
    number    INTEGER NOT NULL,
    token     BLOB NOT NULL,
    -- Place in the plan's list of accounts, from 0.
    account   INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    skip      TEXT,
    change    BLOB,
    PRIMARY KEY (plan, number)
) WITHOUT ROWID;
INSERT INTO plan_row_next (plan, number, token, account, remote_id, skip, change)
SELECT plan, number, token, account, remote_id, skip, change FROM plan_row ORDER BY plan, number;
DROP TABLE plan_row;
DROP TABLE plan;
ALTER TABLE plan_next RENAME TO plan;
ALTER TABLE plan_row_next RENAME TO plan_row;

CREATE INDEX plan_status ON plan (status, n);
CREATE INDEX plan_row_planned ON plan_row (plan, number) WHERE skip IS NULL AND change IS NULL;
CREATE INDEX plan_row_skipped ON plan_row (plan, number) WHERE skip IS NOT NULL;
