-- What reads showed of cards that were known before. Values are words, ids of ours, dates, and what a card's face shows; never an
-- email.
CREATE TABLE timeline (
    n       INTEGER PRIMARY KEY AUTOINCREMENT,
    -- Made where it was observed: telling it twice is telling it once.
    id      BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
    account BLOB NOT NULL,
    token   BLOB NOT NULL,
    -- When it was read.
    at      INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    was     TEXT,
    became  TEXT,
    -- The change of this desk that it shows the effect of; NULL: somebody else's doing.
    change  BLOB
);
CREATE INDEX timeline_token ON timeline (token, at, n);
CREATE INDEX timeline_account ON timeline (account);
