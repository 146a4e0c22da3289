//! A token as a page of versions meets it: which of its versions is in use, what it shows of that one, and what that one says
//! that was not so before.

use super::accounts::AccountRef;
use super::residents::json;
use super::rows::Columns;
use super::terms::Terms;
use super::version_rows::{CardRow, VersionRow};
use super::{cards, damaged};
use crate::sqlite::Tx;
use crate::{Difference, StoreError};
use std::collections::{HashMap, HashSet};
use tokendesk_model::{CardFacts, CardKnowledge, VersionSnapshot, VersionState};

/// A token that versions of a page belong to.
pub(super) struct Owner {
    pub n: i64,
    pub customer: i64,
    pub person: i64,
    pub seq: i64,
    pub knowledge: i64,
    /// What it showed before this page.
    pub shown: Face,
    /// Known versions: the provider's id, the optimistic lock, and what the choice of the active one needs.
    pub versions: HashMap<String, Known>,
    pub read: bool,
}

/// What a token shows of its active version.
pub(super) struct Face {
    pub active: Option<String>,
    pub brand: Option<i64>,
    pub last4: Option<String>,
    pub exp: Option<i64>,
    /// When versions of the token were last read.
    pub read_at: Option<i64>,
}

#[derive(Clone)]
pub(super) struct Known {
    pub version: i64,
    pub active: bool,
    /// Read before this page.
    pub familiar: bool,
    /// Read with this page.
    pub fresh: bool,
    pub activated_on: Option<i64>,
    pub brand: Option<i64>,
    pub last4: Option<String>,
    pub exp: Option<i64>,
}

impl Known {
    pub fn of(row: &VersionRow<'_>, familiar: bool) -> Self {
        Self {
            familiar,
            fresh: true,
            version: row.2,
            active: row.3 == VersionState::Active.number(),
            brand: row.4,
            last4: row.5.map(str::to_owned),
            exp: row.6,
            activated_on: row.11,
        }
    }
}

impl Face {
    pub fn read(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            active: columns.next()?,
            brand: columns.next()?,
            last4: columns.next()?,
            exp: columns.next()?,
            read_at: columns.next()?,
        })
    }

    pub fn facts(&self, terms: &Terms) -> Result<CardFacts, StoreError> {
        facts(terms, self.brand, self.last4.as_deref(), self.exp)
    }
}

fn facts(
    terms: &Terms,
    brand: Option<i64>,
    last4: Option<&str>,
    exp: Option<i64>,
) -> Result<CardFacts, StoreError> {
    Ok(CardFacts {
        brand: terms.maybe_text(brand)?.map(cards::brand),
        last4: last4.map(str::to_owned),
        expiry: cards::expiry(exp)?,
    })
}

impl Owner {
    /// What this page showed of the saved details in use. The first reading of a token's versions shows nothing, because
    /// there was none before it.
    pub fn difference(&self, terms: &Terms, full_pass: bool) -> Result<Option<Difference>, StoreError> {
        if self.knowledge == CardKnowledge::NotRead.number() {
            return Ok(None);
        }
        let (shown, active) = (&self.shown, self.active());
        let became = |known: &Known| facts(terms, known.brand, known.last4.as_deref(), known.exp);
        Ok(match (shown.active.as_deref(), active) {
            (None, None) => None,
            (None, Some((_, known))) => Some(Difference::DetailsAdded {
                became: became(known)?,
            }),
            (Some(_), None) => Some(Difference::DetailsEnded {
                was: shown.facts(terms)?,
            }),
            (Some(was), Some((is, known))) if was != is => {
                // A full pass meets the versions of a token in any order: one that was in use before the last look was
                // only overlooked then.
                let overlooked = full_pass
                    && !known.familiar
                    && known.activated_on.is_some()
                    && known.activated_on <= shown.read_at;
                if overlooked {
                    return Ok(None);
                }
                Some(Difference::Renewed {
                    was: shown.facts(terms)?,
                    became: became(known)?,
                })
            }
            (Some(_), Some((_, known))) => Self::same_version(shown.facts(terms)?, became(known)?),
        })
    }

