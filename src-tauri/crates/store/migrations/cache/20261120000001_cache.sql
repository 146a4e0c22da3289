-- Times are milliseconds since 1970 in UTC. `n` numbers are local to this file and never leave it.

-- seq: the highest read number stored. cards_indexed: tokens up to this n are in token_by_id and token_ref.
-- customers_indexed: customers up to this n are in customer_ref.
-- people_indexed_<env>: people up to this n are in person_email. people_<env>: how many people there are.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE account (
    n           INTEGER PRIMARY KEY,
    id          BLOB NOT NULL UNIQUE,
    env         INTEGER NOT NULL,
    -- The numerically highest provider id of a token ever stored.
    newest      TEXT,
    last_crawl  INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE crawl (
    account    INTEGER PRIMARY KEY REFERENCES account (n) ON DELETE CASCADE,
    number     INTEGER NOT NULL,
    stage      INTEGER NOT NULL,
    cursor     TEXT,
    started_at INTEGER NOT NULL,
    started    INTEGER NOT NULL,
    tokens     INTEGER NOT NULL DEFAULT 0,
    versions   INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE pass (
    account     INTEGER PRIMARY KEY REFERENCES account (n) ON DELETE CASCADE,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER NOT NULL,
    cards       INTEGER NOT NULL
);

-- Words that repeat a million times: languages, time zones, unknown states, brands.
CREATE TABLE term (
    n    INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

-- n carries the environment in its upper bits, so that a walk by n stays inside one.
CREATE TABLE person (
    n            INTEGER PRIMARY KEY,
    env          INTEGER NOT NULL,
    -- Folded for search; NULL when the person has no email and so is a single customer record.
    email_search TEXT,
    -- The grouping key and the email as given, each only where it differs from email_search.
    email_key    TEXT,
    email        TEXT,
    name         TEXT,
    name_search  TEXT,
    name_at      INTEGER,
    -- First 48 bits of the customer record's id, for people without an email.
    customer48   INTEGER
);
CREATE INDEX person_by_email ON person (env, email_search) WHERE email_search IS NOT NULL;
CREATE INDEX person_by_name ON person (env, name_search) WHERE name_search IS NOT NULL;
CREATE INDEX person_by_customer ON person (customer48) WHERE customer48 IS NOT NULL;

CREATE TABLE customer (
    n           INTEGER PRIMARY KEY,
    account     INTEGER NOT NULL,
    person      INTEGER NOT NULL,
    -- As first given; tokens that say it otherwise keep their own.
    customer_id TEXT,
    -- Folded for search, where that differs.
    id_search   TEXT,
    email       TEXT,
    -- 1: known by its customer id alone, because its tokens have no email.
    alone       INTEGER NOT NULL,
    name        TEXT,
    name_at     INTEGER
);
CREATE INDEX customer_by_person ON customer (person);
CREATE INDEX customer_alone ON customer (account, coalesce(id_search, customer_id)) WHERE alone = 1;

CREATE TABLE token (
    n                INTEGER PRIMARY KEY,
    account          INTEGER NOT NULL,
    remote_id        TEXT NOT NULL,
    -- These three folded for search, where that differs.
    remote_search    TEXT,
    customer         INTEGER NOT NULL,
    person           INTEGER NOT NULL,
    version          INTEGER NOT NULL,
    state            INTEGER NOT NULL,
    raw_state        INTEGER,
    one_click        INTEGER,
    -- NULL: as the customer record has it. 'n': not given. 'v…': this text.
    own_customer_id  TEXT,
    own_email        TEXT,
    token_reference  TEXT,
    ref_search       TEXT,
    external_id      TEXT,
    ext_search       TEXT,
    language         INTEGER,
    time_zone        INTEGER,
    -- -1000000000000000: not given.
    created_on       INTEGER NOT NULL,
    purge_on         INTEGER,
    space            INTEGER,
    seq              INTEGER NOT NULL,
    read_at          INTEGER NOT NULL,
    eff_state        INTEGER NOT NULL,
    eff_one_click    INTEGER,
    crawl            INTEGER NOT NULL DEFAULT 0,
    gone_at          INTEGER,
    -- From the active version.
    knowledge        INTEGER NOT NULL DEFAULT 0,
    brand            INTEGER,
    last4            TEXT,
    exp              INTEGER,
    active           TEXT,
    versions_seq     INTEGER,
    versions_read_at INTEGER,
    -- First 48 bits of our id, which follows from account and remote_id.
    id48             INTEGER NOT NULL
);
CREATE UNIQUE INDEX token_by_remote ON token (account, remote_id);
CREATE INDEX token_list ON token (account, eff_state, created_on, n, person, brand, exp, eff_one_click);
CREATE INDEX token_by_person ON token (person, customer, created_on DESC, n DESC, eff_state, account);
CREATE INDEX token_by_last4 ON token (last4, person) WHERE last4 IS NOT NULL;
CREATE INDEX token_unread ON token (account) WHERE knowledge = 0;
CREATE INDEX token_by_crawl ON token (account, crawl);

-- Three indexes filled in lots, because filling them row by row costs a page each: our ids, and folded references.
CREATE TABLE token_by_id (
    id48 INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (id48, n)
) WITHOUT ROWID;
CREATE TABLE token_ref (
    env  INTEGER NOT NULL,
    text TEXT NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (env, text, n)
) WITHOUT ROWID;

CREATE TABLE customer_ref (
    account INTEGER NOT NULL,
    text    TEXT NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (account, text, n)
) WITHOUT ROWID;

CREATE TABLE token_version (
    token        INTEGER NOT NULL,
    remote_id    TEXT NOT NULL,
    version      INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    brand        INTEGER,
    last4        TEXT,
    exp          INTEGER,
    name         TEXT,
    holder       TEXT,
    production   INTEGER,
    created_on   INTEGER,
    activated_on INTEGER,
    obsoleted_on INTEGER,
    expires_on   INTEGER,
    PRIMARY KEY (token, remote_id)
) WITHOUT ROWID;

CREATE TABLE overlay (
    token     BLOB PRIMARY KEY,
    active    INTEGER,
    one_click INTEGER
) WITHOUT ROWID;

CREATE TABLE counter (
    account INTEGER NOT NULL,
    state   INTEGER NOT NULL,
    n       INTEGER NOT NULL,
    PRIMARY KEY (account, state)
) WITHOUT ROWID;

-- Substring search. The text is read from person; a row enters and leaves by hand, because it may lag.
CREATE VIRTUAL TABLE person_email USING fts5 (email_search, content = 'person', content_rowid = 'n', detail = none, columnsize = 0, tokenize = 'trigram case_sensitive 1');
CREATE VIRTUAL TABLE person_name USING fts5 (name_search, content = 'person', content_rowid = 'n', detail = none, columnsize = 0, tokenize = 'trigram case_sensitive 1');
-- People whose name is not in person_name yet.
CREATE TABLE name_pending (n INTEGER PRIMARY KEY);
-- Single letters and pairs of letters of Chinese, Japanese and Korean text: 'e' and the gram for emails, 'n' for names.
CREATE TABLE cjk (
    gram   TEXT NOT NULL,
    person INTEGER NOT NULL,
    PRIMARY KEY (gram, person)
) WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('seq', 0), ('cards_indexed', 0), ('customers_indexed', 0),
    ('people_indexed_0', 0), ('people_indexed_1', 0), ('people_indexed_2', 0), ('people_0', 0), ('people_1', 0), ('people_2', 0);
