//! Cards: one, a person's, and all of an environment.

use super::cursor::{Cursor, question};
use super::find::Count;
use super::people::person_key;
use super::rows::{Columns, NO_DATE, Stored};
use super::{CacheDb, damaged};
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};
use tokendesk_model::{
    AccountId, Brand, CardFacts, CardKnowledge, CustomerId, Environment, Expiry, PersonKey, SearchQuery,
    TokenId, TokenSnapshot, TokenState, VersionSnapshot, VersionState,
};

/// One saved card as screens show it.
#[derive(Clone, PartialEq, Eq)]
pub struct CardRow {
    /// Ours; stable over a rebuild.
    pub id: TokenId,
    /// Account.
    pub account: AccountId,
    /// Environment.
    pub env: Environment,
    /// The provider's id.
    pub remote_id: String,
    /// Its customer record.
    pub customer: CustomerId,
    /// Its person.
    pub person: PersonKey,
    /// The person's email.
    pub person_email: Option<String>,
    /// The person's name.
    pub person_name: Option<String>,
    /// What the provider last said.
    pub snapshot: TokenSnapshot,
    /// What screens show.
    pub effective_state: TokenState,
    /// What screens show.
    pub effective_one_click: Option<bool>,
    /// From the active version.
    pub card: CardFacts,
    /// How much is known of it.
    pub knowledge: CardKnowledge,
    /// The provider's id of the active version.
    pub active_version: Option<String>,
    /// When the provider turns the active version obsolete.
    pub version_expires_on: Option<DateTime<Utc>>,
    /// Whether the active version is a production one.
    pub production: Option<bool>,
    /// When the token was last read.
    pub read_at: DateTime<Utc>,
    /// When its versions were last read.
    pub versions_read_at: Option<DateTime<Utc>>,
    /// When the provider answered that it no longer has it.
    pub gone_at: Option<DateTime<Utc>>,
}

/// One version of a token.
#[derive(Clone, PartialEq, Eq)]
pub struct VersionRow {
    /// What the provider last said.
    pub snapshot: VersionSnapshot,
    /// When it was read.
    pub read_at: DateTime<Utc>,
    /// Whether the card facts of the token are this version's.
    pub in_use: bool,
}

/// A page of cards.
#[derive(Clone, PartialEq, Eq)]
pub struct CardsPage {
    /// Cards.
    pub items: Vec<CardRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// Cards in all.
    pub total: Count,
}

/// What `CacheDb::card_row` expects, with the tables it comes from: `t`, `c`, `p`, the active version `v` and the
/// particulars `q`.
pub(crate) const CARD: &str = "t.n, t.account, t.remote_id, t.customer, t.person, t.version, t.state, t.raw_state, \
     t.one_click, t.own_customer_id, c.customer_id, t.own_email, c.email, t.token_reference, t.external_id, \
     t.language, t.time_zone, t.created_on, t.purge_on, t.space, t.seq, t.read_at, t.eff_state, t.eff_one_click, \
     t.gone_at, t.crawl, \
     q.own_record, q.is_default, q.keeps_reasons, q.block_reason, q.verification, q.kind, q.chargeable, q.active_mark, \
     t.knowledge, t.brand, t.last4, t.exp, t.active, v.expires_on, v.production, t.versions_read_at, \
     p.email_search, p.email_key, p.email, p.name \
     FROM token t CROSS JOIN customer c ON c.n = t.customer CROSS JOIN person p ON p.n = t.person \
     LEFT JOIN token_version v ON v.token = t.n AND v.remote_id = t.active \
     LEFT JOIN particular q ON q.token = t.n";

/// A card's place in a list by age: its number, and when it was made.
pub(crate) fn place(row: &SqliteRow) -> Result<(i64, i64), StoreError> {
    Ok((row.try_get(0)?, row.try_get(17)?))
}

/// Reads a stored brand.
pub(crate) fn brand(text: String) -> Brand {
    Brand::KNOWN
        .into_iter()
        .find(|brand| brand.as_str() == text)
        .unwrap_or(Brand::Other(text))
}

