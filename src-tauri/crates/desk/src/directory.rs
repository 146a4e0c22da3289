//! Directories: customers and tokens that a payment system cannot list, imported from a file or entered one by one.

use crate::contract::{
    AddToDirectory, DirectoryColumns, DirectoryItem, DirectoryPage, DirectoryRef, ImportDirectory, Imported,
    LineNote, ListDirectory, Nothing, Problem, ProblemCode,
};
use crate::desk::{Desk, rfc3339};
use crate::guard;
use crate::log::Note;
use crate::problems::Names;
use crate::provider_options::capabilities_of;
use crate::views::small;
use tokendesk_model::directory::{
    self, Columns, DirectoryError, DirectoryRow, DuplicateRow, Entered, Outcome, Purpose, ReadOptions,
    WhyRefused,
};
use tokendesk_model::{Account, Lesson, Listing};

/// Lines told one by one.
const MOST_NOTES: usize = 200;
/// Longest page.
const LONGEST_PAGE: u32 = 500;

impl Desk {
    async fn directory_account(&self, id: &str) -> Result<(Account, Purpose), Problem> {
        let account = self.account_of(id).await?;
        match capabilities_of(&account, Lesson::Untried).listing {
            Listing::Directory => Ok((account, Purpose::Customers)),
            Listing::Imported => Ok((account, Purpose::Tokens)),
            Listing::ByToken | Listing::ByCustomer => {
                let names = Names::of(&account);
                let params = [("provider", names.provider), ("account", names.account)];
                Err(Problem::with(ProblemCode::NotOffered, params))
            }
        }
    }

    /// Imports a file. Rows that cannot be used are named by their line and left out; with values in the token column that
    /// could be card numbers nothing is stored until a person has confirmed what they are.
    ///
    /// # Errors
    /// [`ProblemCode::DirectoryUnreadable`] for a file that cannot be used as a whole; [`ProblemCode::NotOffered`] where the
    /// account needs no directory.
    pub async fn import_directory(&self, request: ImportDirectory) -> Result<Imported, Problem> {
        self.may_write()?;
        let (account, purpose) = self.directory_account(&request.account_id).await?;
        let columns = request.columns.clone().unwrap_or_default();
        let options = ReadOptions {
            purpose,
            columns: Columns {
                customer_id: guard::given(columns.customer_id.as_deref()),
                email: guard::given(columns.email.as_deref()),
                name: guard::given(columns.name.as_deref()),
                token: guard::given(columns.token.as_deref()),
            },
            tokens_confirmed: request.tokens_confirmed,
        };
        let dry_run = request.dry_run;
        let bytes = request.text.into_bytes();
        // A hundred thousand rows keep a core busy for a while.
        let read = tokio::task::spawn_blocking(move || {
            let header = directory::header(&bytes, &options)?;
            Ok::<_, DirectoryError>((header, directory::read(&bytes, &options)))
        })
        .await
        .map_err(|_| Problem::new(ProblemCode::Internal))?;
        let (header, outcome) = read.map_err(|error| unreadable(&error))?;
        let mut imported = Imported {
            new: 0,
            changed: 0,
            same: 0,
            duplicates: Vec::new(),
            refused: Vec::new(),
            more_notes: 0,
            header: header.names,
            columns: columns_view(header.columns),
            tokens_to_confirm: None,
            dry_run,
        };
        let outcome = match outcome {
            // Only tried: a person is shown the columns, and says which is what.
            Err(DirectoryError::NoColumn(_)) if dry_run => return Ok(imported),
            outcome => outcome.map_err(|error| unreadable(&error))?,
        };
        let report = match outcome {
            Outcome::NeedsConfirmation { count, .. } => {
                imported.tokens_to_confirm = Some(small(count as u64));
                return Ok(imported);
            }
            Outcome::Read(report) => report,
        };
        let notes = report.refused.len() + report.duplicates.len();
        imported.refused = report
            .refused
            .iter()
            .take(MOST_NOTES)
            .map(|row| line(row.line, &row.why))
            .collect();
        imported.duplicates = report.duplicates.iter().take(MOST_NOTES).map(duplicate).collect();
        imported.more_notes = small((notes - imported.refused.len() - imported.duplicates.len()) as u64);
        self.take_rows(&account, &report.rows, &mut imported).await?;
        Ok(imported)
    }

    /// Adds one customer, or one token, to a directory.
    ///
    /// # Errors
    /// As for `import_directory`; [`ProblemCode::FieldInvalid`], [`ProblemCode::CardNumber`].
    pub async fn add_to_directory(&self, request: AddToDirectory) -> Result<Imported, Problem> {
        self.may_write()?;
        let (account, purpose) = self.directory_account(&request.account_id).await?;
        let options = ReadOptions {
            tokens_confirmed: request.tokens_confirmed,
            ..ReadOptions::new(purpose)
        };
        let mut imported = Imported {
            new: 0,
            changed: 0,
            same: 0,
            duplicates: Vec::new(),
            refused: Vec::new(),
            more_notes: 0,
            header: Vec::new(),
            columns: DirectoryColumns::default(),
            tokens_to_confirm: None,
            dry_run: false,
        };
        let entered = Entered {
            customer_id: request.customer_id.trim(),
            email: request.email.as_deref().map(str::trim),
            name: request.name.as_deref().map(str::trim),
            token: request.token.as_deref().map(str::trim),
        };
        match DirectoryRow::entered(entered, &options) {
            Ok(row) => self.take_rows(&account, &[row], &mut imported).await?,
            Err(WhyRefused::TokenToConfirm) => imported.tokens_to_confirm = Some(1),
            Err(WhyRefused::CardNumber) => {
                let name = card_number_in(&entered);
                return Err(Problem::new(ProblemCode::CardNumber).on_field(name));
            }
            Err(why) => {
                let name = match why {
                    WhyRefused::Missing(field)
                    | WhyRefused::TooLong(field)
                    | WhyRefused::ControlCharacter(field) => field.as_str().replace(' ', "_"),
                    WhyRefused::NotAnEmail => "email".to_owned(),
                    _ => "customer_id".to_owned(),
                };
                return Err(guard::field(&name, "This entry", &sentence(&why.to_string())));
            }
        }
        Ok(imported)
    }

