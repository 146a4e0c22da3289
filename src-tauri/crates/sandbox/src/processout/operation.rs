//! Which calls there are, what they are called in statistics, and what a key needs for each.

use super::switches::Switches;
use crate::wire::decode;

/// What a call is. Ids are decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Versions,
    ListCustomers,
    CreateCustomer,
    ReadCustomer(String),
    UpdateCustomer(String),
    DeleteCustomer(String),
    ListTokens(String),
    CreateToken(String),
    ReadToken(String, String),
    UpdateToken(String, String),
    DeleteToken(String, String),
    CreateCard,
    ListCards,
    ReadCard(String),
    ListEvents,
    ReadEvent(String),
}

/// What a key may be allowed to do.
pub(super) enum Permission {
    None,
    ReadCustomers,
    WriteCustomers,
    ReadTokens,
    WriteTokens,
    UseCards,
    ReadEvents,
}

impl Operation {
    pub(super) fn of(method: &str, path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let id = |text: &str| decode(&text.replace('+', "%2B"));
        Some(match (method, parts.as_slice()) {
            ("GET", [""]) => Self::Versions,
            ("GET", ["customers"]) => Self::ListCustomers,
            ("POST", ["customers"]) => Self::CreateCustomer,
            ("GET", ["customers", c]) => Self::ReadCustomer(id(c)),
            ("PUT", ["customers", c]) => Self::UpdateCustomer(id(c)),
            ("DELETE", ["customers", c]) => Self::DeleteCustomer(id(c)),
            ("GET", ["customers", c, "tokens"]) => Self::ListTokens(id(c)),
            ("POST", ["customers", c, "tokens"]) => Self::CreateToken(id(c)),
            ("GET", ["customers", c, "tokens", t]) => Self::ReadToken(id(c), id(t)),
            ("PUT", ["customers", c, "tokens", t]) => Self::UpdateToken(id(c), id(t)),
            ("DELETE", ["customers", c, "tokens", t]) => Self::DeleteToken(id(c), id(t)),
            ("POST", ["cards"]) => Self::CreateCard,
            ("GET", ["cards"]) => Self::ListCards,
            ("GET", ["cards", c]) => Self::ReadCard(id(c)),
            ("GET", ["events"]) => Self::ListEvents,
            ("GET", ["events", e]) => Self::ReadEvent(id(e)),
            _ => return None,
        })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Versions => "versions.read",
            Self::ListCustomers => "customers.list",
            Self::CreateCustomer => "customers.create",
            Self::ReadCustomer(_) => "customers.read",
            Self::UpdateCustomer(_) => "customers.update",
            Self::DeleteCustomer(_) => "customers.delete",
            Self::ListTokens(_) => "tokens.list",
            Self::CreateToken(_) => "tokens.create",
            Self::ReadToken(..) => "tokens.read",
            Self::UpdateToken(..) => "tokens.update",
            Self::DeleteToken(..) => "tokens.delete",
            Self::CreateCard => "cards.create",
            Self::ListCards => "cards.list",
            Self::ReadCard(_) => "cards.read",
            Self::ListEvents => "events.list",
            Self::ReadEvent(_) => "events.read",
        }
    }

    pub(super) fn permission(&self) -> Permission {
        match self {
            Self::Versions => Permission::None,
            Self::ListCustomers | Self::ReadCustomer(_) => Permission::ReadCustomers,
            Self::CreateCustomer | Self::UpdateCustomer(_) | Self::DeleteCustomer(_) => {
                Permission::WriteCustomers
            }
            Self::ListTokens(_) | Self::ReadToken(..) => Permission::ReadTokens,
            Self::CreateToken(_) | Self::UpdateToken(..) | Self::DeleteToken(..) => Permission::WriteTokens,
            Self::CreateCard | Self::ListCards | Self::ReadCard(_) => Permission::UseCards,
            Self::ListEvents | Self::ReadEvent(_) => Permission::ReadEvents,
        }
    }

    /// What a browser or a telephone may ask for with the project's id alone.
    pub(super) fn is_public(&self) -> bool {
        matches!(self, Self::CreateCard | Self::UpdateToken(..))
    }
}

impl Permission {
    pub(super) fn given(&self, switches: &Switches) -> bool {
        match self {
            Self::None => true,
            Self::ReadCustomers => switches.may_read_customers,
            Self::WriteCustomers => switches.may_write_customers,
            Self::ReadTokens => switches.may_read_tokens,
            Self::WriteTokens => switches.may_write_tokens,
            Self::UseCards => switches.may_use_cards,
            Self::ReadEvents => switches.may_read_events,
        }
    }
}
