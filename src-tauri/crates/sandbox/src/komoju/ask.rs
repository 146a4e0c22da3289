//! One call while it is answered: who calls, in which version, which page is wanted, and an answer kept for a repeat
//! (fact sheet, sections 1, 3 and 10).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::DateTime;
use serde_json::{Map, Value, json};

use super::body;
use super::problem::Problem;
use super::shape::{Place, Shape};
use super::switches::{
    Deleted, ListWord, Order, OtherBody, PageBehind, Switches, UnknownVersion, WrongKeyStatus,
};
use super::world::{Event, Kept, World, kind};
use crate::wire::{Call, Reply};

/// How a call ends.
pub(super) type Done = Result<Reply, Problem>;

/// The merchant's pair of keys.
pub(super) struct Keys {
    pub(super) secret: String,
    pub(super) publishable: String,
}

/// Which of the two was used.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Secret,
    Publishable,
}

/// Header that makes a repeated POST harmless.
const IDEMPOTENCY: &str = "x-komoju-idempotency";
const VERSIONS: [&str; 2] = ["2024-07-15", "2025-01-28"];

/// A call with the world it is about.
pub(super) struct Ask<'a> {
    pub(super) call: &'a Call,
    pub(super) world: &'a mut World,
    pub(super) shape: Shape,
    pub(super) now: i64,
    /// Members of the body.
    pub(super) body: Map<String, Value>,
}

/// Which part of a list is wanted.
pub(super) struct Window {
    page: usize,
    per_page: usize,
    start: Option<(String, i64)>,
    end: Option<(String, i64)>,
}

impl Window {
    /// Created after the start and before the end.
    pub(super) fn holds(&self, created: i64) -> bool {
        self.start.as_ref().is_none_or(|(_, start)| created > *start)
            && self.end.as_ref().is_none_or(|(_, end)| created < *end)
    }
}

/// Who calls.
pub(super) fn signed_in(call: &Call, keys: &Keys, switches: Switches) -> Result<Key, Problem> {
    let refused = || Problem::of_status(401, "The API key is missing or not valid.");
    let given = call
        .header("authorization")
        .and_then(|header| header.strip_prefix("Basic "))
        .and_then(|encoded| STANDARD.decode(encoded.trim()).ok())
        .and_then(|bytes| String::from_utf8(bytes).ok())
        .ok_or_else(refused)?;
    let key = match given.split_once(':') {
        Some((key, "")) => key,
        None if switches.key_without_colon => given.as_str(),
        _ => return Err(refused()),
    };
    match key {
        _ if !switches.keys_known => Err(refused()),
        key if key == keys.secret => Ok(Key::Secret),
        key if key == keys.publishable => Ok(Key::Publishable),
        _ => Err(refused()),
    }
}

/// Whether a key of this kind may make the call.
pub(super) fn allowed(key: Key, call: &Call, path: &str, switches: Switches) -> Result<(), Problem> {
    let browser = call.method == "POST"
        && (path == "tokens" || (path.starts_with("sessions/") && path.ends_with("/pay")));
    let forbidden = || Problem::of_status(403, "The API key is not allowed to do this.");
    match key {
        Key::Publishable if browser => Ok(()),
        Key::Publishable => match switches.publishable_refused {
            WrongKeyStatus::Forbidden => Err(forbidden()),
            WrongKeyStatus::Unauthorized => {
                Err(Problem::of_status(401, "The API key is missing or not valid."))
            }
        },
        Key::Secret if call.method == "GET" && !switches.may_read => Err(forbidden()),
        Key::Secret if call.method != "GET" && !switches.may_write => Err(forbidden()),
        Key::Secret => Ok(()),
    }
}

/// Whether the call pins the newest API version.
pub(super) fn is_new_version(call: &Call, switches: Switches) -> Result<bool, Problem> {
    match call.header("x-komoju-api-version") {
        Some(version) if VERSIONS.contains(&version) => Ok(version == VERSIONS[1]),
        Some(_) if switches.unknown_version == UnknownVersion::Refused => {
            Err(Problem::of_status(400, "The API version is not known."))
        }
        _ => Ok(false),
    }
}

