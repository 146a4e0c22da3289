//! What a payment system asks for when it is connected, as data: fields of a form, hosts, and what the credentials themselves
//! say. One description a system; screens and the terminal know no system by name.
//!
//! Must not know: where secrets are kept, what is connected already, how a form looks.

use crate::error::ProviderErrorKind;
use tokendesk_model::account::HostError;
use tokendesk_model::{Capabilities, Environment, Origin};

/// A payment system that can be connected.
#[derive(Debug, Clone, Copy)]
pub struct Description {
    /// A few words beside its name.
    pub about: &'static str,
    /// How its host is found.
    pub hosts: Hosts,
    /// What is asked for beside name, environment and host.
    pub fields: &'static [Field],
    /// Whether the credentials tell which environment it is.
    pub credentials_tell_environment: bool,
    /// Checks what was entered; nothing is contacted.
    pub admit: fn(&Offered<'_>) -> Result<Admitted, Unfit>,
    /// What an account can do before it has taught anything; `connector` as in [`Admitted`].
    pub capabilities: fn(connector: Option<&str>) -> Capabilities,
    /// What its scope is called, such as `space` or `project`; empty where it has none.
    pub scope_word: &'static str,
    /// What a text can be there, by its shape alone; nothing is contacted.
    pub recognise: fn(&str) -> Option<IdShape>,
}

/// What an id stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdKind {
    /// A saved card.
    SavedCard,
    /// A customer.
    Customer,
    /// A customer whose record is its one saved card.
    CustomerAndCard,
    /// A token of the browser that works once.
    SingleUse,
    /// Card details that were not saved for anybody yet.
    CardToken,
    /// A token of the processor behind the payment system.
    ConnectorToken,
}

/// What an id looks like to one payment system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdShape {
    /// What it stands for.
    pub kind: IdKind,
    /// Its ids look just like that; otherwise no more than their beginning fits.
    pub likely: bool,
}

impl IdShape {
    pub(crate) const fn of(kind: IdKind) -> Self {
        Self { kind, likely: true }
    }
}

/// What follows the beginning of an id, where it is of signs that ids have.
pub(crate) fn id_after<'a>(text: &'a str, beginning: &str) -> Option<&'a str> {
    text.strip_prefix(beginning).filter(|rest| {
        let of_an_id = |b: u8| b.is_ascii_alphanumeric() || b == b'_' || b == b'-';
        !rest.is_empty() && rest.bytes().all(of_an_id)
    })
}

/// How a payment system's host is found. A demo account always names a host on this computer.
#[derive(Debug, Clone, Copy)]
pub enum Hosts {
    /// The provider's own, for test and live.
    Fixed {
        /// Test.
        test: &'static str,
        /// Live.
        live: &'static str,
    },
    /// Entered, with a list of known ones: name and host.
    Free(&'static [(&'static str, &'static str)]),
    /// A server that the merchant runs.
    OwnServer,
}

/// A field of the form.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// `space`, `user`, `connector`, `key`, `publishable_key`.
    pub name: &'static str,
    /// For people.
    pub label: &'static str,
    /// Where it is found.
    pub hint: &'static str,
    /// What it looks like; never a real one.
    pub example: &'static str,
    /// Typed hidden, kept in the secret store.
    pub secret: bool,
    /// Cannot be left out.
    pub required: bool,
    /// Several lines.
    pub multiline: bool,
    /// Only these: value and label. Empty: free.
    pub options: &'static [(&'static str, &'static str)],
    /// Asked for again when credentials are replaced.
    pub replaceable: bool,
}

impl Field {
    /// A required, visible, free field of one line.
    pub const fn new(
        name: &'static str,
        label: &'static str,
        hint: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            label,
            hint,
            example,
            secret: false,
            required: true,
            multiline: false,
            options: &[],
            replaceable: false,
        }
    }

    /// The same, as a secret that can be replaced.
    pub const fn secret(self) -> Self {
        Self {
            secret: true,
            replaceable: true,
            ..self
        }
    }

    /// The same, but it may be left out.
    pub const fn optional(self) -> Self {
        Self {
            required: false,
            ..self
        }
    }
}

/// What was entered, each text without outer white space.
#[derive(Clone, Copy)]
pub struct Offered<'a> {
    /// Chosen.
    pub environment: Environment,
    /// Empty where the provider's own host is meant.
    pub host: &'a str,
    /// wallee: space. ProcessOut: project.
    pub space: &'a str,
    /// wallee: application user.
    pub user: &'a str,
    /// Prism: connector.
    pub connector: &'a str,
    /// The secret.
    pub key: &'a str,
    /// The browser's key; may be empty.
    pub publishable_key: &'a str,
}

/// What was entered, found fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Admitted {
    /// Where.
    pub origin: Origin,
    /// As the account keeps it; `None` where the system names nothing of the kind.
    pub scope: Option<String>,
    /// As the account keeps it; empty where there is none.
    pub user: String,
    /// Prism: the connector.
    pub connector: Option<String>,
}

/// Why what was entered cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// The host.
    Host(HostError),
    /// A field, and the rule it breaks, in one sentence for people. Never what was entered.
    Field(&'static str, &'static str),
    /// A key of another kind (`WrongKeyKind`), of another environment (`WrongEnvironment`), or none at all (`BadCredentials`).
    Key(&'static str, ProviderErrorKind),
}

impl From<HostError> for Unfit {
    fn from(error: HostError) -> Self {
        Self::Host(error)
    }
}

impl Hosts {
    /// The origin that is meant, fit for its environment.
    ///
    /// # Errors
    /// [`HostError`].
    pub fn origin(&self, environment: Environment, host: &str) -> Result<Origin, HostError> {
        let origin = match (self, environment) {
            (Self::Fixed { test, .. }, Environment::Test) => fixed(test, host)?,
            (Self::Fixed { live, .. }, Environment::Live) => fixed(live, host)?,
            _ => Origin::parse(host)?,
        };
        match self {
            Self::OwnServer => origin.allowed_for_own_server(environment)?,
            _ => origin.allowed_for(environment)?,
        }
        Ok(origin)
    }
}

// Outside demo the key must never travel anywhere but to its provider.
fn fixed(own: &str, host: &str) -> Result<Origin, HostError> {
    let own = Origin::parse(own)?;
    if host.is_empty() || Origin::parse(host)? == own {
        return Ok(own);
    }
    Err(HostError::NotItsHost)
}

/// Whether a key has only signs that travel in a header: visible ASCII, at most 4,096 of them.
pub(crate) fn is_header_safe(key: &str) -> bool {
    !key.is_empty() && key.len() <= 4_096 && key.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fixed_host_is_its_own_outside_the_demo() {
        let hosts = Hosts::Fixed {
            test: "api.sandbox.provider.example",
            live: "api.provider.example",
        };
        let shown = |environment, host| hosts.origin(environment, host).map(|origin| origin.to_string());
        assert_eq!(
            shown(Environment::Live, "").unwrap(),
            "https://api.provider.example"
        );
        assert_eq!(
            shown(Environment::Test, "https://api.sandbox.provider.example/").unwrap(),
            "https://api.sandbox.provider.example"
        );
        assert_eq!(
            shown(Environment::Live, "evil.example"),
            Err(HostError::NotItsHost)
        );
        assert_eq!(
            shown(Environment::Live, "api.sandbox.provider.example"),
            Err(HostError::NotItsHost)
        );
        assert_eq!(
            shown(Environment::Demo, "http://127.0.0.1:4020").unwrap(),
            "http://127.0.0.1:4020"
        );
        assert_eq!(shown(Environment::Demo, ""), Err(HostError::Malformed));
    }
}
