//! Calls about cards (ProcessOut fact sheet, sections 2.5 and 6). Only the test numbers its documents publish are taken,
//! and no number is kept.

use serde_json::{Value, json};

use super::Here;
use super::body::{Body, Metadata};
use super::customers::lay_metadata;
use super::errors::{Answered, Refusal};
use super::generate::fresh_id;
use super::paging::Page;
use super::shape::{self, Digits};
use super::switches::MetadataUpdate;
use super::world::{Card, Cards, Verdict, World};

/// Number, scheme, and what a verification comes to. What a later payment would come to plays no part here.
const TEST_CARDS: &[(&str, &str, Verdict)] = &[
    ("4242424242424242", "visa", Verdict::Passes),
    ("4000000000000101", "visa", Verdict::AsksHolder),
    ("4000000000001216", "visa", Verdict::Passes),
    ("4000000000000002", "visa", Verdict::Declined("card.declined")),
    ("4000000000002214", "visa", Verdict::Declined("card.expired")),
    ("4000000000006009", "visa", Verdict::Passes),
    ("4000000000004301", "visa", Verdict::Passes),
    ("5555555555554444", "mastercard", Verdict::Passes),
];

const CONTACT: &[&str] = &["address1", "address2", "city", "state", "zip", "country_code"];

fn find(world: &World, id: &str) -> Answered<usize> {
    world
        .place("card_", id)
        .filter(|place| !world.cards[*place].gone)
        .ok_or_else(|| Refusal::missing("card"))
}

fn shown(here: &Here<'_>, place: usize, digits: Digits) -> Value {
    json!({ "success": true, "card": shape::card(here.world, place, digits) })
}

pub(super) fn create(here: &mut Here<'_>, body: &Body) -> Answered {
    let invalid = |what: &str| {
        Refusal::new(
            400,
            format!("card.invalid-{what}"),
            format!("Your card’s {what} is invalid."),
        )
    };
    let text = |name: &str| body.text(name, name).map(|said| said.value());
    let number = text("number")?.unwrap_or_default();
    let (number, scheme, verdict) = TEST_CARDS
        .iter()
        .find(|(test, ..)| here.world.sandbox && *test == number)
        .ok_or_else(|| invalid("number"))?;
    let exp_month = text("exp_month")?
        .and_then(|month| month.parse().ok())
        .filter(|month| (1..=12).contains(month))
        .ok_or_else(|| invalid("month"))?;
    let exp_year = text("exp_year")?
        .and_then(|year| year.parse().ok())
        .filter(|year| (2000..=2100).contains(year))
        .ok_or_else(|| invalid("year"))?;
    let name = text("name")?;
    if name.as_ref().is_some_and(|name| name.chars().count() > 255) {
        return Err(invalid("name"));
    }
    let mut metadata = Metadata::new();
    lay_metadata(&mut metadata, body, MetadataUpdate::Replaces)?;
    let contact = body.object("contact");
    let place = here.world.add_card(Card {
        id: fresh_id("card_"),
        scheme: Some((*scheme).to_owned()),
        kind: Some("credit"),
        iin: number[..6].to_owned(),
        last4: number[12..].to_owned(),
        exp_month,
        exp_year,
        name: name.map(|name| name.replace('_', " ")),
        contact: CONTACT
            .iter()
            .filter_map(|key| Some((*key, contact?.get(*key)?.as_str()?.to_owned())))
            .collect(),
        country: "US",
        metadata,
        verdict: *verdict,
        used: false,
        created: here.now,
        updated: here.now,
        gone: false,
    });
    Ok(shown(here, place, Digits::Nine))
}

pub(super) fn list(here: &mut Here<'_>, query: &[(String, String)]) -> Answered {
    let part = Page::of(query, here.switches)?.choose(&Cards(here.world), here.switches)?;
    let rows = part
        .places
        .iter()
        .map(|place| shape::card(here.world, *place, Digits::Six))
        .collect();
    Ok(part.envelope("cards", rows))
}

pub(super) fn read(here: &mut Here<'_>, id: &str) -> Answered {
    let place = find(here.world, id)?;
    Ok(shown(here, place, Digits::Six))
}
