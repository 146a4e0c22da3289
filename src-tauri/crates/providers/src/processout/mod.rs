//! ProcessOut: customers and their tokens (ProcessOut fact sheet).

mod connecting;

pub use connecting::DESCRIPTION;
