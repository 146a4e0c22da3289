//! What makes something new: a token without card details, and a page on which the buyer enters new ones (wallee fact
//! sheet, sections 3.1, 3.3, 4.1 and 7.3).

use super::target::Target;
use super::{TOKENS, Wallee, answers, reading};
use crate::error::{ProviderError, ProviderErrorKind};
use crate::system::NewToken;
use reqwest::Method;
use serde_json::{Map, Value, json};
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Environment, TokenSnapshot};
use url::{Host, Url};

const TRANSACTIONS: &str = "/payment/transactions";
const MAX_REFERENCE_CHARS: usize = 100;
const MAX_EMAIL_CHARS: usize = 150;
const MAX_URL_CHARS: usize = 2_000;

/// Makes a token, or finds the one made before with the same external id. One request.
///
/// # Errors
/// `Refused` without a status for values outside the documented limits; nothing was sent then. `Unreadable` when the
/// answer tells of another external id.
pub(super) async fn create_token(wallee: &Wallee, new: &NewToken) -> Result<TokenSnapshot, ProviderError> {
    let body = token_body(new)?;
    let answer = wallee
        .ask(Method::POST, &Target::in_space(TOKENS), Some(body))
        .await?;
    created(&answers::json(&answer)?, &new.external_id).ok_or_else(|| answers::unreadable(answer.status))
}

/// The token of an answer to a creation; an answer about another one is none.
pub(super) fn created(body: &Value, external_id: &str) -> Option<TokenSnapshot> {
    reading::token(body).filter(|token| {
        token
            .external_id
            .as_deref()
            .is_none_or(|told| told == external_id)
    })
}

/// Makes the page for new card details: a transaction for this token, then its address. Two requests.
///
/// # Errors
/// As the provider answers; `Unreadable` when the address is no web page.
pub(super) async fn new_details_page(wallee: &Wallee, token: &str) -> Result<String, ProviderError> {
    let answer = wallee
        .ask(Method::POST, &transaction_target(token)?, None)
        .await?;
    let transaction =
        transaction_of(&answers::json(&answer)?, token).ok_or_else(|| answers::unreadable(answer.status))?;
    let answer = wallee.ask(Method::GET, &page_target(&transaction)?, None).await?;
    page_address(&answer.body, wallee.environment).ok_or_else(|| answers::unreadable(answer.status))
}

/// Where a transaction for new details of `token` is made.
///
/// # Errors
/// `Refused` for an id that cannot stand in a path.
pub(super) fn transaction_target(token: &str) -> Result<Target, ProviderError> {
    Target::of_object(TOKENS, token, "/create-transaction-for-token-update")
}

/// Where the page of a transaction is asked for.
///
/// # Errors
/// As [`transaction_target`].
pub(super) fn page_target(transaction: &str) -> Result<Target, ProviderError> {
    Target::of_object(TRANSACTIONS, transaction, "/payment-page-url")
}

/// The id of a transaction made for `token`; none when it says that it is for another.
pub(super) fn transaction_of(body: &Value, token: &str) -> Option<String> {
    let told = reading::object_id(&body["token"]);
    told.is_none_or(|told| told == token)
        .then(|| reading::object_id(body))?
}

/// The address of a page a person is to open: https, or this computer's own for the demo. Whether it comes as bare text
/// or as a JSON string is not documented (wallee fact sheet, section 3.3).
pub(super) fn page_address(body: &[u8], environment: Environment) -> Option<String> {
    let text = match serde_json::from_slice::<Value>(body) {
        Ok(Value::String(text)) => text,
        Ok(_) => return None,
        Err(_) => str::from_utf8(body).ok()?.to_owned(),
    };
    let text = text.trim();
    let url = Url::parse(text)
        .ok()
        .filter(|_| text.chars().count() <= MAX_URL_CHARS)?;
    let is_here = match url.host()? {
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
        Host::Domain(_) => false,
    };
    let is_page =
        url.scheme() == "https" || (url.scheme() == "http" && is_here && environment == Environment::Demo);
    // Somebody's name before the host makes another host look like the right one.
    let is_plain = url.username().is_empty() && url.password().is_none();
    let is_one_line = !text.chars().any(|c| c.is_control() || c.is_whitespace());
    (is_page && is_plain && is_one_line).then(|| text.to_owned())
}