impl Ask<'_> {
    pub(super) fn switches(&self) -> &Switches {
        &self.shape.switches
    }

    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>, Problem> {
        body::text(&self.body, name)
    }

    fn asked(&self, name: &str) -> Option<String> {
        let found = self.call.query().into_iter().find(|(given, _)| given == name);
        found.map(|(_, value)| value).filter(|value| !value.is_empty())
    }

    /// A query parameter, none when it is absent or empty.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        self.asked(name)
    }

    /// The part of the list the query names.
    pub(super) fn window(&self) -> Result<Window, Problem> {
        let number = |name: &'static str| match self.asked(name) {
            None => Ok(None),
            Some(digits) => match digits.parse::<u32>() {
                Ok(number) if number > 0 => Ok(Some(number as usize)),
                _ => Err(Problem::invalid(name)),
            },
        };
        let time = |name: &'static str| match self.asked(name) {
            None => Ok(None),
            Some(text) => match DateTime::parse_from_rfc3339(&text) {
                Ok(at) => Ok(Some((text, at.timestamp_millis()))),
                Err(_) => Err(Problem::invalid(name)),
            },
        };
        let cap = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
        let switches = self.switches();
        Ok(Window {
            page: number("page")?.unwrap_or(1),
            per_page: number("per_page")?
                .unwrap_or(cap(switches.default_per_page))
                .min(cap(switches.max_per_page)),
            start: time("start_time")?,
            end: time("end_time")?,
        })
    }

    /// One page of `rows`, which are all that match, oldest first.
    pub(super) fn listing<T>(
        &self,
        word: &str,
        window: &Window,
        order: Order,
        rows: &[&T],
        tell: impl Fn(&T) -> Value,
    ) -> Done {
        let total = rows.len();
        let last = total.div_ceil(window.per_page).max(1);
        if window.page > last && self.switches().page_behind == PageBehind::NotFound {
            return Err(Problem::not_found());
        }
        let before = (window.page - 1).saturating_mul(window.per_page).min(total);
        let until = (before + window.per_page).min(total);
        let data: Vec<Value> = (before..until)
            .map(|at| match order {
                Order::Newest => tell(rows[total - 1 - at]),
                Order::Oldest => tell(rows[at]),
            })
            .collect();
        let mut told = json!({
            "resource": match self.switches().list_resource {
                ListWord::Named => format!("{word}_list"),
                ListWord::Bare => "list".to_owned(),
            },
            "total": total,
            "page": window.page,
            "per_page": window.per_page,
            "last_page": last,
            "data": data,
        });
        if self.switches().list_window_echo {
            told["start_time"] = json!(window.start.as_ref().map(|(text, _)| text));
            told["end_time"] = json!(window.end.as_ref().map(|(text, _)| text));
        }
        Ok(answer(&told))
    }

    /// What a delete answers.
    pub(super) fn deleted(how: Deleted, object: &Value) -> Reply {
        match how {
            Deleted::Object => answer(object),
            Deleted::Nothing => Reply::empty(204),
        }
    }

    /// Notes what happened to a customer, when such things are told.
    pub(super) fn note_customer(&mut self, what: &'static str, id: &str) {
        note_customer(self.world, self.shape, self.now, what, id);
    }

    /// Notes what happened otherwise.
    pub(super) fn note(&mut self, what: &'static str, data: Value) {
        note(self.world, self.now, what, data);
    }

    /// The answer given before for the same idempotency key; none when this call is the first.
    ///
    /// # Errors
    /// 409 while the first call counts as running, 422 for another body.
    pub(super) fn repeated(&self) -> Result<Option<Reply>, Problem> {
        let Some(key) = self.idempotency_key()? else {
            return Ok(None);
        };
        let Some(kept) = self.world.kept.get(&key) else {
            return Ok(None);
        };
        let running = i64::try_from(self.switches().in_flight_ms).unwrap_or(i64::MAX);
        if self.now - kept.at < running {
            return Err(Problem::of_status(
                409,
                "A request with this key is still running.",
            ));
        }
        let same = kept.asked == self.identity();
        if !same && self.switches().idempotency_other_body == OtherBody::Refused {
            return Err(Problem::of_status(
                422,
                "The idempotency key was used for another request.",
            ));
        }
        Ok(Some(Reply::json(kept.status, kept.body.clone())))
    }

    /// Keeps an answer for its idempotency key; a failure of the server is not kept.
    pub(super) fn keep(&mut self, reply: &Reply) {
        if let (Ok(Some(key)), true) = (self.idempotency_key(), reply.status < 500) {
            let kept = Kept {
                at: self.now,
                asked: self.identity(),
                status: reply.status,
                body: reply.body.clone(),
            };
            self.world.kept.insert(key, kept);
        }
    }

    fn identity(&self) -> (String, Vec<u8>) {
        (self.call.path().to_owned(), self.call.body.to_vec())
    }

    // POST only: PATCH and DELETE are not covered.
    fn idempotency_key(&self) -> Result<Option<String>, Problem> {
        if self.call.method != "POST" || !self.call.headers.contains_key(IDEMPOTENCY) {
            return Ok(None);
        }
        let key = self.call.header(IDEMPOTENCY).unwrap_or_default();
        if key.is_empty() || key.len() > 100 || !key.is_ascii() {
            return Err(Problem::of_status(400, "The idempotency key is not valid."));
        }
        let who = self.call.header("authorization").unwrap_or_default();
        Ok(Some(format!("{who} {key}")))
    }
}

/// Notes what happened to a customer, when such things are told.
pub(super) fn note_customer(world: &mut World, shape: Shape, now: i64, what: &'static str, id: &str) {
    if !shape.switches.customer_events {
        return;
    }
    let data = world
        .customer_or_gone(id)
        .map(|customer| shape.customer(customer, Place::Changed));
    if let Some(data) = data {
        note(world, now, what, data);
    }
}

fn note(world: &mut World, now: i64, what: &'static str, data: Value) {
    let id = world.next_id(kind::EVENT);
    world.events.push(Event {
        id,
        created: now,
        kind: what,
        data,
    });
}

/// 200 with an object.
pub(super) fn answer(object: &Value) -> Reply {
    Reply::json(200, object.to_string().into_bytes())
}
