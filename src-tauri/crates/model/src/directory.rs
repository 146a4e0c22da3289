//! The reader of an imported directory: a CSV file with the customer ids, or the connector tokens, of a payment system
//! that lists neither. It turns bytes into rows and says by line number what it did not take and why.
//!
//! Must not know: files, accounts, what becomes of the rows. A card number in a cell refuses its row, and nothing of that
//! row is kept, neither here nor in any error.

mod columns;
mod source;

use crate::card_number::contains_card_number;
use crate::fold::email_key;
use columns::Places;
use source::Source;
use std::collections::HashMap;
use std::fmt;

/// Largest file read, in bytes.
pub const MAX_BYTES: usize = 128 * 1024 * 1024;
/// Most rows read.
pub const MAX_ROWS: usize = 1_000_000;
/// Longest customer id, email or name, in characters.
pub const MAX_CHARS: usize = 255;
/// Longest token, in characters: connectors hand out references of several hundred.
pub const MAX_TOKEN_CHARS: usize = 2_048;

// Fewer digits than the shortest card number.
const TOO_FEW_DIGITS: usize = 13;

/// What the file is imported for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Customer ids to ask the payment system about: every row needs one. A token column is not read.
    Customers,
    /// Tokens a connector gave out: every row needs one; the customer's id at the connector and the email may be missing.
    Tokens,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// The id the payment system, or the connector, knows the customer under.
    CustomerId,
    /// The customer's email.
    Email,
    /// The customer's name.
    Name,
    /// The connector's token.
    Token,
}

impl Field {
    const ALL: [Self; 4] = [Self::CustomerId, Self::Email, Self::Name, Self::Token];

    /// The word used in commands and messages.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::CustomerId => "customer id",
            Self::Email => "email",
            Self::Name => "name",
            Self::Token => "token",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which column holds what, by the names in the file's first row. What is `None` is looked for by its usual names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Columns {
    /// The column of customer ids.
    pub customer_id: Option<String>,
    /// The column of emails.
    pub email: Option<String>,
    /// The column of names.
    pub name: Option<String>,
    /// The column of tokens.
    pub token: Option<String>,
}

impl Columns {
    fn of(&self, field: Field) -> Option<&str> {
        match field {
            Field::CustomerId => self.customer_id.as_deref(),
            Field::Email => self.email.as_deref(),
            Field::Name => self.name.as_deref(),
            Field::Token => self.token.as_deref(),
        }
    }

    fn set(&mut self, field: Field, name: String) {
        let slot = match field {
            Field::CustomerId => &mut self.customer_id,
            Field::Email => &mut self.email,
            Field::Name => &mut self.name,
            Field::Token => &mut self.token,
        };
        *slot = Some(name);
    }
}

/// How to read a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadOptions {
    /// What it is for.
    pub purpose: Purpose,
    /// Columns a person chose.
    pub columns: Columns,
    /// Whether a person confirmed that what looks like card numbers in the token column are tokens.
    pub tokens_confirmed: bool,
}

impl ReadOptions {
    /// Columns by their usual names, nothing confirmed.
    pub fn new(purpose: Purpose) -> Self {
        Self {
            purpose,
            columns: Columns::default(),
            tokens_confirmed: false,
        }
    }
}

/// One row that was taken. Values are trimmed; an empty cell is `None`.
#[derive(Clone, PartialEq, Eq)]
pub struct DirectoryRow {
    /// Line of the file where the row begins, from 1.
    pub line: usize,
    /// Always there for [`Purpose::Customers`].
    pub customer_id: Option<String>,
    /// As written in the file.
    pub email: Option<String>,
    /// As written in the file.
    pub name: Option<String>,
    /// Always there for [`Purpose::Tokens`], else never.
    pub token: Option<String>,
}

// A customer's data: a row in a log line would be one too many.
impl fmt::Debug for DirectoryRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryRow")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}

