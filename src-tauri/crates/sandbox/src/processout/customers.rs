//! Calls about customers (ProcessOut fact sheet, section 4). Knows nothing of credentials and sockets.

use std::collections::BTreeMap;
use std::net::IpAddr;

use chrono::DateTime;
use serde_json::{Value, json};

use super::Here;
use super::body::{Body, Said};
use super::errors::{Answered, Refusal};
use super::generate::fresh_id;
use super::paging::Page;
use super::shape::{self, CUSTOMER_TEXTS, Digits, Wanted};
use super::switches::{CustomerDeletion, DeleteAgain, MetadataUpdate, Tolerance};
use super::world::{Customer, Customers, World};

/// The place of a customer that is still there.
pub(super) fn find(world: &World, id: &str) -> Answered<usize> {
    world
        .place("cust_", id)
        .filter(|place| !world.customers[*place].gone)
        .ok_or_else(|| Refusal::missing("customer"))
}

fn shown(here: &Here<'_>, place: usize, digits: Digits, wanted: Wanted) -> Value {
    let customer = shape::customer(here.world, place, digits, wanted, here.switches);
    json!({ "success": true, "customer": customer })
}

pub(super) fn list(here: &mut Here<'_>, query: &[(String, String)], expand: &[String]) -> Answered {
    let wanted = Wanted::of_customers(expand, here.switches)?;
    let page = Page::of(query, here.switches)?;
    let part = page.choose(&Customers(here.world), here.switches)?;
    let rows = part
        .places
        .iter()
        .map(|place| shape::customer(here.world, *place, Digits::Six, wanted, here.switches))
        .collect();
    Ok(part.envelope("customers", rows))
}

pub(super) fn read(here: &mut Here<'_>, id: &str, expand: &[String]) -> Answered {
    let wanted = Wanted::of_customers(expand, here.switches)?;
    let place = find(here.world, id)?;
    Ok(shown(here, place, Digits::Six, wanted))
}

pub(super) fn create(here: &mut Here<'_>, body: &Body) -> Answered {
    let mut customer = Customer {
        id: fresh_id("cust_"),
        created: here.now,
        registered: None,
        born: None,
        texts: BTreeMap::new(),
        phone: None,
        currency: None,
        is_business: false,
        metadata: BTreeMap::new(),
        reference_id: None,
        default_token: None,
        tokens: Vec::new(),
        gone: false,
    };
    lay(&mut customer, body, MetadataUpdate::Replaces)?;
    body.text("reference_id", "reference-id")?
        .lay(&mut customer.reference_id);
    let fits = |text: &String| text.len() <= 80 && text.bytes().all(|b| b.is_ascii_graphic());
    if customer.reference_id.as_ref().is_some_and(|text| !fits(text)) {
        return Err(Refusal::invalid("reference-id"));
    }
    customer.currency = currency(body)?;
    let wanted = Wanted::of_customers(&body.expand(), here.switches)?;
    let place = here.world.add_customer(customer);
    here.tell_customer("customer.created", place);
    Ok(shown(here, place, Digits::Nine, wanted))
}

pub(super) fn update(here: &mut Here<'_>, id: &str, body: &Body) -> Answered {
    let place = find(here.world, id)?;
    let asked = currency(body)?;
    let current = &here.world.customers[place];
    let mut next = Customer {
        id: current.id.clone(),
        texts: current.texts.clone(),
        phone: current.phone.clone(),
        currency: current.currency.clone(),
        metadata: current.metadata.clone(),
        reference_id: current.reference_id.clone(),
        tokens: current.tokens.clone(),
        ..*current
    };
    lay(&mut next, body, here.switches.metadata_update)?;
    if asked.is_some() && asked != next.currency {
        match here.switches.currency_update {
            Tolerance::Ignored => {}
            // Set once, it stays.
            Tolerance::Accepted if next.currency.is_none() => next.currency = asked,
            Tolerance::Accepted | Tolerance::Refused => return Err(Refusal::invalid("currency")),
        }
    }
    if let Some(token) = body.text("default_token_id", "default-token-id")?.value() {
        next.default_token = Some(super::tokens::find(here.world, place, &token)?);
    }
    let moved = next.default_token != here.world.customers[place].default_token;
    here.world.customers[place] = next;
    here.tell_customer("customer.updated", place);
    if moved && let Some(token) = here.world.customers[place].default_token {
        here.tell_token("customer.token.updated", token);
    }
    let wanted = Wanted::of_customers(&body.expand(), here.switches)?;
    Ok(shown(here, place, Digits::Nine, wanted))
}

