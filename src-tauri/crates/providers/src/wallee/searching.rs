//! What takes a search: the versions of one token, the tokens of one customer (wallee fact sheet, section 4.5).
//!
//! Searchable fields, case rules and escaping are not documented. So the questions are kept to one comparison, what comes
//! back is compared again here, and an answer that seems to ignore the question is not trusted.

use super::target::{Target, equals};
use super::{BRAND, TOKENS, VERSIONS, Wallee, answers, reading};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::{CustomerLookup, PaymentSystem, TokenRef};
use serde_json::Value;
use std::collections::HashSet;
use tokendesk_model::fold::email_key;
use tokendesk_model::{TokenSnapshot, VersionSnapshot};

const PAGE: usize = 100;

impl Wallee {
    /// One page of a search, oldest first.
    pub(super) async fn search_page(
        &self,
        path: &str,
        query: &str,
        offset: usize,
        expand: &[&str],
    ) -> Result<Value, ProviderError> {
        let mut target = Target::in_space(path)
            .with("query", query)
            .with("limit", &PAGE.to_string())
            .with("offset", &offset.to_string())
            // Without an order, pages by offset may overlap or leave gaps.
            .with("order", "id:ASC");
        for name in expand {
            target = target.with("expand", name);
        }
        self.read(&target).await
    }
}

/// Every version of one token. That versions can be searched by `token.id` is inferred (wallee fact sheet, section
/// 4.5): where the provider refuses or ignores the question, the active version alone is given.
pub(super) async fn versions_of(wallee: &Wallee, token: &str) -> Result<Vec<VersionSnapshot>, ProviderError> {
    let mut found = Vec::new();
    let mut offset = 0;
    loop {
        let path = format!("{VERSIONS}/search");
        let body = match wallee
            .search_page(&path, &format!("token.id:{token}"), offset, &[BRAND])
            .await
        {
            Ok(body) => body,
            Err(error) if error.kind == ProviderErrorKind::Refused => {
                return active_alone(wallee, token).await;
            }
            Err(error) => return Err(error),
        };
        let (versions, more) = read_all(&body, |object| reading::version(object, None))?;
        if versions.iter().any(|version| version.token_remote_id != token) {
            return active_alone(wallee, token).await;
        }
        offset += versions.len();
        found.extend(versions);
        if !more {
            return Ok(once_each(found, |version| &version.remote_id));
        }
    }
}

async fn active_alone(wallee: &Wallee, token: &str) -> Result<Vec<VersionSnapshot>, ProviderError> {
    Ok(wallee
        .active_version(TokenRef {
            remote_id: token,
            record: None,
        })
        .await?
        .into_iter()
        .collect())
}

/// Every token of one customer. `Refused` where the value cannot be asked for or the question seems to be ignored: new
/// cards may be missing then.
pub(super) async fn tokens_of(
    wallee: &Wallee,
    customer: CustomerLookup<'_>,
) -> Result<Vec<TokenSnapshot>, ProviderError> {
    let query = match customer {
        CustomerLookup::CustomerId(id) => equals("customerId", id)?,
        CustomerLookup::Email(email) => equals("customerEmailAddress", email)?,
    };
    let path = format!("{TOKENS}/search");
    let mut found = Vec::new();
    let mut offset = 0;
    loop {
        let body = wallee.search_page(&path, &query, offset, &[]).await?;
        let (tokens, more) = read_all(&body, reading::token)?;
        offset += tokens.len();
        let before = found.len();
        found.extend(tokens.into_iter().filter(|token| belongs_to(token, customer)));
        if !more {
            return Ok(once_each(found, |token| &token.remote_id));
        }
        if found.len() == before {
            return Err(ProviderError::new(ProviderErrorKind::Refused));
        }
    }
}

fn belongs_to(token: &TokenSnapshot, customer: CustomerLookup<'_>) -> bool {
    match customer {
        CustomerLookup::CustomerId(id) => token.customer_id.as_deref().map(str::trim) == Some(id.trim()),
        CustomerLookup::Email(email) => token.email.as_deref().and_then(email_key) == email_key(email),
    }
}

// "Every" must not leave out what could not be read, and there is no count to report it with.
fn read_all<T>(body: &Value, read: impl Fn(&Value) -> Option<T>) -> Result<(Vec<T>, bool), ProviderError> {
    let envelope = reading::envelope(body).ok_or_else(|| answers::unreadable(200))?;
    let objects: Option<Vec<T>> = envelope.data.iter().map(read).collect();
    let objects = objects.ok_or_else(|| answers::unreadable(200))?;
    let more = envelope.has_more.unwrap_or(objects.len() >= PAGE);
    if more && objects.is_empty() {
        return Err(answers::unreadable(200));
    }
    Ok((objects, more))
}

// Pages by offset shift while others write.
fn once_each<T>(objects: Vec<T>, id: impl Fn(&T) -> &String) -> Vec<T> {
    let mut seen = HashSet::new();
    objects
        .into_iter()
        .filter(|object| seen.insert(id(object).clone()))
        .collect()
}