/// One entry as a person types it.
#[derive(Clone, Copy)]
pub struct Entered<'a> {
    /// The customer id; empty counts as missing.
    pub customer_id: &'a str,
    /// The email, if any.
    pub email: Option<&'a str>,
    /// The name, if any.
    pub name: Option<&'a str>,
    /// The connector's token, for [`Purpose::Tokens`].
    pub token: Option<&'a str>,
}

/// Begins the id of a record that was made up for tokens whose customer id the file does not name.
const NO_ID: &str = "(no id) ";

/// The shop's own customer id behind the id of a directory's record; `None` for a record that was made up, because the file
/// named none: no request carries such an id.
pub fn given_id(record_id: &str) -> Option<&str> {
    (!record_id.starts_with(NO_ID)).then_some(record_id)
}

impl DirectoryRow {
    /// Under which id its customer is kept: the shop's own, or one that stands for the email, or for the token alone.
    pub fn record_id(&self) -> String {
        let email = || self.email.as_deref().and_then(email_key);
        match &self.customer_id {
            Some(id) => id.trim().replace('\0', ""),
            None => format!(
                "{NO_ID}{}",
                email().or_else(|| self.token.clone()).unwrap_or_default()
            )
            .replace('\0', ""),
        }
    }

    /// One entry typed by a person, checked like a row of a file; its line is 1.
    ///
    /// # Errors
    /// What a row of a file would be refused for, and [`WhyRefused::TokenToConfirm`].
    pub fn entered(entry: Entered<'_>, options: &ReadOptions) -> Result<Self, WhyRefused> {
        let words = [Some(entry.customer_id), entry.email, entry.name];
        if words.iter().flatten().any(|cell| may_be_card_number(cell)) {
            return Err(WhyRefused::CardNumber);
        }
        let [customer_id, email, name] = words;
        let row = row(options.purpose, 1, [customer_id, email, name, entry.token])?;
        match &row.token {
            Some(token) if !options.tokens_confirmed && may_be_card_number(token) => {
                Err(WhyRefused::TokenToConfirm)
            }
            _ => Ok(row),
        }
    }
}

/// Why a row was not taken. Holds nothing of the row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WhyRefused {
    /// A cell holds what looks like a full card number.
    #[error("a cell holds what looks like a card number; nothing of this row is kept")]
    CardNumber,
    /// The token of a single entry looks like a card number; a person has to say that it is none. In a file the whole
    /// column is asked about once instead.
    #[error("the token looks like a card number; confirm that it is a token")]
    TokenToConfirm,
    /// More or fewer cells than the first row has names.
    #[error("it has {found} cells where the first row has {expected}")]
    Cells {
        /// Cells of this row.
        found: usize,
        /// Names in the first row.
        expected: usize,
    },
    /// The value this import is about is missing.
    #[error("the {0} is missing")]
    Missing(Field),
    /// Longer than [`MAX_CHARS`], or [`MAX_TOKEN_CHARS`] for a token.
    #[error("the {0} is too long")]
    TooLong(Field),
    /// A line break, a tabulator or another sign that cannot be seen.
    #[error("the {0} holds a line break or another control character")]
    ControlCharacter(Field),
    /// A name, an `@` and a domain are expected, without blanks.
    #[error("the email is not one")]
    NotAnEmail,
    /// `.` and `..` mean something else in an address, however they are written; and this desk makes up ids of its own.
    #[error("no request can carry this customer id")]
    CannotBeAsked,
}

/// A row that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RefusedRow {
    /// Line of the file where the row begins, from 1.
    pub line: usize,
    /// Why.
    pub why: WhyRefused,
}

/// A row whose customer id, or token, stood in an earlier row. The earlier one counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DuplicateRow {
    /// Line of the file where the row begins, from 1.
    pub line: usize,
    /// Line of the row that counts.
    pub first_line: usize,
    /// Whether anything else in it differs from the row that counts.
    pub differs: bool,
}

