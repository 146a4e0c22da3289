//! Calls about customer tokens and their verification (ProcessOut fact sheet, section 5).
//!
//! A holder who has something to do comes back with a `gway_req_`: an encoded request, whose address carries what the
//! holder did as `answer=passed`, `refused` or `lost`. The last one leaves a verification nobody knows the end of.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Here;
use super::body::Body;
use super::customers::{self, lay_metadata};
use super::errors::{Answered, Refusal};
use super::generate::fresh_id;
use super::paging::Page;
use super::shape::{self, Digits, Wanted};
use super::switches::{DefaultDeleted, DeleteAgain, MetadataUpdate, MissingCustomer, Tolerance, Unverified};
use super::world::{Token, TokensOf, Verdict, World};

/// The place of a token of this customer that is still there.
pub(super) fn find(world: &World, customer: usize, id: &str) -> Answered<usize> {
    world
        .place("tok_", id)
        .filter(|place| !world.tokens[*place].gone && world.tokens[*place].customer == customer)
        .ok_or_else(|| Refusal::missing("token"))
}

/// The same by both ids of a path; the tokens of a customer who is gone may have been left.
fn find_both(world: &World, customer: &str, id: &str) -> Answered<usize> {
    let place = world
        .place("cust_", customer)
        .ok_or_else(|| Refusal::missing("customer"))?;
    let found = find(world, place, id);
    if world.customers[place].gone && found.is_err() {
        return Err(Refusal::missing("customer"));
    }
    found
}

fn shown(here: &Here<'_>, place: usize, digits: Digits, action: Option<Value>) -> Value {
    let wanted = Wanted {
        card: true,
        ..Wanted::default()
    };
    let token = shape::token(here.world, place, digits, wanted, here.switches);
    let mut out = json!({ "success": true, "token": token });
    if let Some(action) = action {
        out["customer_action"] = action;
    }
    out
}

pub(super) fn list(
    here: &mut Here<'_>,
    customer: &str,
    query: &[(String, String)],
    expand: &[String],
) -> Answered {
    let owner = customers::find(here.world, customer)?;
    let wanted = Wanted::of_tokens(expand, here.switches)?;
    let page = Page::of(query, here.switches)?;
    let part = page.choose(&TokensOf(here.world, owner), here.switches)?;
    let rows = part
        .places
        .iter()
        .map(|nth| here.world.customers[owner].tokens[*nth])
        .map(|place| shape::token(here.world, place, Digits::Six, wanted, here.switches))
        .collect();
    Ok(part.envelope("tokens", rows))
}

pub(super) fn read(here: &mut Here<'_>, customer: &str, id: &str, expand: &[String]) -> Answered {
    let wanted = Wanted::of_tokens(expand, here.switches)?;
    let place = find_both(here.world, customer, id)?;
    let token = shape::token(
        here.world,
        place,
        Digits::Six,
        Wanted { card: true, ..wanted },
        here.switches,
    );
    Ok(json!({ "success": true, "token": token }))
}

/// What a `source` names.
enum Source {
    /// Place of a card.
    Card(usize),
    /// What its holder did.
    CameBack(String),
}

fn source(world: &World, text: &str) -> Answered<Source> {
    let invalid = || Refusal::new(400, "request.source.invalid", "The source is invalid.");
    if let Some(encoded) = text.strip_prefix("gway_req_") {
        let request = STANDARD
            .decode(encoded)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
            .ok_or_else(invalid)?;
        let address = request.get("url").and_then(Value::as_str).ok_or_else(invalid)?;
        let answer = address
            .split(['?', '&'])
            .find_map(|part| part.strip_prefix("answer="))
            .unwrap_or("passed");
        return Ok(Source::CameBack(answer.to_owned()));
    }
    if !text.starts_with("card_") {
        return Err(invalid());
    }
    let place = world
        .place("card_", text)
        .filter(|place| !world.cards[*place].gone)
        .ok_or_else(|| Refusal::missing("card"))?;
    if world.cards[place].used {
        return Err(Refusal::new(
            400,
            "request.source.card-already-used",
            "This card was used already.",
        ));
    }
    Ok(Source::Card(place))
}

