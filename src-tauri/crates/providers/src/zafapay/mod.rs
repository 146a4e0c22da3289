//! Zafapay: saved cards of known customers (Zafapay fact sheet).

mod connecting;

pub use connecting::DESCRIPTION;
