//! Directories: import a file, add one entry, list, remove.

use crate::answer::Answer;
use crate::args::systems::Directory;
use crate::layout::{Table, plain};
use crate::room::Room;
use crate::{times, words};
use std::path::Path;
use tokendesk_desk::contract::{
    AddToDirectory, DirectoryColumns, DirectoryRef, ImportDirectory, Imported, ListDirectory, Problem, ProblemCode,
};

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
            Ok(imported(&room.desk.import_directory(request).await?))
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
            Ok(imported(&room.desk.add_to_directory(request).await?))
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
    let unusable = |why: String| {
        Problem::with(
            ProblemCode::DirectoryUnreadable,
            [
                ("why", why),
                ("now", "Name a CSV file that can be read.".to_owned()),
            ],
        )
    };
    let bytes = std::fs::read(file).map_err(|error| unusable(format!("{}.", error.kind())))?;
    String::from_utf8(bytes).map_err(|error| {
        let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = good.iter().filter(|byte| **byte == b'\n').count() + 1;
        unusable(format!("Line {line} is not UTF-8 text."))
    })
}

fn mapped(pairs: &[String]) -> Result<Option<DirectoryColumns>, Problem> {
    let mut columns = DirectoryColumns::default();
    for pair in pairs {
        let (field, name) = pair.split_once('=').unwrap_or((pair, ""));
        let slot = match field {
            "customer_id" => &mut columns.customer_id,
            "email" => &mut columns.email,
            "name" => &mut columns.name,
            "token" => &mut columns.token,
            _ => {
                return Err(Problem::with(
                    ProblemCode::FieldInvalid,
                    [
                        ("field_name", "The column".to_owned()),
                        ("rule", words::COLUMN_RULE.to_owned()),
                    ],
                ));
            }
        };
        *slot = Some(name.to_owned());
    }
    Ok((!pairs.is_empty()).then_some(columns))
}

fn imported(done: &Imported) -> Answer {
    let mut text = words::imported(done);
    for note in done.refused.iter().chain(&done.duplicates) {
        text.push('\n');
        text.push_str(&plain(&words::line_note(note.line, &note.says)));
    }
    let mut answer = Answer::new(done, text);
    answer.needs_a_person = done.tokens_to_confirm.is_some();
    answer
}