    async fn take_rows(
        &self,
        account: &Account,
        rows: &[DirectoryRow],
        imported: &mut Imported,
    ) -> Result<(), Problem> {
        let counts = self
            .0
            .store
            .import_directory(account.id, rows, self.now(), &self.actor(), imported.dry_run)
            .await?;
        imported.new = small(counts.new as u64);
        imported.changed = small(counts.changed as u64);
        imported.same = small(counts.same as u64);
        if imported.dry_run {
            return Ok(());
        }
        self.note_import(account.id).await?;
        self.tell_accounts();
        self.begin_reading_along(account.id, true);
        Ok(())
    }

    /// A page of a directory, by customer id.
    ///
    /// # Errors
    /// [`ProblemCode::NotOffered`] where the account has none.
    pub async fn list_directory(&self, request: ListDirectory) -> Result<DirectoryPage, Problem> {
        let (account, _) = self.directory_account(&request.account_id).await?;
        let limit = request.limit.clamp(1, LONGEST_PAGE);
        let records = self
            .0
            .store
            .directory(account.id, request.after.as_deref(), limit)
            .await?;
        let full = records.len() as u64 == u64::from(limit);
        let next = records
            .last()
            .filter(|_| full)
            .map(|record| record.customer_id.clone());
        Ok(DirectoryPage {
            items: records
                .into_iter()
                .map(|record| DirectoryItem {
                    shown_id: directory::given_id(&record.customer_id).map(str::to_owned),
                    customer_id: record.customer_id,
                    email: record.email,
                    name: record.name,
                    tokens: small(record.tokens.len() as u64),
                    imported_at: rfc3339(record.imported_at),
                })
                .collect(),
            next,
            total: small(self.0.store.directory_size(account.id).await?),
        })
    }

    /// Takes a customer off a directory. What was read of it before stays until the local copy is read again; nothing
    /// changes at the provider.
    ///
    /// # Errors
    /// [`ProblemCode::CustomerUnknown`].
    pub async fn remove_from_directory(&self, request: DirectoryRef) -> Result<Nothing, Problem> {
        self.may_write()?;
        let (account, _) = self.directory_account(&request.account_id).await?;
        let was_there = self
            .0
            .store
            .remove_from_directory(account.id, &request.customer_id, self.now())
            .await?;
        if !was_there {
            return Err(Problem::new(ProblemCode::CustomerUnknown));
        }
        self.note(Note {
            action: "account.directory_changed",
            account: Some(account.id),
            detail: Some("one customer removed"),
            ..Note::default()
        })
        .await?;
        self.tell_accounts();
        Ok(Nothing {})
    }
}

/// The field of an entry that holds what looks like a card number.
fn card_number_in(entered: &Entered<'_>) -> &'static str {
    let fields = [("email", entered.email), ("name", entered.name)];
    fields
        .into_iter()
        .find(|(name, text)| text.is_some_and(|text| guard::no_card_number(text, name).is_err()))
        .map_or("customer_id", |(name, _)| name)
}

fn unreadable(error: &DirectoryError) -> Problem {
    let now = match error {
        DirectoryError::NotUtf8 { .. } => "Save the file as CSV in UTF-8, and import it again.",
        DirectoryError::NoColumn(_)
        | DirectoryError::UnknownColumn(_)
        | DirectoryError::TwoColumns(_)
        | DirectoryError::ChosenTwice(_) => "Choose which column holds what.",
        DirectoryError::NoNames => "Put the names of the columns into the first row.",
        _ => "Correct the file, and import it again.",
    };
    Problem::with(
        ProblemCode::DirectoryUnreadable,
        [("why", sentence(&error.to_string())), ("now", now.to_owned())],
    )
    .on_field("text")
}

fn columns_view(columns: Columns) -> DirectoryColumns {
    DirectoryColumns {
        customer_id: columns.customer_id,
        email: columns.email,
        name: columns.name,
        token: columns.token,
    }
}

fn line(number: usize, why: &WhyRefused) -> LineNote {
    LineNote {
        line: small(number as u64),
        says: sentence(&why.to_string()),
    }
}

fn duplicate(row: &DuplicateRow) -> LineNote {
    let also = if row.differs {
        ", and says something else"
    } else {
        ""
    };
    LineNote {
        line: small(row.line as u64),
        says: format!(
            "It repeats line {}{also}. The earlier line counts.",
            row.first_line
        ),
    }
}

/// A lower-case clause as a sentence of its own.
fn sentence(clause: &str) -> String {
    let mut signs = clause.chars();
    match signs.next() {
        Some(first) => format!(
            "{}{}.",
            first.to_uppercase(),
            signs.as_str().trim_end_matches('.')
        ),
        None => String::new(),
    }
}
