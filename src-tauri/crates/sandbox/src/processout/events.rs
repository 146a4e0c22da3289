//! Calls about events (ProcessOut fact sheet, section 9).

use serde_json::json;

use super::Here;
use super::errors::{Answered, Refusal};
use super::paging::Page;
use super::shape;
use super::switches::Events as Rule;
use super::world::{Events, World};

pub(super) fn list(here: &Here<'_>, query: &[(String, String)]) -> Answered {
    let rule = here.switches.events;
    if rule == Rule::Off {
        return Err(Refusal::no_route());
    }
    let mut page = Page::of(query, here.switches)?;
    if !here.switches.events_heed_order {
        page = page.newest_first();
    }
    if !here.switches.events_heed_cursor {
        page = page.without_cursor();
    }
    let empty = World::new(String::new(), here.world.sandbox);
    let world = if rule == Rule::Empty {
        page = page.without_cursor();
        &empty
    } else {
        &*here.world
    };
    let events = Events {
        world,
        transactions_only: rule == Rule::TransactionsOnly,
    };
    let part = page.choose(&events, here.switches)?;
    let rows = part
        .places
        .iter()
        .map(|place| shape::event(world, &world.events[*place]))
        .collect();
    Ok(part.envelope("events", rows))
}

pub(super) fn read(here: &Here<'_>, id: &str) -> Answered {
    let place = here
        .world
        .place("ev_", id)
        .filter(|_| here.switches.events == Rule::All)
        .ok_or_else(|| Refusal::missing("event"))?;
    Ok(json!({ "success": true, "event": shape::event(here.world, &here.world.events[place]) }))
}
