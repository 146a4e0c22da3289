-- What reads showed of cards that were known before, on its way into the ledger's timeline: written with the row that
-- replaces the older one, taken out once the ledger has it. The id is made here, so that telling it twice is telling it once.
CREATE TABLE observed (
    n       INTEGER PRIMARY KEY AUTOINCREMENT,
    id      BLOB NOT NULL DEFAULT (randomblob(16)),
    account BLOB NOT NULL,
    token   BLOB NOT NULL,
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    was     TEXT,
    became  TEXT
);
