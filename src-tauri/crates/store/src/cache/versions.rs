//! The snapshot door for token versions: card facts and the holder's name come from the active one.

use super::CacheDb;
use super::accounts::AccountRef;
use super::door::to_millis;
use super::head::{Head, Progress, advance};
use super::names::{self, Named};
use super::observed::Observations;
use super::rows::Columns;
use super::text::without_nul;
use super::version_owners::{Face, Known, owners};
use super::version_rows::{CardRow, VersionRow, end_versions, version_row, write_cards, write_versions};
use crate::sqlite::Tx;
use crate::{Applied, CrawlStep, Difference, ReadTicket, Store, StoreError};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use tokendesk_model::{AccountId, CardFacts, CardKnowledge, TokenId, VersionSnapshot, VersionState};

/// What a page of versions is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Versions as they come, in any order, of a full pass.
    Pass,
    /// Versions as they come.
    Some,
    /// Those in use: whatever else was in use is not any more.
    InUse,
}

impl CacheDb {
    async fn put_versions(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        versions: &[VersionSnapshot],
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<Applied, StoreError> {
        let account = self.account_ref(account)?;
        let versions = plain(versions);
        self.learn_terms(words(&versions)).await?;
        let versions: Vec<&VersionSnapshot> = versions.iter().collect();
        let mut tx = self.db.writer.begin().await?;
        let shown = if crawl.is_some() { Shown::Pass } else { Shown::Some };
        let (applied, observed) = self
            .put_versions_in(&mut tx, account, ticket, &versions, read_at, shown)
            .await?;
        let progress = Progress {
            versions: versions.len(),
            ..Progress::default()
        };
        advance(&mut tx, account, ticket, crawl, progress).await?;
        let behind = self.behind(&mut tx, account).await?;
        tx.commit().await?;
        self.note_observed(observed);
        self.index_if_behind(account, behind, crawl.is_some()).await?;
        Ok(applied)
    }

    /// Stores versions, whose words are known, inside a transaction. Says how many differences they showed, too.
    pub(super) async fn put_versions_in(
        &self,
        tx: &mut Tx,
        account: AccountRef,
        ticket: ReadTicket,
        versions: &[&VersionSnapshot],
        read_at: DateTime<Utc>,
        shown: Shown,
    ) -> Result<(Applied, i64), StoreError> {
        let mut owners = owners(tx, account, versions).await?;

        let mut applied = Applied::default();
        let mut rows: Vec<VersionRow<'_>> = Vec::with_capacity(versions.len());
        let mut ended: Vec<(i64, String)> = Vec::new();
        let mut unknown: HashSet<&str> = HashSet::new();
        let mut customers: HashMap<i64, Named> = HashMap::new();
        let mut people: HashMap<i64, Named> = HashMap::new();
        for version in versions {
            applied.production_seen |= version.production == Some(true);
            let Some(owner) = owners.get_mut(&version.token_remote_id) else {
                if unknown.insert(&version.token_remote_id) {
                    applied.unknown_tokens.push(version.token_remote_id.clone());
                }
                continue;
            };
            let known = owner.versions.get(&version.remote_id);
            if owner.seq > ticket.0 || known.is_some_and(|known| known.version > version.version) {
                applied.stale += 1;
                continue;
            }
            match known {
                None => applied.new += 1,
                Some(known) if known.version == version.version => applied.same += 1,
                Some(_) => applied.changed += 1,
            }
            let brand = self.with_terms(|terms| {
                version
                    .card
                    .brand
                    .as_ref()
                    .map(|brand| terms.number(brand.as_str()))
                    .transpose()
            })?;
            let row = version_row(owner.n, version, brand);
            owner.read = true;
            let familiar = known.is_some();
            if shown == Shown::InUse {
                for (id, other) in &mut owner.versions {
                    if other.active && *id != version.remote_id {
                        other.active = false;
                        ended.push((owner.n, id.clone()));
                    }
                }
            }
            owner
                .versions
                .insert(version.remote_id.clone(), Known::of(&row, familiar));
            if version.state == VersionState::Active
                && let Some(holder) = version
                    .holder
                    .as_deref()
                    .map(str::trim)
                    .filter(|name| !name.is_empty())
            {
                let named = Named {
                    at: row.11.unwrap_or_default(),
                    name: holder.to_owned(),
                };
                latest(&mut customers, owner.customer, &named);
                latest(&mut people, owner.person, &named);
            }
            rows.push(row);
        }

        if !rows.is_empty() {
            write_versions(tx, &rows).await?;
            end_versions(tx, &ended).await?;
            let cards: Vec<CardRow<'_>> = owners
                .values()
                .filter(|owner| owner.read)
                .map(|owner| owner.card_row())
                .collect();
            write_cards(tx, &cards, ticket, read_at).await?;
            names::learn(tx, &customers, &people).await?;
        }
        let mut observed = Observations::default();
        for (remote_id, owner) in owners.iter().filter(|(_, owner)| owner.read) {
            let difference = self.with_terms(|terms| owner.difference(terms, shown == Shown::Pass))?;
            if let Some(difference) = difference {
                observed.add(account.id.token(remote_id), difference);
            }
        }
        let observed = observed.write(tx, account, read_at).await?;
        Ok((applied, observed))
    }

    async fn put_no_active_version(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        token: TokenId,
        read_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let account = self.account_ref(account)?;
        let mut tx = self.db.writer.begin().await?;
        let Some(found) = self.find_token(&mut tx, token).await? else {
            return Ok(false);
        };
        let Some(observed) = self
            .put_none(&mut tx, account, ticket, (found.n, token), read_at)
            .await?
        else {
            return Ok(false);
        };
        advance(&mut tx, account, ticket, None, Progress::default()).await?;
        tx.commit().await?;
        self.note_observed(observed);
        Ok(true)
    }

    /// The same for the token with this provider's id, inside a transaction. Says how many differences it showed.
    pub(super) async fn put_none_in_use(
        &self,
        tx: &mut Tx,
        account: AccountRef,
        ticket: ReadTicket,
        remote_id: &str,
        read_at: DateTime<Utc>,
    ) -> Result<i64, StoreError> {
        let remote_id = without_nul(remote_id);
        let n: Option<i64> = sqlx::query_scalar("SELECT n FROM token WHERE account = ?1 AND remote_id = ?2")
            .bind(account.n)
            .bind(remote_id.as_ref())
            .fetch_optional(&mut **tx)
            .await?;
        let Some(n) = n else { return Ok(0) };
        let token = (n, account.id.token(&remote_id));
        let observed = self.put_none(tx, account, ticket, token, read_at).await?;
        Ok(observed.unwrap_or_default())
    }

    // `None`: something newer is stored.
    async fn put_none(
        &self,
        tx: &mut Tx,
        account: AccountRef,
        ticket: ReadTicket,
        (n, token): (i64, TokenId),
        read_at: DateTime<Utc>,
    ) -> Result<Option<i64>, StoreError> {
        let row = sqlx::query("SELECT active, brand, last4, exp, versions_read_at FROM token WHERE n = ?1")
            .bind(n)
            .fetch_one(&mut **tx)
            .await?;
        let shown = Face::read(&mut Columns::of(&row))?;
        let done = sqlx::query(
            "UPDATE token SET knowledge = ?3, brand = NULL, last4 = NULL, exp = NULL, active = NULL,
                              versions_seq = ?2, versions_read_at = ?4
             WHERE n = ?1 AND ifnull(versions_seq, 0) <= ?2",
        )
        .bind(n)
        .bind(ticket.0)
        .bind(CardKnowledge::NoActiveVersion.number())
        .bind(read_at.timestamp_millis())
        .execute(&mut **tx)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        // What was the active version is none any more; when it ended will be read with its next page.
        sqlx::query("UPDATE token_version SET state = ?2 WHERE token = ?1 AND state = ?3")
            .bind(n)
            .bind(VersionState::Obsolete.number())
            .bind(VersionState::Active.number())
            .execute(&mut **tx)
            .await?;
        let mut observed = Observations::default();
        if shown.active.is_some() {
            let was = self.with_terms(|terms| shown.facts(terms))?;
            observed.add(token, Difference::DetailsEnded { was });
        }
        Ok(Some(observed.write(tx, account, read_at).await?))
    }

    /// How far the search index is behind what a transaction has written.
    pub(super) async fn behind(&self, tx: &mut Tx, account: AccountRef) -> Result<i64, StoreError> {
        Ok(Head::read(tx, account).await?.behind())
    }
}

fn latest(names: &mut HashMap<i64, Named>, n: i64, named: &Named) {
    let entry = names.entry(n).or_insert_with(|| named.clone());
    if named.at >= entry.at {
        *entry = named.clone();
    }
}

/// Versions as they are kept.
pub(super) fn plain(versions: &[VersionSnapshot]) -> Vec<VersionSnapshot> {
    versions.iter().map(plain_one).collect()
}

/// Words of theirs that repeat.
pub(super) fn words(versions: &[VersionSnapshot]) -> impl Iterator<Item = &str> {
    versions
        .iter()
        .filter_map(|version| version.card.brand.as_ref().map(|brand| brand.as_str()))
}

fn plain_one(version: &VersionSnapshot) -> VersionSnapshot {
    let text = |text: &Option<String>| text.as_deref().map(|text| without_nul(text).into_owned());
    VersionSnapshot {
        remote_id: without_nul(&version.remote_id).into_owned(),
        token_remote_id: without_nul(&version.token_remote_id).into_owned(),
        version: version.version,
        state: version.state,
        card: CardFacts {
            brand: version.card.brand.clone(),
            last4: text(&version.card.last4),
            expiry: version.card.expiry,
        },
        name: text(&version.name),
        holder: text(&version.holder),
        production: version.production,
        created_on: version.created_on.map(to_millis),
        activated_on: version.activated_on.map(to_millis),
        obsoleted_on: version.obsoleted_on.map(to_millis),
        expires_on: version.expires_on.map(to_millis),
    }
}

impl Store {
    /// Stores token versions as read under `ticket`, and where the full pass stands after them, in one transaction.
    /// Versions of tokens that were not read yet are left out and named in the answer.
    ///
    /// # Errors
    /// As for [`Store::put_tokens`].
    pub async fn put_versions(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        versions: &[VersionSnapshot],
        read_at: DateTime<Utc>,
        crawl: Option<&CrawlStep>,
    ) -> Result<Applied, StoreError> {
        let applied = self
            .inner
            .cache
            .read()
            .await
            .put_versions(account, ticket, versions, read_at, crawl)
            .await?;
        self.tell_page(crawl.is_some()).await;
        Ok(applied)
    }

    /// Stores that a read of the token's active version found none. Says whether it was news enough to be stored.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_no_active_version(
        &self,
        account: AccountId,
        ticket: ReadTicket,
        token: TokenId,
        read_at: DateTime<Utc>,
    ) -> Result<bool, StoreError> {
        let news = self
            .inner
            .cache
            .read()
            .await
            .put_no_active_version(account, ticket, token, read_at)
            .await?;
        self.tell_page(false).await;
        Ok(news)
    }
}
