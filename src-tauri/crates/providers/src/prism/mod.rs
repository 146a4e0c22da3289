//! Prism: connector tokens through a merchant's own server (Prism fact sheet).

mod connecting;

pub use connecting::DESCRIPTION;
