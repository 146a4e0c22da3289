//! KOMOJU: customers with one saved card each (KOMOJU fact sheet).

mod connecting;

pub use connecting::DESCRIPTION;
