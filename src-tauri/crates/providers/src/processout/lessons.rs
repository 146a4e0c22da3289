//! What this account's server has shown about `expand`, which its documents promise in part only (ProcessOut fact sheet,
//! section 8). Kept as long as the client lives; a new one learns again.
//!
//! Tokens put into a list of customers could be cut off at a number no document names. So a list is believed only when it is
//! shorter than one that was compared with the customer's own list of tokens and found whole.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

/// What was learnt.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    no_tokens_with_customers: AtomicBool,
    no_cards_with_tokens: AtomicBool,
    no_owner_with_token: AtomicBool,
    /// The longest list of tokens inside a customer that was found whole.
    longest_whole: AtomicUsize,
}

impl Lessons {
    /// Whether a list of customers may bring their tokens along.
    pub fn asks_for_tokens(&self) -> bool {
        !self.no_tokens_with_customers.load(Ordering::Relaxed)
    }

    /// It does not, or not wholly.
    pub fn no_tokens(&self) {
        if self.asks_for_tokens() {
            tracing::info!("customers come without their tokens");
        }
        self.no_tokens_with_customers.store(true, Ordering::Relaxed);
    }

    /// Whether a list of tokens may bring their cards along.
    pub fn asks_for_cards(&self) -> bool {
        !self.no_cards_with_tokens.load(Ordering::Relaxed)
    }

    /// It does not: each card is read by itself.
    pub fn no_cards(&self) {
        if self.asks_for_cards() {
            tracing::info!("lists of tokens come without their cards");
        }
        self.no_cards_with_tokens.store(true, Ordering::Relaxed);
    }

    /// Whether a token may bring its customer along.
    pub fn asks_for_owner(&self) -> bool {
        !self.no_owner_with_token.load(Ordering::Relaxed)
    }

    /// It does not: the customer is read by itself.
    pub fn no_owner(&self) {
        self.no_owner_with_token.store(true, Ordering::Relaxed);
    }

    /// Whether a list of so many tokens inside a customer is all of them.
    pub fn is_whole(&self, tokens: usize) -> bool {
        tokens < self.longest_whole.load(Ordering::Relaxed)
    }

    /// A list of so many tokens inside a customer was compared and found whole.
    pub fn found_whole(&self, tokens: usize) {
        self.longest_whole.fetch_max(tokens, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_shorter_than_a_list_found_whole_is_believed() {
        let lessons = Lessons::default();
        assert!(!lessons.is_whole(0));
        lessons.found_whole(3);
        lessons.found_whole(2);
        assert!(lessons.is_whole(2) && !lessons.is_whole(3));
    }
}
