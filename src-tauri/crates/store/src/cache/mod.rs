//! `cache.db`: what the providers can tell again.

pub(crate) mod cards;
pub(crate) mod counters;
pub(crate) mod crawl;
pub(crate) mod door;
pub(crate) mod find;
pub(crate) mod overlay;
pub(crate) mod people;
pub(crate) mod versions;
