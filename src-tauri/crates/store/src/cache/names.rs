//! Names of customer records and people: the card holder's of the latest activated version, and where no card gives one the
//! record's own.

use super::residents::json;
use super::rows::NO_DATE;
use super::text::{grams, search_key};
use crate::StoreError;
use crate::sqlite::Tx;
use std::collections::HashMap;

/// A name, and when the version that gave it was activated (milliseconds; 0 when not said); [`NO_DATE`] for a record's own.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Named {
    pub at: i64,
    pub name: String,
}

// A person's number and name, and the name and its time that their customer records give.
type NameRow = (i64, Option<String>, Option<String>, Option<i64>);
// A person's number, new name, the same folded, and its time.
type Renamed<'a> = (i64, Option<&'a str>, Option<String>, Option<i64>);

/// Gives customers and people these names, where they are at least as new as what is there.
pub(crate) async fn learn(
    tx: &mut Tx,
    customers: &HashMap<i64, Named>,
    people: &HashMap<i64, Named>,
) -> Result<(), StoreError> {
    if customers.is_empty() {
        return Ok(());
    }
    let rows: Vec<(i64, &str, i64)> = customers
        .iter()
        .map(|(n, named)| (*n, named.name.as_str(), named.at))
        .collect();
    sqlx::query(
        "UPDATE customer SET name = j.name, name_at = j.at
         FROM (SELECT value->>0 AS n, value->>1 AS name, value->>2 AS at FROM json_each(?1)) j
         WHERE customer.n = j.n AND (customer.name_at IS NULL OR customer.name_at <= j.at)
           AND customer.name IS NOT j.name",
    )
    .bind(json(&rows)?)
    .execute(&mut **tx)
    .await?;
    let numbers: Vec<i64> = people.keys().copied().collect();
    let known: Vec<(i64, Option<String>, Option<i64>)> = sqlx::query_as(
        "SELECT p.n, p.name, p.name_at FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value",
    )
    .bind(json(&numbers)?)
    .fetch_all(&mut **tx)
    .await?;
    let fresh: Vec<(i64, Option<Named>)> = known
        .into_iter()
        .filter_map(|(n, name, at)| {
            let named = people.get(&n)?;
            let newer = at.is_none_or(|at| at <= named.at) && name.as_deref() != Some(&named.name);
            newer.then(|| (n, Some(named.clone())))
        })
        .collect();
    rename(tx, &fresh).await
}

/// The names of the customer records of these people (`?1`), a record's own dated `?2`.
pub(super) const RECOMPUTE: &str = "UPDATE customer SET (name, name_at) =
   (SELECT v.holder, ifnull(v.activated_on, 0)
    FROM token t CROSS JOIN token_version v ON v.token = t.n AND v.remote_id = t.active
    WHERE t.person = customer.person AND t.customer = customer.n AND v.holder IS NOT NULL
    UNION ALL
    SELECT r.name, ?2 FROM record r WHERE r.customer = customer.n AND r.name IS NOT NULL
    ORDER BY 2 DESC LIMIT 1)
 WHERE person IN (SELECT value FROM json_each(?1))";

/// Works out anew the names of these people and of their customer records, after cards came or went.
pub(crate) async fn recompute_people(tx: &mut Tx, people: &[i64]) -> Result<(), StoreError> {
    let list = json(people)?;
    sqlx::query(RECOMPUTE)
        .bind(&list)
        .bind(NO_DATE)
        .execute(&mut **tx)
        .await?;
    let names: Vec<NameRow> = sqlx::query_as(
        "SELECT p.n, p.name,
                (SELECT c.name FROM customer c WHERE c.person = p.n AND c.name IS NOT NULL ORDER BY c.name_at DESC LIMIT 1),
                (SELECT max(c.name_at) FROM customer c WHERE c.person = p.n AND c.name IS NOT NULL)
         FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value",
    )
    .bind(&list)
    .fetch_all(&mut **tx)
    .await?;
    let fresh: Vec<(i64, Option<Named>)> = names
        .into_iter()
        .filter(|(_, old, new, _)| old != new)
        .map(|(n, _, name, at)| {
            (
                n,
                name.map(|name| Named {
                    at: at.unwrap_or_default(),
                    name,
                }),
            )
        })
        .collect();
    rename(tx, &fresh).await
}

