//! Filling the indexes that lag: substring search, our ids, references. A lot at a time, because row by row costs a page
//! each; until then the youngest rows are looked through one by one, so nothing is ever missed.

use super::CacheDb;
use super::accounts::AccountRef;
use super::head::people_range;
use crate::StoreError;
use crate::sqlite::Tx;
use tokendesk_model::Environment;

/// How far the index may be behind while a full pass fills the cache.
pub(crate) const FILLING: i64 = 25_000;
/// How far at any other time.
pub(crate) const RESTING: i64 = 500;

impl CacheDb {
    /// Brings every index of the account's environment up to date, if it is too far behind.
    pub async fn index_if_behind(
        &self,
        account: AccountRef,
        behind: i64,
        filling: bool,
    ) -> Result<(), StoreError> {
        if behind < if filling { FILLING } else { RESTING } {
            return Ok(());
        }
        let mut tx = self.db.writer.begin().await?;
        catch_up(&mut tx, account.env).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Brings the indexes of cards, and of people of `env`, up to date.
pub(crate) async fn catch_up(tx: &mut Tx, env: Environment) -> Result<(), StoreError> {
    for sql in [
        "INSERT INTO token_by_id (id48, n)
         SELECT id48, n FROM token WHERE n > (SELECT value FROM meta WHERE key = 'cards_indexed') ORDER BY 1, 2",
        "INSERT INTO token_ref (env, text, n)
         SELECT a.env, coalesce(t.ref_search, t.token_reference), t.n
         FROM token t CROSS JOIN account a ON a.n = t.account
         WHERE t.n > (SELECT value FROM meta WHERE key = 'cards_indexed') AND t.token_reference IS NOT NULL
         UNION
         SELECT a.env, coalesce(t.ext_search, t.external_id), t.n
         FROM token t CROSS JOIN account a ON a.n = t.account
         WHERE t.n > (SELECT value FROM meta WHERE key = 'cards_indexed') AND t.external_id IS NOT NULL
         UNION
         SELECT a.env, t.remote_search, t.n
         FROM token t CROSS JOIN account a ON a.n = t.account
         WHERE t.n > (SELECT value FROM meta WHERE key = 'cards_indexed') AND t.remote_search IS NOT NULL
         ORDER BY 1, 2, 3",
        "UPDATE meta SET value = max(value, ifnull((SELECT max(n) FROM token), 0)) WHERE key = 'cards_indexed'",
        "INSERT INTO customer_ref (account, text, n)
         SELECT account, coalesce(id_search, customer_id), n FROM customer
         WHERE n > (SELECT value FROM meta WHERE key = 'customers_indexed') AND customer_id IS NOT NULL ORDER BY 1, 2, 3",
        "UPDATE meta SET value = max(value, ifnull((SELECT max(n) FROM customer), 0)) WHERE key = 'customers_indexed'",
        "INSERT INTO person_name (rowid, name_search)
         SELECT p.n, p.name_search FROM name_pending np CROSS JOIN person p ON p.n = np.n ORDER BY p.n",
        "DELETE FROM name_pending",
    ] {
        sqlx::query(sql).execute(&mut **tx).await?;
    }
    let (first, last) = people_range(env);
    for sql in [
        "INSERT INTO person_email (rowid, email_search)
         SELECT n, email_search FROM person
         WHERE n BETWEEN max(?1, 1 + (SELECT value FROM meta WHERE key = 'people_indexed_' || ?3)) AND ?2
           AND email_search IS NOT NULL ORDER BY n",
        "UPDATE meta SET value = max(value, ifnull((SELECT max(n) FROM person WHERE n BETWEEN ?1 AND ?2), 0))
         WHERE key = 'people_indexed_' || ?3",
    ] {
        sqlx::query(sql)
            .bind(first)
            .bind(last)
            .bind(env.number())
            .execute(&mut **tx)
            .await?;
    }
    Ok(())
}
