//! The log at the border: writing what only the desk knows of, reading it in pages, checking it, and anchoring its newest
//! row outside the ledger.
//!
//! Rows hold our ids and no email; who stands behind a card is looked up when a row is shown, while it is known here.

use crate::contract::{ListLog, LogFilter, LogPage, LogRow, LogVerified, Nothing, Problem, ProblemCode, Tag};
use crate::desk::{Desk, rfc3339};
use crate::log_words;
use crate::views::{self, small};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokendesk_model::{AccountId, Environment, PlanId, TokenId};
use tokendesk_store::{Anchor, CardRow, LONGEST_LOG_PAGE, LogEntry, read_anchor, write_anchor};

/// Reading the log again, or opening the same customer again, within this time is one reading.
const ONE_LOOK: Duration = Duration::from_secs(600);

/// What the desk adds to a row: everything else is filled in.
#[derive(Default)]
pub(crate) struct Note<'a> {
    pub action: &'a str,
    pub outcome: &'a str,
    pub account: Option<AccountId>,
    pub token: Option<TokenId>,
    pub detail: Option<&'a str>,
    pub reason: Option<String>,
}

impl Desk {
    /// Adds a row to the log.
    pub(crate) async fn note(&self, note: Note<'_>) -> Result<(), Problem> {
        let entry = LogEntry {
            at: self.now(),
            actor: self.actor(),
            action: note.action.to_owned(),
            account: note.account,
            token: note.token,
            change: None,
            outcome: if note.outcome.is_empty() {
                "ok"
            } else {
                note.outcome
            }
            .to_owned(),
            detail: note.detail.map(str::to_owned),
            request_id: None,
            reason: note.reason,
        };
        self.0.store.log(&entry).await?;
        // A screen that shows the log would fetch, which is noted, which would be told again.
        if !entry.action.starts_with("log.") {
            self.0.invalidator.tell(Tag::Log);
        }
        Ok(())
    }

    /// Whether something looked at just now was not looked at a moment ago.
    pub(crate) fn is_a_new_look(&self, what: String) -> bool {
        let now = Instant::now();
        let mut memory = self.memory();
        memory.looks.retain(|_, at| now.duration_since(*at) < ONE_LOOK);
        if memory.looks.contains_key(&what) {
            return false;
        }
        memory.looks.insert(what, now);
        true
    }

    /// Rows of the log, newest first. Reading it is itself written into it, once a while.
    ///
    /// # Errors
    /// [`ProblemCode::FilterInvalid`], [`ProblemCode::CursorInvalid`].
    pub async fn list_log(&self, request: ListLog) -> Result<LogPage, Problem> {
        let filter = filter(&request.filter)?;
        let below = match &request.after {
            Some(cursor) => Some(
                cursor
                    .parse::<i64>()
                    .map_err(|_| Problem::new(ProblemCode::CursorInvalid))?,
            ),
            None => None,
        };
        if self.is_a_new_look("the log".to_owned()) {
            self.note(Note {
                action: "log.read",
                ..Note::default()
            })
            .await?;
        }
        let limit = request.limit.clamp(1, LONGEST_LOG_PAGE);
        let page = self.0.store.log_page(&filter, below, limit).await?;
        let accounts = self.accounts_known().await?;
        let mut cards: HashMap<TokenId, Option<CardRow>> = HashMap::new();
        let mut items = Vec::with_capacity(page.items.len());
        for row in &page.items {
            if let Some(token) = row.entry.token
                && !cards.contains_key(&token)
            {
                let card = self.0.store.card(token).await?;
                cards.insert(token, card);
            }
            let card = row.entry.token.and_then(|token| cards.get(&token)?.as_ref());
            items.push(shown(row, card, &accounts));
        }
        Ok(LogPage {
            items,
            next: page.next.map(|next| next.to_string()),
            rows: small(page.rows.unsigned_abs()),
        })
    }

    /// Checks every row of the log against the one before it, and the newest anchored one against its anchor.
    ///
    /// # Errors
    /// A [`Problem`] if the ledger or the secrets cannot be read. A broken log is an answer, not an error.
    pub async fn verify_log(&self, _request: Nothing) -> Result<LogVerified, Problem> {
        let begun = Instant::now();
        let anchor = read_anchor(&self.0.vault).await?;
        let found = self.0.store.verify_log(anchor.as_ref()).await?;
        let took_ms = small(u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX));
        self.note(Note {
            action: "log.verified",
            outcome: if found.broken.is_some() { "failed" } else { "ok" },
            detail: Some(if found.broken.is_some() {
                "broken"
            } else {
                "intact"
            }),
            ..Note::default()
        })
        .await?;
        let anchored = anchor.as_ref().filter(|_| found.anchored_row.is_some());
        Ok(LogVerified {
            intact: found.broken.is_none(),
            rows: small(found.rows.unsigned_abs()),
            broken_row: found.broken.map(|broken| small(broken.row.unsigned_abs())),
            broken_how: found.broken.map(|broken| broken.how.as_str().to_owned()),
            words: said(&found),
            anchored_row: anchored.map(|anchor| small(anchor.number.unsigned_abs())),
            anchored_at: anchored.map(|anchor| rfc3339(anchor.at)),
            erased_texts: small(found.erased_texts),
            took_ms,
        })
    }

    /// Keeps the newest row among the secrets, so that a log that is cut or put back from an earlier day is found out. For the
    /// folder's holder, and not while an older ledger waits for a person's word: that would hide what is missing.
    pub(crate) async fn anchor_log(&self) -> Result<(), Problem> {
        if self.may_write().is_err() || self.memory().older_ledger.is_some() {
            return Ok(());
        }
        let head = self.0.store.log_head().await?;
        if self.memory().anchored == Some(head.number) {
            return Ok(());
        }
        write_anchor(&self.0.vault, &Anchor::of(&head, self.now())).await?;
        self.memory().anchored = Some(head.number);
        Ok(())
    }

    /// Notes that a list of more than a hundred rows left the desk through a terminal.
    ///
    /// # Errors
    /// A [`Problem`] if the ledger cannot be written.
    pub async fn note_long_list(&self) -> Result<(), Problem> {
        self.note(Note {
            action: "list.long",
            ..Note::default()
        })
        .await
    }
}

