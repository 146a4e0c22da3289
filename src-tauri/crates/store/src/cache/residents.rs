//! Customer records and people behind tokens: found or made a page at a time, and removed when nobody is left.

use super::accounts::AccountRef;
use super::head::Head;
use super::rows::Columns;
use super::text::{email_key, grams, search_key};
use crate::StoreError;
use crate::sqlite::Tx;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use tokendesk_model::{CustomerSnapshot, Environment, TokenSnapshot};

/// Under which key a token's customer record is known: the model's `customer_key`, in parts.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct CustomerKey {
    /// The merchant's id without outer white space; `None` when empty.
    pub customer_id: Option<String>,
    /// The folded email.
    pub email: Option<String>,
}

impl CustomerKey {
    pub fn of(token: &TokenSnapshot) -> Self {
        Self::new(token.customer_id.as_deref(), token.email.as_deref())
    }

    pub fn new(customer_id: Option<&str>, email: Option<&str>) -> Self {
        Self {
            customer_id: key_id(customer_id),
            email: email.and_then(email_key),
        }
    }

    /// Neither id nor email: the token stands alone.
    pub fn is_alone(&self) -> bool {
        self.customer_id.is_none() && self.email.is_none()
    }
}

/// Who lives at a customer record: a token, or the record itself.
#[derive(Clone, Copy)]
pub(crate) enum Resident<'a> {
    Token(&'a TokenSnapshot),
    Record(&'a CustomerSnapshot),
}

impl Resident<'_> {
    fn customer_id(&self) -> Option<&str> {
        match self {
            Self::Token(token) => token.customer_id.as_deref(),
            Self::Record(record) => Some(&record.customer_id),
        }
    }

    fn email(&self) -> Option<&str> {
        match self {
            Self::Token(token) => token.email.as_deref(),
            Self::Record(record) => record.email.as_deref(),
        }
    }

    fn customer_key(&self) -> String {
        match self {
            Self::Token(token) => token.customer_key(),
            Self::Record(record) => record.customer_key(),
        }
    }
}

/// A customer record, found or made.
#[derive(Clone)]
pub(crate) struct Home {
    pub customer: i64,
    pub person: i64,
    pub customer_id: Option<String>,
    pub email: Option<String>,
}

#[derive(Serialize)]
struct NewPerson(i64, Option<String>, Option<String>, Option<String>, Option<i64>);

#[derive(Serialize)]
struct NewCustomer(i64, i64, Option<String>, Option<String>, Option<String>, bool);

/// The homes of a page's tokens.
pub(crate) struct Residents {
    homes: HashMap<CustomerKey, Home>,
    people: HashMap<String, i64>,
    new_people: Vec<NewPerson>,
    new_customers: Vec<NewCustomer>,
    new_grams: Vec<(String, i64)>,
}

impl Residents {
    /// Looks for the homes of these keys.
    pub async fn find(
        tx: &mut Tx,
        account: AccountRef,
        keys: &HashSet<CustomerKey>,
    ) -> Result<Self, StoreError> {
        let mut found = Self {
            homes: HashMap::new(),
            people: HashMap::new(),
            new_people: Vec::new(),
            new_customers: Vec::new(),
            new_grams: Vec::new(),
        };
        let emails: HashSet<String> = keys
            .iter()
            .filter_map(|key| key.email.as_deref().map(search_key))
            .collect();
        if !emails.is_empty() {
            found.find_people(tx, account.env, &emails).await?;
            found.find_customers_with_email(tx, account).await?;
        }
        let ids: HashSet<String> = keys
            .iter()
            .filter(|key| key.email.is_none())
            .filter_map(|key| key.customer_id.as_deref().map(search_key))
            .collect();
        if !ids.is_empty() {
            found.find_customers_without_email(tx, account, &ids).await?;
        }
        Ok(found)
    }

