//! Finding people, opening one, reading one again.

use crate::change_views::DeskSides;
use crate::contract::{
    CardPage, CustomerView, Env, FindPeople, FoundBy, OneClickAnswer, PeopleFound, PersonCards, PersonRef,
    PersonView, Problem, ProblemCode, SearchedAccount, Withheld,
};
use crate::contract::{Count, PersonRow};
use crate::desk::{Desk, rfc3339};
use crate::log::Note;
use crate::one_click::{Facts, withheld};
use crate::problems::{self, Names};
use crate::views::{self, Accounts, person_key, person_text};
use crate::words::capabilities;
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::Instant;
use tokendesk_model::{
    AccountId, Capabilities, Environment, Listing, PersonKey, SearchQuery, TokenState, Wish,
};
use tokendesk_store::{CardRow, Match, Person};
use tokendesk_sync::refresh::Customer;

/// Cards shown at once; more come by page.
const FIRST_CARDS: u32 = 100;
/// Longest page of a list.
const LONGEST_PAGE: u32 = 200;
/// "Expires within": days.
const SOON_DAYS: i32 = 60;

impl Desk {
    /// Finds people as somebody types.
    ///
    /// # Errors
    /// [`ProblemCode::CardNumber`], [`ProblemCode::QueryTooLong`], [`ProblemCode::FilterInvalid`],
    /// [`ProblemCode::CursorInvalid`].
    pub async fn find_people(&self, request: FindPeople) -> Result<PeopleFound, Problem> {
        let began = Instant::now();
        let query = SearchQuery::parse(&request.text)?;
        let env = Environment::from(request.env);
        let limit = request.limit.clamp(1, LONGEST_PAGE);
        let page = self
            .0
            .store
            .find_people(env, &query, request.after.as_deref(), limit)
            .await?;
        let took_ms = u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX);
        let accounts = self.accounts_known().await?;
        Ok(PeopleFound {
            items: page
                .items
                .iter()
                .map(|row| person_row(row, &accounts, found_by(row.how)))
                .collect(),
            next: page.next,
            total: Count {
                n: page.total.n,
                exact: page.total.exact,
            },
            words: query.words,
            searched: self.searched(env, &accounts).await?,
            took_ms,
        })
    }

    /// People opened lately on this desk; the text is not looked at.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn recent_people(&self, request: FindPeople) -> Result<PeopleFound, Problem> {
        let began = Instant::now();
        let env = Environment::from(request.env);
        let rows = self
            .0
            .store
            .recent_people(env, request.limit.clamp(1, 50))
            .await?;
        let accounts = self.accounts_known().await?;
        let items: Vec<PersonRow> = rows
            .iter()
            .map(|row| person_row(row, &accounts, FoundBy::Recent))
            .collect();
        Ok(PeopleFound {
            total: Count {
                n: views::small(items.len() as u64),
                exact: true,
            },
            items,
            next: None,
            words: Vec::new(),
            searched: self.searched(env, &accounts).await?,
            took_ms: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
        })
    }

    async fn searched(&self, env: Environment, accounts: &Accounts) -> Result<Vec<SearchedAccount>, Problem> {
        let mut searched = Vec::new();
        for (account, _) in accounts
            .0
            .values()
            .filter(|(account, _)| account.environment == env)
        {
            searched.push(SearchedAccount {
                account: accounts.tag_of(account),
                cards: self.0.store.account_counts(account.id).await?.all(),
                read_since: self
                    .0
                    .store
                    .last_pass(account.id)
                    .await?
                    .map(|pass| rfc3339(pass.started_at)),
                reading: self.0.engine.progress(account.id).is_some(),
            });
        }
        searched.sort_by(|a, b| a.account.label.cmp(&b.account.label));
        Ok(searched)
    }

    /// Opens a person: identity, customer records, the first cards, and what is known of one-click.
    ///
    /// # Errors
    /// [`ProblemCode::PersonUnknown`].
    pub async fn open_person(&self, request: PersonRef) -> Result<PersonView, Problem> {
        let (env, key) = person_of(&request.env, &request.person)?;
        let view = self.person_view(env, &key, false).await?;
        if self.may_write().is_ok() {
            self.0.store.note_opened(env, &key, self.now()).await?;
        }
        // By one of their cards: no email is kept in the log.
        if let Some(card) = view.cards.first()
            && self.is_a_new_look(format!("person {}", view.person))
        {
            self.note(Note {
                action: "person.opened",
                account: card.account_id.parse().ok(),
                token: card.id.parse().ok(),
                ..Note::default()
            })
            .await?;
        }
        Ok(view)
    }

    async fn person_view(
        &self,
        env: Environment,
        key: &PersonKey,
        may_miss_new_cards: bool,
    ) -> Result<PersonView, Problem> {
        let unknown = || Problem::new(ProblemCode::PersonUnknown);
        let person = self.0.store.person(env, key).await?.ok_or_else(unknown)?;
        let page = self.0.store.person_cards(env, key, None, FIRST_CARDS).await?;
        let accounts = self.accounts_known().await?;
        let sides = self
            .desk_sides(page.items.iter().map(|row| row.id), &accounts)
            .await?;
        let today = self.now().date_naive();
        let usable =
            |row: &&CardRow| matches!(row.effective_state, TokenState::Active | TokenState::Inactive);
        let days: Vec<i32> = page
            .items
            .iter()
            .filter(usable)
            .filter_map(|row| views::days_left(row.card.expiry?, today))
            .collect();
        let since: Option<DateTime<Utc>> = person.customers.iter().filter_map(|c| c.created_at).min();
        Ok(PersonView {
            person: person_text(key),
            env: Env::from(env),
            email: person.email.clone(),
            name: person.name.clone(),
            since: since.map(rfc3339),
            customers: person
                .customers
                .iter()
                .map(|customer| CustomerView {
                    id: customer.id.to_string(),
                    account: accounts.tag(customer.account),
                    customer_id: views::shown_id(customer.customer_id.as_deref()),
                    email: customer.email.clone(),
                    active_lesson: accounts.lesson(customer.account).as_str().to_owned(),
                    carried: capabilities::carried(
                        &accounts.capabilities(customer.account),
                        &accounts.names(customer.account).provider,
                    ),
                    deletable_record: deletable_record(customer, &accounts),
                    no_cards: (customer.counts.all() == 0).then(|| {
                        no_cards(
                            &accounts.capabilities(customer.account),
                            &accounts.names(customer.account),
                        )
                    }),
                    read_at: customer.read_at.map(rfc3339),
                })
                .collect(),
            one_click: one_click_answers(&person, &page.items, &sides, today),
            cards: page
                .items
                .iter()
                .map(|row| views::card(row, sides.of(row.id), &accounts))
                .collect(),
            next: page.next,
            counts: views::counts(&person.counts),
            expired: views::small(days.iter().filter(|d| **d < 0).count() as u64),
            expiring: views::small(days.iter().filter(|d| (0..=SOON_DAYS).contains(*d)).count() as u64),
            read_at: person.read_at.map(rfc3339),
            may_miss_new_cards,
        })
    }

    /// More cards of a person.
    ///
    /// # Errors
    /// [`ProblemCode::PersonUnknown`], [`ProblemCode::CursorInvalid`].
    pub async fn person_cards(&self, request: PersonCards) -> Result<CardPage, Problem> {
        let (env, key) = person_of(&request.env, &request.person)?;
        let limit = request.limit.clamp(1, LONGEST_PAGE);
        let page = self
            .0
            .store
            .person_cards(env, &key, request.after.as_deref(), limit)
            .await?;
        self.card_page(page.items, page.next, None).await
    }

    /// Reads every card of a person again, at every account, ahead of everything else.
    ///
    /// # Errors
    /// The first account's [`Problem`]; what other accounts answered is stored.
    pub async fn refresh_person(&self, request: PersonRef) -> Result<PersonView, Problem> {
        self.may_write()?;
        let (env, key) = person_of(&request.env, &request.person)?;
        let unknown = || Problem::new(ProblemCode::PersonUnknown);
        let person = self.0.store.person(env, &key).await?.ok_or_else(unknown)?;
        let accounts = self.accounts_known().await?;
        let mut wanted: HashMap<AccountId, Vec<Customer>> = HashMap::new();
        let cards = self.all_cards(env, &key).await?;
        for customer in &person.customers {
            let mut known: Vec<&CardRow> = cards
                .iter()
                .filter(|row| row.customer == customer.id && row.gone_at.is_none())
                .collect();
            known.sort_by_key(|row| !row.effective_state.is_switchable());
            wanted.entry(customer.account).or_default().push(Customer {
                customer_id: customer.customer_id.clone(),
                email: customer.email.clone(),
                known: known
                    .into_iter()
                    .map(|row| (row.id, row.remote_id.clone()))
                    .collect(),
            });
        }
        let mut first_problem = None;
        let mut may_miss = false;
        let reads = wanted.into_iter().map(|(account, customers)| {
            let engine = self.0.engine.clone();
            let names = accounts.names(account);
            let paused = accounts
                .0
                .get(&account)
                .and_then(|(known, _)| known.paused.clone());
            async move {
                let mut may_miss = false;
                if let Some(reason) = paused {
                    // It is asked again when a person has tested it: a rejected key may lock its user out.
                    return Err(problems::of_pause(&reason, &names));
                }
                for customer in &customers {
                    match engine.refresh(account, customer).await {
                        Ok(done) => may_miss |= done.may_miss_new_cards || done.partial,
                        Err(error) => return Err(problems::of_sync(error, &names)),
                    }
                }
                Ok(may_miss)
            }
        });
        for read in futures::future::join_all(reads).await {
            match read {
                Ok(missed) => may_miss |= missed,
                Err(problem) => first_problem = first_problem.or(Some(problem)),
            }
        }
        match first_problem {
            Some(problem) => Err(problem),
            None => self.person_view(env, &key, may_miss).await,
        }
    }

    async fn all_cards(&self, env: Environment, key: &PersonKey) -> Result<Vec<CardRow>, Problem> {
        let mut cards = Vec::new();
        let mut after: Option<String> = None;
        loop {
            let page = self
                .0
                .store
                .person_cards(env, key, after.as_deref(), 1_000)
                .await?;
            cards.extend(page.items);
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(cards),
            }
        }
    }
}

