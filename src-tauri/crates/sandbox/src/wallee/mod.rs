//! wallee's REST API 2.0 for tokens as in wallee fact sheet, sections 2 to 7 and 10: a call in, an answer out.
//! Knows nothing of sockets and faults.

mod auth;
mod matches;
mod page;
mod problem;
mod search;
mod shape;
mod system;
mod tokens;
mod transactions;
mod versions;

use serde_json::json;

pub(crate) use auth::Identity;
pub(crate) use problem::Problem;
pub(crate) use system::Wallee;
pub(crate) use transactions::Transactions;

use crate::clock;
use crate::playground::Playground;
use crate::switches::{BadSpace, Switches};
use crate::wire::{Call, Reply};

/// Where the API is mounted; clients sign this prefix.
pub(crate) const PREFIX: &str = "/api/v2.0";

/// What a call is, for permissions and statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    ListTokens,
    SearchTokens,
    ReadToken(u64),
    CreateToken,
    UpdateToken(u64),
    DeleteToken(u64),
    ActiveVersion(u64),
    ListVersions,
    SearchVersions,
    ReadVersion(u64),
    ReadSpace(u64),
    AskDetails(u64),
    PageUrl(u64),
}

impl Operation {
    /// What a verb and a path ask for; none when there is no such call.
    pub(crate) fn of(method: &str, path: &str) -> Option<Self> {
        let path = path.strip_prefix(PREFIX)?.strip_prefix('/')?;
        let parts: Vec<&str> = path.split('/').collect();
        let id = |text: &str| text.parse::<u64>().ok();
        Some(match (method, parts.as_slice()) {
            ("GET", ["payment", "tokens"]) => Self::ListTokens,
            ("POST", ["payment", "tokens"]) => Self::CreateToken,
            ("GET", ["payment", "tokens", "search"]) => Self::SearchTokens,
            ("GET", ["payment", "tokens", n]) => Self::ReadToken(id(n)?),
            ("PATCH", ["payment", "tokens", n]) => Self::UpdateToken(id(n)?),
            ("DELETE", ["payment", "tokens", n]) => Self::DeleteToken(id(n)?),
            ("GET", ["payment", "tokens", n, "active-version"]) => Self::ActiveVersion(id(n)?),
            ("POST", ["payment", "tokens", n, "create-transaction-for-token-update"]) => {
                Self::AskDetails(id(n)?)
            }
            ("GET", ["payment", "transactions", n, "payment-page-url"]) => Self::PageUrl(id(n)?),
            ("GET", ["payment", "token-versions"]) => Self::ListVersions,
            ("GET", ["payment", "token-versions", "search"]) => Self::SearchVersions,
            ("GET", ["payment", "token-versions", n]) => Self::ReadVersion(id(n)?),
            ("GET", ["spaces", n]) => Self::ReadSpace(id(n)?),
            _ => return None,
        })
    }

    /// Its name in statistics.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ListTokens => "tokens.list",
            Self::SearchTokens => "tokens.search",
            Self::ReadToken(_) => "tokens.read",
            Self::CreateToken => "tokens.create",
            Self::UpdateToken(_) => "tokens.update",
            Self::DeleteToken(_) => "tokens.delete",
            Self::ActiveVersion(_) => "tokens.active_version",
            Self::ListVersions => "versions.list",
            Self::SearchVersions => "versions.search",
            Self::ReadVersion(_) => "versions.read",
            Self::ReadSpace(_) => "spaces.read",
            Self::AskDetails(_) => "tokens.ask_details",
            Self::PageUrl(_) => "transactions.page_url",
        }
    }

    fn permitted(self, switches: &Switches) -> Result<(), Problem> {
        let (allowed, words) = match self {
            Self::ReadSpace(_) => return Ok(()),
            Self::CreateToken => (switches.may_create, "create tokens"),
            Self::UpdateToken(_) => (switches.may_update, "update tokens"),
            Self::DeleteToken(_) => (switches.may_delete, "delete tokens"),
            Self::AskDetails(_) => (switches.may_transact, "create transactions"),
            Self::PageUrl(_) => (switches.may_transact, "read transactions"),
            Self::SearchTokens | Self::SearchVersions => {
                (switches.may_read && !switches.search_forbidden, "search tokens")
            }
            _ => (switches.may_read, "read tokens"),
        };
        if allowed {
            Ok(())
        } else {
            Err(Problem::forbidden(words))
        }
    }
}

/// Answers one call.
pub(crate) fn answer(playground: &Playground, call: &Call) -> Reply {
    let switches = playground.switches();
    let server_now = clock::now().saturating_add(switches.clock_offset_seconds.saturating_mul(1_000));
    let mut reply =
        route(playground, call, &switches, server_now).unwrap_or_else(|problem| problem.reply(server_now));
    reply.date = Some(clock::http_date(server_now));
    reply
}

