//! Customer records that a provider keeps by themselves, with cards or without: the snapshot door for them. A record without
//! cards is a customer like any other, found by its email, its id and its name.

use super::accounts::AccountRef;
use super::door::to_millis;
use super::head::Head;
use super::names::{self, Named};
use super::residents::{CustomerKey, Home, Resident, Residents, json, remove_empty};
use super::rows::{Columns, NO_DATE};
use super::text::without_nul;
use crate::sqlite::Tx;
use crate::{Applied, Crawl, CrawlStep, ReadTicket, StoreError};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet};
use tokendesk_model::CustomerSnapshot;

/// Removed in lots of so many.
const LOT: i64 = 5_000;

/// A record as stored.
struct Known {
    customer: i64,
    person: i64,
    email: Option<String>,
    name: Option<String>,
    created_on: Option<i64>,
    seq: i64,
}

/// A record on its way into the file: customer, id, name, when it was made.
type Row = (i64, String, Option<String>, Option<i64>);

/// What the records of a page did, and what is left to do when its cards are stored.
#[derive(Default)]
pub(super) struct Placed {
    pub applied: Applied,
    /// (customer, person) pairs that records left.
    left: Vec<(i64, i64)>,
    /// Names they give to customers and people that have none from a card.
    customers: HashMap<i64, Named>,
    people: HashMap<i64, Named>,
    /// People whose names have to be worked out anew.
    renamed: HashSet<i64>,
}

/// Stores records, each under its email of now.
pub(super) async fn place(
    tx: &mut Tx,
    account: AccountRef,
    ticket: ReadTicket,
    customers: &[CustomerSnapshot],
    read_at: DateTime<Utc>,
    crawl: Option<&CrawlStep>,
) -> Result<Placed, StoreError> {
    let mut placed = Placed::default();
    if customers.is_empty() {
        return Ok(placed);
    }
    let mut head = Head::read(tx, account).await?;
    let known = known(tx, account, customers).await?;
    let keys: Vec<CustomerKey> = customers
        .iter()
        .map(|one| CustomerKey::new(Some(&one.customer_id), one.email.as_deref()))
        .collect();
    let stays = |one: &CustomerSnapshot, key: &CustomerKey| {
        known
            .get(&one.customer_id)
            .is_some_and(|old| CustomerKey::new(None, old.email.as_deref()).email == key.email)
    };
    let wanted: HashSet<CustomerKey> = customers
        .iter()
        .zip(&keys)
        .filter(|(one, key)| !stays(one, key))
        .map(|(_, key)| key.clone())
        .collect();
    let mut residents = Residents::find(tx, account, &wanted).await?;
    let mut rows: Vec<Row> = Vec::with_capacity(customers.len());
    let mut seen: Vec<i64> = Vec::new();
    for (one, key) in customers.iter().zip(&keys) {
        let old = known.get(&one.customer_id);
        if let Some(old) = old
            && old.seq > ticket.0
        {
            placed.applied.stale += 1;
            seen.push(old.customer);
            continue;
        }
        let home = match old {
            Some(old) if stays(one, key) => Home {
                customer: old.customer,
                person: old.person,
                customer_id: None,
                email: None,
            },
            _ => residents.home(&mut head, account, key, Resident::Record(one)),
        };
        let created_on = one.created_on.map(|at| at.timestamp_millis());
        placed.note(old, one, &home, created_on);
        rows.push((
            home.customer,
            one.customer_id.clone(),
            one.name.clone(),
            created_on,
        ));
    }
    residents.write(tx, account).await?;
    let number = crawl.map(|step| step.number);
    write(tx, account, ticket, &rows, read_at, number).await?;
    if let Some(number) = number.filter(|_| !seen.is_empty()) {
        sqlx::query("UPDATE record SET crawl = ?2 WHERE customer IN (SELECT value FROM json_each(?1))")
            .bind(json(&seen)?)
            .bind(number)
            .execute(&mut **tx)
            .await?;
    }
    Ok(placed)
}

impl Placed {
    fn note(&mut self, old: Option<&Known>, one: &CustomerSnapshot, home: &Home, created_on: Option<i64>) {
        let moved = old.filter(|old| old.customer != home.customer);
        if let Some(old) = moved {
            self.left.push((old.customer, old.person));
            self.renamed.extend([old.person, home.person]);
        }
        match old {
            None => self.applied.new += 1,
            Some(old) if moved.is_none() && old.name == one.name && old.created_on == created_on => {
                self.applied.same += 1;
                return;
            }
            Some(_) => self.applied.changed += 1,
        }
        if old.is_some_and(|old| old.name.is_some() && old.name != one.name) {
            self.renamed.insert(home.person);
        }
        if let Some(name) = &one.name {
            // Any name on a card is later than this.
            let named = Named {
                at: NO_DATE,
                name: name.clone(),
            };
            self.customers.insert(home.customer, named.clone());
            self.people.insert(home.person, named);
        }
    }

    /// Once the cards of the page are stored: customers that nobody is left of go, and who has no name from a card gets the
    /// record's.
    pub async fn settle(&self, tx: &mut Tx, account: AccountRef) -> Result<(), StoreError> {
        if !self.left.is_empty() {
            remove_empty(tx, account.env, &self.left).await?;
        }
        names::learn(tx, &self.customers, &self.people).await?;
        let renamed: Vec<i64> = self.renamed.iter().copied().collect();
        if !renamed.is_empty() {
            names::recompute_people(tx, &renamed).await?;
        }
        Ok(())
    }
}