    async fn find_people(
        &mut self,
        tx: &mut Tx,
        env: Environment,
        emails: &HashSet<String>,
    ) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT p.n, coalesce(p.email_key, p.email_search)
             FROM json_each(?1) j CROSS JOIN person p ON p.env = ?2 AND p.email_search = j.value",
        )
        .bind(serde_json::json!(emails).to_string())
        .bind(env.number())
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let mut columns = Columns::of(row);
            let n = columns.next()?;
            self.people.insert(columns.next()?, n);
        }
        Ok(())
    }

    async fn find_customers_with_email(
        &mut self,
        tx: &mut Tx,
        account: AccountRef,
    ) -> Result<(), StoreError> {
        if self.people.is_empty() {
            return Ok(());
        }
        let emails: HashMap<i64, &String> = self.people.iter().map(|(email, n)| (*n, email)).collect();
        let people: Vec<i64> = emails.keys().copied().collect();
        let rows = sqlx::query(
            "SELECT c.n, c.person, c.customer_id, c.email
             FROM json_each(?1) j CROSS JOIN customer c ON c.person = j.value WHERE c.account = ?2",
        )
        .bind(serde_json::json!(people).to_string())
        .bind(account.n)
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let home = read_home(row)?;
            let key = CustomerKey {
                customer_id: key_id(home.customer_id.as_deref()),
                email: emails.get(&home.person).map(|email| (*email).clone()),
            };
            self.homes.insert(key, home);
        }
        Ok(())
    }

    async fn find_customers_without_email(
        &mut self,
        tx: &mut Tx,
        account: AccountRef,
        ids: &HashSet<String>,
    ) -> Result<(), StoreError> {
        let rows = sqlx::query(
            "SELECT c.n, c.person, c.customer_id, c.email
             FROM json_each(?1) j
             CROSS JOIN customer c ON c.alone = 1 AND c.account = ?2
                    AND coalesce(c.id_search, c.customer_id) = j.value",
        )
        .bind(serde_json::json!(ids).to_string())
        .bind(account.n)
        .fetch_all(&mut **tx)
        .await?;
        for row in &rows {
            let home = read_home(row)?;
            self.homes.insert(
                CustomerKey {
                    customer_id: key_id(home.customer_id.as_deref()),
                    email: None,
                },
                home,
            );
        }
        Ok(())
    }

    /// The home of a resident, made if there is none yet.
    pub fn home(
        &mut self,
        head: &mut Head,
        account: AccountRef,
        key: &CustomerKey,
        who: Resident<'_>,
    ) -> Home {
        if !key.is_alone()
            && let Some(home) = self.homes.get(key)
        {
            return home.clone();
        }
        let person = match &key.email {
            Some(email) => match self.people.get(email) {
                Some(n) => *n,
                None => {
                    let n = self.new_person(head, Some(email), who, account);
                    self.people.insert(email.clone(), n);
                    n
                }
            },
            None => self.new_person(head, None, who, account),
        };
        let home = Home {
            customer: head.next_customer,
            person,
            customer_id: who.customer_id().map(str::to_owned),
            email: who.email().map(str::to_owned),
        };
        head.next_customer += 1;
        let folded = home.customer_id.as_deref().map(search_key);
        self.new_customers.push(NewCustomer(
            home.customer,
            person,
            home.customer_id.clone(),
            folded.filter(|folded| Some(folded) != home.customer_id.as_ref()),
            home.email.clone(),
            key.email.is_none() && key.customer_id.is_some(),
        ));
        if !key.is_alone() {
            self.homes.insert(key.clone(), home.clone());
        }
        home
    }

    fn new_person(
        &mut self,
        head: &mut Head,
        email: Option<&str>,
        who: Resident<'_>,
        account: AccountRef,
    ) -> i64 {
        let n = head.next_person;
        head.next_person += 1;
        let row = match email {
            Some(key) => {
                let folded = search_key(key);
                let differs = |text: &str| (text != folded).then(|| text.to_owned());
                self.new_grams
                    .extend(grams(&folded).into_iter().map(|gram| (format!("e{gram}"), n)));
                NewPerson(n, differs(key), who.email().and_then(differs), None, None).with_search(folded)
            }
            None => {
                let id = account.id.customer(&who.customer_key());
                NewPerson(n, None, None, None, Some(first_48(id.bytes())))
            }
        };
        self.new_people.push(row);
        n
    }

    /// Writes what was made.
    pub async fn write(&self, tx: &mut Tx, account: AccountRef) -> Result<(), StoreError> {
        if !self.new_people.is_empty() {
            sqlx::query(
                "INSERT INTO person (n, env, email_key, email, email_search, customer48)
                 SELECT value->>0, ?2, value->>1, value->>2, value->>3, value->>4 FROM json_each(?1)",
            )
            .bind(json(&self.new_people)?)
            .bind(account.env.number())
            .execute(&mut **tx)
            .await?;
            count_people(tx, account.env, i64::try_from(self.new_people.len()).unwrap_or(0)).await?;
        }
        if !self.new_customers.is_empty() {
            sqlx::query(
                "INSERT INTO customer (n, account, person, customer_id, id_search, email, alone)
                 SELECT value->>0, ?2, value->>1, value->>2, value->>3, value->>4, value->>5 FROM json_each(?1)",
            )
            .bind(json(&self.new_customers)?)
            .bind(account.n)
            .execute(&mut **tx)
            .await?;
        }
        if !self.new_grams.is_empty() {
            sqlx::query(
                "INSERT INTO cjk (gram, person) SELECT value->>0, value->>1 FROM json_each(?1) WHERE true
                 ON CONFLICT DO NOTHING",
            )
            .bind(json(&self.new_grams)?)
            .execute(&mut **tx)
            .await?;
        }
        Ok(())
    }
}