pub(super) fn create(here: &mut Here<'_>, customer: &str, body: &Body) -> Answered {
    let owner = customers::find(here.world, customer)?;
    let text = |name: &str| body.text(name, name).map(|said| said.value());
    let description = text("description")?;
    if description
        .as_ref()
        .is_some_and(|text| text.chars().count() > 255)
    {
        return Err(Refusal::invalid("description"));
    }
    let mut metadata = super::body::Metadata::new();
    lay_metadata(&mut metadata, body, MetadataUpdate::Replaces)?;
    let source = text("source")?
        .map(|text| source(here.world, &text))
        .transpose()?;
    let mut verify = body.flag("verify")?.unwrap_or(false);
    if verify && source.is_some() {
        match here.switches.verify_with_source {
            Tolerance::Accepted => {}
            Tolerance::Ignored => verify = false,
            Tolerance::Refused => {
                return Err(Refusal::new(
                    400,
                    "request.source.invalid",
                    "A source cannot be sent together with verify.",
                ));
            }
        }
    }
    let place = here.world.add_token(Token {
        id: fresh_id("tok_"),
        customer: owner,
        kind: "pending".to_owned(),
        card: None,
        gateway: None,
        subscription_only: false,
        chargeable: false,
        verification: if verify { "pending" } else { "not-requested" }.to_owned(),
        verify_on_attach: verify,
        challenged: None,
        summary: None,
        description,
        metadata,
        return_url: text("return_url")?,
        cancel_url: text("cancel_url")?,
        manual_invoice_cancellation: body.flag("manual_invoice_cancellation")?,
        invoice_id: text("invoice_id")?,
        created: here.now,
        gone: false,
    });
    let attached = match source {
        Some(source) => attach(here, place, source, verify),
        None => Ok(None),
    };
    let action = match attached {
        Ok(action) => action,
        Err(refusal) => {
            if here.switches.declined_token_stays {
                here.tell_token("customer.token.created", place);
            } else {
                here.world.tokens[place].gone = true;
            }
            return Err(refusal);
        }
    };
    if body.flag("set_default")?.unwrap_or(false) {
        make_default(here.world, place);
    }
    here.tell_token("customer.token.created", place);
    Ok(shown(here, place, Digits::Nine, action))
}

pub(super) fn update(here: &mut Here<'_>, customer: &str, id: &str, body: &Body) -> Answered {
    let place = find_both(here.world, customer, id).map_err(|refusal| {
        let known = here.world.place("cust_", customer);
        let missing = known.is_none_or(|place| here.world.customers[place].gone);
        if missing && here.switches.update_missing_customer == MissingCustomer::BadRequest {
            refusal.with_status(400)
        } else {
            refusal
        }
    })?;
    let mut metadata = here.world.tokens[place].metadata.clone();
    lay_metadata(&mut metadata, body, here.switches.metadata_update)?;
    let source = body
        .text("source", "source")?
        .value()
        .map(|text| source(here.world, &text))
        .transpose()?;
    let verify = body.flag("verify")?.unwrap_or(false) || here.world.tokens[place].verify_on_attach;
    let set_default = body.flag("set_default")?.unwrap_or(false);
    here.world.tokens[place].metadata = metadata;
    let attached = match source {
        Some(source) => attach(here, place, source, verify),
        None => Ok(None),
    };
    if set_default {
        make_default(here.world, place);
    }
    here.tell_token("customer.token.updated", place);
    let action = attached?;
    if !here.switches.update_answers_token {
        return Ok(match action {
            Some(action) => json!({ "success": true, "customer_action": action }),
            None => json!({ "success": true }),
        });
    }
    Ok(shown(here, place, Digits::Nine, action))
}

// Only what can be charged can stand for its customer.
fn make_default(world: &mut World, place: usize) {
    let token = &world.tokens[place];
    if token.chargeable && !token.subscription_only {
        world.customers[token.customer].default_token = Some(place);
    }
}