fn deletable_record(customer: &tokendesk_store::CustomerRow, accounts: &Accounts) -> Option<String> {
    let known = accounts.capabilities(customer.account);
    let may = known.delete_customer && !accounts.read_only(customer.account);
    customer.customer_id.clone().filter(|_| may)
}

/// Why a record has no cards, as far as that can be said.
fn no_cards(known: &Capabilities, names: &Names) -> String {
    let provider = &names.provider;
    match known.listing {
        Listing::Directory => format!(
            "{provider} names no saved cards for this customer id. That may also mean that it does not know the id."
        ),
        Listing::Imported => "No token was imported for this customer.".to_owned(),
        Listing::ByToken | Listing::ByCustomer => format!("{provider} lists no saved cards for this record."),
    }
}

fn person_of(env: &Env, text: &str) -> Result<(Environment, PersonKey), Problem> {
    let key = person_key(text).ok_or_else(|| Problem::new(ProblemCode::PersonUnknown))?;
    Ok((Environment::from(*env), key))
}

fn found_by(how: Match) -> FoundBy {
    match how {
        Match::EmailStart => FoundBy::EmailStart,
        Match::EmailContains => FoundBy::EmailContains,
        Match::Name => FoundBy::Name,
        Match::Other => FoundBy::Other,
    }
}