/// Reads a stored month.
pub(crate) fn expiry(months: Option<i64>) -> Result<Option<Expiry>, StoreError> {
    months
        .map(|months| i32::try_from(months).map(Expiry).map_err(|_| damaged()))
        .transpose()
}

impl CacheDb {
    /// Reads a row of [`CARD`].
    pub fn card_row(&self, row: &SqliteRow) -> Result<CardRow, StoreError> {
        let mut columns = Columns::of(row);
        self.with_terms(|terms| {
            let stored = Stored::read(&mut columns, terms)?;
            let account = self.account_numbered(stored.account)?;
            let raw = match &stored.snapshot.state {
                TokenState::Unknown(raw) => Some(raw.clone()),
                _ => None,
            };
            let customer = account.id.customer(&stored.snapshot.customer_key());
            let knowledge = CardKnowledge::from_number(columns.next()?);
            let card = CardFacts {
                brand: terms.maybe_text(columns.next()?)?.map(brand),
                last4: columns.next()?,
                expiry: expiry(columns.next()?)?,
            };
            let active_version = columns.next()?;
            let version_expires_on = columns.next_time()?;
            let production = columns.next_bool()?;
            let versions_read_at = columns.next_time()?;
            let (search, key, email): (Option<String>, Option<String>, Option<String>) =
                (columns.next()?, columns.next()?, columns.next()?);
            Ok(CardRow {
                id: account.id.token(&stored.snapshot.remote_id),
                account: account.id,
                env: account.env,
                remote_id: stored.snapshot.remote_id.clone(),
                customer,
                person: person_key(search.as_deref(), key.as_deref(), || Ok(customer))?,
                person_email: email.or(search),
                person_name: columns.next()?,
                effective_state: TokenState::from_number(stored.eff_state, raw.as_deref()),
                effective_one_click: stored.eff_one_click,
                card,
                knowledge,
                active_version,
                version_expires_on,
                production,
                read_at: super::rows::time(stored.read_at)?,
                versions_read_at,
                gone_at: stored.gone_at.map(super::rows::time).transpose()?,
                snapshot: stored.snapshot,
            })
        })
    }

