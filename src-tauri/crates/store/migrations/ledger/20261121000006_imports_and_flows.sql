-- What was imported for payment systems that list nothing, what the test bench made, and small authorizations that look
-- whether a card still works.

-- A removal of an imported token from this desk needs no change.
CREATE TABLE tombstone_next (
    token     BLOB PRIMARY KEY,
    account   BLOB NOT NULL,
    remote_id TEXT NOT NULL,
    change    BLOB,
    at        INTEGER NOT NULL,
    -- An imported token, which only another import brings back.
    imported  INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
INSERT INTO tombstone_next (token, account, remote_id, change, at) SELECT token, account, remote_id, change, at FROM tombstone;
DROP TABLE tombstone;
ALTER TABLE tombstone_next RENAME TO tombstone;
CREATE INDEX tombstone_imported ON tombstone (account, remote_id) WHERE imported = 1;

CREATE TABLE directory (
    account     BLOB NOT NULL,
    customer_id TEXT NOT NULL,
    email       TEXT,
    name        TEXT,
    imported_at INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    PRIMARY KEY (account, customer_id)
) WITHOUT ROWID;

CREATE TABLE directory_token (
    account     BLOB NOT NULL,
    remote_id   TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    imported_at INTEGER NOT NULL,
    PRIMARY KEY (account, remote_id)
) WITHOUT ROWID;
CREATE INDEX directory_token_customer ON directory_token (account, customer_id, remote_id);

CREATE TABLE single_use (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    account    BLOB NOT NULL,
    remote_id  TEXT NOT NULL,
    kind       TEXT NOT NULL,
    shown      TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    used_at    INTEGER,
    expired_at INTEGER,
    run        BLOB
);
CREATE UNIQUE INDEX single_use_once ON single_use (account, remote_id);
CREATE INDEX single_use_account ON single_use (account, n);

CREATE TABLE flow_run (
    n          INTEGER PRIMARY KEY AUTOINCREMENT,
    id         BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    account    BLOB NOT NULL,
    flow       TEXT NOT NULL,
    -- JSON.
    state      TEXT NOT NULL,
    steps      TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    actor      TEXT NOT NULL
);
CREATE INDEX flow_run_account ON flow_run (account, n);

CREATE TABLE verification (
    n              INTEGER PRIMARY KEY AUTOINCREMENT,
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    account        BLOB NOT NULL,
    token          BLOB NOT NULL,
    reference      TEXT NOT NULL,
    -- Decimal, in the currency's major unit.
    amount         TEXT NOT NULL,
    currency       TEXT NOT NULL,
    through        TEXT NOT NULL,
    actor          TEXT NOT NULL,
    reason         TEXT,
    started_at     INTEGER NOT NULL,
    finished_at    INTEGER,
    -- JSON.
    outcome        TEXT,
    transaction_id TEXT
);
CREATE INDEX verification_token ON verification (token, n);
CREATE INDEX verification_open ON verification (n) WHERE finished_at IS NULL;