fn person_row(row: &tokendesk_store::PersonRow, accounts: &Accounts, found_by: FoundBy) -> PersonRow {
    PersonRow {
        person: person_text(&row.key),
        email: row.email.clone(),
        name: row.name.clone(),
        counts: views::counts(&row.counts),
        accounts: row.accounts.iter().map(|id| accounts.tag(*id)).collect(),
        found_by,
    }
}

fn one_click_answers(
    person: &Person,
    cards: &[CardRow],
    sides: &DeskSides,
    today: chrono::NaiveDate,
) -> Vec<OneClickAnswer> {
    person
        .customers
        .iter()
        .map(|customer| {
            let mut answer = OneClickAnswer {
                customer: customer.id.to_string(),
                offered: Vec::new(),
                withheld: Vec::new(),
            };
            for row in cards.iter().filter(|row| row.customer == customer.id) {
                let changes = &sides.of(row.id).changes;
                let state_asked = changes
                    .iter()
                    .any(|change| change.wish == Wish::Active(false) && change.status.is_under_way());
                let reason = withheld(&Facts {
                    has_customer_id: row
                        .snapshot
                        .customer_id
                        .as_deref()
                        .is_some_and(|id| !id.trim().is_empty()),
                    gone: row.gone_at.is_some(),
                    state: &row.effective_state,
                    state_asked,
                    one_click: row.effective_one_click,
                    knowledge: row.knowledge,
                    expiry: row.card.expiry,
                    today,
                });
                match reason {
                    None => answer.offered.push(row.id.to_string()),
                    Some(reason) => {
                        answer.withheld.push(Withheld {
                            card: row.id.to_string(),
                            reason: reason.to_owned(),
                        });
                    }
                }
            }
            answer
        })
        .collect()
}
