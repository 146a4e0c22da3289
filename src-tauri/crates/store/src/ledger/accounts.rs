//! Accounts and what each has taught.

use super::change_rows::to_millis;
use super::lanes::{LaneRows, Told};
use super::log::append;
use super::{Fault, LedgerDb, damaged, id, time};
use crate::sqlite::Tx;
use crate::{Store, StoreError};
use chrono::{DateTime, Utc};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use tokendesk_model::account::BUILT_IN_DEMO;
use tokendesk_model::{Account, AccountId, ChangeId, Environment, Lesson, Origin, ProviderKind, TokenId};

const COLUMNS: &str = "SELECT id, provider, label, environment, origin, scope, user, created_at, paused, connector, read_only FROM account";

fn read(row: &SqliteRow) -> Result<Account, Fault> {
    let origin: String = row.try_get(4)?;
    Ok(Account {
        id: AccountId::from_bytes(id(row.try_get(0)?)?),
        provider: row.try_get::<String, _>(1)?.parse().map_err(|()| damaged())?,
        label: row.try_get(2)?,
        environment: Environment::from_number(row.try_get(3)?).ok_or_else(damaged)?,
        origin: match origin.as_str() {
            BUILT_IN_DEMO => None,
            text => Some(Origin::parse(text).map_err(|_| damaged())?),
        },
        scope: row.try_get(5)?,
        user: row.try_get(6)?,
        created_at: time(row.try_get(7)?)?,
        paused: row.try_get(8)?,
        connector: row.try_get(9)?,
        read_only: row.try_get(10)?,
    })
}

// Only wallee has a field that is attempted and learnt about; what the others offer they do.
fn first_lesson(provider: ProviderKind) -> Lesson {
    if provider == ProviderKind::Wallee {
        Lesson::Untried
    } else {
        Lesson::Accepts
    }
}

