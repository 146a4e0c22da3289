//! A customer's timeline: what this desk did to their cards, and what reads showed to have changed at the payment system.
//!
//! Two sources in one order, newest first; a page remembers how far each of them was told.

use crate::contract::{ListTimeline, Problem, ProblemCode, TimelineItem, TimelinePage};
use crate::desk::{Desk, rfc3339};
use crate::views::{self, small};
use chrono::{DateTime, Utc};
use std::collections::HashMap;
use tokendesk_model::{CardFacts, Change, Environment, TokenId, Wish};
use tokendesk_store::{CardRow, ChangesFilter, Difference, TimelinePlace, TimelineRow};

/// Longest page.
const LONGEST_PAGE: u32 = 200;
/// Cards of one person whose past is told; beyond that the log's filters are the better place.
const MOST_CARDS: usize = 5_000;

enum Told {
    Ours(Box<Change>),
    Theirs(TimelineRow),
}

/// How far each source was told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Place {
    ours: Option<i64>,
    ours_end: bool,
    theirs: Option<TimelinePlace>,
}

impl Desk {
    /// What happened to a person's cards, newest first.
    ///
    /// # Errors
    /// [`ProblemCode::PersonUnknown`], [`ProblemCode::CursorInvalid`].
    pub async fn list_timeline(&self, request: ListTimeline) -> Result<TimelinePage, Problem> {
        let key =
            views::person_key(&request.person).ok_or_else(|| Problem::new(ProblemCode::PersonUnknown))?;
        let environment = Environment::from(request.env);
        let limit = request.limit.clamp(1, LONGEST_PAGE) as usize;
        let place = Place::read(request.after.as_deref())?;
        let mut cards: HashMap<TokenId, CardRow> = HashMap::new();
        let mut after: Option<String> = None;
        while cards.len() < MOST_CARDS {
            let page = self
                .0
                .store
                .person_cards(environment, &key, after.as_deref(), 1_000)
                .await?;
            cards.extend(page.items.into_iter().map(|card| (card.id, card)));
            match page.next {
                Some(next) => after = Some(next),
                None => break,
            }
        }
        if let Some(only) = &request.card_id {
            let only: TokenId = only.parse().map_err(|_| Problem::new(ProblemCode::CardUnknown))?;
            cards.retain(|id, _| *id == only);
        }
        let tokens: Vec<TokenId> = cards.keys().copied().collect();
        if tokens.is_empty() {
            return Ok(TimelinePage {
                items: Vec::new(),
                next: None,
                total: 0,
            });
        }
        let ours = if place.ours_end {
            Vec::new()
        } else {
            self.changes_of(&tokens, place.ours, limit + 1).await?.0
        };
        let theirs = self
            .0
            .store
            .timeline(&tokens, place.theirs, small(limit as u64 + 1))
            .await?;
        let mut told = merged(ours, theirs);
        let more = told.len() > limit;
        told.truncate(limit);
        let next = if more {
            Some(self.place_after(&told, &tokens, place).await?.text())
        } else {
            None
        };
        let accounts = self.accounts_known().await?;
        let total = self.0.store.timeline_count(&tokens).await? + self.0.store.changes_count(&tokens).await?;
        Ok(TimelinePage {
            items: told
                .iter()
                .map(|told| match told {
                    Told::Ours(change) => ours_item(change, &cards, &accounts),
                    Told::Theirs(row) => theirs_item(row, &cards, &accounts),
                })
                .collect(),
            next,
            total,
        })
    }
}

/// Newest first. Each source keeps its own order, in which its pages go on, even where a clock was set back.
fn merged(ours: Vec<Change>, theirs: Vec<TimelineRow>) -> Vec<Told> {
    let mut told = Vec::with_capacity(ours.len() + theirs.len());
    let (mut ours, mut theirs) = (ours.into_iter().peekable(), theirs.into_iter().peekable());
    while let Some(row) = theirs.peek() {
        match ours.next_if(|change| change.created_at >= row.at) {
            Some(change) => told.push(Told::Ours(Box::new(change))),
            None => told.extend(theirs.next().map(Told::Theirs)),
        }
    }
    told.extend(ours.map(|change| Told::Ours(Box::new(change))));
    told
}

impl Place {
    fn read(text: Option<&str>) -> Result<Self, Problem> {
        let invalid = || Problem::new(ProblemCode::CursorInvalid);
        let Some(text) = text else {
            return Ok(Self::default());
        };
        let [ours, at, number]: [&str; 3] = text
            .split(':')
            .collect::<Vec<_>>()
            .try_into()
            .map_err(|_| invalid())?;
        let theirs = match (at, number) {
            ("-", "-") => None,
            (at, number) => Some(TimelinePlace {
                at: at
                    .parse()
                    .ok()
                    .and_then(DateTime::from_timestamp_millis)
                    .ok_or_else(invalid)?,
                number: number.parse().map_err(|_| invalid())?,
            }),
        };
        Ok(Self {
            ours: match ours {
                "-" | "end" => None,
                number => Some(number.parse().map_err(|_| invalid())?),
            },
            ours_end: ours == "end",
            theirs,
        })
    }

    fn text(&self) -> String {
        let ours = match self.ours {
            _ if self.ours_end => "end".to_owned(),
            Some(number) => number.to_string(),
            None => "-".to_owned(),
        };
        match self.theirs {
            Some(place) => format!("{ours}:{}:{}", place.at.timestamp_millis(), place.number),
            None => format!("{ours}:-:-"),
        }
    }
}