    async fn card(&self, id: TokenId) -> Result<Option<CardRow>, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let Some(found) = self.find_token(&mut tx, id).await? else {
            return Ok(None);
        };
        let row = sqlx::query(AssertSqlSafe(format!("SELECT {CARD} WHERE t.n = ?1")))
            .bind(found.n)
            .fetch_one(&mut *tx)
            .await?;
        Ok(Some(self.card_row(&row)?))
    }

    async fn card_versions(&self, id: TokenId) -> Result<Vec<VersionRow>, StoreError> {
        let mut tx = self.db.reader.begin().await?;
        let Some(found) = self.find_token(&mut tx, id).await? else {
            return Ok(Vec::new());
        };
        let rows = sqlx::query(
            "SELECT v.remote_id, v.version, v.state, v.brand, v.last4, v.exp, v.name, v.holder, v.production,
                    v.created_on, v.activated_on, v.obsoleted_on, v.expires_on,
                    ifnull(t.versions_read_at, t.read_at), v.remote_id IS t.active
             FROM token_version v CROSS JOIN token t ON t.n = v.token WHERE v.token = ?1
             ORDER BY v.created_on DESC, length(v.remote_id) DESC, v.remote_id DESC",
        )
        .bind(found.n)
        .fetch_all(&mut *tx)
        .await?;
        self.with_terms(|terms| {
            rows.iter()
                .map(|row| {
                    let mut columns = Columns::of(row);
                    let snapshot = VersionSnapshot {
                        remote_id: columns.next()?,
                        token_remote_id: found.remote_id.clone(),
                        version: columns.next()?,
                        state: VersionState::from_number(columns.next()?),
                        card: CardFacts {
                            brand: terms.maybe_text(columns.next()?)?.map(brand),
                            last4: columns.next()?,
                            expiry: expiry(columns.next()?)?,
                        },
                        name: columns.next()?,
                        holder: columns.next()?,
                        production: columns.next_bool()?,
                        created_on: columns.next_time()?,
                        activated_on: columns.next_time()?,
                        obsoleted_on: columns.next_time()?,
                        expires_on: columns.next_time()?,
                    };
                    let read_at = super::rows::time(columns.next()?)?;
                    Ok(VersionRow {
                        snapshot,
                        read_at,
                        in_use: columns.next::<i64>()? != 0,
                    })
                })
                .collect()
        })
    }

    async fn person_cards(
        &self,
        env: Environment,
        key: &PersonKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<CardsPage, StoreError> {
        let limit = limit.clamp(1, 1_000) as usize;
        let asked = question("person", &format!("{env}{key:?}"), &SearchQuery::default());
        let cursor = Cursor::read(after, asked, 3)?;
        let mut tx = self.db.reader.begin().await?;
        let Some(person) = self.find_person(&mut tx, env, key).await? else {
            return match cursor {
                Some(_) => Err(StoreError::BadCursor),
                None => Ok(CardsPage {
                    items: Vec::new(),
                    next: None,
                    total: Count::all(0),
                }),
            };
        };
        let from = match &cursor {
            Some(_) => " AND (t.customer > ?2 OR (t.customer = ?2 AND (t.created_on, t.n) < (?3, ?4)))",
            None => "",
        };
        let sql = format!(
            "SELECT {CARD} WHERE t.person = ?1{from} ORDER BY t.customer, t.created_on DESC, t.n DESC LIMIT ?5"
        );
        let at = cursor.map_or_else(|| vec![0, NO_DATE, 0], |cursor| cursor.at);
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(person)
            .bind(at[0])
            .bind(at[1])
            .bind(at[2])
            .bind(i64::try_from(limit + 1).unwrap_or(i64::MAX))
            .fetch_all(&mut *tx)
            .await?;
        let total: i64 = sqlx::query_scalar("SELECT count(*) FROM token WHERE person = ?1")
            .bind(person)
            .fetch_one(&mut *tx)
            .await?;
        let items = rows
            .iter()
            .take(limit)
            .map(|row| self.card_row(row))
            .collect::<Result<Vec<_>, _>>()?;
        let next = match rows.get(limit - 1).filter(|_| rows.len() > limit) {
            Some(last) => {
                let (n, made) = place(last)?;
                Some(
                    Cursor {
                        question: asked,
                        at: vec![last.try_get(3)?, made, n],
                    }
                    .write(),
                )
            }
            None => None,
        };
        Ok(CardsPage {
            items,
            next,
            total: Count::all(usize::try_from(total).unwrap_or(usize::MAX)),
        })
    }
}

impl Store {
    /// One card.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn card(&self, id: TokenId) -> Result<Option<CardRow>, StoreError> {
        self.inner.cache.read().await.card(id).await
    }

    /// The versions of a card, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn card_versions(&self, id: TokenId) -> Result<Vec<VersionRow>, StoreError> {
        self.inner.cache.read().await.card_versions(id).await
    }

    /// A person's cards by customer record, newest first. `limit` is 1 to 1,000.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`].
    pub async fn person_cards(
        &self,
        env: Environment,
        key: &PersonKey,
        after: Option<&str>,
        limit: u32,
    ) -> Result<CardsPage, StoreError> {
        self.inner
            .cache
            .read()
            .await
            .person_cards(env, key, after, limit)
            .await
    }

    /// Cards of an environment or of one account of it, newest first. `limit` is 1 to 1,000. A count of a search that many
    /// cards meet is a lower bound.
    ///
    /// # Errors
    /// [`StoreError::BadCursor`] when `after` is not from the same question.
    pub async fn cards(
        &self,
        env: Environment,
        account: Option<AccountId>,
        query: &SearchQuery,
        after: Option<&str>,
        limit: u32,
    ) -> Result<CardsPage, StoreError> {
        self.inner
            .cache
            .read()
            .await
            .find_cards(env, account, query, after, limit)
            .await
    }
}
