//! What each step asks and what its answer means.
//!
//! Must not know: which step comes when.

use super::run::{EXTERNAL_ID, Run, Said, TOKEN, TRANSACTION};
use crate::bench::StepResult;
use crate::error::{ProviderError, ProviderErrorKind};
use crate::http::Answer;
use crate::wallee::creating::{created, page_address, page_target, transaction_of, transaction_target};
use crate::wallee::target::Target;
use crate::wallee::{BRAND, TOKENS, answers, asked_token, reading};
use reqwest::Method;
use serde_json::{Value, json};
use tokendesk_model::{TokenSnapshot, TokenState};
use uuid::Uuid;

/// A token under a new external id; one whose answer was lost is asked for under the same again.
pub(super) async fn create(run: &mut Run<'_>) -> Result<Said, Said> {
    if run.known(TOKEN).is_some() {
        run.forget(EXTERNAL_ID);
        run.forget(TOKEN);
        run.forget(TRANSACTION);
    }
    let external_id = run
        .known(EXTERNAL_ID)
        .unwrap_or_else(|| Uuid::new_v4().to_string());
    run.know(EXTERNAL_ID, &external_id);
    let answer = match post_token(run, &external_id).await? {
        Ok(answer) => answer,
        Err(error) => return Ok(refused("The token was not created.", &error)),
    };
    let Some(token) = body_of(&answer).and_then(|body| created(&body, &external_id)) else {
        return Err(Said::unreadable());
    };
    run.know(TOKEN, &token.remote_id);
    let documented = answer.status == 201 && token.state == TokenState::Active;
    let said = Said::documented(
        "created",
        "The token is there, without card details: it cannot be charged yet.",
        "Go on with the next step.",
    );
    let said = if documented {
        said
    } else {
        Said {
            result: StepResult::Otherwise,
            meaning: "The token is there; status or state are not the documented 201 and ACTIVE.".to_owned(),
            ..said
        }
    };
    Ok(told(said, &token).fact("External id", Some(external_id)))
}

/// The same external id once more.
pub(super) async fn create_again(run: &mut Run<'_>, external_id: &str, first: &str) -> Result<Said, Said> {
    let answer = match post_token(run, external_id).await? {
        Ok(answer) => answer,
        Err(error) => return Ok(refused("A repeated creation was refused.", &error)),
    };
    let Some(token) = body_of(&answer).and_then(|body| created(&body, external_id)) else {
        return Err(Said::unreadable());
    };
    let said = if token.remote_id == first {
        Said::documented(
            "same_token",
            "The same token came back; nothing was created. A creation whose answer is lost can be repeated.",
            "Switch the token off.",
        )
    } else {
        Said::otherwise(
            "another_token",
            "A second token was created under the same external id, which the documents rule out.",
        )
    };
    Ok(told(said, &token))
}

/// An update with the state, between two reads.
pub(super) async fn switch(run: &mut Run<'_>, token: &str, active: bool) -> Result<Said, Said> {
    let Some(before) = read_token(run, token).await? else {
        return Ok(gone());
    };
    let (wanted, word) = if active {
        (TokenState::Active, "ACTIVE")
    } else {
        (TokenState::Inactive, "INACTIVE")
    };
    let body = json!({ "version": before.version, "state": word });
    let target = token_target(token)?;
    let refusal = run.ask(Method::PATCH, &target, Some(body)).await?.err();
    if let Some(error) = &refusal
        && error.kind == ProviderErrorKind::VersionConflict
    {
        return Ok(refused("Somebody changed the token meanwhile.", error));
    }
    let Some(after) = read_token(run, token).await? else {
        return Ok(gone());
    };
    let next = if active {
        "Delete the token."
    } else {
        "Switch it on."
    };
    let said = match (refusal, after.state == wanted, before.state == wanted) {
        (Some(error), true, false) => refused(
            "The update was refused, and the state is the one asked for all the same.",
            &error,
        ),
        (Some(error), _, _) => Said::documented(
            "refused",
            "The update was refused: as documented, none has a state. wallee's own pages can change it.",
            next,
        )
        .fact("In its words", error.message),
        (None, true, true) => Said::documented(
            "unchanged",
            "It was in this state before, so nothing is learnt from this.",
            next,
        ),
        (None, true, false) => Said {
            next: next.to_owned(),
            ..Said::otherwise(
                "accepted",
                "The state was changed and read back, although no documented update has one.",
            )
        },
        (None, false, _) => Said::documented(
            "ignored",
            "The update was taken and the state left as it was: as documented, none has a state. wallee's own pages can \
             change it.",
            next,
        ),
    };
    Ok(told(said, &after))
}

