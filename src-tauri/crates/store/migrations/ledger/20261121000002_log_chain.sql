-- The log becomes a chain: each row's hash is made from the hash before it and from all that stands in the row. SQL cannot hash,
-- so the rows written until now wait under another name; the program chains them at its next opening and drops these.
DROP TRIGGER log_keeps_rows;
DROP TRIGGER log_keeps_words;
ALTER TABLE log RENAME TO log_unchained;
ALTER TABLE log_text RENAME TO log_text_unchained;

CREATE TABLE log (
    -- From 1, without gaps.
    n           INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,
    actor       TEXT NOT NULL,
    action      TEXT NOT NULL,
    account     BLOB,
    -- Of the account, kept because the account may be removed later.
    environment INTEGER,
    token       BLOB,
    change      BLOB,
    outcome     TEXT NOT NULL,
    detail      TEXT,
    request_id  TEXT,
    -- Salted digest of the free text beside the row; stays when the text is erased.
    text_digest BLOB,
    hash        BLOB NOT NULL
) STRICT;
CREATE TRIGGER log_keeps_rows BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
CREATE TRIGGER log_keeps_words BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;
-- Replacing a row would delete it without the first trigger.
CREATE TRIGGER log_keeps_places BEFORE INSERT ON log WHEN EXISTS (SELECT 1 FROM log WHERE n = NEW.n)
BEGIN SELECT RAISE(ABORT, 'the log only grows'); END;

CREATE INDEX log_account ON log (account, n) WHERE account IS NOT NULL;
CREATE INDEX log_token ON log (token, n) WHERE token IS NOT NULL;
CREATE INDEX log_at ON log (at);
-- Few rows tell of trouble, and they are what is looked for.
CREATE INDEX log_trouble ON log (n) WHERE outcome <> 'ok';

-- Free text stands beside its row, so that it can be erased without touching the row.
CREATE TABLE log_text (
    log  INTEGER PRIMARY KEY REFERENCES log (n),
    salt BLOB NOT NULL,
    text TEXT NOT NULL
) STRICT;
CREATE TRIGGER log_text_keeps_words BEFORE UPDATE ON log_text BEGIN SELECT RAISE(ABORT, 'a text of the log is erased, never edited'); END;

-- The newest row, so that a cut end is noticed.
CREATE TABLE log_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    n    INTEGER NOT NULL,
    hash BLOB NOT NULL
) STRICT;
INSERT INTO log_head (one, n, hash) VALUES (1, 0, zeroblob(32));
