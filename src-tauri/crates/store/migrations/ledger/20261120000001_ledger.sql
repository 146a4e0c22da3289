-- Times are milliseconds since 1970 in UTC. Ids of ours are sixteen bytes.

CREATE TABLE account (
    n           INTEGER PRIMARY KEY AUTOINCREMENT,
    id          BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    provider    TEXT NOT NULL,
    label       TEXT NOT NULL,
    environment INTEGER NOT NULL,
    -- Scheme, host and port; 'built-in' for the built-in demo, whose port is new at every start.
    origin      TEXT NOT NULL,
    scope       TEXT NOT NULL,
    user        TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    paused      TEXT,
    lesson      TEXT NOT NULL DEFAULT 'untried',
    lesson_at   INTEGER
);
-- One scope is one account, whatever its environment: two would show live cards under a test flag.
CREATE UNIQUE INDEX account_once ON account (provider, origin, scope);

CREATE TABLE change (
    n               INTEGER PRIMARY KEY AUTOINCREMENT,
    id              BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    account         BLOB NOT NULL,
    token           BLOB NOT NULL,
    remote_id       TEXT NOT NULL,
    field           TEXT NOT NULL CHECK (field IN ('one_click', 'active', 'delete')),
    value           INTEGER CHECK ((field = 'delete') = (value IS NULL)),
    status          TEXT NOT NULL CHECK (status IN ('waiting', 'sending', 'done', 'stuck', 'withdrawn')),
    stuck           TEXT,
    -- Whether a later wish of the same lane may pass this stuck one.
    holds_lane      INTEGER NOT NULL DEFAULT 0,
    withdrawn       TEXT,
    reason          TEXT,
    actor           TEXT NOT NULL,
    label           TEXT NOT NULL,
    base            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    updated_at      INTEGER NOT NULL,
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    request_id      TEXT
);
CREATE INDEX change_lane ON change (token, n);
CREATE INDEX change_account ON change (account, n);
CREATE INDEX change_open ON change (status, n) WHERE status IN ('waiting', 'sending', 'stuck');
CREATE UNIQUE INDEX change_one_sending ON change (token) WHERE status = 'sending';

CREATE TABLE log (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    actor      TEXT NOT NULL,
    action     TEXT NOT NULL,
    account    BLOB,
    token      BLOB,
    change     BLOB,
    outcome    TEXT NOT NULL,
    request_id TEXT
);
CREATE TRIGGER log_keeps_rows BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_keeps_words BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
-- Free text stands beside its row, so that it can be erased without touching the row.
CREATE TABLE log_text (
    log  INTEGER PRIMARY KEY REFERENCES log (n),
    text TEXT NOT NULL
);

CREATE TABLE mark (
    token   BLOB NOT NULL,
    field   TEXT NOT NULL,
    account BLOB NOT NULL,
    value   TEXT NOT NULL,
    at      INTEGER NOT NULL,
    actor   TEXT NOT NULL,
    PRIMARY KEY (token, field)
) WITHOUT ROWID;
CREATE INDEX mark_account ON mark (account);

-- A deletion of ours that the provider confirmed by no longer having the token.
CREATE TABLE tombstone (
    token     BLOB PRIMARY KEY,
    account   BLOB NOT NULL,
    remote_id TEXT NOT NULL,
    change    BLOB NOT NULL,
    at        INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE opened (
    environment INTEGER NOT NULL,
    -- 'e' and the folded email, or 'c' and the customer record's id.
    person      TEXT NOT NULL,
    at          INTEGER NOT NULL,
    PRIMARY KEY (environment, person)
) WITHOUT ROWID;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
