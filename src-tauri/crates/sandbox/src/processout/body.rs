//! Bodies as ProcessOut takes them: JSON, or a form with `name[key]`; `null` means not supplied; unknown members
//! are not looked at. Knows nothing of the world.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::errors::{Answered, Refusal};
use super::switches::{NullInBody, Switches};
use crate::wire::{Call, decode};

/// Strings by name, as the shop keeps them with a customer or a token.
pub(super) type Metadata = BTreeMap<String, String>;

/// The members of a body.
pub(super) struct Body {
    members: Map<String, Value>,
    null_clears: bool,
}

/// What a body says about one field.
pub(super) enum Said<T> {
    /// Nothing.
    Nothing,
    /// That it is to be empty.
    Empty,
    /// This.
    This(T),
}

impl<T> Said<T> {
    /// Puts what was said into a field.
    pub(super) fn lay(self, field: &mut Option<T>) {
        match self {
            Self::Nothing => {}
            Self::Empty => *field = None,
            Self::This(value) => *field = Some(value),
        }
    }

    /// The value, where one was said.
    pub(super) fn value(self) -> Option<T> {
        match self {
            Self::This(value) => Some(value),
            Self::Nothing | Self::Empty => None,
        }
    }
}

impl Body {
    /// One without members.
    pub(super) fn empty() -> Self {
        Self {
            members: Map::new(),
            null_clears: false,
        }
    }

    /// Takes a call's body apart.
    pub(super) fn of(call: &Call, switches: &Switches) -> Answered<Self> {
        let form = call
            .header("content-type")
            .is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let members = if call.body.is_empty() {
            Map::new()
        } else if form {
            form_members(&String::from_utf8_lossy(&call.body))
        } else {
            match serde_json::from_slice(&call.body) {
                Ok(Value::Object(members)) => members,
                _ => {
                    return Err(Refusal::new(
                        400,
                        "request.bad-format",
                        "The body is not an object.",
                    ));
                }
            }
        };
        Ok(Self {
            members,
            null_clears: switches.null_in_body == NullInBody::Clears,
        })
    }

    fn said(&self, name: &str) -> Said<&Value> {
        match self.members.get(name) {
            None => Said::Nothing,
            Some(Value::Null) if self.null_clears => Said::Empty,
            Some(Value::Null) => Said::Nothing,
            Some(value) => Said::This(value),
        }
    }

    /// A text; a number counts as its digits.
    pub(super) fn text(&self, name: &str, field: &str) -> Answered<Said<String>> {
        Ok(match self.said(name) {
            Said::Nothing => Said::Nothing,
            Said::Empty => Said::Empty,
            Said::This(Value::String(text)) => Said::This(text.clone()),
            Said::This(Value::Number(number)) => Said::This(number.to_string()),
            Said::This(_) => return Err(Refusal::invalid(field)),
        })
    }

    /// `true` or `false`, also as texts.
    pub(super) fn flag(&self, name: &str) -> Answered<Option<bool>> {
        match self.said(name).value() {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::String(text)) if text == "true" || text == "false" => Ok(Some(text == "true")),
            Some(_) => Err(Refusal::invalid(&name.replace('_', "-"))),
        }
    }

    /// A map of texts.
    pub(super) fn metadata(&self) -> Answered<Said<Metadata>> {
        let map = match self.said("metadata") {
            Said::Nothing => return Ok(Said::Nothing),
            Said::Empty => return Ok(Said::Empty),
            Said::This(Value::Object(map)) => map,
            Said::This(_) => return Err(Refusal::invalid("metadata")),
        };
        let mut read = Metadata::new();
        for (key, value) in map {
            let text = value.as_str().ok_or_else(|| Refusal::invalid("metadata"))?;
            read.insert(key.clone(), text.to_owned());
        }
        Ok(Said::This(read))
    }

    /// A nested object.
    pub(super) fn object(&self, name: &str) -> Option<&Map<String, Value>> {
        self.said(name).value()?.as_object()
    }

    /// `expand` in a body, which the vendor's libraries put there.
    pub(super) fn expand(&self) -> Vec<String> {
        match self.members.get("expand") {
            Some(Value::Array(paths)) => paths
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            Some(Value::String(paths)) => listed(paths),
            _ => Vec::new(),
        }
    }
}

fn form_members(text: &str) -> Map<String, Value> {
    let mut members = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (name, value) = (decode(name), Value::String(decode(value)));
        match name.strip_suffix(']').and_then(|name| name.split_once('[')) {
            Some((outer, "")) => {
                let list = members.entry(outer).or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(list) = list {
                    list.push(value);
                }
            }
            Some((outer, key)) => {
                let map = members.entry(outer).or_insert_with(|| Value::Object(Map::new()));
                if let Value::Object(map) = map {
                    map.insert(key.to_owned(), value);
                }
            }
            None => _ = members.insert(name, value),
        }
    }
    members
}

fn listed(paths: &str) -> Vec<String> {
    paths
        .split(',')
        .filter(|path| !path.is_empty())
        .map(str::to_owned)
        .collect()
}

/// `expand` in a query, in each of the ways the vendor's libraries spell it.
pub(super) fn expand_of(query: &[(String, String)]) -> Vec<String> {
    query
        .iter()
        .filter(|(name, _)| matches!(name.as_str(), "expand" | "expand[]"))
        .flat_map(|(_, paths)| listed(paths))
        .collect()
}