/// What a file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryReport {
    /// The columns that were read, by the names in the file.
    pub columns: Columns,
    /// Rows taken, in the file's order.
    pub rows: Vec<DirectoryRow>,
    /// Rows not taken, in the file's order.
    pub refused: Vec<RefusedRow>,
    /// Rows that repeat an earlier one, in the file's order.
    pub duplicates: Vec<DuplicateRow>,
}

/// What reading a file led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was read.
    Read(DirectoryReport),
    /// Values of the token column look like card numbers. A person has to say whether they are tokens; until then
    /// nothing of the file is given out.
    NeedsConfirmation {
        /// The column's name in the file.
        column: String,
        /// How many values.
        count: usize,
    },
}

/// Why a file cannot be read at all. Holds nothing of its rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DirectoryError {
    /// Latin-1, UTF-16 or not a text.
    #[error("line {line} is not UTF-8 text; save the file as \"CSV UTF-8\"")]
    NotUtf8 {
        /// First such line, from 1.
        line: usize,
    },
    /// No first row.
    #[error("the file is empty")]
    Empty,
    /// The first row holds an email or a card number, so it is not the row of names.
    #[error("the first row does not hold the names of the columns")]
    NoNames,
    /// No column for what this import is about.
    #[error("no column is named like a {0}; choose the column")]
    NoColumn(Field),
    /// The chosen column is not in the file.
    #[error("the file has no column of the name chosen for the {0}")]
    UnknownColumn(Field),
    /// Two columns of one name.
    #[error("two columns carry the same name, so the {0} is not certain")]
    TwoColumns(Field),
    /// One column was chosen for two things.
    #[error("one column is chosen for the {0} and for something else")]
    ChosenTwice(Field),
    /// A quotation mark is opened and never closed: where the rows end is not certain.
    #[error("a quotation mark in the row that begins at line {line} is never closed")]
    UnclosedQuote {
        /// Where that row begins, from 1.
        line: usize,
    },
    /// Larger than [`MAX_BYTES`].
    #[error("the file is larger than {} MB", MAX_BYTES / 1024 / 1024)]
    TooLarge,
    /// More than [`MAX_ROWS`].
    #[error("the file has more than {MAX_ROWS} rows")]
    TooManyRows,
    /// The reader gave up.
    #[error("the row that begins at line {line} cannot be read")]
    Unreadable {
        /// Where that row begins, from 1.
        line: usize,
    },
}

/// The names in a file's first row, and which of them would be read for what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Names in order, trimmed.
    pub names: Vec<String>,
    /// What would be read.
    pub columns: Columns,
}

/// Reads the first row only, so that a person can choose columns.
///
/// # Errors
/// Everything [`read`] says about a file as a whole, but for a missing column.
pub fn header(bytes: &[u8], options: &ReadOptions) -> Result<Header, DirectoryError> {
    let mut source = Source::open(bytes)?;
    let names = source.names()?;
    let places = match Places::find(&names, options) {
        Ok(places) => places,
        Err(DirectoryError::NoColumn(_)) => Places::default(),
        Err(error) => return Err(error),
    };
    Ok(Header {
        columns: places.columns(&names),
        names,
    })
}

