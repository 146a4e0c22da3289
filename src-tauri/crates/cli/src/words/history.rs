//! Sentences about the log and backups.

use tokendesk_desk::contract::{LogRow, LogVerified};

pub const NO_ROWS: &str = "No row of the log fits.";
pub const LOG_HEAD: [&str; 7] = ["Row", "When", "Who", "What", "Card", "Account", "Reason"];
pub const BACKUP_HEAD: [&str; 6] = ["Made", "Why", "Size", "Log rows", "Open changes", "File"];
pub const RESTORED: &str = "The backup takes the ledger's place when the desk is opened next. The ledger that stands now is kept as a backup too.\nChanges made since the backup are not in it.";

/// What a row tells, with how it went where that is not simply well.
pub fn what(row: &LogRow) -> String {
    match (&row.detail, row.outcome.as_str()) {
        (Some(detail), _) => format!("{}: {detail}", row.words),
        (None, "ok" | "asked") => row.words.clone(),
        (None, outcome) => format!("{}: {outcome}", row.words),
    }
}

pub fn more(rows: u32, next: &str) -> String {
    format!("{rows} rows in all. The next page: --after {next}")
}

pub fn verified(found: &LogVerified, anchored_at: Option<&str>) -> String {
    let mut text = found.words.clone();
    text.push('\n');
    match (found.anchored_row, anchored_at) {
        (Some(row), Some(at)) => {
            text.push_str(&format!("Anchored outside the ledger at row {row}, on {at}."))
        }
        _ => text.push_str("There is no anchor outside the ledger yet."),
    }
    if !found.intact {
        text.push_str(
            "\nRows from there on prove nothing. Keep the ledger as it is, and compare it with a backup.",
        );
    }
    if found.erased_texts > 0 {
        text.push_str(&format!("\nReasons erased on purpose: {}.", found.erased_texts));
    }
    text
}

pub fn exported(rows: u32, path: &str) -> String {
    format!("{rows} rows written to {path}")
}

pub fn backed_up(path: &str, size: &str) -> String {
    format!("Backed up to {path} ({size}). It opens only on this desk, with this desk's key.")
}

pub fn no_backups(folder: &str) -> String {
    format!("There are no backups in {folder}.")
}

pub fn folder(folder: &str) -> String {
    format!("They lie in {folder}.")
}

pub fn why(word: &str) -> &str {
    match word {
        "asked" => "asked for",
        "before_migration" => "before an update",
        "before_restore" => "before a restore",
        other => other,
    }
}