// Gives up every open change of an account, each with its row in the log, and says of which cards. What is on its way cannot
// be given up, and stays open.
async fn discard_changes(
    tx: &mut Tx,
    account: AccountId,
    actor: &str,
    now: DateTime<Utc>,
) -> Result<Vec<TokenId>, Fault> {
    let rows = sqlx::query(
        "SELECT DISTINCT c.token FROM change c
         WHERE c.account = ?1 AND c.status IN ('held', 'waiting', 'conflict', 'stuck')",
    )
    .bind(account.bytes().to_vec())
    .fetch_all(&mut **tx)
    .await?;
    let tokens = rows
        .iter()
        .map(|row| Ok(TokenId::from_bytes(id(row.try_get(0)?)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    for token in tokens.iter().copied() {
        let mut rows = LaneRows::of_token(tx, token, None).await?;
        let open: Vec<ChangeId> = rows
            .lane
            .rows()
            .iter()
            .filter(|row| row.status.is_open())
            .map(|row| row.id)
            .collect();
        let mut given_up = Vec::with_capacity(open.len());
        for change in open {
            if rows.lane.discard(change, now).is_ok() {
                given_up.push(change);
            }
        }
        rows.write(tx, None, None).await?;
        for change in given_up.iter().filter_map(|id| rows.lane.get(*id)) {
            append(tx, &Told::by(actor, "change.discarded").entry(change, now)).await?;
        }
    }
    Ok(tokens)
}

impl LedgerDb {
    pub async fn accounts(&self) -> Result<Vec<Account>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} ORDER BY n"));
        sqlx::query(sql)
            .fetch_all(&mut *tx)
            .await?
            .iter()
            .map(read)
            .collect()
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let sql = sqlx::AssertSqlSafe(format!("{COLUMNS} WHERE id = ?1"));
        sqlx::query(sql)
            .bind(id.bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?
            .as_ref()
            .map(read)
            .transpose()
    }

    async fn insert_account(&self, account: &Account) -> Result<(), Fault> {
        let origin = account
            .origin
            .as_ref()
            .map_or_else(|| BUILT_IN_DEMO.to_owned(), ToString::to_string);
        let mut tx = self.0.writer.begin().await?;
        let known: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT id FROM account WHERE provider = ?1 AND origin = ?2 AND scope = ?3")
                .bind(account.provider.as_str())
                .bind(&origin)
                .bind(account.scope.trim())
                .fetch_optional(&mut *tx)
                .await?;
        if let Some(known) = known {
            return Err(StoreError::SameAccount(AccountId::from_bytes(id(&known)?)).into());
        }
        sqlx::query(
            "INSERT INTO account (id, provider, label, environment, origin, scope, user, created_at, paused, connector,
                                  read_only, lesson)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )
        .bind(account.id.bytes().to_vec())
        .bind(account.provider.as_str())
        .bind(&account.label)
        .bind(account.environment.number())
        .bind(&origin)
        .bind(account.scope.trim())
        .bind(&account.user)
        .bind(account.created_at.timestamp_millis())
        .bind(&account.paused)
        .bind(&account.connector)
        .bind(account.read_only)
        .bind(first_lesson(account.provider).as_str())
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn set_paused(&self, id: AccountId, reason: Option<&str>) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query("UPDATE account SET paused = ?2 WHERE id = ?1")
            .bind(id.bytes().to_vec())
            .bind(reason)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn set_read_only(&self, id: AccountId, read_only: bool) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query("UPDATE account SET read_only = ?2 WHERE id = ?1")
            .bind(id.bytes().to_vec())
            .bind(read_only)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(())
    }

    // Says of which cards changes were given up.
    async fn remove_account(
        &self,
        id: AccountId,
        discard: bool,
        actor: &str,
        now: DateTime<Utc>,
    ) -> Result<Vec<TokenId>, Fault> {
        let mut tx = self.0.writer.begin().await?;
        let given_up = if discard {
            discard_changes(&mut tx, id, actor, now).await?
        } else {
            Vec::new()
        };
        let id = id.bytes().to_vec();
        let open: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM change WHERE account = ?1 AND status IN ('held', 'waiting', 'sending', 'conflict', 'stuck')",
        )
        .bind(&id)
        .fetch_one(&mut *tx)
        .await?;
        if open > 0 {
            return Err(StoreError::OpenChanges(u32::try_from(open).unwrap_or(u32::MAX)).into());
        }
        for sql in [
            "DELETE FROM mark WHERE account = ?1",
            "DELETE FROM timeline WHERE account = ?1",
            "DELETE FROM directory_token WHERE account = ?1",
            "DELETE FROM directory WHERE account = ?1",
            "DELETE FROM tombstone WHERE account = ?1 AND imported = 1",
            "DELETE FROM single_use WHERE account = ?1",
            "DELETE FROM flow_run WHERE account = ?1",
        ] {
            sqlx::query(sql).bind(&id).execute(&mut *tx).await?;
        }
        let done = sqlx::query("DELETE FROM account WHERE id = ?1")
            .bind(&id)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(given_up)
    }

    async fn set_user(&self, id: AccountId, user: &str) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query("UPDATE account SET user = ?2 WHERE id = ?1")
            .bind(id.bytes().to_vec())
            .bind(user)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(())
    }

    async fn lesson(&self, id: AccountId) -> Result<Option<Lesson>, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let word: Option<String> = sqlx::query_scalar("SELECT lesson FROM account WHERE id = ?1")
            .bind(id.bytes().to_vec())
            .fetch_optional(&mut *tx)
            .await?;
        Ok(word.map(|word| Lesson::from_word(&word)))
    }

    async fn set_lesson(&self, id: AccountId, lesson: Lesson, at: DateTime<Utc>) -> Result<(), Fault> {
        let mut tx = self.0.writer.begin().await?;
        let done = sqlx::query("UPDATE account SET lesson = ?2, lesson_at = ?3 WHERE id = ?1")
            .bind(id.bytes().to_vec())
            .bind(lesson.as_str())
            .bind(at.timestamp_millis())
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Err(StoreError::NoSuchAccount.into());
        }
        tx.commit().await?;
        Ok(())
    }
}

