//! Directories: customer ids and connector tokens that a provider cannot list, imported from a file or entered one by one.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Imports a file of comma, semicolon or tab separated values.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ImportDirectory {
    /// The account.
    pub account_id: String,
    /// The file's text, UTF-8.
    pub text: String,
    /// Which column is what, where the header does not tell.
    pub columns: Option<DirectoryColumns>,
    /// A person looked at the token column, and it holds tokens, not card numbers.
    pub tokens_confirmed: bool,
    /// Only say what would happen.
    pub dry_run: bool,
}

// The file is full of emails.
impl std::fmt::Debug for ImportDirectory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportDirectory")
            .field("account_id", &self.account_id)
            .field("bytes", &self.text.len())
            .finish_non_exhaustive()
    }
}

/// Names of columns as in the file's header.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryColumns {
    /// The shop's customer id; Prism: the connector's customer id.
    pub customer_id: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Prism: the connector's token.
    pub token: Option<String>,
}

/// A line of the file that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LineNote {
    /// From 1, the header included.
    pub line: u32,
    /// Why, in one sentence. Never the line's text.
    pub says: String,
}

/// What an import did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Imported {
    /// Rows that are new here.
    pub new: u32,
    /// Rows that say something else than before.
    pub changed: u32,
    /// Rows that are here already.
    pub same: u32,
    /// Rows that repeat an earlier one of the file.
    pub duplicates: Vec<LineNote>,
    /// Rows that cannot be used.
    pub refused: Vec<LineNote>,
    /// How many of the two lists are not shown.
    pub more_notes: u32,
    /// The file's columns.
    pub header: Vec<String>,
    /// How they were understood.
    pub columns: DirectoryColumns,
    /// The token column holds values that could be card numbers: this many. Nothing was stored; a person has to confirm.
    pub tokens_to_confirm: Option<u32>,
    /// Whether it was only tried.
    pub dry_run: bool,
}

/// Adds one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AddToDirectory {
    /// The account.
    pub account_id: String,
    /// The shop's customer id; Prism: the connector's customer id.
    pub customer_id: String,
    /// Email.
    pub email: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Prism: the connector's token.
    pub token: Option<String>,
    /// As in [`ImportDirectory::tokens_confirmed`].
    pub tokens_confirmed: bool,
}

/// Lists a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListDirectory {
    /// The account.
    pub account_id: String,
    /// Cursor.
    pub after: Option<String>,
    /// At most 500.
    pub limit: u32,
}

/// One customer of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryItem {
    /// The id this entry is named by in [`DirectoryRef`].
    pub customer_id: String,
    /// The shop's customer id as imported; absent where the file named none.
    pub shown_id: Option<String>,
    /// Email.
    pub email: Option<String>,
    /// Name.
    pub name: Option<String>,
    /// Connector tokens imported for it.
    pub tokens: u32,
    /// RFC 3339.
    pub imported_at: String,
}

/// A page of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryPage {
    /// By customer id.
    pub items: Vec<DirectoryItem>,
    /// Cursor.
    pub next: Option<String>,
    /// In all.
    pub total: u32,
}

/// Names one customer of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DirectoryRef {
    /// The account.
    pub account_id: String,
    /// The shop's customer id.
    pub customer_id: String,
}
