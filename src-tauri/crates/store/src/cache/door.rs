//! The snapshot door: the only way a provider's facts enter the cache. A page is a handful of statements whatever its
//! length.

use super::accounts::AccountRef;
use super::counters::Moves;
use super::head::{Head, Progress, advance, is_newer};
use super::observed::Observations;
use super::residents::{CustomerKey, Home, Resident, Residents, first_48, json, remove_empty};
use super::rows::{Columns, NO_DATE, STORED, Stored, own};
use super::text::{search_key, without_nul};
use super::token_rows::{Row, write_rows};
use super::{CacheDb, names, particulars};
use crate::sqlite::Tx;
use crate::{CrawlStep, Overlay, ReadTicket, Store, StoreError, effective};
use chrono::{DateTime, Utc};
use sqlx::AssertSqlSafe;
use std::collections::{BTreeMap, HashMap, HashSet};
use tokendesk_model::{AccountId, Particulars, TokenId, TokenSnapshot, TokenState};

/// What became of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Rows that were not known before.
    pub new: usize,
    /// Known rows whose facts differ now.
    pub changed: usize,
    /// Known rows read again without a difference.
    pub same: usize,
    /// Rows left alone, because something newer is stored.
    pub stale: usize,
    /// Versions only: provider ids of tokens this desk has not read yet. Their versions were not stored.
    pub unknown_tokens: Vec<String>,
    /// Versions only: a production version was among them.
    pub production_seen: bool,
}

/// Everything one page does to the file.
struct Page {
    rows: Vec<Row>,
    touched: Vec<i64>,
    seen: Vec<i64>,
    moves: Moves,
    /// (customer, person) pairs that tokens left, and people they came to.
    left: Vec<(i64, i64)>,
    joined: Vec<i64>,
    old_refs: Vec<(String, i64)>,
    new_refs: Vec<(String, i64)>,
    particulars: particulars::Changed,
    observed: Observations,
    applied: Applied,
}

/// What storing tokens did, for the time after the commit.
pub(super) struct Done {
    pub applied: Applied,
    /// Differences noted.
    pub observed: i64,
    /// How far the search index is behind.
    pub behind: i64,
    /// Provider ids that were left out, because they were removed from this desk.
    pub forgotten: HashSet<String>,
}

