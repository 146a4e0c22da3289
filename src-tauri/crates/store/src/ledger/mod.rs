//! `ledger.db`: what nobody else knows. Small, and written with `synchronous=FULL`.

pub(crate) mod accounts;
pub(crate) mod log;
pub(crate) mod marks;
pub(crate) mod outbox;
pub(crate) mod settings;
