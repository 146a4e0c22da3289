//! What a person does, timed through the desk's own doors.

use super::Failure;
use super::outside::Outside;
use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokendesk_desk::contract::{
    ConnectAccount, Env, FindPeople, ListCards, PersonRef, Problem, ProblemCode, SetOneClick, Tag,
};
use tokendesk_desk::{DemoServer, Desk, DeskOptions, Host, HttpOptions, Secrets, SystemClock};
use tokendesk_model::AccountId;

/// Seals the secrets of every folder here.
pub const PASSPHRASE: &str = "an invented passphrase";

struct Quiet;

#[async_trait]
impl Host for Quiet {
    fn invalidated(&self, _tags: &[Tag]) {}
    async fn demo(&self, _folder: &Path) -> Result<DemoServer, Problem> {
        Err(Problem::new(ProblemCode::NothingConnected))
    }
    fn export_folder(&self) -> Option<std::path::PathBuf> {
        None
    }
    fn restart(&self) {}
    fn who(&self) -> String {
        "Bench".to_owned()
    }
    fn desk_name(&self) -> String {
        "bench".to_owned()
    }
}

/// Opens the desk of `folder`, without background work.
pub async fn open(folder: &Path) -> Result<Desk, Failure> {
    // The window opens this folder afterwards, with the same passphrase.
    std::fs::create_dir_all(folder)?;
    let file = folder.join("passphrase");
    if !file.exists() {
        std::fs::write(&file, PASSPHRASE)?;
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
    }
    let options = DeskOptions {
        folder: folder.to_owned(),
        secrets: Secrets::Passphrase(PASSPHRASE.to_owned().into()),
        background: false,
        share: false,
        http: HttpOptions::default(),
        clock: Arc::new(SystemClock),
    };
    Ok(Desk::open(options, Arc::new(Quiet)).await?)
}

/// Connects the sandbox, and leaves the reading to the caller.
pub async fn connect(desk: &Desk, outside: &Outside) -> Result<AccountId, Failure> {
    let view = desk
        .connect_account(ConnectAccount {
            provider: "wallee".to_owned(),
            label: "Bench".to_owned(),
            env: Env::Demo,
            host: outside.host.clone(),
            space: outside.space.clone(),
            user: outside.user.clone(),
            connector: None,
            key: outside.key.clone(),
            publishable_key: None,
            read_only: false,
        })
        .await?;
    Ok(view.id.parse()?)
}

fn asked(text: &str) -> FindPeople {
    FindPeople {
        env: Env::Demo,
        text: text.to_owned(),
        after: None,
        limit: 50,
    }
}

/// Emails from all over the list, with the person behind each.
pub async fn some_people(desk: &Desk) -> Result<Vec<(String, String)>, Failure> {
    let mut people = Vec::new();
    for letter in 'a'..='z' {
        let found = desk.find_people(asked(&letter.to_string())).await?;
        people.extend(
            found
                .items
                .into_iter()
                .filter_map(|row| Some((row.email?, row.person)))
                .step_by(7),
        );
    }
    Ok(people)
}

/// What each keystroke of an email's middle costs: three letters to eight.
pub async fn find(desk: &Desk, people: &[(String, String)]) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for (email, _) in people.iter().take(120) {
        let letters: Vec<char> = email.chars().skip(1).take(8).collect();
        for typed in 1..=letters.len() {
            let text: String = letters.iter().take(typed).collect();
            let began = Instant::now();
            desk.find_people(asked(&text)).await?;
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// What each keystroke of one whole email costs, then of a card's last four digits behind it.
pub async fn find_one(desk: &Desk, email: &str, last4: &str) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    let letters: Vec<char> = format!("{email} {last4}").chars().collect();
    for _ in 0..5 {
        for typed in 1..=letters.len() {
            let text: String = letters.iter().take(typed).collect();
            let began = Instant::now();
            desk.find_people(asked(&text)).await?;
            times.push(began.elapsed());
        }
    }
    Ok(times)
}

/// The last four digits of some card of a customer.
pub async fn last4_of(desk: &Desk, email: &str) -> Result<String, Failure> {
    let request = ListCards {
        env: Env::Demo,
        text: email.to_owned(),
        account_id: None,
        after: None,
        limit: 100,
    };
    let cards = desk.list_cards(request).await?.items;
    let last4 = cards.into_iter().find_map(|card| card.last4);
    Ok(last4.ok_or("none of the customer's cards is known")?)
}

/// Pages of a filtered and of the whole list.
pub async fn pages(desk: &Desk) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for text in [
        "",
        "state:inactive",
        "brand:visa one-click:on",
        "exp:<2027-03 ada",
    ] {
        let mut after = None;
        for _ in 0..40 {
            let request = ListCards {
                env: Env::Demo,
                text: text.to_owned(),
                account_id: None,
                after: after.take(),
                limit: 100,
            };
            let began = Instant::now();
            let page = desk.list_cards(request).await?;
            times.push(began.elapsed());
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(times)
}

/// Opening customers.
pub async fn open_people(desk: &Desk, people: &[(String, String)]) -> Result<Vec<Duration>, Failure> {
    let mut times = Vec::new();
    for (_, person) in people.iter().take(200) {
        let began = Instant::now();
        desk.open_person(PersonRef {
            env: Env::Demo,
            person: person.clone(),
        })
        .await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// One-click switched on many cards: until the answer, which comes after the change is on the disk.
pub async fn flips(desk: &Desk) -> Result<Vec<Duration>, Failure> {
    let request = ListCards {
        env: Env::Demo,
        text: "state:active".to_owned(),
        account_id: None,
        after: None,
        limit: 500,
    };
    let mut times = Vec::new();
    for card in desk.list_cards(request).await?.items {
        let on = card.one_click != Some(true);
        let began = Instant::now();
        desk.set_one_click(SetOneClick { card_id: card.id, on }).await?;
        times.push(began.elapsed());
    }
    Ok(times)
}

/// The first search after opening.
pub async fn first_search(desk: &Desk) -> Result<(), Failure> {
    desk.find_people(asked("example")).await?;
    Ok(())
}
