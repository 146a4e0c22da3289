//! Accounts: one connection to a payment system, in one environment.

use crate::ids::AccountId;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

macro_rules! payment_systems {
    ($($(#[$doc:meta])* $kind:ident = $word:literal, $name:literal, $code:literal;)*) => {
        /// The payment systems this desk speaks to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum ProviderKind {
            $($(#[$doc])* $kind,)*
        }

        impl ProviderKind {
            /// Every payment system, in the order they are offered.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// The name stored and used on the command line.
            pub fn as_str(&self) -> &'static str {
                match self {
                    $(Self::$kind => $word,)*
                }
            }
            /// The name as the provider writes it, for people.
            pub fn display_name(&self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
            /// The two letters on small tags.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$kind => $code,)*
                }
            }
        }
    };
}

// Another payment system is one more line here, and a module each in the crates that speak to it and play it.
payment_systems! {
    /// wallee and its white labels, REST API 2.0 (wallee fact sheet, section 1).
    Wallee = "wallee", "wallee", "WA";
    /// ProcessOut, the Checkout.com "Smart Router" (ProcessOut fact sheet, section 1).
    ProcessOut = "processout", "ProcessOut", "PO";
    /// KOMOJU (KOMOJU fact sheet, section 1).
    Komoju = "komoju", "KOMOJU", "KO";
    /// Zafapay (ZAFA PAY), third generation of its API (Zafapay fact sheet, section 1).
    Zafapay = "zafapay", "Zafapay", "ZA";
    /// A merchant's own Hyperswitch Prism server (Prism fact sheet, section 1).
    Prism = "prism", "Prism", "PR";
}

impl FromStr for ProviderKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or(())
    }
}

/// Live, test and demo are never shown in one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Environment {
    /// A payment system played on this computer.
    Demo,
    /// A provider's test side: no money moves.
    Test,
    /// Real customers, real cards.
    Live,
}

impl Environment {
    /// Every environment, safest first.
    pub const ALL: [Self; 3] = [Self::Demo, Self::Test, Self::Live];

    /// The name stored and used on the command line.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Test => "test",
            Self::Live => "live",
        }
    }
    /// The number stored in the cache.
    pub fn number(&self) -> i64 {
        match self {
            Self::Demo => 0,
            Self::Test => 1,
            Self::Live => 2,
        }
    }
    /// The environment behind a stored number.
    pub fn from_number(number: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|env| env.number() == number)
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Environment {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|env| env.as_str() == text).ok_or(())
    }
}

/// Why a host was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Empty, or not a host name, an address or an origin.
    #[error("this is not a host name")]
    Malformed,
    /// User, path, query or fragment in it.
    #[error("only the host is wanted, without a path or a user")]
    MoreThanAnOrigin,
    /// Plain http to something that is not this computer.
    #[error("http is allowed to this computer only")]
    PlainHttp,
    /// The demo environment is a literal 127.0.0.1 or ::1.
    #[error("a demo account lives on 127.0.0.1 or ::1")]
    DemoElsewhere,
    /// Test and live need https.
    #[error("test and live accounts need https")]
    NeedsHttps,
    /// The provider has one host of its own for this environment.
    #[error("this provider is reached at its own host only")]
    NotItsHost,
}

/// Where an account lives: scheme, host and port, nothing else. Immutable once an account has it.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Origin {
    https: bool,
    host: String,
    port: Option<u16>,
}

/// What the built-in demo stores instead of an origin: its port is new at every start.
pub const BUILT_IN_DEMO: &str = "built-in";