pub(crate) fn filter(asked: &LogFilter) -> Result<tokendesk_store::LogFilter, Problem> {
    let invalid = |key: &str, accepts: &str| {
        Problem::with(
            ProblemCode::FilterInvalid,
            [("filter", key.to_owned()), ("accepts", accepts.to_owned())],
        )
    };
    let time = |key: &str, text: &Option<String>| -> Result<Option<DateTime<Utc>>, Problem> {
        text.as_deref()
            .map(|text| DateTime::parse_from_rfc3339(text).map(|at| at.to_utc()))
            .transpose()
            .map_err(|_| invalid(key, "a time such as 2026-11-21T14:00:00Z"))
    };
    let mut actions = Vec::new();
    for group in &asked.groups {
        let known = log_words::GROUPS.iter().find(|(name, _)| name == group);
        let (_, starts) =
            known.ok_or_else(|| invalid("group", "changes, reading, people, plans, accounts, desk, log"))?;
        actions.extend(starts.iter().map(|start| (*start).to_owned()));
    }
    let outcomes = ["ok", "asked", "refused", "failed", "conflict"];
    if asked
        .outcomes
        .iter()
        .any(|outcome| !outcomes.contains(&outcome.as_str()))
    {
        return Err(invalid("outcome", "ok, asked, refused, failed, conflict"));
    }
    let unknown_card = || Problem::new(ProblemCode::CardUnknown);
    let tokens = match &asked.card_id {
        Some(id) => Some(vec![id.parse().map_err(|_| unknown_card())?]),
        None => None,
    };
    let account = match &asked.account_id {
        Some(id) => Some(
            id.parse()
                .map_err(|_| Problem::new(ProblemCode::AccountUnknown))?,
        ),
        None => None,
    };
    if let Some(text) = &asked.text {
        crate::guard::no_card_number(text, "text")?;
    }
    Ok(tokendesk_store::LogFilter {
        env: asked.env.map(Environment::from),
        account,
        tokens,
        actions,
        outcomes: asked.outcomes.clone(),
        text: asked.text.clone().filter(|text| !text.trim().is_empty()),
        from: time("from", &asked.from)?,
        until: time("until", &asked.until)?,
    })
}

pub(crate) fn shown(
    row: &tokendesk_store::LogRow,
    card: Option<&CardRow>,
    accounts: &views::Accounts,
) -> LogRow {
    let entry = &row.entry;
    let account = entry
        .account
        .and_then(|id| accounts.0.get(&id))
        .map(|(account, _)| account);
    LogRow {
        number: small(row.number.unsigned_abs()),
        at: rfc3339(entry.at),
        actor: entry.actor.clone(),
        action: entry.action.clone(),
        words: log_words::words(&entry.action),
        group: log_words::group(&entry.action).to_owned(),
        outcome: entry.outcome.clone(),
        // Of a plan it is its id, which says nothing to a person.
        detail: entry
            .detail
            .as_deref()
            .filter(|detail| detail.parse::<PlanId>().is_err())
            .map(log_words::detail),
        account_id: entry.account.map(|id| id.to_string()),
        account_label: account.map(|account| account.label.clone()),
        card_id: entry.token.map(|id| id.to_string()),
        card: card.map(views::card_words),
        person: card.map(|card| views::person_text(&card.person)),
        email: card.and_then(|card| card.snapshot.email.clone()),
        change_id: entry.change.map(|id| id.to_string()),
        reason: if row.reason_erased {
            Some("(erased)".to_owned())
        } else {
            entry.reason.clone()
        },
        request_id: entry.request_id.clone(),
    }
}

fn said(found: &tokendesk_store::Verified) -> String {
    use tokendesk_store::BrokenHow as How;
    let Some(broken) = found.broken else {
        return match found.rows {
            1 => "The one row is as it was written.".to_owned(),
            rows => format!("All {rows} rows are as they were written, in their order, and none is missing."),
        };
    };
    let row = broken.row;
    match broken.how {
        How::Edited => format!("Row {row} is not what was written there."),
        How::Missing => format!("Row {row} is missing."),
        How::Inserted => format!("Row {row} was not written by this desk."),
        How::OutOfOrder => format!("Row {row} stands in another row’s place."),
        How::Cut => format!("The log ends before row {row}, which it once had."),
        How::TextEdited => format!("The reason beside row {row} is not the one that was written."),
        How::AnchorDiffers => format!("Row {row} is not the one that was anchored outside the ledger."),
    }
}
