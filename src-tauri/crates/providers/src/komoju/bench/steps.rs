//! The steps themselves: what is sent, and what its answer means.

use super::super::link::Key;
use super::super::reading;
use super::Bench;
use super::flows::step;
use super::recorder::{Heard, Recorder};
use super::told::{
    EMAIL_ONLY, REFUSED, Told, documented_if, fact, known, refusal, senseless, token_life, unexpected, used,
    written,
};
use crate::bench::{StepDone, StepResult};
use chrono::{DateTime, Duration, Utc};
use serde_json::{Value, json};

/// What everything here is paid in.
const CURRENCY: &str = "JPY";

impl Bench {
    pub(super) async fn create_token(
        &self,
        mut calls: Recorder<'_>,
        kind: &str,
        shown: Option<&str>,
        details: Value,
    ) -> StepDone {
        let heard = calls
            .post(
                &["tokens"],
                Key::Publishable,
                &json!({ "payment_details": details }),
            )
            .await;
        let body = match heard {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(id) = reading::object_id(&body) else {
            return senseless(calls);
        };
        let made = reading::instant(&body["created_at"]).unwrap_or_else(|| self.link.now());
        let known = &mut calls.state.known;
        known.remove(known::TOKEN_USED);
        for (name, value) in [
            (known::TOKEN, id.as_str()),
            (known::TOKEN_KIND, kind),
            (known::TOKEN_SHOWN, shown.unwrap_or_default()),
            (known::TOKEN_MADE, &written(made)),
        ] {
            known.insert(name.to_owned(), value.to_owned());
        }
        let told = Told {
            outcome: "created".to_owned(),
            meaning: "The token stands for these details once, for 24 hours; it tells no card facts and cannot be read, \
                      listed or taken back."
                .to_owned(),
            next: "Use it within 24 hours.".to_owned(),
            facts: vec![
                fact("Token", &id),
                fact("Works until, unused", &written(made + token_life())),
            ],
            ..Told::documented()
        };
        told.done(calls)
    }

    pub(super) async fn pay(&self, mut calls: Recorder<'_>, token: &str, amount: u64) -> StepDone {
        let body = match calls
            .post(&["payments"], Key::Secret, &payment(token, amount))
            .await
        {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(id) = reading::object_id(&body) else {
            return senseless(calls);
        };
        calls.state.known.insert(known::PAYMENT.to_owned(), id.clone());
        used(&mut calls.state, step::PAY);
        let status = word(&body["status"]);
        let link = reading::text(&body["payment_details"]["instructions_url"]).filter(|link| is_page(link));
        let by_email = calls.state.known.get(known::TOKEN_KIND).map(String::as_str) == Some(EMAIL_ONLY);
        let (as_documented, meaning, next) = if by_email {
            (
                status == "authorized" && link.is_some(),
                "The payment waits for the buyer, who pays it at a convenience store.",
                "Show the buyer the page with the instructions.",
            )
        } else {
            (
                status == "captured",
                "The card was charged; the token is used up.",
                "Use the token again to see it refused.",
            )
        };
        let mut facts = vec![fact("Payment", &id), fact("Status", &status)];
        if let Some(deadline) = reading::text(&body["payment_deadline"]) {
            facts.push(fact("To be paid before", &deadline));
        }
        let told = Told {
            result: documented_if(as_documented),
            outcome: status,
            meaning: meaning.to_owned(),
            next: next.to_owned(),
            facts,
            link,
        };
        told.done(calls)
    }

    pub(super) async fn create_session(&self, mut calls: Recorder<'_>, amount: u64) -> StepDone {
        let body = json!({ "mode": "payment", "amount": amount, "currency": CURRENCY });
        let body = match calls.post(&["sessions"], Key::Secret, &body).await {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(id) = reading::object_id(&body) else {
            return senseless(calls);
        };
        calls.state.known.insert(known::SESSION.to_owned(), id.clone());
        let status = word(&body["status"]);
        let told = Told {
            result: documented_if(status == "pending"),
            outcome: status,
            meaning: "The session waits to be paid, for at most 24 hours.".to_owned(),
            next: "Create a token to pay it with.".to_owned(),
            facts: vec![fact("Session", &id)],
            link: reading::text(&body["session_url"]).filter(|link| is_page(link)),
        };
        told.done(calls)
    }

    pub(super) async fn pay_session(&self, mut calls: Recorder<'_>, session: &str, token: &str) -> StepDone {
        let body = json!({ "payment_details": token });
        let heard = calls
            .post(&["sessions", session, "pay"], Key::Publishable, &body)
            .await;
        let body = match heard {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        used(&mut calls.state, step::PAY_SESSION);
        let status = word(&body["status"]);
        let mut facts = vec![fact("Session", session), fact("Status", &status)];
        if let Some(payment) = reading::object_id(&body["payment"]) {
            facts.push(fact("Payment", &payment));
            facts.push(fact("Payment status", &word(&body["payment"]["status"])));
            calls.state.known.insert(known::PAYMENT.to_owned(), payment);
        }
        let told = Told {
            result: documented_if(status == "completed"),
            outcome: status,
            meaning: "The session is paid; the token is used up.".to_owned(),
            next: "Use the token again to see it refused.".to_owned(),
            facts,
            link: reading::text(&body["redirect_url"]).filter(|link| is_page(link)),
        };
        told.done(calls)
    }

    pub(super) async fn create_customer(
        &self,
        mut calls: Recorder<'_>,
        token: &str,
        email: &str,
    ) -> StepDone {
        let body = json!({ "payment_details": token, "email": email });
        let body = match calls.post(&["customers"], Key::Secret, &body).await {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let Some(customer) = reading::token(&body) else {
            return senseless(calls);
        };
        used(&mut calls.state, step::CREATE_CUSTOMER);
        let id = customer.remote_id.clone();
        calls.state.known.insert(known::CUSTOMER.to_owned(), id.clone());
        let mut facts = vec![fact("Customer", &id)];
        let card = reading::details(&body, &customer).map(|details| details.card);
        let end = card.as_ref().and_then(|card| card.last4.clone());
        if let Some(end) = &end {
            facts.push(fact("Saved card", &format!("•••• {end}")));
        }
        let told = Told {
            outcome: if card.is_some() { "saved" } else { "created" }.to_owned(),
            meaning: if card.is_some() {
                "The card is saved with the new customer; it can be charged again without a token."
            } else {
                "The customer was created; the answer does not tell its saved card."
            }
            .to_owned(),
            next: "Use the token again to see it refused; the customer appears among the cards.".to_owned(),
            facts,
            ..Told::documented()
        };
        told.done(calls)
    }

    pub(super) async fn use_again(&self, mut calls: Recorder<'_>, token: &str, amount: u64) -> StepDone {
        match calls
            .post(&["payments"], Key::Secret, &payment(token, amount))
            .await
        {
            Heard::Refused(error) => {
                let told = Told {
                    outcome: REFUSED.to_owned(),
                    meaning: "A token works once; it was used before.".to_owned(),
                    facts: refusal(&error),
                    ..Told::documented()
                };
                told.done(calls)
            }
            Heard::Success(body) => {
                let told = Told {
                    result: StepResult::Otherwise,
                    outcome: word(&body["status"]),
                    meaning: "The token worked a second time; its documents say that it works once."
                        .to_owned(),
                    ..Told::documented()
                };
                told.done(calls)
            }
            other => unexpected(calls, other),
        }
    }

    pub(super) fn look(&self, calls: Recorder<'_>, made: DateTime<Utc>) -> StepDone {
        let left = made + token_life() - self.link.now();
        let told = if left > Duration::zero() {
            Told {
                outcome: "unused".to_owned(),
                meaning: format!(
                    "The token can still be used, for {} hours and {} minutes.",
                    left.num_hours(),
                    left.num_minutes() % 60
                ),
                next: "Wait until it has run out, or use it now.".to_owned(),
                facts: vec![fact("Works until, unused", &written(made + token_life()))],
                ..Told::documented()
            }
        } else {
            Told {
                outcome: "run_out".to_owned(),
                meaning: "24 hours without use are over.".to_owned(),
                next: "Use it to see it refused.".to_owned(),
                facts: vec![fact("Worked until", &written(made + token_life()))],
                ..Told::documented()
            }
        };
        told.done_at(calls, left <= Duration::zero())
    }

    pub(super) async fn use_late(
        &self,
        mut calls: Recorder<'_>,
        token: &str,
        made: DateTime<Utc>,
        amount: u64,
    ) -> StepDone {
        let is_over = self.link.now() >= made + token_life();
        match calls
            .post(&["payments"], Key::Secret, &payment(token, amount))
            .await
        {
            Heard::Success(body) => {
                used(&mut calls.state, step::USE_LATE);
                let told = Told {
                    result: documented_if(!is_over),
                    outcome: word(&body["status"]),
                    meaning: if is_over {
                        "The token worked although 24 hours are over."
                    } else {
                        "24 hours were not over yet: this was the token's one use."
                    }
                    .to_owned(),
                    ..Told::documented()
                };
                told.done(calls)
            }
            Heard::Refused(error) => {
                // Its own words go before this computer's clock.
                let says_so = error
                    .message
                    .as_deref()
                    .is_some_and(|message| message.to_lowercase().contains("expire"));
                let told = Told {
                    result: documented_if(is_over || says_so),
                    outcome: REFUSED.to_owned(),
                    meaning: if is_over || says_so {
                        "The token was left unused for 24 hours and stopped working."
                    } else {
                        "The token was refused although it has time left: it may have been used elsewhere."
                    }
                    .to_owned(),
                    facts: refusal(&error),
                    ..Told::documented()
                };
                told.done_at(calls, is_over || says_so)
            }
            other => unexpected(calls, other),
        }
    }

    pub(super) async fn cancel_payment(&self, mut calls: Recorder<'_>, payment: &str) -> StepDone {
        let heard = calls
            .post(&["payments", payment, "cancel"], Key::Secret, &json!({}))
            .await;
        let body = match heard {
            Heard::Success(body) => body,
            other => return unexpected(calls, other),
        };
        let status = word(&body["status"]);
        let told = Told {
            result: documented_if(status == "cancelled"),
            outcome: status,
            meaning: "Nobody can pay it any more.".to_owned(),
            ..Told::documented()
        };
        told.done(calls)
    }

    pub(super) async fn delete_customer(&self, mut calls: Recorder<'_>, customer: &str) -> StepDone {
        match calls.delete(&["customers", customer]).await {
            Heard::Success(_) => {
                calls.state.known.remove(known::CUSTOMER);
                let told = Told {
                    outcome: "deleted".to_owned(),
                    meaning: "The customer is gone with its saved card.".to_owned(),
                    ..Told::documented()
                };
                told.done(calls)
            }
            other => unexpected(calls, other),
        }
    }
}

// Month and year with two digits each, as a card's front shows them; always three years ahead.
pub(super) fn card_details(number: &str, now: DateTime<Utc>) -> Value {
    let year = (now + Duration::days(3 * 365)).format("%y").to_string();
    json!({
        "type": "credit_card", "name": "Tokendesk Test", "number": number, "month": "12", "year": year,
        "verification_value": "123",
    })
}

fn payment(token: &str, amount: u64) -> Value {
    json!({
        "amount": amount, "currency": CURRENCY, "payment_details": token,
        "description": "Tokendesk test bench",
    })
}

// A status is a word; anything else is not passed on.
fn word(value: &Value) -> String {
    reading::text(value)
        .filter(|word| word.len() <= 40 && word.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
        .unwrap_or_else(|| "unknown".to_owned())
}

// What a browser may be sent to.
fn is_page(link: &str) -> bool {
    url::Url::parse(link).is_ok_and(|url| url.scheme() == "https" && url.has_host())
}