// The old text has to leave the index before the row loses it.
async fn rename(tx: &mut Tx, names: &[(i64, Option<Named>)]) -> Result<(), StoreError> {
    if names.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i64> = names.iter().map(|(n, _)| *n).collect();
    unlearn(tx, &numbers).await?;
    let mut rows: Vec<Renamed<'_>> = Vec::new();
    let mut fresh_grams: Vec<(String, i64)> = Vec::new();
    for (n, named) in names {
        let folded = named.as_ref().map(|named| search_key(&named.name));
        fresh_grams.extend(
            folded
                .as_deref()
                .map(grams)
                .unwrap_or_default()
                .into_iter()
                .map(|gram| (format!("n{gram}"), *n)),
        );
        rows.push((
            *n,
            named.as_ref().map(|named| named.name.as_str()),
            folded,
            named.as_ref().map(|named| named.at),
        ));
    }
    sqlx::query(
        "UPDATE person SET name = j.name, name_search = j.folded, name_at = j.at
         FROM (SELECT value->>0 AS n, value->>1 AS name, value->>2 AS folded, value->>3 AS at FROM json_each(?1)) j
         WHERE person.n = j.n",
    )
    .bind(json(&rows)?)
    .execute(&mut **tx)
    .await?;
    let pending: Vec<i64> = names
        .iter()
        .filter(|(_, named)| named.is_some())
        .map(|(n, _)| *n)
        .collect();
    sqlx::query(
        "INSERT INTO name_pending (n) SELECT value FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING",
    )
    .bind(json(&pending)?)
    .execute(&mut **tx)
    .await?;
    if !fresh_grams.is_empty() {
        sqlx::query(
            "INSERT INTO cjk (gram, person) SELECT value->>0, value->>1 FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING",
        )
        .bind(json(&fresh_grams)?)
        .execute(&mut **tx)
        .await?;
    }
    Ok(())
}

/// Takes the present names of these people out of the search index.
pub(crate) async fn unlearn(tx: &mut Tx, people: &[i64]) -> Result<(), StoreError> {
    let named: Vec<(i64, String)> = sqlx::query_as(
        "SELECT p.n, p.name_search FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value
         WHERE p.name_search IS NOT NULL",
    )
    .bind(json(people)?)
    .fetch_all(&mut **tx)
    .await?;
    if named.is_empty() {
        return Ok(());
    }
    let list = json(people)?;
    for sql in [
        "INSERT INTO person_name (person_name, rowid, name_search)
         SELECT 'delete', p.n, p.name_search FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value
         WHERE p.name_search IS NOT NULL AND NOT EXISTS (SELECT 1 FROM name_pending np WHERE np.n = p.n)",
        "DELETE FROM name_pending WHERE n IN (SELECT value FROM json_each(?1))",
    ] {
        sqlx::query(sql).bind(&list).execute(&mut **tx).await?;
    }
    let old: Vec<(String, i64)> = named
        .iter()
        .flat_map(|(n, name)| grams(name).into_iter().map(|gram| (format!("n{gram}"), *n)))
        .collect();
    drop_grams(tx, &old).await
}

/// Removes rows of the CJK table.
pub(crate) async fn drop_grams(tx: &mut Tx, old: &[(String, i64)]) -> Result<(), StoreError> {
    if old.is_empty() {
        return Ok(());
    }
    sqlx::query("DELETE FROM cjk WHERE (gram, person) IN (SELECT value->>0, value->>1 FROM json_each(?1))")
        .bind(json(old)?)
        .execute(&mut **tx)
        .await?;
    Ok(())
}