/// Reads a file: UTF-8 with or without a byte order mark, comma, semicolon or tabulator (the first row shows which), any
/// line ends, the names of the columns in the first row.
///
/// # Errors
/// What makes the whole file unusable; a bad row is in the report instead.
pub fn read(bytes: &[u8], options: &ReadOptions) -> Result<Outcome, DirectoryError> {
    let mut source = Source::open(bytes)?;
    let names = source.names()?;
    let places = Places::find(&names, options)?;
    let mut report = DirectoryReport {
        columns: places.columns(&names),
        rows: Vec::new(),
        refused: Vec::new(),
        duplicates: Vec::new(),
    };
    // Where the row that counts stands in `rows`, by its key.
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut to_confirm = 0;
    let mut record = csv::StringRecord::new();
    let mut count = 0;
    while let Some(line) = source.next(&mut record)? {
        count += 1;
        if count > MAX_ROWS {
            return Err(DirectoryError::TooManyRows);
        }
        let guarded = record
            .iter()
            .enumerate()
            .any(|(at, cell)| Some(at) != places.token && may_be_card_number(cell));
        if guarded {
            report.refused.push(RefusedRow {
                line,
                why: WhyRefused::CardNumber,
            });
            continue;
        }
        if record.len() != names.len() {
            let why = WhyRefused::Cells {
                found: record.len(),
                expected: names.len(),
            };
            report.refused.push(RefusedRow { line, why });
            continue;
        }
        let cells = Field::ALL.map(|field| places.of(field).and_then(|at| record.get(at)));
        let row = match row(options.purpose, line, cells) {
            Ok(row) => row,
            Err(why) => {
                report.refused.push(RefusedRow { line, why });
                continue;
            }
        };
        if row.token.as_deref().is_some_and(may_be_card_number) {
            to_confirm += 1;
        }
        let key = match options.purpose {
            Purpose::Customers => row.customer_id.clone(),
            Purpose::Tokens => row.token.clone(),
        }
        .unwrap_or_default();
        if let Some(first) = seen.get(&key).and_then(|at| report.rows.get(*at)) {
            let differs = DirectoryRow {
                line: first.line,
                ..row
            } != *first;
            report.duplicates.push(DuplicateRow {
                line,
                first_line: first.line,
                differs,
            });
            continue;
        }
        seen.insert(key, report.rows.len());
        report.rows.push(row);
    }
    match (to_confirm, report.columns.token.clone()) {
        (1.., Some(column)) if !options.tokens_confirmed => Ok(Outcome::NeedsConfirmation {
            column,
            count: to_confirm,
        }),
        _ => Ok(Outcome::Read(report)),
    }
}

// Cells in the order of `Field::ALL`.
fn row(purpose: Purpose, line: usize, cells: [Option<&str>; 4]) -> Result<DirectoryRow, WhyRefused> {
    let [customer_id, email, name, token] = cells;
    let row = DirectoryRow {
        line,
        customer_id: value(Field::CustomerId, customer_id)?,
        email: value(Field::Email, email)?,
        name: value(Field::Name, name)?,
        token: match purpose {
            Purpose::Customers => None,
            Purpose::Tokens => value(Field::Token, token)?,
        },
    };
    match purpose {
        Purpose::Customers if row.customer_id.is_none() => Err(WhyRefused::Missing(Field::CustomerId)),
        Purpose::Tokens if row.token.is_none() => Err(WhyRefused::Missing(Field::Token)),
        Purpose::Customers if row.customer_id.as_deref().is_some_and(cannot_be_asked) => {
            Err(WhyRefused::CannotBeAsked)
        }
        _ if row.email.as_deref().is_some_and(|email| !is_email(email)) => Err(WhyRefused::NotAnEmail),
        _ => Ok(row),
    }
}

fn cannot_be_asked(customer_id: &str) -> bool {
    matches!(customer_id, "." | "..") || given_id(customer_id).is_none()
}

fn value(field: Field, cell: Option<&str>) -> Result<Option<String>, WhyRefused> {
    let text = cell.unwrap_or_default().trim();
    let longest = if field == Field::Token {
        MAX_TOKEN_CHARS
    } else {
        MAX_CHARS
    };
    if text.chars().nth(longest).is_some() {
        return Err(WhyRefused::TooLong(field));
    }
    if text.chars().any(char::is_control) {
        return Err(WhyRefused::ControlCharacter(field));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

fn is_email(text: &str) -> bool {
    text.rsplit_once('@')
        .is_some_and(|(name, domain)| !name.is_empty() && !domain.is_empty())
        && !text.contains(char::is_whitespace)
}

// Most cells are plain words: counting is cheaper than looking for runs.
fn may_be_card_number(cell: &str) -> bool {
    let digits = cell.bytes().filter(|b| b.is_ascii_digit()).count();
    (digits > TOO_FEW_DIGITS || !cell.is_ascii()) && contains_card_number(cell)
}
