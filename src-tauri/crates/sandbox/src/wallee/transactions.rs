//! Asking the buyer for new card details (wallee fact sheet, sections 3.1 and 3.3): a transaction made for one token, the
//! page it is paid on, and what the buyer does there. No money moves; nothing of it is kept over a restart.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::json;

use super::problem::Problem;
use crate::clock;
use crate::playground::Playground;
use crate::switches::{DetailsPageFor, PageUrlBody, Switches};
use crate::truth::EditError;
use crate::wire::{Call, Kind, Reply};
use crate::world::{CardWish, Edit, TokenState, pick};

const FIRST_ID: u64 = 310_000_001;

/// A transaction that asks for new details of one token.
struct Asked {
    token: u64,
    entered: bool,
}

/// Every transaction made since the start, by id.
#[derive(Default)]
pub(crate) struct Transactions(Mutex<BTreeMap<u64, Asked>>);

impl Transactions {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<u64, Asked>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `create-transaction-for-token-update`.
pub(super) fn create(
    playground: &Playground,
    switches: &Switches,
    server_now: i64,
    id: u64,
) -> Result<Reply, Problem> {
    let (customer, email) = playground.look(|world| {
        let place = world.find(id).ok_or_else(|| Problem::not_found("token"))?;
        let token = &world.tokens[place];
        let fits = !token.state.is_leaving()
            && match switches.details_page_for {
                DetailsPageFor::Any => true,
                DetailsPageFor::Active => token.state == TokenState::Active,
                DetailsPageFor::Saved => world.active_version(place).is_some(),
            };
        if !fits {
            return Err(Problem::new(
                switches.details_page_refused.status(),
                "token_not_updatable",
                "No transaction can be made for this token.",
            ));
        }
        let own = |text: Option<&str>| text.map(str::to_owned);
        Ok((own(world.customer_id(token)), own(world.email(token))))
    })?;
    let mut asked = playground.transactions.lock();
    let transaction = asked.keys().next_back().map_or(FIRST_ID, |last| last + 1);
    asked.insert(
        transaction,
        Asked {
            token: id,
            entered: false,
        },
    );
    let body = json!({
        "id": transaction, "version": 1, "state": "PENDING", "token": { "id": id },
        "tokenizationMode": "FORCE_UPDATE", "customerId": customer, "customerEmailAddress": email,
        "createdOn": clock::rfc3339(server_now), "linkedSpaceId": playground.space,
    });
    Ok(Reply::json(200, body.to_string().into_bytes()))
}

/// `payment-page-url`: where this sandbox serves the page.
pub(super) fn page_url(
    playground: &Playground,
    switches: &Switches,
    call: &Call,
    id: u64,
) -> Result<Reply, Problem> {
    if !playground.transactions.lock().contains_key(&id) {
        return Err(Problem::not_found("transaction"));
    }
    let url = format!(
        "http://{}{}?securityToken={}",
        call.header("host").unwrap_or("127.0.0.1"),
        path(playground, id),
        security_token(playground, id)
    );
    Ok(match switches.page_url_body {
        PageUrlBody::Text => Reply {
            kind: Kind::Text,
            ..Reply::json(200, url.into_bytes())
        },
        PageUrlBody::Json => {
            let mut body = Vec::new();
            super::shape::text(&mut body, &url);
            Reply::json(200, body)
        }
    })
}

/// What the buyer does on the page, if the call is about one: looks at it, or enters a card.
pub(super) fn page(playground: &Playground, call: &Call) -> Option<Reply> {
    let begin = format!("/s/{}/payment/transaction/pay/", playground.space);
    let id: u64 = call.path().strip_prefix(&begin)?.parse().ok()?;
    let token = call.query().into_iter().find(|(name, _)| name == "securityToken");
    let is_known = token.is_some_and(|(_, token)| token == security_token(playground, id))
        && playground.transactions.lock().contains_key(&id);
    if !is_known {
        return Some(html(404, "There is no such page.", ""));
    }
    Some(match call.method.as_str() {
        "GET" => html(
            200,
            "Enter your new card",
            "<p>No card is asked for and no money moves here.</p>\
             <form method=\"post\"><button>Enter a test card</button></form>",
        ),
        "POST" => match enter(playground, id, CardWish::default()) {
            Ok(_) => html(200, "Saved", "<p>This page can be closed.</p>"),
            Err(_) => html(409, "This page was used before.", ""),
        },
        _ => html(405, "Not here.", ""),
    })
}

/// The buyer has entered a card: the token has a new version, the old one is obsolete. Tells the token.
pub(super) fn enter(playground: &Playground, id: u64, card: CardWish) -> Result<u64, EditError> {
    let mut asked = playground.transactions.lock();
    let transaction = asked.get_mut(&id).ok_or(EditError::NoSuchObject)?;
    if transaction.entered {
        return Err(EditError::Shape("a card was entered before".to_owned()));
    }
    let token = transaction.token;
    let times = playground.life_times();
    playground.change(|world| {
        let place = world
            .find(token)
            .filter(|place| !world.tokens[*place].state.is_leaving())
            .ok_or(EditError::NoSuchToken)?;
        let edit = Edit {
            new_version: Some(card),
            ..Edit::default()
        };
        world.edit(place, edit, playground.now(), times);
        Ok(())
    })?;
    transaction.entered = true;
    Ok(token)
}

fn path(playground: &Playground, id: u64) -> String {
    format!("/s/{}/payment/transaction/pay/{id}", playground.space)
}

// Without it, pages of other buyers could be counted through.
fn security_token(playground: &Playground, id: u64) -> String {
    let seed = playground.look(|world| world.seed);
    format!("{:016x}", pick(seed, 90, id))
}

fn html(status: u16, title: &str, more: &str) -> Reply {
    let page = format!(
        "<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1>{more}</body></html>"
    );
    Reply::html(status, &page)
}