impl NewPerson {
    fn with_search(mut self, folded: String) -> Self {
        self.3 = Some(folded);
        self
    }
}

fn read_home(row: &sqlx::sqlite::SqliteRow) -> Result<Home, StoreError> {
    let mut columns = Columns::of(row);
    Ok(Home {
        customer: columns.next()?,
        person: columns.next()?,
        customer_id: columns.next()?,
        email: columns.next()?,
    })
}

fn key_id(raw: Option<&str>) -> Option<String> {
    raw.map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned)
}

/// Rows for `json_each`.
pub(crate) fn json<T: Serialize>(rows: &[T]) -> Result<String, StoreError> {
    serde_json::to_string(rows).map_err(|_| super::damaged())
}

/// The first six bytes of an id of ours, as a number: a quarter of the index space of the whole.
pub(crate) fn first_48(id: [u8; 16]) -> i64 {
    id[..6]
        .iter()
        .fold(0, |number, byte| (number << 8) | i64::from(*byte))
}

async fn count_people(tx: &mut Tx, env: Environment, by: i64) -> Result<(), StoreError> {
    sqlx::query("UPDATE meta SET value = value + ?2 WHERE key = 'people_' || ?1")
        .bind(env.number())
        .bind(by)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

/// After tokens or records moved away: removes those of these (customer, person) pairs that nobody lives in any more.
pub(crate) async fn remove_empty(
    tx: &mut Tx,
    env: Environment,
    left: &[(i64, i64)],
) -> Result<(), StoreError> {
    let list = json(left)?;
    sqlx::query(
        "DELETE FROM customer_ref WHERE (account, text, n) IN
           (SELECT c.account, coalesce(c.id_search, c.customer_id), c.n
            FROM json_each(?1) j CROSS JOIN customer c ON c.n = j.value->>0
            WHERE NOT EXISTS (SELECT 1 FROM token t WHERE t.person = j.value->>1 AND t.customer = j.value->>0)
              AND NOT EXISTS (SELECT 1 FROM record r WHERE r.customer = j.value->>0))",
    )
    .bind(&list)
    .execute(&mut **tx)
    .await?;
    sqlx::query(
        "DELETE FROM customer WHERE n IN
           (SELECT j.value->>0 FROM json_each(?1) j
            WHERE NOT EXISTS (SELECT 1 FROM token t WHERE t.person = j.value->>1 AND t.customer = j.value->>0)
              AND NOT EXISTS (SELECT 1 FROM record r WHERE r.customer = j.value->>0))",
    )
    .bind(&list)
    .execute(&mut **tx)
    .await?;
    let people: Vec<i64> = left.iter().map(|(_, person)| *person).collect();
    remove_people_without_customers(tx, env, &people).await
}

/// Removes those of these people who have no customer record, out of the search index first: it needs their old text. Each once,
/// however often they are named: a text that leaves the index twice breaks it.
pub(crate) async fn remove_people_without_customers(
    tx: &mut Tx,
    env: Environment,
    people: &[i64],
) -> Result<(), StoreError> {
    let gone: Vec<i64> = sqlx::query_scalar(
        "SELECT DISTINCT p.n FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value
         WHERE NOT EXISTS (SELECT 1 FROM customer c WHERE c.person = p.n)",
    )
    .bind(json(people)?)
    .fetch_all(&mut **tx)
    .await?;
    if gone.is_empty() {
        return Ok(());
    }
    super::names::unlearn(tx, &gone).await?;
    let list = json(&gone)?;
    let emails: Vec<(i64, Option<String>)> = sqlx::query_as(
        "SELECT p.n, p.email_search FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value",
    )
    .bind(&list)
    .fetch_all(&mut **tx)
    .await?;
    let old: Vec<(String, i64)> = emails
        .iter()
        .flat_map(|(n, email)| {
            let grams = email.as_deref().map(grams).unwrap_or_default();
            grams.into_iter().map(|gram| (format!("e{gram}"), *n))
        })
        .collect();
    super::names::drop_grams(tx, &old).await?;
    for sql in [
        "INSERT INTO person_email (person_email, rowid, email_search)
         SELECT 'delete', p.n, p.email_search FROM json_each(?1) j CROSS JOIN person p ON p.n = j.value
         WHERE p.email_search IS NOT NULL
           AND p.n <= (SELECT value FROM meta WHERE key = 'people_indexed_' || p.env)",
        "DELETE FROM person WHERE n IN (SELECT value FROM json_each(?1))",
    ] {
        sqlx::query(sql).bind(&list).execute(&mut **tx).await?;
    }
    let gone: HashSet<i64> = gone.into_iter().collect();
    count_people(tx, env, -i64::try_from(gone.len()).unwrap_or(0)).await
}
