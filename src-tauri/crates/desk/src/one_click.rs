//! "Can this buyer pay with one click?", answered from known facts only (wallee fact sheet, sections 4.1 and 6).
//!
//! What this desk cannot know is not guessed: whether the payment method allows one-click, and what the shop's checkout shows.

use chrono::NaiveDate;
use tokendesk_model::{CardKnowledge, Expiry, TokenState};

/// The facts of one card that decide.
#[derive(Debug, Clone)]
pub(crate) struct Facts<'a> {
    pub has_customer_id: bool,
    pub gone: bool,
    pub state: &'a TokenState,
    /// A state was asked for that this account has not yet proven to take.
    pub state_asked: bool,
    pub one_click: Option<bool>,
    pub knowledge: CardKnowledge,
    pub expiry: Option<Expiry>,
    pub today: NaiveDate,
}

/// Why the buyer cannot pick this card; `None` when nothing known stands against it.
pub(crate) fn withheld(facts: &Facts<'_>) -> Option<&'static str> {
    match facts.state {
        _ if facts.gone => return Some("deleted"),
        TokenState::Deleted => return Some("deleted"),
        TokenState::Deleting => return Some("deleting"),
        TokenState::Creating => return Some("creating"),
        TokenState::Inactive => return Some("inactive"),
        TokenState::Unknown(_) => return Some("unknown_state"),
        TokenState::Active => {}
    }
    if !facts.has_customer_id {
        return Some("no_customer_id");
    }
    match facts.one_click {
        Some(true) => {}
        Some(false) => return Some("off"),
        None => return Some("not_said"),
    }
    match facts.knowledge {
        CardKnowledge::NotRead => return Some("not_read"),
        CardKnowledge::NoActiveVersion => return Some("no_active_version"),
        CardKnowledge::NoneGiven | CardKnowledge::Known => {}
    }
    let past = facts
        .expiry
        .and_then(|expiry| crate::views::days_left(expiry, facts.today))
        .is_some_and(|d| d < 0);
    if past {
        return Some("expired");
    }
    facts.state_asked.then_some("asked")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn good(state: &TokenState) -> Facts<'_> {
        Facts {
            has_customer_id: true,
            gone: false,
            state,
            state_asked: false,
            one_click: Some(true),
            knowledge: CardKnowledge::Known,
            expiry: Expiry::new(2028, 8),
            today: NaiveDate::from_ymd_opt(2026, 11, 20).unwrap(),
        }
    }

    #[test]
    fn each_known_fact_that_stands_against_it_is_named() {
        let active = TokenState::Active;
        assert_eq!(withheld(&good(&active)), None);
        assert_eq!(
            withheld(&Facts {
                has_customer_id: false,
                ..good(&active)
            }),
            Some("no_customer_id")
        );
        assert_eq!(
            withheld(&Facts {
                one_click: Some(false),
                ..good(&active)
            }),
            Some("off")
        );
        assert_eq!(
            withheld(&Facts {
                one_click: None,
                ..good(&active)
            }),
            Some("not_said")
        );
        assert_eq!(
            withheld(&Facts {
                expiry: Expiry::new(2026, 10),
                ..good(&active)
            }),
            Some("expired")
        );
        assert_eq!(
            withheld(&Facts {
                expiry: Expiry::new(2026, 11),
                ..good(&active)
            }),
            None
        );
        assert_eq!(
            withheld(&Facts {
                state_asked: true,
                ..good(&active)
            }),
            Some("asked")
        );
        assert_eq!(
            withheld(&Facts {
                gone: true,
                ..good(&active)
            }),
            Some("deleted")
        );
        let no_version = Facts {
            knowledge: CardKnowledge::NoActiveVersion,
            ..good(&active)
        };
        assert_eq!(withheld(&no_version), Some("no_active_version"));
        for (state, reason) in [
            (TokenState::Inactive, "inactive"),
            (TokenState::Deleting, "deleting"),
            (TokenState::Deleted, "deleted"),
            (TokenState::Creating, "creating"),
            (TokenState::Unknown("FROZEN".into()), "unknown_state"),
        ] {
            assert_eq!(withheld(&good(&state)), Some(reason));
        }
    }
}
