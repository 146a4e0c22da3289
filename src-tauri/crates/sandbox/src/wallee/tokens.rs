//! Token calls (wallee fact sheet, section 3.1) with optimistic locking, deletion in steps and `externalId`.

use serde_json::{Map, Value};

use super::matches::{Filter, Order, Row, Rows};
use super::page::{ListPage, SearchPage};
use super::problem::Problem;
use super::{envelope, find, search as language, shape};
use crate::playground::Playground;
use crate::switches::{
    DeleteAgain, NoopPatch, PatchDeleting, PatchNull, RepeatCreate, SearchEscape, StatePatch, Switches,
};
use crate::wire::Reply;
use crate::world::{NewToken, Own, Patch, Token, TokenState, World};

type Query = [(String, String)];

fn one(status: u16, world: &World, switches: &Switches, place: usize) -> Reply {
    let mut out = Vec::with_capacity(700);
    shape::token(&mut out, world, switches, &world.tokens[place]);
    Reply::json(status, out)
}

fn shown(token: &Token, switches: &Switches) -> bool {
    !token.gone && (switches.list_includes_deleted || !token.state.is_leaving())
}

pub(super) fn list(playground: &Playground, switches: &Switches, query: &Query) -> Result<Reply, Problem> {
    let page = ListPage::from_query(query, switches.default_order)?;
    playground.look(|world| {
        let (places, more) = page.choose(&world.tokens, |t| t.id, |t| shown(t, switches));
        Ok(envelope(&places, more, page.limit, None, |out, place| {
            shape::token(out, world, switches, &world.tokens[*place]);
        }))
    })
}

pub(super) fn search(playground: &Playground, switches: &Switches, query: &Query) -> Result<Reply, Problem> {
    let page = SearchPage::from_query(query)?;
    let tree = language::read(&page.query, switches.search_escape == SearchEscape::Backslash)
        .map_err(|why| Problem::bad("query", why))?;
    let filter = Filter::of(tree, Rows::Tokens, switches)?;
    let order = Order::of(&page.order, Rows::Tokens, switches)?;
    playground.look(|world| {
        let (rows, more) = find(
            &world.tokens,
            &page,
            &order,
            |t| shown(t, switches) && filter.finds(world, switches, Row::Token(t)),
            |a, b| order.compare(world, switches, Row::Token(a), Row::Token(b)),
        );
        Ok(envelope(
            &rows,
            more,
            page.limit,
            Some(page.offset),
            |out, token| {
                shape::token(out, world, switches, token);
            },
        ))
    })
}

pub(super) fn read(playground: &Playground, switches: &Switches, id: u64) -> Result<Reply, Problem> {
    playground.look(|world| {
        let place = world.find(id).ok_or_else(|| Problem::not_found("token"))?;
        Ok(one(200, world, switches, place))
    })
}

pub(super) fn create(
    playground: &Playground,
    switches: &Switches,
    server_now: i64,
    body: &[u8],
) -> Result<Reply, Problem> {
    let body = object(body)?;
    let external_id = match body.get("externalId") {
        Some(Value::String(text)) if !text.is_empty() => text.clone(),
        None | Some(Value::Null) => {
            let status = switches.missing_external_id.status();
            return Err(
                Problem::new(status, "external_id_missing", "The external id is required.")
                    .about("externalId", "The value is missing."),
            );
        }
        Some(_) => return Err(Problem::unprocessable("externalId", "A text is expected.")),
    };
    let state = match body.get("state") {
        None | Some(Value::Null) => TokenState::Active,
        Some(value) => value
            .as_str()
            .and_then(TokenState::parse)
            .filter(|state| !state.is_leaving())
            .ok_or_else(|| Problem::unprocessable("state", "CREATE, ACTIVE or INACTIVE is expected."))?,
    };
    let fields = fields(&body, PatchNull::Ignored)?;
    let new = NewToken {
        own: Own {
            external_id: Some(external_id.clone()),
            reference: fields.reference.flatten(),
            customer_id: fields.customer_id.flatten(),
            email: fields.email.flatten(),
            language: fields.language.flatten(),
            time_zone: fields.time_zone.flatten(),
        },
        one_click: fields.one_click.unwrap_or(false),
        state,
        version: u32::try_from(switches.version_after_create).unwrap_or(u32::MAX),
        card: None,
    };
    playground.change(|world| {
        if let Some(place) = world.find_external(&external_id) {
            let status = match switches.repeat_create {
                RepeatCreate::Created => 201,
                RepeatCreate::Ok => 200,
            };
            return Ok(one(status, world, switches, place));
        }
        let place = world.create(new, server_now);
        Ok(one(201, world, switches, place))
    })
}