impl Desk {
    async fn changes_of(
        &self,
        tokens: &[TokenId],
        before: Option<i64>,
        limit: usize,
    ) -> Result<(Vec<Change>, Option<i64>), Problem> {
        let filter = ChangesFilter {
            tokens: tokens.to_vec(),
            newest_first: true,
            before,
            limit: small(limit as u64),
            ..ChangesFilter::default()
        };
        let page = self.0.store.changes_page(&filter).await?;
        Ok((page.items, page.next))
    }

    async fn place_after(&self, told: &[Told], tokens: &[TokenId], before: Place) -> Result<Place, Problem> {
        let mut after = before;
        let ours = told.iter().filter(|told| matches!(told, Told::Ours(_))).count();
        if ours > 0 {
            // Asked again for just as many: the store says where the next page begins.
            after.ours = self.changes_of(tokens, before.ours, ours).await?.1;
            after.ours_end = after.ours.is_none();
        }
        let last = told.iter().rev().find_map(|told| match told {
            Told::Theirs(row) => Some(row.place()),
            Told::Ours(_) => None,
        });
        after.theirs = last.or(before.theirs);
        Ok(after)
    }
}

fn ours_item(change: &Change, cards: &HashMap<TokenId, CardRow>, accounts: &views::Accounts) -> TimelineItem {
    let card = cards.get(&change.token);
    let named = card.map(views::card_words).unwrap_or_default();
    let (kind, wish) = match change.wish {
        Wish::OneClick(true) => ("one_click", "One-click on"),
        Wish::OneClick(false) => ("one_click", "One-click off"),
        Wish::Active(true) => ("active", "Make active"),
        Wish::Active(false) => ("active", "Make inactive"),
        Wish::Delete => ("delete", "Delete"),
        Wish::Default => ("default", "Make it the default"),
    };
    TimelineItem {
        at: rfc3339(change.created_at),
        source: "desk".to_owned(),
        kind: kind.to_owned(),
        words: wish.to_owned(),
        status: Some(change.status.as_str().to_owned()),
        actor: Some(change.actor.clone()),
        reason: change.reason.clone(),
        card_id: Some(change.token.to_string()),
        card: Some(named).filter(|named| !named.is_empty()),
        account_label: Some(accounts.tag(change.account).label).filter(|label| !label.is_empty()),
    }
}

fn theirs_item(
    row: &TimelineRow,
    cards: &HashMap<TokenId, CardRow>,
    accounts: &views::Accounts,
) -> TimelineItem {
    let card = cards.get(&row.token);
    TimelineItem {
        at: rfc3339(row.at),
        source: if row.is_ours() { "desk" } else { "provider" }.to_owned(),
        kind: row.what.kind().to_owned(),
        words: observed(&row.what),
        status: None,
        actor: None,
        reason: None,
        card_id: Some(row.token.to_string()),
        card: card.map(views::card_words),
        account_label: card
            .map(|card| accounts.tag(card.account).label)
            .filter(|label| !label.is_empty()),
    }
}

/// What a read showed, in words.
pub(crate) fn observed(what: &Difference) -> String {
    let day = |at: &DateTime<Utc>| at.format("%-d %b %Y").to_string();
    match what {
        Difference::State { became, .. } => match became.as_str() {
            "active" => "Is active now".to_owned(),
            "inactive" => "Is inactive now".to_owned(),
            "deleting" => "Is being deleted now".to_owned(),
            "deleted" => "Is deleted now".to_owned(),
            "creating" => "Is being made".to_owned(),
            other => format!("Is shown as {other} now"),
        },
        Difference::OneClick { became, .. } => match became {
            Some(true) => "One-click is on now".to_owned(),
            Some(false) => "One-click is off now".to_owned(),
            None => "One-click is no longer told".to_owned(),
        },
        Difference::Customer { .. } => "Belongs to another customer record now".to_owned(),
        Difference::Email => "The email was changed".to_owned(),
        Difference::Purge { became: Some(at), .. } => format!("Planned to be gone on {}", day(at)),
        Difference::Purge { became: None, .. } => "Is no longer planned to be removed".to_owned(),
        Difference::Renewed { was, became } => format!("Was renewed: {} is now {}", face(was), face(became)),
        Difference::DetailsAdded { became } => format!("Has saved details now: {}", face(became)),
        Difference::DetailsEnded { .. } => "Its saved details are no longer in use".to_owned(),
        Difference::Expiry { was, became } => format!(
            "Expires {} now, was {}",
            views::expiry_text(*became),
            views::expiry_text(*was)
        ),
        Difference::BecameDefault => "Is its customer’s default card now".to_owned(),
        Difference::BlockReason => "The reason for the block was changed".to_owned(),
        Difference::Gone => "Is no longer at the payment system".to_owned(),
        Difference::Back => "Is at the payment system again".to_owned(),
    }
}

fn face(card: &CardFacts) -> String {
    let mut parts = Vec::new();
    if let Some(brand) = &card.brand {
        parts.push(brand.display_name().to_owned());
    }
    parts.extend(card.last4.clone());
    if let Some(expiry) = card.expiry {
        parts.push(views::expiry_text(expiry));
    }
    if parts.is_empty() {
        "details not told".to_owned()
    } else {
        parts.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_reads_back_and_anything_else_is_refused() {
        let place = Place {
            ours: Some(7),
            ours_end: false,
            theirs: Some(TimelinePlace {
                at: DateTime::from_timestamp_millis(1_780_000_000_123).unwrap(),
                number: 41,
            }),
        };
        assert_eq!(Place::read(Some(&place.text())).unwrap(), place);
        let end = Place {
            ours: None,
            ours_end: true,
            theirs: None,
        };
        assert_eq!(Place::read(Some(&end.text())).unwrap(), end);
        for wrong in ["", "1", "a:-:-", "-:x:1", "1:2:3:4"] {
            assert!(Place::read(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