pub(super) fn delete(here: &mut Here<'_>, id: &str) -> Answered {
    let Ok(place) = find(here.world, id) else {
        let known = here.world.place("cust_", id).is_some();
        return if known && here.switches.delete_again == DeleteAgain::Ok {
            Ok(json!({ "success": true }))
        } else {
            Err(Refusal::missing("customer"))
        };
    };
    remove(here, place);
    Ok(json!({ "success": true }))
}

/// Deletes a customer.
pub(super) fn remove(here: &mut Here<'_>, place: usize) {
    here.tell_customer("customer.deleted", place);
    if here.switches.customer_deletion == CustomerDeletion::Cascades {
        let tokens: Vec<usize> = here.world.tokens_of(place).collect();
        for token in tokens {
            here.world.tokens[token].gone = true;
        }
        here.world.customers[place].default_token = None;
    }
    here.world.customers[place].gone = true;
}

fn currency(body: &Body) -> Answered<Option<String>> {
    let currency = body.text("currency", "currency")?.value();
    match currency {
        Some(code) if code.len() == 3 && code.bytes().all(|b| b.is_ascii_uppercase()) => Ok(Some(code)),
        Some(_) => Err(Refusal::invalid("currency")),
        None => Ok(None),
    }
}

/// Everything create and update have in common, checked before anything is kept.
pub(super) fn lay(customer: &mut Customer, body: &Body, metadata: MetadataUpdate) -> Answered<()> {
    for (name, longest, word) in CUSTOMER_TEXTS {
        match body.text(name, word)? {
            Said::Nothing => {}
            Said::Empty => _ = customer.texts.remove(name),
            Said::This(text) => {
                let text = match *name {
                    "first_name" | "last_name" => sanitised(&text),
                    _ => text,
                };
                if text.chars().count() > *longest || !fits(name, &text) {
                    return Err(Refusal::invalid(word));
                }
                customer.texts.insert(name, text);
            }
        }
    }
    if let Some(phone) = body.object("phone") {
        let part = |name: &str| phone.get(name).and_then(Value::as_str);
        if part("number").is_some_and(|number| number.len() > 14) {
            return Err(Refusal::invalid("phone-number"));
        }
        let code = part("dialing_code").map(|code| code.replace('+', "00"));
        customer.phone = Some((part("number").map(str::to_owned), code));
    }
    for (name, field) in [
        ("registered_at", &mut customer.registered),
        ("date_of_birth", &mut customer.born),
    ] {
        match body.text(name, "date")? {
            Said::Nothing => {}
            Said::Empty => *field = None,
            Said::This(text) => *field = Some(moment(&text).ok_or_else(|| Refusal::invalid("date"))?),
        }
    }
    if let Some(flag) = body.flag("is_business")? {
        customer.is_business = flag;
    }
    lay_metadata(&mut customer.metadata, body, metadata)
}

/// Metadata as an update lays it over what is there.
pub(super) fn lay_metadata(
    current: &mut super::body::Metadata,
    body: &Body,
    rule: MetadataUpdate,
) -> Answered<()> {
    match (body.metadata()?, rule) {
        (Said::Nothing, _) => {}
        (Said::Empty, _) => current.clear(),
        (Said::This(map), MetadataUpdate::Replaces) => *current = map,
        (Said::This(map), MetadataUpdate::Merges) => current.extend(map),
    }
    Ok(())
}

fn moment(text: &str) -> Option<i64> {
    if let Ok(seconds) = text.parse::<i64>() {
        return seconds.checked_mul(1_000_000_000);
    }
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_rfc2822(text))
        .ok()?
        .timestamp_nanos_opt()
}

fn fits(name: &str, text: &str) -> bool {
    match name {
        "email" => {
            let mut parts = text.split('@');
            let (local, host) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
            parts.next().is_none() && !local.is_empty() && host.contains('.') && !text.contains(' ')
        }
        "country_code" => text.len() == 2 && text.bytes().all(|b| b.is_ascii_alphabetic()),
        "ip_address" => text.parse::<IpAddr>().is_ok(),
        "sex" => matches!(text, "male" | "female"),
        _ => true,
    }
}

/// A name as ProcessOut keeps it: no emoji, no currency signs, nothing unprintable, blanks for underscores.
fn sanitised(name: &str) -> String {
    let dropped = |c: char| {
        c.is_control()
            || matches!(c, '$' | '€' | '£' | '¥' | '\u{200b}'..='\u{200f}' | '\u{2600}'..='\u{27bf}' | '\u{fe0f}')
            || c >= '\u{1f000}'
    };
    name.chars()
        .filter(|c| !dropped(*c))
        .map(|c| if c == '_' { ' ' } else { c })
        .collect()
}
