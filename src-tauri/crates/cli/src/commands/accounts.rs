//! Accounts: connect, list, test, remove.

use crate::answer::Answer;
use crate::args::OnOff;
use crate::args::systems::AddAccount;
use crate::layout::{Table, plain, plain_lines};
use crate::room::Room;
use crate::{times, words};
use tokendesk_desk::contract::{
    AccountRef, AccountView, CheckResult, ConnectAccount, LocalCopy, Nothing, PauseAccount, Problem,
    RemoveAccount, ReplaceCredentials, SetReadOnly,
};

pub async fn add(room: &Room, account: AddAccount) -> Result<Answer, Problem> {
    let view = room
        .desk
        .connect_account(ConnectAccount {
            provider: account.provider,
            label: account.label,
            env: account.env.into(),
            host: account.host,
            space: account.space.or(account.project).unwrap_or_default(),
            user: account.user,
            connector: account.connector,
            key: account.key,
            publishable_key: account.publishable_key,
            read_only: account.read_only,
        })
        .await?;
    Ok(connected(&view))
}

pub async fn start_demo(room: &Room) -> Result<Answer, Problem> {
    Ok(connected(&room.desk.start_demo(Nothing {}).await?))
}

fn connected(view: &AccountView) -> Answer {
    let mut text = words::connected(&plain(&view.label), view.env, &view.id);
    if view.last_pass.is_none() {
        text.push('\n');
        match view.directory {
            Some(_) => text.push_str(&plain(&words::import_first(&view.label, view.imports_tokens))),
            None => text.push_str(words::READ_NEXT),
        }
    }
    Answer::new(view, text)
}

pub async fn list(room: &Room) -> Result<Answer, Problem> {
    let mut list = room.desk.list_accounts(Nothing {}).await?;
    list.items
        .retain(|account| room.env.is_none_or(|env| env == account.env));
    let text = if list.items.is_empty() {
        words::NO_ACCOUNTS.to_owned()
    } else {
        let mut table = Table::new(&words::ACCOUNT_HEAD);
        for account in &list.items {
            table.row([
                account.label.clone(),
                words::env(account.env).to_owned(),
                account.about.clone(),
                words::number(account.cards.into()),
                times::local_or_dash(account.last_pass.as_ref().map(|pass| pass.started_at.as_str())),
                words::account_note(account),
                account.id.clone(),
            ]);
        }
        format!("{}\n{}", table.to_text(), copy(&list.copy))
    };
    Ok(Answer::new(&list, text))
}

fn copy(copy: &LocalCopy) -> String {
    words::local_copy(copy.cards, copy.bytes, &plain(&copy.folder))
}

pub async fn systems(room: &Room) -> Result<Answer, Problem> {
    let options = room.desk.provider_options(Nothing {}).await?;
    let told: Vec<String> = options.items.iter().map(words::system).collect();
    Ok(Answer::new(&options, told.join("\n")))
}

pub async fn check(room: &Room, named: &str) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let request = AccountRef {
        account_id: account.id,
    };
    let result = room.desk.check_account(request).await?;
    let failed = result.lines.iter().find(|line| line.outcome == "fails");
    let problem = failed.and_then(|line| line.problem.clone());
    let text = check_text(&account.label, &result);
    Ok(Answer::new(&result, text).with(problem))
}

fn check_text(label: &str, result: &CheckResult) -> String {
    let mut table = Table::of_pairs();
    for line in &result.lines {
        table.row([
            line.says.clone(),
            words::check_outcome(&line.outcome).to_owned(),
            words::check_remark(line),
        ]);
    }
    let verdict = words::check_verdict(&plain(label), result.works, result.limited);
    format!("{}\n{verdict}", table.to_text())
}

pub async fn replace(
    room: &Room,
    named: &str,
    user: String,
    publishable_key: Option<String>,
    key: String,
) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let request = ReplaceCredentials {
        account_id: account.id,
        user,
        key,
        publishable_key,
    };
    let view = room.desk.replace_credentials(request).await?;
    Ok(Answer::new(
        &view,
        words::credentials_replaced(&plain(&view.label)),
    ))
}

pub async fn can(room: &Room, named: &str) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let mut text: String = account.capabilities.iter().map(words::capability).collect();
    for line in words::offers(&account) {
        text.push('\n');
        text.push_str(line);
    }
    Ok(Answer::new(&account, plain_lines(&text)))
}

pub async fn pause(room: &Room, named: &str, paused: bool) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let request = PauseAccount {
        account_id: account.id,
        paused,
    };
    let view = room.desk.pause_account(request).await?;
    let label = plain(&view.label);
    let text = if paused {
        words::paused(&label)
    } else {
        words::resumed(&label)
    };
    Ok(Answer::new(&view, text))
}

pub async fn read_only(room: &Room, named: &str, to: OnOff) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let request = SetReadOnly {
        account_id: account.id,
        read_only: to == OnOff::On,
    };
    let view = room.desk.set_read_only(request).await?;
    let text = words::read_only(&plain(&view.label), view.read_only);
    Ok(Answer::new(&view, text))
}

pub async fn remove(room: &Room, named: &str, discard_changes: bool) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let of = || AccountRef {
        account_id: account.id.clone(),
    };
    let facts = room.desk.removal_facts(of()).await?;
    let request = RemoveAccount {
        account_id: of().account_id,
        discard_changes,
    };
    let done = room.desk.remove_account(request).await?;
    let text = format!(
        "{}\n{}",
        words::removed(&plain(&account.label)),
        words::what_went(&facts)
    );
    Ok(Answer::new(&done, text))
}

pub async fn forget_lesson(room: &Room, named: &str) -> Result<Answer, Problem> {
    let account = room.account(named).await?;
    let request = AccountRef {
        account_id: account.id,
    };
    let view = room.desk.forget_lesson(request).await?;
    Ok(Answer::new(&view, words::forgotten(&plain(&view.label))))
}