async fn known(
    tx: &mut Tx,
    account: AccountRef,
    customers: &[CustomerSnapshot],
) -> Result<HashMap<String, Known>, StoreError> {
    let ids: Vec<&str> = customers.iter().map(|one| one.customer_id.as_str()).collect();
    let rows = sqlx::query(
        "SELECT r.customer_id, r.customer, c.person, c.email, r.name, r.created_on, r.seq
         FROM json_each(?1) j CROSS JOIN record r ON r.account = ?2 AND r.customer_id = j.value
         CROSS JOIN customer c ON c.n = r.customer",
    )
    .bind(json(&ids)?)
    .bind(account.n)
    .fetch_all(&mut **tx)
    .await?;
    rows.iter()
        .map(|row| {
            let mut columns = Columns::of(row);
            let id = columns.next()?;
            let known = Known {
                customer: columns.next()?,
                person: columns.next()?,
                email: columns.next()?,
                name: columns.next()?,
                created_on: columns.next()?,
                seq: columns.next()?,
            };
            Ok((id, known))
        })
        .collect()
}

async fn write(
    tx: &mut Tx,
    account: AccountRef,
    ticket: ReadTicket,
    rows: &[Row],
    read_at: DateTime<Utc>,
    crawl: Option<i64>,
) -> Result<(), StoreError> {
    sqlx::query(
        "INSERT INTO record (customer, account, customer_id, name, created_on, seq, read_at, crawl)
         SELECT value->>0, ?2, value->>1, value->>2, value->>3, ?3, ?4, ifnull(?5, 0) FROM json_each(?1) WHERE true
         ON CONFLICT (account, customer_id) DO UPDATE SET customer = excluded.customer, name = excluded.name,
            created_on = excluded.created_on, seq = excluded.seq, read_at = excluded.read_at, crawl = ifnull(?5, crawl)",
    )
    .bind(json(rows)?)
    .bind(account.n)
    .bind(ticket.0)
    .bind(read_at.timestamp_millis())
    .bind(crawl)
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Records each once, in their last reading, as they are kept. One without an id cannot be told from another and is left out.
pub(super) fn plain_and_once(customers: &[CustomerSnapshot]) -> Vec<CustomerSnapshot> {
    let mut at: HashMap<String, usize> = HashMap::with_capacity(customers.len());
    let mut once: Vec<CustomerSnapshot> = Vec::with_capacity(customers.len());
    let text = |text: &Option<String>| text.as_deref().map(|text| without_nul(text).into_owned());
    for one in customers {
        let one = CustomerSnapshot {
            customer_id: without_nul(&one.customer_id).trim().to_owned(),
            email: text(&one.email),
            name: text(&one.name)
                .map(|name| name.trim().to_owned())
                .filter(|name| !name.is_empty()),
            created_on: one.created_on.map(to_millis),
        };
        if one.customer_id.is_empty() {
            continue;
        }
        match at.get(&one.customer_id) {
            Some(i) => once[*i] = one,
            None => {
                at.insert(one.customer_id.clone(), once.len());
                once.push(one);
            }
        }
    }
    once
}

/// Customers of account `?1` with the id `?3`, folded `?2`, under whatever email: `n` and `person`. Cards that are gone may
/// still stand under the email that their record had then.
pub(super) const OF_ID: &str =
    "SELECT c.n AS n, c.person AS person FROM customer_ref f CROSS JOIN customer c ON c.n = f.n
     WHERE f.account = ?1 AND f.text = ?2 AND trim(c.customer_id) = ?3
     UNION ALL
     SELECT c.n, c.person FROM customer c
     WHERE c.n > (SELECT value FROM meta WHERE key = 'customers_indexed') AND c.account = ?1
       AND trim(c.customer_id) = ?3";

/// Which records a finished pass did not list, though it lists them: neither read since it began.
pub(super) const UNLISTED: &str =
    "SELECT r.customer, c.person FROM record r CROSS JOIN customer c ON c.n = r.customer
     WHERE r.account = ?1 AND r.crawl < ?2 AND r.seq <= ?3 LIMIT ?4";

/// After a pass that listed records: those it did not list are none any more, and customers without cards go with them.
pub(super) async fn drop_unlisted(tx: &mut Tx, account: AccountRef, crawl: &Crawl) -> Result<(), StoreError> {
    loop {
        let left: Vec<(i64, i64)> = sqlx::query_as(UNLISTED)
            .bind(account.n)
            .bind(crawl.number)
            .bind(crawl.started.0)
            .bind(LOT)
            .fetch_all(&mut **tx)
            .await?;
        if left.is_empty() {
            return Ok(());
        }
        drop_records(tx, account, &left).await?;
    }
}

/// Takes the records of these (customer, person) pairs away; customers without cards go with them.
pub(super) async fn drop_records(
    tx: &mut Tx,
    account: AccountRef,
    left: &[(i64, i64)],
) -> Result<(), StoreError> {
    let customers: Vec<i64> = left.iter().map(|(customer, _)| *customer).collect();
    sqlx::query("DELETE FROM record WHERE customer IN (SELECT value FROM json_each(?1))")
        .bind(json(&customers)?)
        .execute(&mut **tx)
        .await?;
    remove_empty(tx, account.env, left).await?;
    let people: HashSet<i64> = left.iter().map(|(_, person)| *person).collect();
    let people: Vec<i64> = people.into_iter().collect();
    names::recompute_people(tx, &people).await
}