/// Attaches a source; what its holder has to do, if anything.
fn attach(here: &mut Here<'_>, place: usize, source: Source, verify: bool) -> Answered<Option<Value>> {
    let (card, verdict) = match source {
        Source::Card(card) => {
            here.world.cards[card].used = true;
            (card, here.world.cards[card].verdict)
        }
        Source::CameBack(answer) => return came_back(here, place, &answer),
    };
    let token = &mut here.world.tokens[place];
    token.kind = "card".to_owned();
    token.card = Some(card);
    token.summary = Some(format!("**** **** **** {}", here.world.cards[card].last4));
    if !verify {
        let (told, chargeable) = match here.switches.unverified {
            Unverified::NotRequested => ("not-requested", true),
            Unverified::Pending => ("pending", false),
            Unverified::PendingChargeable => ("pending", true),
        };
        token.verification = told.to_owned();
        token.chargeable = chargeable;
        if here.switches.attach_moves_default {
            make_default(here.world, place);
        }
        return Ok(None);
    }
    match verdict {
        Verdict::Passes => {
            pass(here, place);
            Ok(None)
        }
        Verdict::AsksHolder => {
            token.verification = "pending".to_owned();
            token.chargeable = false;
            token.challenged = Some(card);
            let value = format!("https://checkout.example.com/3ds/{}", token.id);
            Ok(Some(
                json!({ "type": "redirect", "value": value, "metadata": {} }),
            ))
        }
        Verdict::Declined(kind) => {
            token.verification = "failed".to_owned();
            token.chargeable = false;
            Err(Refusal::declined(kind))
        }
    }
}

fn pass(here: &mut Here<'_>, place: usize) {
    let token = &mut here.world.tokens[place];
    token.verification = "success".to_owned();
    token.chargeable = true;
    token.verify_on_attach = false;
    token.challenged = None;
    if here.switches.attach_moves_default {
        make_default(here.world, place);
    }
}

fn came_back(here: &mut Here<'_>, place: usize, answer: &str) -> Answered<Option<Value>> {
    let token = &mut here.world.tokens[place];
    if token.challenged.is_none() {
        if token.card.is_some() {
            return Err(Refusal::new(
                400,
                "request.source.invalid",
                "The source is invalid.",
            ));
        }
        // The way of a payment method that is no card.
        token.kind = "gateway_token".to_owned();
        token.gateway = Some("gway_conf_c23e011db34f4bac44e051840dfa3783".to_owned());
        token.summary = Some("a wallet".to_owned());
        token.chargeable = true;
        if here.switches.attach_moves_default {
            make_default(here.world, place);
        }
        return Ok(None);
    }
    match answer {
        "refused" => {
            token.verification = "failed".to_owned();
            token.challenged = None;
            Err(Refusal::declined("card.failed-authentication"))
        }
        "lost" => {
            token.verification = "unknown".to_owned();
            token.challenged = None;
            Ok(None)
        }
        _ => {
            pass(here, place);
            Ok(None)
        }
    }
}

pub(super) fn delete(here: &mut Here<'_>, customer: &str, id: &str) -> Answered {
    match find_both(here.world, customer, id) {
        Ok(place) => {
            remove(here, place);
            Ok(json!({ "success": true }))
        }
        Err(refusal) => {
            let known = here.world.place("tok_", id).is_some();
            if known && here.switches.delete_again == DeleteAgain::Ok {
                Ok(json!({ "success": true }))
            } else {
                Err(refusal)
            }
        }
    }
}

/// Deletes a token.
pub(super) fn remove(here: &mut Here<'_>, place: usize) {
    let owner = here.world.tokens[place].customer;
    let was_default = here.world.is_default(place);
    here.tell_token("customer.token.deleted", place);
    here.world.tokens[place].gone = true;
    if was_default {
        let next = match here.switches.default_deleted {
            DefaultDeleted::None => None,
            DefaultDeleted::Newest => here.world.tokens_of(owner).find(|other| {
                let token = &here.world.tokens[*other];
                token.chargeable && !token.subscription_only
            }),
        };
        here.world.customers[owner].default_token = next;
    }
}