fn token_body(new: &NewToken) -> Result<Value, ProviderError> {
    let fits = |text: &Option<String>, limit: usize| {
        text.as_deref()
            .is_none_or(|text| text.chars().count() <= limit && !contains_card_number(text))
    };
    let is_printable = new
        .reference
        .as_deref()
        .is_none_or(|text| text.chars().all(|c| c == '\t' || (' '..='~').contains(&c)));
    let is_sendable = !new.external_id.trim().is_empty()
        && !contains_card_number(&new.external_id)
        && fits(&new.reference, MAX_REFERENCE_CHARS)
        && is_printable
        && fits(&new.email, MAX_EMAIL_CHARS)
        && fits(&new.customer_id, usize::MAX);
    if !is_sendable {
        return Err(ProviderError::new(ProviderErrorKind::Refused));
    }
    let mut body = Map::from_iter([("externalId".to_owned(), json!(new.external_id))]);
    let optional = [
        ("customerId", &new.customer_id),
        ("customerEmailAddress", &new.email),
        ("tokenReference", &new.reference),
    ];
    for (name, value) in optional {
        if let Some(value) = value {
            body.insert(name.to_owned(), json!(value));
        }
    }
    Ok(Value::Object(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new() -> NewToken {
        NewToken {
            external_id: "b1c6c1d2-0002".into(),
            customer_id: None,
            email: None,
            reference: None,
        }
    }

    #[test]
    fn only_what_is_given_is_sent() {
        assert_eq!(token_body(&new()).unwrap(), json!({"externalId":"b1c6c1d2-0002"}));
        let whole = NewToken {
            customer_id: Some("89".into()),
            email: Some("rita@example.org".into()),
            reference: Some("CUST-89\t~".into()),
            ..new()
        };
        assert_eq!(
            token_body(&whole).unwrap(),
            json!({"externalId":"b1c6c1d2-0002","customerId":"89","customerEmailAddress":"rita@example.org",
                   "tokenReference":"CUST-89\t~"})
        );
    }

    #[test]
    fn what_wallee_would_not_take_is_not_sent() {
        let refused = |token: NewToken| token_body(&token).unwrap_err();
        let some = |text: &str| Some(text.to_owned());
        for token in [
            NewToken {
                external_id: " ".into(),
                ..new()
            },
            NewToken {
                reference: some("CUST-ä"),
                ..new()
            },
            NewToken {
                reference: some("line\nbreak"),
                ..new()
            },
            NewToken {
                reference: Some("x".repeat(101)),
                ..new()
            },
            NewToken {
                email: Some(format!("{}@example.org", "x".repeat(140))),
                ..new()
            },
            NewToken {
                customer_id: some("4111 1111 1111 1111"),
                ..new()
            },
        ] {
            let error = refused(token);
            assert_eq!((error.kind, error.status), (ProviderErrorKind::Refused, None));
        }
    }

    #[test]
    fn an_answer_about_another_token_is_none() {
        let body = json!({"id":7,"externalId":"a"});
        assert_eq!(created(&body, "a").unwrap().remote_id, "7");
        assert!(created(&body, "b").is_none());
        assert_eq!(created(&json!({"id":7}), "b").unwrap().remote_id, "7");
        assert!(created(&json!({"externalId":"a"}), "a").is_none());
        assert_eq!(
            transaction_of(&json!({"id":9,"token":{"id":7}}), "7").as_deref(),
            Some("9")
        );
        assert_eq!(transaction_of(&json!({"id":"9"}), "7").as_deref(), Some("9"));
        assert_eq!(transaction_of(&json!({"id":9,"token":{"id":8}}), "7"), None);
        assert_eq!(transaction_of(&json!({"token":{"id":7}}), "7"), None);
    }

    #[test]
    fn a_page_is_https_or_on_this_computer() {
        let live = |text: &str| page_address(text.as_bytes(), Environment::Live);
        let demo = |text: &str| page_address(text.as_bytes(), Environment::Demo);
        let page = "https://app-wallee.com/s/1/payment/transaction/pay/2?securityToken=x";
        assert_eq!(live(page).as_deref(), Some(page));
        assert_eq!(live(&format!("\"{page}\"\n")).as_deref(), Some(page));
        let here = "http://127.0.0.1:4020/s/1/payment/transaction/pay/2";
        assert_eq!(demo(here).as_deref(), Some(here));
        assert_eq!(live(here), None);
        for bad in [
            "",
            "null",
            "{}",
            "http://app-wallee.com/",
            "javascript:alert(1)",
            "file:///etc/passwd",
            "https://app-wallee.com@evil.example/",
            "https://app-wallee.com/a b",
            "https://app-wallee.com/\nhttps://evil.example/",
            "<html>https://app-wallee.com</html>",
            &format!("https://app-wallee.com/{}", "x".repeat(2_000)),
        ] {
            assert_eq!(demo(bad), None, "{bad}");
        }
        assert_eq!(page_address(&[0xff, 0xfe], Environment::Live), None);
    }
}
