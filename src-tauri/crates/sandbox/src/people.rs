//! The people behind the payment systems: the same number is the same person in each of them when they are shared.
//! Knows no payment system.

use crate::world::cast;

/// Whose people a system plays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum People {
    /// Each system has customers of its own; by chance an email may be in two of them.
    #[default]
    Own,
    /// Customer `n` is the same person in all systems.
    Shared,
}

/// One person. Has no `Debug`: it carries an email.
#[derive(Clone)]
pub(crate) struct Person {
    /// On an `example` domain; a few people have none, and a few share one.
    pub(crate) email: Option<String>,
    pub(crate) given: String,
    pub(crate) family: String,
    /// The id the shop itself gave the customer.
    pub(crate) customer_id: String,
    /// Two-letter country.
    pub(crate) country: &'static str,
}

/// Person `n`, counted from 0: what the part the person plays in wallee's world makes of email and name.
pub(crate) fn person(seed: u64, n: u32) -> Person {
    // How many customers there are decides over numbers of cards only, never over who somebody is.
    let person = cast::person(seed, n, cast::role(seed, n, u32::MAX));
    let (given, family) = person.names();
    Person {
        given: given.to_owned(),
        family: family.to_owned(),
        country: person.country(),
        customer_id: person
            .customer_id
            .map_or_else(|| format!("C-{:06}", u64::from(n) + 100), String::from),
        email: person.email.map(String::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::{self, NONE};

    #[test]
    fn a_number_is_the_same_person_here_and_in_the_world() {
        for customers in [30, 300] {
            let world = world::generate(customers, 7, 1, 1_790_000_000_000);
            for token in world.tokens.iter().filter(|t| t.customer != NONE) {
                let person = person(7, token.customer);
                assert_eq!(world.email(token), person.email.as_deref());
                if let Some(id) = world.customer_id(token) {
                    assert_eq!(id, person.customer_id);
                }
                if let Some(at) = world.version_places(token_place(&world, token.id)).next() {
                    let (given, family) = world.holder(&world.versions[at]).unwrap();
                    assert_eq!((given, family), (person.given.as_str(), person.family.as_str()));
                }
            }
        }
    }

    fn token_place(world: &world::World, id: u64) -> usize {
        world.find(id).unwrap()
    }
}