/// The deletion, then what is shown of it.
pub(super) async fn delete(run: &mut Run<'_>, token: &str) -> Result<Said, Said> {
    let target = token_target(token)?;
    match run.ask(Method::DELETE, &target, None).await? {
        Ok(_) => read(run, token).await,
        Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(gone()),
        // A second deletion may be refused, so what counts is what the token says.
        Err(error) => match read_token(run, token).await? {
            None => Ok(gone()),
            Some(after) if matches!(after.state, TokenState::Deleting | TokenState::Deleted) => {
                Ok(told(leaving(&after), &after).fact("In its words", error.message))
            }
            Some(after) => Ok(told(refused("The deletion was refused.", &error), &after)),
        },
    }
}

/// What is shown of the token now.
pub(super) async fn read(run: &mut Run<'_>, token: &str) -> Result<Said, Said> {
    let Some(now) = read_token(run, token).await? else {
        return Ok(gone());
    };
    let said = match &now.state {
        TokenState::Deleting | TokenState::Deleted => leaving(&now),
        other => Said::otherwise(
            match other {
                TokenState::Creating => "creating",
                TokenState::Active => "active",
                TokenState::Inactive => "inactive",
                _ => "unknown",
            },
            "The token is not being deleted.",
        ),
    };
    Ok(told(said, &now))
}

/// A transaction for new details, and its page. A page that could not be asked for is asked for again, without a second
/// transaction.
pub(super) async fn page(run: &mut Run<'_>, token: &str) -> Result<Said, Said> {
    let transaction = match run.known(TRANSACTION) {
        Some(transaction) => transaction,
        None => {
            let target = transaction_target(token).map_err(|_| Said::unreadable())?;
            let answer = match run.ask(Method::POST, &target, None).await? {
                Ok(answer) => answer,
                Err(error) => return Ok(refused("No transaction is made for this token.", &error)),
            };
            body_of(&answer)
                .and_then(|body| transaction_of(&body, token))
                .ok_or_else(Said::unreadable)?
        }
    };
    run.know(TRANSACTION, &transaction);
    let target = page_target(&transaction).map_err(|_| Said::unreadable())?;
    let answer = match run.ask(Method::GET, &target, None).await? {
        Ok(answer) => answer,
        Err(error) => return Ok(refused("The transaction has no page.", &error)),
    };
    let Some(address) = page_address(&answer.body, run.wallee.environment) else {
        return Err(Said::unreadable());
    };
    run.forget(TRANSACTION);
    let mut said = Said::documented(
        "page",
        "The buyer enters the new card on this page; nothing is charged.",
        "Open the page and enter a card, then look at it.",
    )
    .fact("Transaction", Some(transaction));
    said.link = Some(address);
    Ok(said)
}

