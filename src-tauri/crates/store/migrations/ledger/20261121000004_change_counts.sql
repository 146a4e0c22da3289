-- How many changes of each account stand where: asked whenever something changed, so not counted anew each time. The triggers
-- go with the table of changes: whoever makes that one anew makes them anew too.
CREATE TABLE change_count (
    account BLOB NOT NULL,
    status  TEXT NOT NULL,
    changes INTEGER NOT NULL,
    PRIMARY KEY (account, status)
) WITHOUT ROWID;
INSERT INTO change_count (account, status, changes) SELECT account, status, count(*) FROM change GROUP BY account, status;

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
