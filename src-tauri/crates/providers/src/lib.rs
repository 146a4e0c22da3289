//! The payment systems, one module each behind [`PaymentSystem`]. The only crate that speaks HTTP to the outside.
//!
//! Must not know: SQL, the outbox, what a person wishes, a user interface. It reads, it writes one thing when told to, and
//! it says precisely what the other side answered; retrying, queueing and judging are somebody else's work.

pub mod bench;
pub mod description;
pub mod error;
mod http;
pub mod komoju;
mod masking;
pub mod prism;
pub mod processout;
mod read_only;
pub mod registry;
pub mod system;
pub mod verify;
pub mod wallee;
pub mod zafapay;

pub use error::{ProviderError, ProviderErrorKind, RetryKind};
pub use http::Clock;
pub use read_only::ReadOnly;
pub use system::{
    BeforeDeletion, CheckItem, CheckOutcome, CheckReport, CheckStep, Credentials, CustomerCards,
    CustomerLookup, DirectoryEntry, HttpOptions, ListedCustomer, NewToken, News, Page, PaymentSystem,
    TokenRef,
};