fn route(
    playground: &Playground,
    call: &Call,
    switches: &Switches,
    server_now: i64,
) -> Result<Reply, Problem> {
    auth::check(call, &playground.identity, switches, server_now)?;
    let operation = Operation::of(&call.method, call.path()).ok_or_else(|| Problem::not_found("resource"))?;
    if let Operation::ReadSpace(id) = operation {
        return space(playground, switches, id);
    }
    check_space(playground, call, switches)?;
    operation.permitted(switches)?;
    check_media(call, operation)?;
    let query = call.query();
    match operation {
        Operation::ListTokens => tokens::list(playground, switches, &query),
        Operation::SearchTokens => tokens::search(playground, switches, &query),
        Operation::ReadToken(id) => tokens::read(playground, switches, id),
        Operation::CreateToken => tokens::create(playground, switches, server_now, &call.body),
        Operation::UpdateToken(id) => tokens::update(playground, switches, id, &call.body),
        Operation::DeleteToken(id) => tokens::delete(playground, switches, id),
        Operation::ActiveVersion(id) => versions::active(playground, switches, &query, id),
        Operation::ListVersions => versions::list(playground, switches, &query),
        Operation::SearchVersions => versions::search(playground, switches, &query),
        Operation::ReadVersion(id) => versions::read(playground, switches, &query, id),
        Operation::AskDetails(id) => transactions::create(playground, switches, server_now, id),
        Operation::PageUrl(id) => transactions::page_url(playground, switches, call, id),
        Operation::ReadSpace(_) => Err(Problem::not_found("resource")),
    }
}

fn bad_space(switches: &Switches) -> Problem {
    match switches.bad_space {
        BadSpace::Forbidden => Problem::forbidden("work in this space"),
        BadSpace::NotFound => Problem::not_found("space"),
    }
}

fn check_space(playground: &Playground, call: &Call, switches: &Switches) -> Result<(), Problem> {
    let status = switches.missing_space.status();
    let Some(text) = call.header("space") else {
        return Err(
            Problem::new(status, "space_missing", "The header Space is required.")
                .about("Space", "The header is missing."),
        );
    };
    let Ok(space) = text.trim().parse::<u64>() else {
        return Err(
            Problem::new(status, "space_invalid", "The header Space is not valid.")
                .about("Space", "A number is expected."),
        );
    };
    if space == playground.space {
        Ok(())
    } else {
        Err(bad_space(switches))
    }
}

/// 406 and 415.
fn check_media(call: &Call, operation: Operation) -> Result<(), Problem> {
    if let Some(accept) = call.header("accept") {
        let fits = accept
            .split(',')
            .filter_map(|part| part.split(';').next())
            .any(|kind| {
                matches!(kind.trim(), "*/*" | "application/*" | "application/json")
                    || (kind.trim() == "text/plain" && matches!(operation, Operation::PageUrl(_)))
            });
        if !fits {
            return Err(Problem::new(
                406,
                "not_acceptable",
                "Only application/json can be answered.",
            ));
        }
    }
    if matches!(operation, Operation::CreateToken | Operation::UpdateToken(_)) {
        let kind = call
            .header("content-type")
            .and_then(|t| t.split(';').next())
            .unwrap_or_default();
        if !kind.trim().eq_ignore_ascii_case("application/json") {
            return Err(Problem::new(
                415,
                "unsupported_media_type",
                "The body must be application/json.",
            ));
        }
    }
    Ok(())
}

fn space(playground: &Playground, switches: &Switches, id: u64) -> Result<Reply, Problem> {
    if id != playground.space {
        return Err(bad_space(switches));
    }
    let body = json!({ "id": id, "name": "Sandbox shop", "state": "ACTIVE", "version": 7, "timeZone": "Europe/Zurich" });
    Ok(Reply::json(200, body.to_string().into_bytes()))
}

/// `{"data":[…],"hasMore":…,"limit":…}`, and `offset` for a search.
fn envelope<T>(
    rows: &[T],
    more: bool,
    limit: usize,
    offset: Option<usize>,
    mut write: impl FnMut(&mut Vec<u8>, &T),
) -> Reply {
    let mut out = Vec::with_capacity(rows.len() * 700 + 64);
    let mut o = shape::Object::begin(&mut out);
    let data = o.name("data");
    data.push(b'[');
    for (nth, row) in rows.iter().enumerate() {
        if nth > 0 {
            data.push(b',');
        }
        write(data, row);
    }
    data.push(b']');
    o.flag("hasMore", more);
    o.number("limit", limit as u64);
    if let Some(offset) = offset {
        o.number("offset", offset as u64);
    }
    o.end();
    Reply::json(200, out)
}

/// A search over rows sorted by id: the places to show and whether there are more.
fn find<'w, R: 'w>(
    rows: &'w [R],
    asked: &page::SearchPage,
    order: &matches::Order,
    finds: impl Fn(&'w R) -> bool,
    compare: impl Fn(&'w R, &'w R) -> std::cmp::Ordering,
) -> (Vec<&'w R>, bool) {
    let hits = rows.iter().filter(|row| finds(row));
    let mut page: Vec<&R> = if order.is_by_id() {
        hits.skip(asked.offset).take(asked.limit + 1).collect()
    } else {
        let mut all: Vec<&R> = hits.collect();
        all.sort_by(|a, b| compare(a, b));
        all.into_iter().skip(asked.offset).take(asked.limit + 1).collect()
    };
    let more = page.len() > asked.limit;
    page.truncate(asked.limit);
    (page, more)
}
