//! Which rows a query finds and how they are sorted: gives the words of a query their fields and types.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::problem::Problem;
use super::search::{Compare, Query};
use crate::clock;
use crate::switches::{SearchCase, Switches};
use crate::world::{Token, Version, World, cards};

/// A searchable field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Token(TokenField),
    Version(VersionField),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenField {
    Id,
    Version,
    State,
    CustomerId,
    Email,
    Reference,
    ExternalId,
    OneClick,
    Language,
    TimeZone,
    Created,
    Purge,
    Space,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VersionField {
    Id,
    Version,
    State,
    Name,
    Environment,
    Language,
    Created,
    Activated,
    Obsoleted,
    Expires,
    Brand,
    Method,
    Connector,
    Space,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Number,
    Text,
    Flag,
    Time,
}

/// What a row holds in a field.
#[derive(PartialEq)]
enum Held<'a> {
    Nothing,
    Number(u64),
    Text(Cow<'a, str>),
    Flag(bool),
    Time(i64),
}

/// The kind of rows searched.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rows {
    Tokens,
    Versions,
}

/// A row of either kind.
#[derive(Clone, Copy)]
pub(crate) enum Row<'a> {
    Token(&'a Token),
    Version(&'a Version),
}

impl TokenField {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "version" => Self::Version,
            "state" => Self::State,
            "customerId" => Self::CustomerId,
            "customerEmailAddress" => Self::Email,
            "tokenReference" => Self::Reference,
            "externalId" => Self::ExternalId,
            "enabledForOneClickPayment" => Self::OneClick,
            "language" => Self::Language,
            "timeZone" => Self::TimeZone,
            "createdOn" => Self::Created,
            "plannedPurgeDate" => Self::Purge,
            "linkedSpaceId" => Self::Space,
            _ => return None,
        })
    }
}

impl Field {
    fn named(name: &str, rows: Rows) -> Option<Self> {
        if rows == Rows::Tokens {
            return TokenField::named(name).map(Self::Token);
        }
        if let Some(name) = name.strip_prefix("token.") {
            return TokenField::named(name).map(Self::Token);
        }
        Some(Self::Version(match name {
            "id" => VersionField::Id,
            "version" => VersionField::Version,
            "state" => VersionField::State,
            "token" => return Some(Self::Token(TokenField::Id)),
            "name" => VersionField::Name,
            "environment" => VersionField::Environment,
            "language" => VersionField::Language,
            "createdOn" => VersionField::Created,
            "activatedOn" => VersionField::Activated,
            "obsoletedOn" => VersionField::Obsoleted,
            "expiresOn" => VersionField::Expires,
            "paymentMethodBrand" | "paymentMethodBrand.id" => VersionField::Brand,
            "paymentMethod" | "paymentMethod.id" => VersionField::Method,
            "paymentConnectorConfiguration" | "paymentConnectorConfiguration.id" => VersionField::Connector,
            "linkedSpaceId" => VersionField::Space,
            _ => return None,
        }))
    }

    fn kind(self) -> Type {
        match self {
            Self::Token(field) => match field {
                TokenField::Id | TokenField::Version | TokenField::Space => Type::Number,
                TokenField::OneClick => Type::Flag,
                TokenField::Created | TokenField::Purge => Type::Time,
                _ => Type::Text,
            },
            Self::Version(field) => match field {
                VersionField::State
                | VersionField::Name
                | VersionField::Environment
                | VersionField::Language => Type::Text,
                VersionField::Created
                | VersionField::Activated
                | VersionField::Obsoleted
                | VersionField::Expires => Type::Time,
                _ => Type::Number,
            },
        }
    }

    fn held<'a>(self, world: &'a World, switches: &Switches, row: Row<'a>) -> Held<'a> {
        match (self, row) {
            (Self::Token(field), Row::Token(token)) => token_held(field, world, token),
            (Self::Token(field), Row::Version(version)) => token_held(field, world, world.token_of(version)),
            (Self::Version(field), Row::Version(version)) => version_held(field, world, switches, version),
            (Self::Version(_), Row::Token(_)) => Held::Nothing,
        }
    }
}

fn text(value: Option<&str>) -> Held<'_> {
    value.map_or(Held::Nothing, |value| Held::Text(value.into()))
}

