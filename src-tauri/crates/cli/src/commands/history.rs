//! What happened: the log, and backups of the ledger.

use crate::answer::Answer;
use crate::args::{Backup, Log, LogWhich};
use crate::layout::{Table, plain};
use crate::room::Room;
use crate::words::history as words;
use crate::{times, words as said};
use tokendesk_desk::contract::{
    BackupList, BackupView, ExportLog, ListLog, LogFilter, LogPage, MakeBackup, Nothing, Problem,
    RestoreBackup,
};

pub async fn log(room: &Room, log: Log) -> Result<Answer, Problem> {
    match log {
        Log::List { which, limit, after } => list(room, which, limit, after).await,
        Log::Verify => verify(room).await,
        Log::Export { to, format, which } => {
            let request = ExportLog {
                filter: filter(room, which).await?,
                format: format.word().to_owned(),
                path: Some(to.display().to_string()),
            };
            let exported = room.desk.export_log(request).await?;
            let text = words::exported(
                exported.rows,
                &plain(exported.path.as_deref().unwrap_or_default()),
            );
            Ok(Answer::new(&exported, text))
        }
    }
}

async fn filter(room: &Room, which: LogWhich) -> Result<LogFilter, Problem> {
    let account_id = match which.account {
        Some(named) => Some(room.account(&named).await?.id),
        None => None,
    };
    Ok(LogFilter {
        env: room.env,
        account_id,
        card_id: which.card,
        groups: which.group,
        outcomes: which.outcome,
        text: which.text,
        from: which.from,
        until: which.until,
    })
}

async fn list(room: &Room, which: LogWhich, limit: u32, after: Option<String>) -> Result<Answer, Problem> {
    let request = ListLog {
        filter: filter(room, which).await?,
        after,
        limit,
    };
    let page = room.desk.list_log(request).await?;
    let text = list_text(&page);
    Ok(Answer::new(&page, text))
}

fn list_text(page: &LogPage) -> String {
    if page.items.is_empty() {
        return words::NO_ROWS.to_owned();
    }
    let mut table = Table::new(&words::LOG_HEAD);
    for row in &page.items {
        table.row([
            row.number.to_string(),
            times::local(&row.at),
            row.actor.clone(),
            words::what(row),
            said::or_dash(row.card.as_deref()),
            said::or_dash(row.account_label.as_deref()),
            said::or_dash(row.reason.as_deref()),
        ]);
    }
    let mut text = table.to_text();
    if let Some(next) = &page.next {
        text.push('\n');
        text.push_str(&words::more(page.rows, next));
    }
    text
}

async fn verify(room: &Room) -> Result<Answer, Problem> {
    let found = room.desk.verify_log(Nothing {}).await?;
    let text = words::verified(&found, found.anchored_at.as_deref().map(times::local).as_deref());
    let mut answer = Answer::new(&found, text);
    // A script that checks the log has to notice.
    answer.needs_a_person = !found.intact;
    Ok(answer)
}

pub async fn backup(room: &Room, backup: Backup) -> Result<Answer, Problem> {
    match backup {
        Backup::List => {
            let list = room.desk.list_backups(Nothing {}).await?;
            let text = backups_text(&list);
            Ok(Answer::new(&list, text))
        }
        Backup::Make { to } => {
            let path = to.map(|path| path.display().to_string());
            let made = room.desk.make_backup(MakeBackup { path }).await?;
            let text = words::backed_up(&plain(&made.path), &said::bytes(made.bytes));
            Ok(Answer::new(&made, text))
        }
        Backup::Restore { file, yes: _ } => {
            let path = file.display().to_string();
            let done = room.desk.restore_backup(RestoreBackup { path }).await?;
            Ok(Answer::new(&done, words::RESTORED.to_owned()))
        }
    }
}

fn backups_text(list: &BackupList) -> String {
    if list.items.is_empty() {
        return words::no_backups(&plain(&list.folder));
    }
    let mut table = Table::new(&words::BACKUP_HEAD);
    for BackupView {
        name,
        made_at,
        bytes,
        why,
        log_rows,
        open_changes,
        ..
    } in &list.items
    {
        let number = |n: &Option<u32>| n.map_or_else(|| said::or_dash(None), |n| said::number(n.into()));
        table.row([
            times::local(made_at),
            words::why(why).to_owned(),
            said::bytes(*bytes),
            number(log_rows),
            number(open_changes),
            name.clone(),
        ]);
    }
    format!("{}\n{}", table.to_text(), words::folder(&plain(&list.folder)))
}
