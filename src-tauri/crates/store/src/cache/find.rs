//! Search.

/// How a person was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The email starts with it.
    EmailStart,
    /// The email contains it.
    EmailContains,
    /// The name.
    Name,
    /// An id, a reference or the last four of one of the cards; or nothing was asked for by word.
    Other,
}

/// How many, and whether that is final.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many; with `exact: false`, at least as many.
    pub n: u32,
    /// Whether it is the exact number.
    pub exact: bool,
}
