-- The complete outbox: held changes, conflicts, wishes that stand again, doubts, plans.
--
-- A check of a column cannot be changed in place, so the table is made anew: every row keeps its number, and numbers go
-- on where they were.

CREATE TABLE change_next (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    account         BLOB NOT NULL,
    token           BLOB NOT NULL,
    remote_id       TEXT NOT NULL,
    field           TEXT NOT NULL CHECK (field IN ('one_click', 'active', 'delete')),
    value           INTEGER CHECK ((field = 'delete') = (value IS NULL)),
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

-- Two reasons to be stuck are conflicts now. A write that was tried and waits may have been done: so it was not said
-- before, and so it is taken.
INSERT INTO change_next (n, id, account, token, remote_id, field, value, status, stuck, conflict, stops_lane, withdrawn,
                         doubt, reason, actor, label, base, created_at, decided_at, updated_at, attempts,
                         next_attempt_at, request_id)
SELECT n, id, account, token, remote_id, field, value,
       iif(foreign_edit, 'conflict', status),
       iif(foreign_edit, NULL, stuck),
       iif(foreign_edit, json_object('kind', kind, 'now', NULL, 'found_at', at), NULL),
       iif(foreign_edit, 1, status = 'stuck' AND holds_lane = 1),
       withdrawn,
       iif(status = 'waiting' AND attempts > 0,
           json_object('since', at, 'of', lower(hex(id)), 'wish', json(wish), 'first_read', NULL), NULL),
       reason, actor, label, base, created_at, created_at, updated_at, attempts, next_attempt_at, request_id
FROM (SELECT *,
             status = 'stuck' AND ifnull(kind IN ('being_deleted', 'other_customer'), 0) AS foreign_edit
      FROM (SELECT *,
                   CASE WHEN json_valid(stuck) THEN stuck ->> '$.kind' END AS kind,
                   strftime('%Y-%m-%dT%H:%M:%S', updated_at / 1000, 'unixepoch')
                       || printf('.%03dZ', updated_at % 1000) AS at,
                   iif(field = 'delete', json_object('wish', field),
                       json_object('wish', field, 'value', json(iif(value, 'true', 'false')))) AS wish
            FROM change))
ORDER BY n;
UPDATE sqlite_sequence SET seq = (SELECT seq FROM sqlite_sequence WHERE name = 'change') WHERE name = 'change_next';
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

CREATE TABLE plan (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    environment INTEGER NOT NULL,
    field       TEXT NOT NULL CHECK (field IN ('one_click', 'active', 'delete')),
    value       INTEGER CHECK ((field = 'delete') = (value IS NULL)),
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
CREATE INDEX plan_status ON plan (status, n);

CREATE TABLE plan_row (
    plan      INTEGER NOT NULL REFERENCES plan (n),
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
CREATE INDEX plan_row_planned ON plan_row (plan, number) WHERE skip IS NULL AND change IS NULL;
CREATE INDEX plan_row_skipped ON plan_row (plan, number) WHERE skip IS NOT NULL;
