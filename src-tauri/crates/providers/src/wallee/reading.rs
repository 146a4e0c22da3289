//! Reads tokens, token versions and pages, leniently (wallee fact sheet, sections 4.1 to 4.3 and 7.4).
//!
//! Every member but the id may be absent, null or of a type nobody expected; all three read as absent. For the members
//! decisions hang on that means: a `state` that is not text is `Unknown("")`, shown and never switchable; a `version`
//! that is no whole number is 0, which the provider will refuse as stale, so nothing is overwritten by it.

use super::card;
use super::target::is_object_id;
use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, Utc};
use serde_json::Value;
use tokendesk_model::card_number::contains_card_number;
use tokendesk_model::{Particulars, TokenSnapshot, TokenState, VersionSnapshot, VersionState};

const MAX_UNKNOWN_STATE_CHARS: usize = 60;

/// The members of a list or search page that matter.
pub(super) struct Envelope<'a> {
    /// The objects, unread.
    pub data: &'a [Value],
    /// `None` where the provider did not say.
    pub has_more: Option<bool>,
}

/// Reads a page; `None` when it is not one.
pub(super) fn envelope(body: &Value) -> Option<Envelope<'_>> {
    Some(Envelope {
        data: body.get("data")?.as_array()?,
        has_more: body["hasMore"].as_bool(),
    })
}

/// The id of any object.
pub(super) fn object_id(object: &Value) -> Option<String> {
    id(object.get("id")?)
}

/// A token; `None` without an id.
pub(super) fn token(object: &Value) -> Option<TokenSnapshot> {
    Some(TokenSnapshot {
        remote_id: object_id(object)?,
        version: integer(&object["version"]).unwrap_or(0),
        state: token_state(object["state"].as_str().unwrap_or_default()),
        one_click: object["enabledForOneClickPayment"].as_bool(),
        customer_id: text_or_number(&object["customerId"]),
        email: text(&object["customerEmailAddress"]),
        token_reference: text_or_number(&object["tokenReference"]),
        external_id: text_or_number(&object["externalId"]),
        language: text(&object["language"]),
        time_zone: text(&object["timeZone"]),
        created_on: instant(&object["createdOn"]),
        planned_purge_on: instant(&object["plannedPurgeDate"]),
        linked_space_id: integer(&object["linkedSpaceId"]),
        particulars: Particulars::default(),
    })
}

/// A token version; `None` without an id, or without its token's id where `asked_for` does not tell it.
pub(super) fn version(object: &Value, asked_for: Option<&str>) -> Option<VersionSnapshot> {
    let token_remote_id = object_id(&object["token"])
        // Some entities come collapsed to the bare id.
        .or_else(|| id(&object["token"]))
        .or_else(|| asked_for.map(str::to_owned))?;
    Some(VersionSnapshot {
        remote_id: object_id(object)?,
        token_remote_id,
        version: integer(&object["version"]).unwrap_or(0),
        state: match object["state"].as_str() {
            Some("UNINITIALIZED") => VersionState::Uninitialized,
            Some("ACTIVE") => VersionState::Active,
            Some("OBSOLETE") => VersionState::Obsolete,
            _ => VersionState::Unknown,
        },
        card: card::facts(object),
        name: text(&object["name"]).map(|name| card::safe_name(&name)),
        holder: holder(&object["billingAddress"]),
        production: match object["environment"].as_str() {
            Some("PRODUCTION") => Some(true),
            Some("TEST") => Some(false),
            _ => None,
        },
        created_on: instant(&object["createdOn"]),
        activated_on: instant(&object["activatedOn"]),
        obsoleted_on: instant(&object["obsoletedOn"]),
        expires_on: instant(&object["expiresOn"]),
    })
}

fn token_state(word: &str) -> TokenState {
    match word {
        "CREATE" => TokenState::Creating,
        "ACTIVE" => TokenState::Active,
        "INACTIVE" => TokenState::Inactive,
        "DELETING" => TokenState::Deleting,
        "DELETED" => TokenState::Deleted,
        other => TokenState::Unknown(other.chars().take(MAX_UNKNOWN_STATE_CHARS).collect()),
    }
}

