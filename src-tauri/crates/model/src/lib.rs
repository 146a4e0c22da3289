//! The words of the product as types: accounts, customers, tokens, their states, what an account can do, what a
//! person wishes, how an email is folded and how a search is read.
//!
//! Must not know: files, sockets, clocks, SQL, HTTP, a user interface. Everything here is a pure function of its
//! arguments, so it can be tested with arbitrary input and shared by every other crate.

pub mod account;
pub mod capability;
pub mod card;
pub mod card_number;
pub mod change;
pub mod conflict;
pub mod directory;
pub mod fold;
pub mod ids;
pub mod lane;
pub mod plan;
pub mod query;
pub mod seen;
pub mod snapshot;
pub mod state;

pub use account::{Account, Environment, HostError, Origin, ProviderKind};
pub use capability::{Capabilities, Carrier, Deletion, EditGuard, Lesson, Listing, NewsCarrier, ReasonUse};
pub use card::{Brand, CardFacts, CardKnowledge, Expiry};
pub use change::{Change, ChangeLabel, ChangeStatus, Doubt, Stood, Stuck, Wish, Withdrawn};
pub use conflict::{Conflict, ConflictKind};
pub use ids::{AccountId, ChangeId, CustomerId, PersonKey, PlanId, TokenId};
pub use lane::{Lane, LaneError, Overlay};
pub use query::SearchQuery;
pub use seen::{ActiveVersion, Seen};
pub use snapshot::{ActiveMark, CustomerSnapshot, Particulars, TokenSnapshot, VersionSnapshot, VersionState};
pub use state::TokenState;
