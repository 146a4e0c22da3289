//! The overlay door: what a person wants and the provider has not said yet.

use tokendesk_model::{ChangeStatus, Lesson, TokenState, Wish};

/// What open changes lay over a snapshot. `None` shows what the provider said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Overlay {
    /// Active or inactive.
    pub active: Option<bool>,
    /// One-click.
    pub one_click: Option<bool>,
}

/// The overlay of one token's changes, given oldest first. Waiting and sending ones show their wish; a stuck one shows
/// what the provider says. Active and inactive show only where the account is known to accept them: until then the
/// state is asked for, not changed. A deletion never changes what is shown.
pub fn overlay_of<'a>(
    changes: impl IntoIterator<Item = (&'a Wish, &'a ChangeStatus)>,
    lesson: Lesson,
) -> Overlay {
    let mut overlay = Overlay::default();
    for (wish, status) in changes {
        if !matches!(status, ChangeStatus::Waiting | ChangeStatus::Sending) {
            continue;
        }
        match wish {
            Wish::OneClick(on) => overlay.one_click = Some(*on),
            Wish::Active(on) if lesson == Lesson::Accepts => overlay.active = Some(*on),
            Wish::Active(_) | Wish::Delete => {}
        }
    }
    overlay
}

/// What screens show: the snapshot, with the overlay where the token can be switched at all; a token that is gone is
/// deleted.
pub fn effective(
    state: &TokenState,
    one_click: Option<bool>,
    gone: bool,
    overlay: Overlay,
) -> (TokenState, Option<bool>) {
    if gone {
        return (TokenState::Deleted, one_click);
    }
    if !state.is_switchable() {
        return (state.clone(), one_click);
    }
    let state = match overlay.active {
        Some(true) => TokenState::Active,
        Some(false) => TokenState::Inactive,
        None => state.clone(),
    };
    (state, overlay.one_click.or(one_click))
}