impl Origin {
    /// Reads a host the way a person writes it: `app-wallee.com`, `https://hub.emetec.net`, `http://127.0.0.1:4010`.
    /// A bare name means https.
    ///
    /// # Errors
    /// See [`HostError`]; nothing is contacted.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let text = text.trim();
        let lower = text.to_ascii_lowercase();
        let (https, rest) = if let Some(rest) = lower.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = lower.strip_prefix("http://") {
            (false, rest)
        } else if lower.contains("://") {
            return Err(HostError::Malformed);
        } else {
            (true, lower.as_str())
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '@', '\\']) {
            return Err(HostError::MoreThanAnOrigin);
        }
        let (host, port) = match rest.strip_prefix('[') {
            Some(v6) => {
                let (address, after) = v6.split_once(']').ok_or(HostError::Malformed)?;
                address
                    .parse::<std::net::Ipv6Addr>()
                    .map_err(|_| HostError::Malformed)?;
                (format!("[{address}]"), after.strip_prefix(':'))
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host.to_owned(), Some(port)),
                None => (rest.to_owned(), None),
            },
        };
        let port = match port {
            None => None,
            Some(text) => match text.parse::<u16>() {
                Ok(0) | Err(_) => return Err(HostError::Malformed),
                Ok(number) => Some(number),
            },
        };
        if !host.starts_with('[') && !is_host_name(&host) {
            return Err(HostError::Malformed);
        }
        let origin = Self { https, host, port };
        if !https && !origin.is_loopback() && !origin.is_private() {
            return Err(HostError::PlainHttp);
        }
        Ok(origin)
    }

    /// Whether this origin may carry an account of `environment`: demo ⇔ a literal loopback address, everything else
    /// https.
    ///
    /// # Errors
    /// [`HostError::DemoElsewhere`] or [`HostError::NeedsHttps`].
    pub fn allowed_for(&self, environment: Environment) -> Result<(), HostError> {
        match environment {
            Environment::Demo if !self.is_loopback() => Err(HostError::DemoElsewhere),
            Environment::Demo => Ok(()),
            Environment::Test | Environment::Live if !self.https => Err(HostError::NeedsHttps),
            Environment::Test | Environment::Live => Ok(()),
        }
    }

    /// [`Self::allowed_for`] for a server that a merchant runs: live over https or on this computer; test also plain, at a
    /// literal private address (Prism fact sheet, section 3: the server itself speaks no TLS).
    ///
    /// # Errors
    /// As for [`Self::allowed_for`].
    pub fn allowed_for_own_server(&self, environment: Environment) -> Result<(), HostError> {
        match environment {
            Environment::Test if self.is_private() => Ok(()),
            Environment::Test | Environment::Live if self.is_loopback() => Ok(()),
            _ => self.allowed_for(environment),
        }
    }

    /// A literal address of a private network; a name can point anywhere.
    pub fn is_private(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(v4)) => v4.is_private(),
            Ok(IpAddr::V6(v6)) => v6.is_unique_local(),
            Err(_) => false,
        }
    }

    /// The port: the one given, else 443 or 80 by the scheme.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(if self.https { 443 } else { 80 })
    }

    /// A literal 127.0.0.1 or ::1; a name such as `localhost` can point anywhere.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        match bare.parse::<IpAddr>() {
            Ok(IpAddr::V4(v4)) => v4 == std::net::Ipv4Addr::LOCALHOST,
            Ok(IpAddr::V6(v6)) => v6 == std::net::Ipv6Addr::LOCALHOST,
            Err(_) => false,
        }
    }

    /// Whether the scheme is https.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Host name or address, without scheme and port.
    pub fn host(&self) -> &str {
        &self.host
    }
}

fn is_host_name(host: &str) -> bool {
    !host.is_empty()
        && host.len() <= 253
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.len() <= 63
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        })
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.host)?;
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Origin {
    type Error = HostError;
    fn try_from(text: String) -> Result<Self, HostError> {
        Self::parse(&text)
    }
}

impl From<Origin> for String {
    fn from(origin: Origin) -> Self {
        origin.to_string()
    }
}