impl CacheDb {
    pub(super) async fn put_tokens(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        tokens: &[TokenSnapshot],
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<Applied, StoreError> {
        let account = self.account_ref(account)?;
        let tokens = plain_and_once(tokens);
        self.learn_terms(tokens.iter().flat_map(words)).await?;
        let mut tx = self.db.writer.begin().await?;
        let done = self
            .put_tokens_in(&mut tx, account, ticket, &tokens, read_at, crawl)
            .await?;
        let progress = Progress {
            tokens: tokens.len(),
            ..Progress::default()
        };
        advance(&mut tx, account, ticket, crawl, progress).await?;
        tx.commit().await?;
        self.note_observed(done.observed);
        self.index_if_behind(account, done.behind, crawl.is_some())
            .await?;
        Ok(done.applied)
    }

    /// Stores tokens, plain and each once, whose words are known, inside a transaction.
    pub(super) async fn put_tokens_in(
        &self,
        tx: &mut Tx,
        account: AccountRef,
        ticket: ReadTicket,
        tokens: &[TokenSnapshot],
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<Done, StoreError> {
        let mut head = Head::read(tx, account).await?;
        let stored = self.stored(tx, account, tokens).await?;
        let forgotten = if head.forgets {
            forgotten(tx, account, tokens).await?
        } else {
            HashSet::new()
        };
        let overlays = if head.overlaid {
            super::overlay::laid(tx, account, tokens).await?
        } else {
            HashMap::new()
        };

        let keys: Vec<CustomerKey> = tokens.iter().map(CustomerKey::of).collect();
        let stays: Vec<bool> = tokens
            .iter()
            .zip(&keys)
            .map(|(token, key)| {
                stored
                    .get(&token.remote_id)
                    .is_some_and(|old| same_home(&old.snapshot, token, key))
            })
            .collect();
        let wanted: HashSet<CustomerKey> = keys
            .iter()
            .zip(&stays)
            .filter(|(_, stays)| !**stays)
            .map(|(key, _)| key.clone())
            .collect();
        let mut residents = Residents::find(tx, account, &wanted).await?;

        let mut page = Page {
            rows: Vec::with_capacity(tokens.len()),
            touched: Vec::new(),
            seen: Vec::new(),
            moves: Moves::default(),
            left: Vec::new(),
            joined: Vec::new(),
            old_refs: Vec::new(),
            new_refs: Vec::new(),
            particulars: particulars::Changed::default(),
            observed: Observations::default(),
            applied: Applied::default(),
        };
        let mut newest = head.newest.clone();
        for (i, token) in tokens.iter().enumerate() {
            if forgotten.contains(&token.remote_id) {
                page.applied.stale += 1;
                continue;
            }
            if crawl.is_some() && is_newer(&token.remote_id, newest.as_deref()) {
                newest = Some(token.remote_id.clone());
            }
            let old = stored.get(&token.remote_id);
            if let Some(old) = old {
                if old.seq > ticket.0 || old.snapshot.version > token.version {
                    page.applied.stale += 1;
                    page.seen.push(old.n);
                    continue;
                }
                if old.gone_at.is_none() && old.snapshot == *token {
                    page.applied.same += 1;
                    page.touched.push(old.n);
                    continue;
                }
            }
            let home = match old {
                Some(old) if stays[i] => Home {
                    customer: old.customer,
                    person: old.person,
                    customer_id: old.shared_customer_id.clone(),
                    email: old.shared_email.clone(),
                },
                _ => residents.home(&mut head, account, &keys[i], Resident::Token(token)),
            };
            let overlay = overlays.get(&token.remote_id).copied().unwrap_or_default();
            let crawl = crawl.map_or(old.map_or(0, |old| old.crawl), |step| step.number);
            let row = self.with_terms(|terms| {
                let n = match old {
                    Some(old) => old.n,
                    None => {
                        head.next_token += 1;
                        head.next_token - 1
                    }
                };
                let (state, one_click) = effective(&token.state, token.one_click, false, overlay);
                let number = |text: Option<&str>| text.map(|text| terms.number(text)).transpose();
                Ok::<_, StoreError>(Row {
                    n,
                    remote_id: token.remote_id.clone(),
                    customer: home.customer,
                    person: home.person,
                    version: token.version,
                    state: token.state.number(),
                    raw_state: number(unknown(&token.state))?,
                    one_click: token.one_click,
                    own_customer_id: own(token.customer_id.as_deref(), home.customer_id.as_deref()),
                    own_email: own(token.email.as_deref(), home.email.as_deref()),
                    token_reference: token.token_reference.clone(),
                    ref_search: differing(token.token_reference.as_deref()),
                    external_id: token.external_id.clone(),
                    ext_search: differing(token.external_id.as_deref()),
                    language: number(token.language.as_deref())?,
                    time_zone: number(token.time_zone.as_deref())?,
                    created_on: token.created_on.map_or(NO_DATE, |at| at.timestamp_millis()),
                    purge_on: token.planned_purge_on.map(|at| at.timestamp_millis()),
                    space: token.linked_space_id,
                    eff_state: state.number(),
                    eff_one_click: one_click,
                    crawl,
                    id48: first_48(account.id.token(&token.remote_id).bytes()),
                    remote_search: differing(Some(&token.remote_id)),
                })
            })?;
            self.with_terms(|terms| {
                page.particulars
                    .note(row.n, old.map(|old| &old.snapshot), token, terms)
            })?;
            page.moves.step(old.map(|old| old.eff_state), Some(row.eff_state));
            match old {
                None => page.applied.new += 1,
                Some(old) => {
                    page.applied.changed += 1;
                    page.observed.compare(account.id, old, token);
                    if !stays[i] {
                        page.left.push((old.customer, old.person));
                        page.joined.push(home.person);
                    }
                    if old.n <= head.cards_indexed {
                        page.old_refs
                            .extend(refs(&old.snapshot).map(|text| (text, old.n)));
                        page.new_refs.extend(refs(token).map(|text| (text, old.n)));
                    }
                }
            }
            page.rows.push(row);
        }

        residents.write(tx, account).await?;
        page.write(tx, account, ticket, read_at, crawl).await?;
        if newest != head.newest {
            sqlx::query("UPDATE account SET newest = ?2 WHERE n = ?1")
                .bind(account.n)
                .bind(newest)
                .execute(&mut **tx)
                .await?;
        }
        Ok(Done {
            observed: page.observed.write(tx, account, read_at).await?,
            behind: head.behind(),
            applied: page.applied,
            forgotten,
        })
    }

    async fn stored(
        &self,
        tx: &mut Tx,
        account: AccountRef,
        tokens: &[TokenSnapshot],
    ) -> Result<HashMap<String, Stored>, StoreError> {
        let ids: Vec<&str> = tokens.iter().map(|token| token.remote_id.as_str()).collect();
        let sql = AssertSqlSafe(format!(
            "SELECT {STORED} FROM json_each(?1) j
             CROSS JOIN token t ON t.account = ?2 AND t.remote_id = j.value CROSS JOIN customer c ON c.n = t.customer
             LEFT JOIN particular q ON q.token = t.n"
        ));
        let rows = sqlx::query(sql)
            .bind(json(&ids)?)
            .bind(account.n)
            .fetch_all(&mut **tx)
            .await?;
        self.with_terms(|terms| {
            rows.iter()
                .map(|row| {
                    let stored = Stored::read(&mut Columns::of(row), terms)?;
                    Ok((stored.snapshot.remote_id.clone(), stored))
                })
                .collect()
        })
    }
}

impl Page {
    async fn write(
        &self,
        tx: &mut Tx,
        account: AccountRef,
        ticket: ReadTicket,
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<(), StoreError> {
        write_rows(tx, &self.rows, account, ticket, read_at).await?;
        self.particulars.write(tx).await?;
        if !self.touched.is_empty() {
            sqlx::query(
                "UPDATE token SET seq = ?2, read_at = ?3, crawl = ifnull(?4, crawl)
                 WHERE n IN (SELECT value FROM json_each(?1))",
            )
            .bind(json(&self.touched)?)
            .bind(ticket.0)
            .bind(read_at.timestamp_millis())
            .bind(crawl.map(|step| step.number))
            .execute(&mut **tx)
            .await?;
        }
        if let Some(step) = crawl.filter(|_| !self.seen.is_empty()) {
            sqlx::query("UPDATE token SET crawl = ?2 WHERE n IN (SELECT value FROM json_each(?1))")
                .bind(json(&self.seen)?)
                .bind(step.number)
                .execute(&mut **tx)
                .await?;
        }
        self.moves.write(tx, account.n).await?;
        if !self.old_refs.is_empty() || !self.new_refs.is_empty() {
            for (sql, refs) in [
                (
                    "DELETE FROM token_ref WHERE (env, text, n) IN (SELECT ?2, value->>0, value->>1 FROM json_each(?1))",
                    &self.old_refs,
                ),
                (
                    "INSERT INTO token_ref (env, text, n) SELECT ?2, value->>0, value->>1 FROM json_each(?1) WHERE true
                     ON CONFLICT DO NOTHING",
                    &self.new_refs,
                ),
            ] {
                sqlx::query(sql).bind(json(refs)?).bind(account.env.number()).execute(&mut **tx).await?;
            }
        }
        if !self.left.is_empty() {
            let mut people: Vec<i64> = self
                .left
                .iter()
                .map(|(_, person)| *person)
                .chain(self.joined.clone())
                .collect();
            people.sort_unstable();
            people.dedup();
            remove_empty(tx, account.env, &self.left).await?;
            names::recompute_people(tx, &people).await?;
        }
        Ok(())
    }
}

/// Each token once, in the newer of its two readings, with times as they are kept and text without NUL.
pub(super) fn plain_and_once(tokens: &[TokenSnapshot]) -> Vec<TokenSnapshot> {
    let mut at: HashMap<String, usize> = HashMap::with_capacity(tokens.len());
    let mut once: Vec<TokenSnapshot> = Vec::with_capacity(tokens.len());
    for token in tokens {
        let token = plain(token);
        match at.get(&token.remote_id) {
            Some(i) if once[*i].version <= token.version => once[*i] = token,
            Some(_) => {}
            None => {
                at.insert(token.remote_id.clone(), once.len());
                once.push(token);
            }
        }
    }
    once
}

fn plain(token: &TokenSnapshot) -> TokenSnapshot {
    let text = |text: &Option<String>| text.as_deref().map(|text| without_nul(text).into_owned());
    TokenSnapshot {
        remote_id: without_nul(&token.remote_id).into_owned(),
        version: token.version,
        state: match &token.state {
            TokenState::Unknown(raw) => TokenState::Unknown(without_nul(raw).into_owned()),
            known => known.clone(),
        },
        one_click: token.one_click,
        customer_id: text(&token.customer_id),
        email: text(&token.email),
        token_reference: text(&token.token_reference),
        external_id: text(&token.external_id),
        language: text(&token.language),
        time_zone: text(&token.time_zone),
        created_on: token.created_on.map(to_millis),
        planned_purge_on: token.planned_purge_on.map(to_millis),
        linked_space_id: token.linked_space_id,
        particulars: Particulars {
            record: text(&token.particulars.record),
            is_default: token.particulars.is_default,
            block_reason: text(&token.particulars.block_reason),
            keeps_reasons: token.particulars.keeps_reasons,
            verification: text(&token.particulars.verification),
            chargeable: token.particulars.chargeable,
            kind: text(&token.particulars.kind),
            active_mark: token.particulars.active_mark,
            metadata: BTreeMap::new(),
        },
    }
}

async fn forgotten(
    tx: &mut Tx,
    account: AccountRef,
    tokens: &[TokenSnapshot],
) -> Result<HashSet<String>, StoreError> {
    let ids: Vec<&str> = tokens.iter().map(|token| token.remote_id.as_str()).collect();
    let rows: Vec<String> = sqlx::query_scalar(
        "SELECT f.remote_id FROM json_each(?1) j CROSS JOIN forgotten f ON f.account = ?2 AND f.remote_id = j.value",
    )
    .bind(json(&ids)?)
    .bind(account.n)
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().collect())
}

/// A time as precise as it is kept.
pub(crate) fn to_millis(at: DateTime<Utc>) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at.timestamp_millis()).unwrap_or(at)
}