fn time<'a>(value: Option<i64>) -> Held<'a> {
    value.map_or(Held::Nothing, Held::Time)
}

fn token_held<'a>(field: TokenField, world: &'a World, token: &'a Token) -> Held<'a> {
    match field {
        TokenField::Id => Held::Number(token.id),
        TokenField::Version => Held::Number(token.version.into()),
        TokenField::State => Held::Text(token.state.text().into()),
        TokenField::CustomerId => text(world.customer_id(token)),
        TokenField::Email => text(world.email(token)),
        TokenField::Reference => world.reference(token).map_or(Held::Nothing, Held::Text),
        TokenField::ExternalId => Held::Text(world.external_id(token)),
        TokenField::OneClick => Held::Flag(token.one_click),
        TokenField::Language => text(world.language(token)),
        TokenField::TimeZone => text(world.time_zone(token)),
        TokenField::Created => Held::Time(token.created),
        TokenField::Purge => time(token.purge),
        TokenField::Space => Held::Number(world.space),
    }
}

fn version_held<'a>(
    field: VersionField,
    world: &'a World,
    switches: &Switches,
    version: &'a Version,
) -> Held<'a> {
    let brand = &cards::BRANDS[version.brand as usize];
    match field {
        VersionField::Id => Held::Number(version.id),
        VersionField::Version => Held::Number(version.version.into()),
        VersionField::State => Held::Text(version.state.text().into()),
        VersionField::Name => {
            super::shape::version_name(world, version).map_or(Held::Nothing, |n| Held::Text(n.into()))
        }
        VersionField::Environment => Held::Text(super::shape::environment(switches).into()),
        VersionField::Language => text(world.language(world.token_of(version))),
        VersionField::Created => Held::Time(version.created),
        VersionField::Activated => time(super::shape::activated(version)),
        VersionField::Obsoleted => time(version.obsoleted),
        VersionField::Expires => time(version.expires),
        VersionField::Brand => Held::Number(brand.id),
        VersionField::Method => Held::Number(brand.method.0),
        VersionField::Connector => Held::Number(super::shape::CONNECTOR),
        VersionField::Space => Held::Number(world.space),
    }
}

/// A query with its fields and values understood.
pub(crate) enum Filter {
    All,
    And(Vec<Filter>),
    Or(Vec<Filter>),
    Not(Box<Filter>),
    IsNull(Field),
    Number(Field, Compare, u64),
    Text(Field, Compare, String),
    Flag(Field, bool),
    /// From, and the first instant after.
    Time(Field, Compare, i64, i64),
}

fn unknown_field(switches: &Switches) -> Problem {
    let status = switches.unknown_search_field.status();
    Problem::new(
        status,
        "unknown_field",
        "The query names a field that cannot be searched.",
    )
}

fn mismatch() -> Problem {
    Problem::bad("query", "A value or comparison does not fit its field.")
}

impl Filter {
    /// Gives a query its fields and types.
    pub(crate) fn of(query: Query, rows: Rows, switches: &Switches) -> Result<Self, Problem> {
        let each = |parts: Vec<Query>| -> Result<Vec<Self>, Problem> {
            parts.into_iter().map(|q| Self::of(q, rows, switches)).collect()
        };
        let field = |name: &str| Field::named(name, rows).ok_or_else(|| unknown_field(switches));
        Ok(match query {
            Query::All => Self::All,
            Query::And(parts) => Self::And(each(parts)?),
            Query::Or(parts) => Self::Or(each(parts)?),
            Query::Not(inner) => Self::Not(Box::new(Self::of(*inner, rows, switches)?)),
            Query::IsNull(name) => Self::IsNull(field(&name)?),
            Query::Term {
                field: name,
                compare,
                value,
            } => {
                let field = field(&name)?;
                match (field.kind(), compare) {
                    (Type::Text, Compare::Equal | Compare::Contains) => {
                        let value = match switches.search_case {
                            SearchCase::Sensitive => value,
                            SearchCase::Insensitive => value.to_lowercase(),
                        };
                        Self::Text(field, compare, value)
                    }
                    (_, Compare::Contains) | (Type::Text, _) => return Err(mismatch()),
                    (Type::Number, _) => Self::Number(field, compare, value.parse().map_err(|_| mismatch())?),
                    (Type::Flag, Compare::Equal) => Self::Flag(field, value.parse().map_err(|_| mismatch())?),
                    (Type::Flag, _) => return Err(mismatch()),
                    (Type::Time, _) => {
                        let (from, until) = clock::parse_literal(&value).ok_or_else(mismatch)?;
                        Self::Time(field, compare, from, until)
                    }
                }
            }
        })
    }