    // A fact that was not known before is not a difference, nor is one that is not said any more.
    fn same_version(was: CardFacts, became: CardFacts) -> Option<Difference> {
        let differs = (was.brand.is_some() && became.brand.is_some() && was.brand != became.brand)
            || (was.last4.is_some() && became.last4.is_some() && was.last4 != became.last4);
        if differs {
            return Some(Difference::Renewed { was, became });
        }
        match (was.expiry, became.expiry) {
            (Some(was), Some(became)) if was != became => Some(Difference::Expiry { was, became }),
            _ => None,
        }
    }

    /// The version in use: of several active ones the latest activated, then the one read last, then the one with the
    /// higher id.
    pub fn active(&self) -> Option<(&str, &Known)> {
        self.versions
            .iter()
            .filter(|(_, known)| known.active)
            .max_by_key(|(id, known)| (known.activated_on, known.fresh, id.len(), id.as_str()))
            .map(|(id, known)| (id.as_str(), known))
    }

    pub fn card_row(&self) -> CardRow<'_> {
        match self.active() {
            Some((id, known)) => {
                let facts = known.brand.is_some() || known.last4.is_some() || known.exp.is_some();
                let knowledge = if facts {
                    CardKnowledge::Known
                } else {
                    CardKnowledge::NoneGiven
                };
                CardRow(
                    self.n,
                    knowledge.number(),
                    known.brand,
                    known.last4.as_deref(),
                    known.exp,
                    Some(id),
                )
            }
            // An old version may be read before the active one: until then nothing is claimed.
            None if self.knowledge == CardKnowledge::NotRead.number() => {
                CardRow(self.n, self.knowledge, None, None, None, None)
            }
            None => CardRow(
                self.n,
                CardKnowledge::NoActiveVersion.number(),
                None,
                None,
                None,
                None,
            ),
        }
    }
}

/// The tokens that these versions belong to, by the provider's id, with the versions known of them.
pub(super) async fn owners(
    tx: &mut Tx,
    account: AccountRef,
    versions: &[&VersionSnapshot],
) -> Result<HashMap<String, Owner>, StoreError> {
    let ids: HashSet<&str> = versions
        .iter()
        .map(|version| version.token_remote_id.as_str())
        .collect();
    let rows = sqlx::query(
        "SELECT t.n, t.remote_id, t.customer, t.person, ifnull(t.versions_seq, 0), t.knowledge,
                t.active, t.brand, t.last4, t.exp, t.versions_read_at
         FROM json_each(?1) j CROSS JOIN token t ON t.account = ?2 AND t.remote_id = j.value",
    )
    .bind(serde_json::json!(ids).to_string())
    .bind(account.n)
    .fetch_all(&mut **tx)
    .await?;
    let mut owners = HashMap::with_capacity(rows.len());
    let mut by_number: HashMap<i64, String> = HashMap::with_capacity(rows.len());
    for row in &rows {
        let mut columns = Columns::of(row);
        let n = columns.next()?;
        let remote_id: String = columns.next()?;
        by_number.insert(n, remote_id.clone());
        let owner = Owner {
            n,
            customer: columns.next()?,
            person: columns.next()?,
            seq: columns.next()?,
            knowledge: columns.next()?,
            shown: Face::read(&mut columns)?,
            versions: HashMap::new(),
            read: false,
        };
        owners.insert(remote_id, owner);
    }
    let numbers: Vec<i64> = by_number.keys().copied().collect();
    let rows = sqlx::query(
        "SELECT v.token, v.remote_id, v.version, v.state, v.activated_on, v.brand, v.last4, v.exp
         FROM json_each(?1) j CROSS JOIN token_version v ON v.token = j.value",
    )
    .bind(json(&numbers)?)
    .fetch_all(&mut **tx)
    .await?;
    for row in &rows {
        let mut columns = Columns::of(row);
        let token: i64 = columns.next()?;
        let owner = by_number
            .get(&token)
            .and_then(|id| owners.get_mut(id))
            .ok_or_else(damaged)?;
        let remote_id = columns.next()?;
        let known = Known {
            version: columns.next()?,
            active: columns.next::<i64>()? == VersionState::Active.number(),
            familiar: true,
            fresh: false,
            activated_on: columns.next()?,
            brand: columns.next()?,
            last4: columns.next()?,
            exp: columns.next()?,
        };
        owner.versions.insert(remote_id, known);
    }
    Ok(owners)
}