/// One connection to a provider, as the ledger keeps it. Never holds a secret: `credential` names an entry of the
/// secret store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Our id.
    pub id: AccountId,
    /// Which payment system.
    pub provider: ProviderKind,
    /// The name staff gave it.
    pub label: String,
    /// Never editable.
    pub environment: Environment,
    /// `None` is the built-in demo ([`BUILT_IN_DEMO`]).
    pub origin: Option<Origin>,
    /// What the credentials give access to. wallee: the space id, decimal. ProcessOut: the project id. The others name
    /// nothing of the kind: their account's own id stands here, so that one host carries several accounts.
    pub scope: String,
    /// wallee: the application user's id, decimal. Elsewhere empty.
    pub user: String,
    /// Prism: the connector's name, such as `stripe`.
    pub connector: Option<String>,
    /// Chosen when it was connected or later: nothing is ever written through it.
    pub read_only: bool,
    /// When it was connected.
    pub created_at: DateTime<Utc>,
    /// Set when the provider rejected the credentials: reading and sending rest until they are checked again.
    pub paused: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hosts_as_people_write_them() {
        let shown = |text: &str| Origin::parse(text).map(|o| o.to_string());
        assert_eq!(shown("app-wallee.com").unwrap(), "https://app-wallee.com");
        assert_eq!(
            shown(" HTTPS://Checkout.PostFinance.ch/ ").unwrap(),
            "https://checkout.postfinance.ch"
        );
        assert_eq!(shown("http://127.0.0.1:4010").unwrap(), "http://127.0.0.1:4010");
        assert_eq!(shown("http://[::1]:4010").unwrap(), "http://[::1]:4010");
        assert_eq!(shown("http://app-wallee.com"), Err(HostError::PlainHttp));
        assert_eq!(shown("http://localhost:1"), Err(HostError::PlainHttp));
        assert_eq!(shown("http://127.0.0.1.example.com"), Err(HostError::PlainHttp));
        assert_eq!(shown("https://a.example/api"), Err(HostError::MoreThanAnOrigin));
        assert_eq!(shown("https://user@a.example"), Err(HostError::MoreThanAnOrigin));
        for bad in [
            "",
            "   ",
            "ftp://a",
            "a b",
            "a..b",
            "-a",
            "a:0",
            "a:99999",
            "[::g]",
            "[::1",
            "ä.example",
        ] {
            assert_eq!(shown(bad), Err(HostError::Malformed), "{bad}");
        }
    }

    #[test]
    fn demo_is_this_computer_and_the_rest_is_https() {
        let loopback = Origin::parse("http://127.0.0.1:1").unwrap();
        let far = Origin::parse("app-wallee.com").unwrap();
        assert_eq!(loopback.allowed_for(Environment::Demo), Ok(()));
        assert_eq!(
            loopback.allowed_for(Environment::Live),
            Err(HostError::NeedsHttps)
        );
        assert_eq!(far.allowed_for(Environment::Demo), Err(HostError::DemoElsewhere));
        assert_eq!(far.allowed_for(Environment::Test), Ok(()));
    }

    #[test]
    fn a_server_of_ones_own_may_speak_plainly_where_nobody_listens() {
        let private = Origin::parse("http://192.168.4.20:8000").unwrap();
        let here = Origin::parse("http://127.0.0.1:8000").unwrap();
        let far = Origin::parse("https://prism.example").unwrap();
        assert_eq!((here.port(), far.port()), (8000, 443));
        assert_eq!(private.allowed_for_own_server(Environment::Test), Ok(()));
        assert_eq!(
            private.allowed_for_own_server(Environment::Live),
            Err(HostError::NeedsHttps)
        );
        assert_eq!(private.allowed_for(Environment::Test), Err(HostError::NeedsHttps));
        assert_eq!(here.allowed_for_own_server(Environment::Live), Ok(()));
        assert_eq!(far.allowed_for_own_server(Environment::Live), Ok(()));
        assert_eq!(
            far.allowed_for_own_server(Environment::Demo),
            Err(HostError::DemoElsewhere)
        );
        assert_eq!(
            Origin::parse("http://203.0.113.5:8000"),
            Err(HostError::PlainHttp)
        );
    }

    #[test]
    fn the_words_of_payment_systems_are_their_own() {
        for kind in ProviderKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            let twins = ProviderKind::ALL
                .iter()
                .filter(|other| other.code() == kind.code());
            assert_eq!(twins.count(), 1);
        }
        assert_eq!("paypal".parse::<ProviderKind>(), Err(()));
    }

    proptest! {
        #[test]
        fn what_is_accepted_reads_back_the_same(text in "(https?://)?[a-z0-9.:\\[\\]-]{0,30}") {
            if let Ok(origin) = Origin::parse(&text) {
                prop_assert_eq!(Origin::parse(&origin.to_string()).unwrap(), origin);
            }
        }
    }
}
