//! The processors behind Prism that are played here, what each can do (Prism fact sheet, section 6), and the
//! credentials each wants in `x-connector-config` (sections 4 and 7.3).

use serde_json::{Map, Value};

use super::status::{Code, Status};
use super::switches::{MissingConfig, Switches};

/// A processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Connector {
    Stripe,
    Adyen,
    Cybersource,
    Noon,
}

impl Connector {
    pub(super) const ALL: [Self; 4] = [Self::Stripe, Self::Adyen, Self::Cybersource, Self::Noon];

    /// The name as `x-connector-config` spells it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Stripe => "Stripe",
            Self::Adyen => "Adyen",
            Self::Cybersource => "Cybersource",
            Self::Noon => "Noon",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|connector| connector.name() == name)
    }

    /// Whether a token can be authorized with it.
    pub(super) fn authorizes_tokens(self) -> bool {
        !matches!(self, Self::Noon)
    }

    /// Whether it can revoke.
    pub(super) fn revokes(self) -> bool {
        matches!(self, Self::Cybersource | Self::Noon)
    }

    /// Whether a transaction can be read by its id alone.
    pub(super) fn reads_back(self) -> bool {
        !matches!(self, Self::Adyen)
    }

    /// The members its config must have.
    fn wanted(self) -> &'static [&'static str] {
        match self {
            Self::Stripe => &["api_key"],
            Self::Adyen => &["api_key", "merchant_account"],
            Self::Cybersource => &["api_key", "merchant_account", "api_secret"],
            Self::Noon => &["api_key", "application_identifier", "business_identifier"],
        }
    }

    /// Credentials this processor accepts in a world of this seed.
    pub(super) fn credentials(self, seed: u64) -> Value {
        let mut members = Map::new();
        for (nth, member) in self.wanted().iter().enumerate() {
            let number = crate::world::pick(seed, 700 + self as u64 * 10 + nth as u64, 0);
            let text = match (self, *member) {
                (Self::Stripe, _) => format!("sk_test_{number:016x}"),
                (_, "merchant_account" | "application_identifier" | "business_identifier") => {
                    format!("{}Shop{}", self.name(), number % 1_000)
                }
                _ => format!("key_{number:016x}"),
            };
            members.insert((*member).to_owned(), text.into());
        }
        Value::Object(members)
    }

    /// The whole header for this processor.
    #[cfg(test)]
    pub(super) fn config(self, seed: u64) -> Value {
        serde_json::json!({ "config": { self.name(): self.credentials(seed) } })
    }
}

/// Who a call is for, and whether the processor will let it in.
pub(super) struct Caller {
    pub(super) connector: Connector,
    key_fits: bool,
}

impl Caller {
    /// Reads `x-connector-config`.
    pub(super) fn of(header: Option<&str>, seed: u64, switches: &Switches) -> Result<Self, Status> {
        let Some(text) = header else {
            let code = match switches.missing_config {
                MissingConfig::Unauthenticated => Code::Unauthenticated,
                MissingConfig::InvalidArgument => Code::InvalidArgument,
            };
            return Err(Status::new(code, "Missing connector config in request metadata"));
        };
        let invalid = || Status::new(Code::FailedPrecondition, "Invalid connector config");
        let header: Value = serde_json::from_str(text).map_err(|_| invalid())?;
        let (name, config) = header
            .get("config")
            .and_then(Value::as_object)
            .filter(|config| config.len() == 1)
            .and_then(|config| config.iter().next())
            .ok_or_else(invalid)?;
        let connector = Connector::named(name).ok_or_else(invalid)?;
        let right = connector.credentials(seed);
        for member in connector.wanted() {
            config.get(member).and_then(Value::as_str).ok_or_else(invalid)?;
        }
        let key_fits = connector
            .wanted()
            .iter()
            .all(|member| config.get(member) == right.get(member));
        Ok(Self { connector, key_fits })
    }

    /// The processor's own look at the credentials, when it is asked at last.
    pub(super) fn sign_in(&self) -> Result<(), Status> {
        if self.key_fits {
            Ok(())
        } else {
            Err(Status::of_processor(401))
        }
    }
}