fn holder(address: &Value) -> Option<String> {
    let part = |name: &str| {
        text(&address[name])
            .map(|part| part.trim().to_owned())
            .filter(|part| !part.is_empty())
    };
    let parts: Vec<String> = [part("givenName"), part("familyName")]
        .into_iter()
        .flatten()
        .collect();
    let name = if parts.is_empty() {
        part("organizationName")?
    } else {
        parts.join(" ")
    };
    (!contains_card_number(&name)).then_some(name)
}

fn id(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => number.as_u64().map(|id| id.to_string()),
        Value::String(text) => is_object_id(text).then(|| text.clone()),
        _ => None,
    }
}

pub(super) fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

// The merchant's own ids are texts that some systems send as numbers.
fn text_or_number(value: &Value) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        other => text(other),
    }
}

pub(super) fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

fn instant(value: &Value) -> Option<DateTime<Utc>> {
    date_time(value.as_str()?).map(|date| date.to_utc())
}

/// A date-time with any fraction and any way of writing the offset; without one it is UTC, and a bare date is its first
/// moment.
pub(super) fn date_time(text: &str) -> Option<DateTime<FixedOffset>> {
    // A zone's name in brackets repeats what the offset says.
    let text = text.split('[').next().unwrap_or_default().trim();
    DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f%#z"))
        .ok()
        .or_else(|| {
            let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok();
            let day = || {
                NaiveDate::parse_from_str(text, "%Y-%m-%d")
                    .ok()?
                    .and_hms_opt(0, 0, 0)
            };
            Some(local.or_else(day)?.and_utc().fixed_offset())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn utc(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn the_sample_token_is_read_whole() {
        let read = token(&json!({
            "id":700123,"version":4,"state":"ACTIVE","externalId":"b1c6c1d2-0001","tokenReference":"CUST-88",
            "customerId":"88","customerEmailAddress":"rita@example.org","enabledForOneClickPayment":true,
            "language":"de-CH","timeZone":"Europe/Zurich","createdOn":"2026-02-03T09:15:42.118Z",
            "linkedSpaceId":4711,"plannedPurgeDate":null,"somethingNew":{"a":[1]}
        }))
        .unwrap();
        assert_eq!(
            read,
            TokenSnapshot {
                remote_id: "700123".into(),
                version: 4,
                state: TokenState::Active,
                one_click: Some(true),
                customer_id: Some("88".into()),
                email: Some("rita@example.org".into()),
                token_reference: Some("CUST-88".into()),
                external_id: Some("b1c6c1d2-0001".into()),
                language: Some("de-CH".into()),
                time_zone: Some("Europe/Zurich".into()),
                created_on: Some(utc("2026-02-03T09:15:42.118Z")),
                planned_purge_on: None,
                linked_space_id: Some(4711),
                particulars: Particulars::default(),
            }
        );
    }

    #[test]
    fn a_token_of_nothing_but_an_id_is_a_token() {
        let read = token(&json!({"id": 1})).unwrap();
        assert_eq!(
            (read.version, read.state.clone(), read.one_click),
            (0, TokenState::Unknown(String::new()), None)
        );
        assert!(read.email.is_none() && read.customer_id.is_none() && read.created_on.is_none());
    }

    #[test]
    fn wrong_types_read_as_absent() {
        let read = token(&json!({
            "id":"9007199254740993","version":"7","state":["ACTIVE"],"customerEmailAddress":5,"customerId":88,
            "enabledForOneClickPayment":"yes","createdOn":1770000000,"plannedPurgeDate":"soon","linkedSpaceId":"4711",
            "language":{},"tokenReference":""
        }))
        .unwrap();
        assert_eq!(read.remote_id, "9007199254740993");
        assert_eq!(read.version, 7);
        assert_eq!(read.state, TokenState::Unknown(String::new()));
        assert_eq!(read.customer_id.as_deref(), Some("88"));
        assert_eq!(read.linked_space_id, Some(4711));
        assert!(read.email.is_none() && read.one_click.is_none() && read.token_reference.is_none());
        assert!(read.created_on.is_none() && read.planned_purge_on.is_none());
        assert_eq!(token(&json!({"id":1,"version":{"a":1}})).unwrap().version, 0);
    }

    #[test]
    fn without_a_usable_id_there_is_no_token() {
        for object in [
            json!({"state":"ACTIVE"}),
            json!({"id":null}),
            json!({"id":1.5}),
            json!({"id":-1}),
            json!({"id":"../x"}),
            json!([1]),
            json!("700123"),
            json!(null),
        ] {
            assert_eq!(token(&object), None, "{object}");
        }
    }

    #[test]
    fn every_state_has_its_word_and_new_ones_are_kept() {
        let state = |word: &str| token(&json!({"id":1,"state":word})).unwrap().state;
        assert_eq!(state("CREATE"), TokenState::Creating);
        assert_eq!(state("INACTIVE"), TokenState::Inactive);
        assert_eq!(state("DELETING"), TokenState::Deleting);
        assert_eq!(state("DELETED"), TokenState::Deleted);
        assert_eq!(state("FROZEN"), TokenState::Unknown("FROZEN".into()));
        assert_eq!(state("active"), TokenState::Unknown("active".into()));
    }

    #[test]
    fn date_times_in_every_spelling() {
        let same = utc("2026-02-03T09:15:42Z");
        for text in [
            "2026-02-03T09:15:42Z",
            "2026-02-03T10:15:42+01:00",
            "2026-02-03T10:15:42+0100",
            "2026-02-03T09:15:42+0000",
            "2026-02-03T09:15:42.000000000000Z",
            "2026-02-03T09:15:42",
            "2026-02-03T10:15:42.0+01:00[Europe/Zurich]",
            "2026-02-03T04:15:42-05",
        ] {
            assert_eq!(instant(&json!(text)), Some(same), "{text}");
        }
        assert_eq!(
            instant(&json!("2026-02-03T09:15:42.5+0000")),
            Some(utc("2026-02-03T09:15:42.5Z"))
        );
        assert_eq!(instant(&json!("2026-02-03")), Some(utc("2026-02-03T00:00:00Z")));
        assert_eq!(instant(&json!("03.02.2026")), None);
    }

    #[test]
    fn a_version_knows_its_token() {
        let of = |token: Value| version(&json!({"id":9,"token":token}), None).map(|v| v.token_remote_id);
        assert_eq!(of(json!({"id":700123})).as_deref(), Some("700123"));
        assert_eq!(of(json!("700123")).as_deref(), Some("700123"));
        assert_eq!(of(json!(null)), None);
        assert_eq!(version(&json!({"id":9}), Some("5")).unwrap().token_remote_id, "5");
        assert_eq!(version(&json!({"token":{"id":5}}), None), None);
    }

    #[test]
    fn holders_are_people_or_firms() {
        let holder = |address: Value| {
            version(&json!({"id":1,"token":{"id":2},"billingAddress":address}), None)
                .unwrap()
                .holder
        };
        assert_eq!(
            holder(json!({"givenName":"Rita","familyName":"Ōno"})).as_deref(),
            Some("Rita Ōno")
        );
        assert_eq!(
            holder(json!({"givenName":" ","familyName":"Ōno"})).as_deref(),
            Some("Ōno")
        );
        assert_eq!(
            holder(json!({"organizationName":"Example AG"})).as_deref(),
            Some("Example AG")
        );
        assert_eq!(holder(json!({"familyName":"4111 1111 1111 1111"})), None);
        assert_eq!(holder(json!("Rita")), None);
    }

    #[test]
    fn environments_and_states_of_versions() {
        let read = |state: Value, environment: Value| {
            let version = version(
                &json!({"id":1,"token":{"id":2},"state":state,"environment":environment}),
                None,
            )
            .unwrap();
            (version.state, version.production)
        };
        assert_eq!(
            read(json!("ACTIVE"), json!("PRODUCTION")),
            (VersionState::Active, Some(true))
        );
        assert_eq!(
            read(json!("OBSOLETE"), json!("TEST")),
            (VersionState::Obsolete, Some(false))
        );
        assert_eq!(
            read(json!("UNINITIALIZED"), json!(null)),
            (VersionState::Uninitialized, None)
        );
        assert_eq!(read(json!("NEW"), json!("LAB")), (VersionState::Unknown, None));
    }

    #[test]
    fn a_page_is_an_object_with_data() {
        assert!(envelope(&json!([])).is_none());
        assert!(envelope(&json!({"data":{}})).is_none());
        assert!(envelope(&json!({"hasMore":false})).is_none());
        assert_eq!(envelope(&json!({"data":[1]})).unwrap().has_more, None);
        assert_eq!(
            envelope(&json!({"data":[],"hasMore":true})).unwrap().has_more,
            Some(true)
        );
    }
}