    /// Whether the row is found.
    pub(crate) fn finds(&self, world: &World, switches: &Switches, row: Row<'_>) -> bool {
        match self {
            Self::All => true,
            Self::And(parts) => parts.iter().all(|p| p.finds(world, switches, row)),
            Self::Or(parts) => parts.iter().any(|p| p.finds(world, switches, row)),
            Self::Not(inner) => !inner.finds(world, switches, row),
            Self::IsNull(field) => field.held(world, switches, row) == Held::Nothing,
            Self::Number(field, compare, wanted) => match field.held(world, switches, row) {
                Held::Number(held) => ordered(*compare, held.cmp(wanted)),
                _ => false,
            },
            Self::Flag(field, wanted) => field.held(world, switches, row) == Held::Flag(*wanted),
            Self::Text(field, compare, wanted) => {
                let Held::Text(held) = field.held(world, switches, row) else {
                    return false;
                };
                let held = match switches.search_case {
                    SearchCase::Sensitive => held,
                    SearchCase::Insensitive => held.to_lowercase().into(),
                };
                if *compare == Compare::Contains {
                    held.contains(wanted)
                } else {
                    held == *wanted
                }
            }
            Self::Time(field, compare, from, until) => match field.held(world, switches, row) {
                Held::Time(at) => match compare {
                    Compare::Equal | Compare::Contains => (*from..*until).contains(&at),
                    Compare::Less => at < *from,
                    Compare::LessOrEqual => at < *until,
                    Compare::Greater => at >= *until,
                    Compare::GreaterOrEqual => at >= *from,
                },
                _ => false,
            },
        }
    }
}

fn ordered(compare: Compare, order: Ordering) -> bool {
    match compare {
        Compare::Equal | Compare::Contains => order.is_eq(),
        Compare::Less => order.is_lt(),
        Compare::LessOrEqual => order.is_le(),
        Compare::Greater => order.is_gt(),
        Compare::GreaterOrEqual => order.is_ge(),
    }
}

/// Sort order of a search: fields with whether each is descending. Empty means by id, rising.
pub(crate) struct Order(Vec<(Field, bool)>);

impl Order {
    /// Reads `field:ASC`, `field:DESC`, or several of them with commas between.
    pub(crate) fn of(text: &str, rows: Rows, switches: &Switches) -> Result<Self, Problem> {
        text.split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| {
                let (name, direction) = part.split_once(':').unwrap_or((part, "ASC"));
                let descending = match direction {
                    "ASC" => false,
                    "DESC" => true,
                    _ => return Err(Problem::bad("order", "field:ASC or field:DESC is expected.")),
                };
                let field = Field::named(name, rows).ok_or_else(|| unknown_field(switches))?;
                Ok((field, descending))
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Whether rows sorted by id are already in this order.
    pub(crate) fn is_by_id(&self) -> bool {
        self.0.is_empty()
    }

    /// Which of two rows comes first.
    pub(crate) fn compare(&self, world: &World, switches: &Switches, a: Row<'_>, b: Row<'_>) -> Ordering {
        for (field, descending) in &self.0 {
            let order = compare_held(&field.held(world, switches, a), &field.held(world, switches, b));
            if order.is_ne() {
                return if *descending { order.reverse() } else { order };
            }
        }
        Ordering::Equal
    }
}

fn compare_held(a: &Held<'_>, b: &Held<'_>) -> Ordering {
    match (a, b) {
        (Held::Number(a), Held::Number(b)) => a.cmp(b),
        (Held::Text(a), Held::Text(b)) => a.cmp(b),
        (Held::Flag(a), Held::Flag(b)) => a.cmp(b),
        (Held::Time(a), Held::Time(b)) => a.cmp(b),
        (Held::Nothing, Held::Nothing) => Ordering::Equal,
        (Held::Nothing, _) => Ordering::Less,
        _ => Ordering::Greater,
    }
}