/// Words of a token that repeat.
pub(super) fn words(token: &TokenSnapshot) -> impl Iterator<Item = &str> {
    let own = [
        token.language.as_deref(),
        token.time_zone.as_deref(),
        unknown(&token.state),
    ];
    own.into_iter().flatten().chain(particulars::words(token))
}

fn unknown(state: &TokenState) -> Option<&str> {
    match state {
        TokenState::Unknown(raw) => Some(raw),
        _ => None,
    }
}

// Folded, where that is another text.
fn differing(text: Option<&str>) -> Option<String> {
    text.map(search_key)
        .filter(|folded| Some(folded.as_str()) != text)
}

fn refs(token: &TokenSnapshot) -> impl Iterator<Item = String> {
    [token.token_reference.as_deref(), token.external_id.as_deref()]
        .into_iter()
        .flatten()
        .map(search_key)
}

// Most rows are read again with the very same texts: then nothing has to be folded.
fn same_home(old: &TokenSnapshot, new: &TokenSnapshot, key: &CustomerKey) -> bool {
    (old.customer_id == new.customer_id && old.email == new.email) || CustomerKey::of(old) == *key
}

impl Store {
    /// Stores tokens as read under `ticket`, and where the full pass stands after them, in one transaction.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`]; [`StoreError::CrawlEnded`] when `crawl` is not the unfinished pass. Nothing was stored
    /// then.
    pub async fn put_tokens(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        tokens: &[TokenSnapshot],
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<Applied, StoreError> {
        let applied = self
            .inner
            .cache
            .read()
            .await
            .put_tokens(account, ticket, tokens, read_at, crawl)
            .await?;
        crate::crash::point(crate::crash::CrashPoint::SnapshotCommitted);
        self.tell_page(crawl.is_some()).await;
        Ok(applied)
    }

    /// A proven 404: the token is gone at the provider. The row stays and counts as deleted; where a deletion of ours led
    /// here, the ledger keeps a tombstone. Says whether a row was marked.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_gone(
        &self,
        token: TokenId,
        ticket: ReadTicket,
        at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let marked = self.inner.cache.read().await.mark_gone(token, ticket, at).await?;
        if marked {
            self.tell_page(false).await;
            self.inner.ledger.bury(token, at).await?;
        }
        Ok(marked)
    }

    /// Whether a deletion of ours was confirmed by the token being gone.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn has_tombstone(&self, token: TokenId) -> Result<bool, StoreError> {
        Ok(self.inner.ledger.is_buried(token).await?)
    }
}

/// What lies over tokens, by the provider's id.
pub(crate) type Overlays = HashMap<String, Overlay>;