/// The card in use.
pub(super) async fn details(run: &mut Run<'_>, token: &str) -> Result<Said, Said> {
    let target = Target::of_object(TOKENS, token, "/active-version")
        .map_err(|_| Said::unreadable())?
        .with("expand", BRAND);
    let none = || {
        Said::documented(
            "none",
            "The token has no card in use: the buyer has entered none yet.",
            "Enter a card on the page, then look again.",
        )
    };
    let answer = match run.ask(Method::GET, &target, None).await? {
        Ok(answer) if answer.body.is_empty() => return Ok(none()),
        Ok(answer) => answer,
        Err(error) if error.kind == ProviderErrorKind::NotFound => return Ok(none()),
        Err(error) => return Ok(refused("The card is not shown.", &error)),
    };
    let body = body_of(&answer).ok_or_else(Said::unreadable)?;
    if body.is_null() {
        return Ok(none());
    }
    let version = reading::version(&body, Some(token))
        .filter(|version| version.token_remote_id == token)
        .ok_or_else(Said::unreadable)?;
    Ok(Said::documented(
        "saved",
        "The card entered is the token's active version; an older one is obsolete.",
        "Delete the token.",
    )
    .fact("Card", version.name)
    .fact(
        "Brand",
        version.card.brand.map(|brand| brand.display_name().to_owned()),
    )
    .fact("Last four", version.card.last4)
    .fact("Expiry", version.card.expiry.map(|expiry| expiry.to_string()))
    .fact("Version", Some(version.remote_id)))
}

async fn post_token(run: &mut Run<'_>, external_id: &str) -> Result<Result<Answer, ProviderError>, Said> {
    // Nobody's customer id, so that a checkout can never offer this token to a buyer.
    let body = json!({
        "externalId": external_id, "tokenReference": "Tokendesk test bench",
        "customerId": format!("tokendesk-bench-{external_id}"), "enabledForOneClickPayment": false,
    });
    run.ask(Method::POST, &Target::in_space(TOKENS), Some(body)).await
}

async fn read_token(run: &mut Run<'_>, token: &str) -> Result<Option<TokenSnapshot>, Said> {
    let target = token_target(token)?;
    match run.ask(Method::GET, &target, None).await? {
        Ok(answer) => body_of(&answer)
            .and_then(|body| asked_token(&body, token))
            .map(Some)
            .ok_or_else(Said::unreadable),
        Err(error) if error.kind == ProviderErrorKind::NotFound => Ok(None),
        Err(error) => Err(refused("The token is not shown.", &error)),
    }
}

fn token_target(token: &str) -> Result<Target, Said> {
    Target::of_object(TOKENS, token, "").map_err(|_| Said::unreadable())
}

fn body_of(answer: &Answer) -> Option<Value> {
    answers::json(answer).ok()
}

fn told(said: Said, token: &TokenSnapshot) -> Said {
    said.fact("Token", Some(token.remote_id.clone()))
        .fact("State", Some(token.state.as_str().to_owned()))
        .fact("Version", Some(token.version.to_string()))
        .fact(
            "Planned purge",
            token.planned_purge_on.map(|date| date.to_rfc3339()),
        )
}

fn leaving(token: &TokenSnapshot) -> Said {
    let (outcome, meaning, next) = match token.state {
        TokenState::Deleting => (
            "deleting",
            "The deletion is under way and cannot be taken back.",
            "Read the token again in a moment.",
        ),
        _ => (
            "deleted",
            "The token is deleted. It can be read until the planned purge date, then it is gone.",
            "",
        ),
    };
    if token.planned_purge_on.is_some() {
        return Said::documented(outcome, meaning, next);
    }
    Said {
        next: next.to_owned(),
        ..Said::otherwise(
            outcome,
            "The deletion is taken, without the planned purge date the documents announce.",
        )
    }
}

fn gone() -> Said {
    Said::documented("gone", "wallee no longer finds the token.", "")
}

fn refused(meaning: &str, error: &ProviderError) -> Said {
    let outcome = match error.kind {
        ProviderErrorKind::VersionConflict => "conflict",
        ProviderErrorKind::NotFound => "not_found",
        _ => "refused",
    };
    Said::otherwise(outcome, meaning)
        .fact("In its words", error.message.clone())
        .fact("Error id", error.request_id.clone())
}
