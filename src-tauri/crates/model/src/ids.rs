//! Identifiers. An account's id is random; a customer's and a token's are derived from (account id, remote id), so
//! they survive a rebuilt cache, and the outbox and the log can use nothing else.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A text that is not an id of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this desk")]
pub struct NotAnId;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// The sixteen bytes as stored.
            pub fn bytes(&self) -> [u8; 16] {
                *self.0.as_bytes()
            }
            /// The id held in sixteen stored bytes.
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text.trim()).map(Self).map_err(|_| NotAnId)
            }
        }
    };
}

id!(
    /// One connection to a payment system.
    AccountId
);
id!(
    /// A customer record at one account.
    CustomerId
);
id!(
    /// Saved payment details at one account.
    TokenId
);
id!(
    /// One wish in the outbox. Version 7: sorts by the time it was made.
    ChangeId
);
id!(
    /// A plan over many cards. Version 7: sorts by the time it was made.
    PlanId
);

impl AccountId {
    /// A new random id.
    pub fn random() -> Self {
        Self(Uuid::new_v4())
    }
    fn derive(&self, kind: &str, remote: &str) -> Uuid {
        let mut name = Vec::with_capacity(kind.len() + 1 + remote.len());
        name.extend_from_slice(kind.as_bytes());
        name.push(0);
        name.extend_from_slice(remote.as_bytes());
        Uuid::new_v5(&self.0, &name)
    }
    /// The id of the token that this account's provider calls `remote`.
    pub fn token(&self, remote: &str) -> TokenId {
        TokenId(self.derive("token", remote))
    }
    /// The id of the customer record known at this account under `remote_key` (see [`crate::snapshot`]).
    pub fn customer(&self, remote_key: &str) -> CustomerId {
        CustomerId(self.derive("customer", remote_key))
    }
}

impl ChangeId {
    /// A new id, sorting after every id made before it in this process.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for ChangeId {
    fn default() -> Self {
        Self::new()
    }
}

impl PlanId {
    /// A new id, sorting after every id made before it in this process.
    pub fn new() -> Self {
        Self(Uuid::now_v7())
    }
}

impl Default for PlanId {
    fn default() -> Self {
        Self::new()
    }
}

/// Who a person is over all accounts of one environment: a folded email, or a single customer record where no email
/// is known (no email never groups).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PersonKey {
    /// [`crate::fold::email_key`] of the email.
    Email(String),
    /// A customer record without an email stands for itself.
    Customer(CustomerId),
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn derived_ids_are_stable_and_kept_apart() {
        let account: AccountId = "6f2b6c1e-7a3d-4b8e-9a50-2f6f0d6f3c11".parse().unwrap();
        let other: AccountId = "6f2b6c1e-7a3d-4b8e-9a50-2f6f0d6f3c12".parse().unwrap();
        assert_eq!(account.token("700123"), account.token("700123"));
        assert_ne!(account.token("700123"), account.token("700124"));
        assert_ne!(account.token("700123"), other.token("700123"));
        assert_ne!(account.token("7").0, account.customer("7").0);
    }

    proptest! {
        #[test]
        fn ids_survive_text_and_bytes(bytes: [u8; 16]) {
            let id = TokenId::from_bytes(bytes);
            prop_assert_eq!(id.to_string().parse::<TokenId>().unwrap(), id);
            prop_assert_eq!(TokenId::from_bytes(id.bytes()), id);
        }

        #[test]
        fn any_text_is_an_id_or_a_clear_no(text in ".{0,60}") {
            let _ = text.parse::<TokenId>();
        }
    }
}
