-- What only some payment systems say of a token. Most rows of tokens have nothing of it, and then no row here.
CREATE TABLE particular (
    token         INTEGER PRIMARY KEY,
    -- The customer record it is addressed with. NULL: the token's customer id. 'n': none. 'v…': this text.
    own_record    TEXT,
    is_default    INTEGER,
    keeps_reasons INTEGER NOT NULL,
    block_reason  TEXT,
    -- Numbers of words, as language and time zone.
    verification  INTEGER,
    kind          INTEGER,
    chargeable    INTEGER,
    active_mark   INTEGER NOT NULL
);

-- Customer records that a provider lists, or that were imported, with cards or without. One that moves to another email
-- stays one row.
CREATE TABLE record (
    customer    INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    -- Without outer white space.
    customer_id TEXT NOT NULL,
    name        TEXT,
    created_on  INTEGER,
    seq         INTEGER NOT NULL,
    read_at     INTEGER NOT NULL,
    crawl       INTEGER NOT NULL
);
CREATE UNIQUE INDEX record_by_id ON record (account, customer_id);
CREATE INDEX record_by_crawl ON record (account, crawl);

-- Customer records that a pass has listed; NULL while it lists tokens.
ALTER TABLE crawl ADD COLUMN customers INTEGER;

-- Imported tokens that were removed from this desk, as the ledger's tombstones say: a page that was read before must not
-- bring them back.
CREATE TABLE forgotten (
    account   INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    PRIMARY KEY (account, remote_id)
) WITHOUT ROWID;