/// What the ledger keeps about an account beside its changes and its directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct KeptOf {
    /// Marks of this desk on its cards; they go with it.
    pub marks: u64,
    /// Rows of the log; they stay.
    pub log_rows: u64,
}

impl LedgerDb {
    async fn kept_of(&self, id: AccountId) -> Result<KeptOf, Fault> {
        let mut tx = self.0.reader.begin().await?;
        let mut count = async |sql: &'static str| -> Result<u64, Fault> {
            let n: i64 = sqlx::query_scalar(sql)
                .bind(id.bytes().to_vec())
                .fetch_one(&mut *tx)
                .await?;
            Ok(n.unsigned_abs())
        };
        Ok(KeptOf {
            marks: count("SELECT count(*) FROM mark WHERE account = ?1").await?,
            log_rows: count("SELECT count(*) FROM log WHERE account = ?1").await?,
        })
    }
}

impl Store {
    /// What the ledger keeps about an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn kept_of(&self, id: AccountId) -> Result<KeptOf, StoreError> {
        Ok(self.inner.ledger.kept_of(id).await?)
    }

    /// Every account, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        Ok(self.inner.ledger.accounts().await?)
    }

    /// One account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn account(&self, id: AccountId) -> Result<Option<Account>, StoreError> {
        Ok(self.inner.ledger.account(id).await?)
    }

    /// Adds an account. One scope at one origin of one provider is one account, whatever the environment. Only wallee has
    /// something left to learn: every other account begins with [`Lesson::Accepts`].
    ///
    /// # Errors
    /// [`StoreError::SameAccount`] when it is connected already.
    pub async fn insert_account(&self, account: &Account) -> Result<(), StoreError> {
        self.inner.ledger.insert_account(account).await?;
        self.inner
            .cache
            .read()
            .await
            .add_account(account.id, account.environment)
            .await
    }

    /// Pauses an account with the reason shown to people, or lets it go on with `None`.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn set_paused(&self, id: AccountId, reason: Option<&str>) -> Result<(), StoreError> {
        Ok(self.inner.ledger.set_paused(id, reason).await?)
    }

    /// Makes an account one through which nothing is written, or lets it write again. What waits meanwhile is not sent.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn set_read_only(&self, id: AccountId, read_only: bool) -> Result<(), StoreError> {
        Ok(self.inner.ledger.set_read_only(id, read_only).await?)
    }

    /// Notes that an account is signed in to by another application user now. Whether it rests stays as it is.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn set_user(&self, id: AccountId, user: &str) -> Result<(), StoreError> {
        Ok(self.inner.ledger.set_user(id, user).await?)
    }

    /// Removes an account, its cached rows, and people who have no customer left; its directory, single-use tokens and runs of
    /// flows too. Its ended changes, its log rows and its verifications stay. With `discard` open changes are given up first,
    /// each with its row in the log, all in one transaction.
    ///
    /// # Errors
    /// [`StoreError::OpenChanges`] when a change of it is open, with `discard` one that is on its way: nothing was removed
    /// then. [`StoreError::NoSuchAccount`].
    pub async fn remove_account(
        &self,
        id: AccountId,
        discard: bool,
        actor: &str,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let now = to_millis(now);
        let given_up = self.inner.ledger.remove_account(id, discard, actor, now).await?;
        if !given_up.is_empty() {
            self.show_overlays(&given_up).await;
        }
        self.inner.cache.read().await.remove_account(id).await
    }

    /// What the account has taught about the attempted field.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn lesson(&self, id: AccountId) -> Result<Lesson, StoreError> {
        self.inner
            .ledger
            .lesson(id)
            .await?
            .ok_or(StoreError::NoSuchAccount)
    }

    /// Keeps a lesson, and shows or hides the open state changes of that account accordingly.
    ///
    /// # Errors
    /// [`StoreError::NoSuchAccount`].
    pub async fn set_lesson(
        &self,
        id: AccountId,
        lesson: Lesson,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.inner.ledger.set_lesson(id, lesson, at).await?;
        let tokens = self.inner.ledger.tokens_with_open_changes(Some(id)).await?;
        self.show_overlays(&tokens).await;
        Ok(())
    }
}