pub(super) fn update(
    playground: &Playground,
    switches: &Switches,
    id: u64,
    body: &[u8],
) -> Result<Reply, Problem> {
    let body = object(body)?;
    let version = match body.get("version") {
        None | Some(Value::Null) => {
            let status = switches.missing_version.status();
            return Err(
                Problem::new(status, "version_missing", "The version is required.")
                    .about("version", "The value is missing."),
            );
        }
        Some(value) => value
            .as_u64()
            .ok_or_else(|| Problem::unprocessable("version", "A whole number is expected."))?,
    };
    let mut patch = fields(&body, switches.patch_null)?;
    patch.state = match (body.get("state"), switches.state_patch) {
        (None, _) | (Some(_), StatePatch::Ignores) => None,
        (Some(_), StatePatch::Refuses) => {
            return Err(Problem::unprocessable("state", "The state cannot be changed."));
        }
        (Some(value), StatePatch::Accepts) => Some(
            value
                .as_str()
                .and_then(TokenState::parse)
                .filter(|state| matches!(state, TokenState::Active | TokenState::Inactive))
                .ok_or_else(|| Problem::unprocessable("state", "ACTIVE or INACTIVE is expected."))?,
        ),
    };
    playground.change(|world| {
        let place = world.find(id).ok_or_else(|| Problem::not_found("token"))?;
        let token = &world.tokens[place];
        if token.state.is_leaving() {
            let status = match switches.patch_on_deleting {
                PatchDeleting::Unprocessable => 422,
                PatchDeleting::Conflict => 409,
            };
            return Err(Problem::new(
                status,
                "token_deleting",
                "The token is being deleted.",
            ));
        }
        if u64::from(token.version) != version {
            return Err(Problem::new(409, "conflict", "The object was changed meanwhile."));
        }
        if switches.noop_patch == NoopPatch::Raises || world.would_change(place, &patch) {
            world.apply(place, patch);
        }
        Ok(one(200, world, switches, place))
    })
}

pub(super) fn delete(playground: &Playground, switches: &Switches, id: u64) -> Result<Reply, Problem> {
    let times = playground.life_times();
    playground.change(|world| {
        let place = world.find(id).ok_or_else(|| Problem::not_found("token"))?;
        match (
            world.tokens[place].state.is_leaving(),
            switches.delete_on_deleting,
        ) {
            (true, DeleteAgain::Refused) => {
                return Err(Problem::new(
                    422,
                    "token_deleting",
                    "The token is already being deleted.",
                ));
            }
            (true, DeleteAgain::Silent) => {}
            (false, _) => world.begin_delete(place, playground.now(), times),
        }
        Ok(Reply::empty(204))
    })
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Problem::new(
            400,
            "body_invalid",
            "The body is not a JSON object.",
        )),
    }
}

/// The writable fields with their limits (wallee fact sheet, section 4.1).
fn fields(body: &Map<String, Value>, null: PatchNull) -> Result<Patch, Problem> {
    let text = |name: &str, limit: usize| -> Result<Option<Option<String>>, Problem> {
        match (body.get(name), null) {
            (None, _) | (Some(Value::Null), PatchNull::Ignored) => Ok(None),
            (Some(Value::Null), PatchNull::Clears) => Ok(Some(None)),
            (Some(Value::Null), PatchNull::Refused) => {
                Err(Problem::unprocessable(name, "The value is missing."))
            }
            (Some(Value::String(value)), _) if value.chars().count() > limit => {
                Err(Problem::unprocessable(name, "The text is too long."))
            }
            (Some(Value::String(value)), _) => Ok(Some(Some(value.clone()))),
            (Some(_), _) => Err(Problem::unprocessable(name, "A text is expected.")),
        }
    };
    let reference = text("tokenReference", 100)?;
    let printable = |value: &String| value.chars().all(|c| c == '\t' || (' '..='~').contains(&c));
    if reference
        .as_ref()
        .and_then(Option::as_ref)
        .is_some_and(|value| !printable(value))
    {
        return Err(Problem::unprocessable(
            "tokenReference",
            "Only printable ASCII is allowed.",
        ));
    }
    let one_click = match (body.get("enabledForOneClickPayment"), null) {
        (None, _) | (Some(Value::Null), PatchNull::Ignored) => None,
        (Some(Value::Bool(value)), _) => Some(*value),
        (Some(Value::Null), PatchNull::Clears) => Some(false),
        (Some(_), _) => {
            return Err(Problem::unprocessable(
                "enabledForOneClickPayment",
                "true or false is expected.",
            ));
        }
    };
    Ok(Patch {
        reference,
        customer_id: text("customerId", 1_000)?,
        email: text("customerEmailAddress", 150)?,
        language: text("language", 1_000)?,
        time_zone: text("timeZone", 1_000)?,
        one_click,
        state: None,
    })
}
