//! Directories: import a file, add one entry, list, remove.

use crate::answer::Answer;
use crate::args::systems::Directory;
use crate::layout::{Table, plain};
use crate::room::Room;
use crate::{times, words};
use std::io::{ErrorKind, Read};
use std::path::Path;
use tokendesk_desk::contract::{
    AddToDirectory, DirectoryColumns, DirectoryRef, ImportDirectory, Imported, ListDirectory, Problem,
    ProblemCode,
};

/// A little more than the desk takes: of a larger file it says so itself.
const LARGEST: u64 = 129 * 1024 * 1024;

pub async fn run(room: &Room, command: Directory) -> Result<Answer, Problem> {
    match command {
        Directory::Import {
            account,
            file,
            columns,
            dry_run,
            tokens_confirmed,
        } => {
            let account = room.account(&account).await?;
            let request = ImportDirectory {
                account_id: account.id,
                text: read(&file)?,
                columns: mapped(&columns)?,
                tokens_confirmed,
                dry_run,
            };
            Ok(imported(
                &room.desk.import_directory(request).await?,
                &account.label,
            ))
        }
        Directory::Add {
            account,
            customer,
            email,
            name,
            token,
            tokens_confirmed,
        } => {
            let account = room.account(&account).await?;
            let request = AddToDirectory {
                account_id: account.id,
                customer_id: customer,
                email,
                name,
                token,
                tokens_confirmed,
            };
            Ok(imported(
                &room.desk.add_to_directory(request).await?,
                &account.label,
            ))
        }
        Directory::List {
            account,
            limit,
            after,
        } => {
            let account = room.account(&account).await?;
            let page = room
                .desk
                .list_directory(ListDirectory {
                    account_id: account.id,
                    after,
                    limit,
                })
                .await?;
            let mut table = Table::new(&words::DIRECTORY_HEAD);
            for item in &page.items {
                table.row([
                    item.customer_id.clone(),
                    words::or_dash(item.email.as_deref()),
                    words::or_dash(item.name.as_deref()),
                    words::number(item.tokens.into()),
                    times::local(&item.imported_at),
                ]);
            }
            let mut text = format!("{}{}", table.to_text(), words::in_directory(page.total));
            if let Some(next) = &page.next {
                text.push('\n');
                text.push_str(&words::more(next));
            }
            Ok(Answer::new(&page, text))
        }
        Directory::Remove { account, customer } => {
            let account = room.account(&account).await?;
            let request = DirectoryRef {
                account_id: account.id,
                customer_id: customer,
            };
            let done = room.desk.remove_from_directory(request).await?;
            Ok(Answer::new(&done, words::OFF_THE_DIRECTORY.to_owned()))
        }
    }
}

fn read(file: &Path) -> Result<String, Problem> {
    let unusable = |why: &str, now: &str| {
        let params = [("why", why.to_owned()), ("now", now.to_owned())];
        Problem::with(ProblemCode::DirectoryUnreadable, params)
    };
    let mut bytes = Vec::new();
    std::fs::File::open(file)
        .and_then(|opened| opened.take(LARGEST).read_to_end(&mut bytes))
        .map_err(|error| {
            let why = match error.kind() {
                ErrorKind::NotFound => words::NO_FILE,
                ErrorKind::PermissionDenied => words::FILE_CLOSED,
                _ => words::FILE_UNREADABLE,
            };
            unusable(why, words::NAME_A_FILE)
        })?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        unusable(&words::not_utf8(line), words::SAVE_AS_UTF8)
    })
}

fn mapped(pairs: &[String]) -> Result<Option<DirectoryColumns>, Problem> {
    let mut columns = DirectoryColumns::default();
    for pair in pairs {
        let (field, name) = pair.split_once('=').unwrap_or((pair, ""));
        let slot = match field {
            _ if name.trim().is_empty() => None,
            "customer_id" => Some(&mut columns.customer_id),
            "email" => Some(&mut columns.email),
            "name" => Some(&mut columns.name),
            "token" => Some(&mut columns.token),
            _ => None,
        };
        let Some(slot) = slot else {
            let params = [
                ("field_name", "The column".to_owned()),
                ("rule", words::COLUMN_RULE.to_owned()),
            ];
            return Err(Problem::with(ProblemCode::FieldInvalid, params));
        };
        *slot = Some(name.to_owned());
    }
    Ok((!pairs.is_empty()).then_some(columns))
}

/// What an import did; lines that cannot be used need a person, repeated ones do not.
fn imported(done: &Imported, label: &str) -> Answer {
    let mut text = words::imported(done);
    let mut notes: Vec<_> = done.refused.iter().chain(&done.duplicates).collect();
    notes.sort_by_key(|note| note.line);
    for note in notes {
        text.push('\n');
        text.push_str(&plain(&words::line_note(note.line, &note.says)));
    }
    if done.more_notes > 0 {
        text.push('\n');
        text.push_str(&words::more_lines(done.more_notes));
    }
    if !done.dry_run && done.new + done.changed > 0 {
        text.push('\n');
        text.push_str(&plain(&words::read_them(label)));
    }
    let mut answer = Answer::new(done, text);
    answer.needs_a_person = done.tokens_to_confirm.is_some() || !done.refused.is_empty();
    answer
}
