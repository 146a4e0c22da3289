//! Conflicts: what a person has to decide before a change is sent, because the card is not what it was when the change
//! was decided. The list is closed; everything else is rebased silently.

use crate::change::{Change, Wish};
use crate::seen::{ActiveVersion, Seen};
use crate::state::TokenState;
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// An enabling wish older than this meets any foreign change as a conflict.
pub const ENABLING_IS_OLD: TimeDelta = TimeDelta::minutes(15);
/// A deletion older than this is asked for again.
pub const DELETION_IS_OLD: TimeDelta = TimeDelta::hours(72);

/// What happened since the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    /// To be deleted, and its saved details were replaced by newer ones.
    Renewed,
    /// To be deleted, and it has saved details in use where it had none.
    AnotherVersion,
    /// To be deleted, and it became its customer's default.
    BecameDefault,
    /// To be deleted, and somebody made it active.
    Reactivated,
    /// To be switched, and it is being deleted or was deleted.
    BeingDeleted,
    /// To be switched or deleted, and it belongs to another customer.
    OtherCustomer,
    /// To be blocked or unblocked, and the reason it is blocked for is another one.
    ReasonChanged,
    /// The same switch was flipped by somebody else since.
    Flipped,
    /// To be enabled, decided a while ago, and somebody changed the card since.
    OldEnabling,
    /// To be deleted, and open payments or subscriptions would go with it of which its person was not told.
    OpenBusiness,
    /// To be deleted, decided days ago.
    OldDeletion,
}

impl ConflictKind {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Renewed,
        Self::AnotherVersion,
        Self::BecameDefault,
        Self::Reactivated,
        Self::BeingDeleted,
        Self::OtherCustomer,
        Self::ReasonChanged,
        Self::Flipped,
        Self::OldEnabling,
        Self::OpenBusiness,
        Self::OldDeletion,
    ];

    /// The word stored and shown.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Renewed => "renewed",
            Self::AnotherVersion => "another_version",
            Self::BecameDefault => "became_default",
            Self::Reactivated => "reactivated",
            Self::BeingDeleted => "being_deleted",
            Self::OtherCustomer => "other_customer",
            Self::ReasonChanged => "reason_changed",
            Self::Flipped => "flipped",
            Self::OldEnabling => "old_enabling",
            Self::OpenBusiness => "open_business",
            Self::OldDeletion => "old_deletion",
        }
    }

    /// Whether the wish can be kept: nothing can be switched on a card that is being deleted.
    pub fn mine_can_be_kept(&self) -> bool {
        !matches!(self, Self::BeingDeleted)
    }
}

/// A conflict as stored with its change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// What happened.
    pub kind: ConflictKind,
    /// The card as it was read when this was found; `None` only for one found by an earlier version.
    pub now: Option<Seen>,
    /// When it was found.
    pub found_at: DateTime<Utc>,
}

/// Whether sending `change` now would overwrite something its person did not know of. `now` is a read at most two
/// seconds old; `flipped` is whether a pull observed since the decision that somebody else flipped the same switch.
/// A card that is already as wished is no conflict: that is asked first.
pub fn conflict(change: &Change, now: &Seen, flipped: bool, at: DateTime<Utc>) -> Option<ConflictKind> {
    let base = &change.base;
    if !base.same_customer(now) {
        return Some(ConflictKind::OtherCustomer);
    }
    let gone = [TokenState::Deleting, TokenState::Deleted].map(|state| state.as_str().to_owned());
    if gone.contains(&now.state) {
        return (change.wish != Wish::Delete).then_some(ConflictKind::BeingDeleted);
    }
    // A clock that was set back makes no wish older than it is.
    let age = (at - change.decided_at).max(TimeDelta::zero());
    match change.wish {
        Wish::Delete => of_deletion(base, now, age),
        Wish::OneClick(_) | Wish::Active(_) | Wish::Default => of_switch(change, now, flipped, age),
    }
}

fn of_deletion(base: &Seen, now: &Seen, age: TimeDelta) -> Option<ConflictKind> {
    match (&base.active_version, &now.active_version) {
        (ActiveVersion::Is(then), ActiveVersion::Is(current)) if then != current => {
            return Some(ConflictKind::Renewed);
        }
        (ActiveVersion::Nothing, ActiveVersion::Is(_)) => return Some(ConflictKind::AnotherVersion),
        _ => {}
    }
    if base.is_default == Some(false) && now.is_default == Some(true) {
        return Some(ConflictKind::BecameDefault);
    }
    let active = TokenState::Active;
    if base.state == TokenState::Inactive.as_str() && now.state == active.as_str() {
        return Some(ConflictKind::Reactivated);
    }
    if has_more_business(base, now) {
        return Some(ConflictKind::OpenBusiness);
    }
    (age > DELETION_IS_OLD).then_some(ConflictKind::OldDeletion)
}

/// Whether something would go along that was not shown when it was decided. What cannot be looked up now says nothing.
fn has_more_business(base: &Seen, now: &Seen) -> bool {
    let told = base.open_business.as_deref().unwrap_or_default();
    now.open_business
        .iter()
        .flatten()
        .any(|open| !told.contains(open))
}

fn of_switch(change: &Change, now: &Seen, flipped: bool, age: TimeDelta) -> Option<ConflictKind> {
    let base = &change.base;
    if matches!(change.wish, Wish::Active(_)) && base.block_reason != now.block_reason {
        return Some(ConflictKind::ReasonChanged);
    }
    let differs = match change.wish {
        Wish::OneClick(_) => base.one_click.is_some() && base.one_click != now.one_click,
        Wish::Active(_) => base.state != now.state,
        Wish::Delete | Wish::Default => false,
    };
    if flipped || differs {
        return Some(ConflictKind::Flipped);
    }
    (change.wish.enables() && age > ENABLING_IS_OLD && is_foreign(base, now))
        .then_some(ConflictKind::OldEnabling)
}

/// Whether anything at all changed that was not our own write. `base` has our own writes in it.
fn is_foreign(base: &Seen, now: &Seen) -> bool {
    let versions_tell =
        base.active_version != ActiveVersion::NotRead && now.active_version != ActiveVersion::NotRead;
    base.version != now.version
        || base.state != now.state
        || base.one_click != now.one_click
        || base.is_default != now.is_default
        || base.block_reason != now.block_reason
        || (versions_tell && base.active_version != now.active_version)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{ChangeLabel, ChangeStatus};
    use crate::ids::{AccountId, ChangeId};

    fn seen() -> Seen {
        Seen {
            version: 3,
            state: "active".into(),
            one_click: Some(true),
            customer_key: "c".into(),
            active_version: ActiveVersion::Is("7".into()),
            is_default: Some(false),
            block_reason: None,
            ..Seen::default()
        }
    }

    /// What is found when `wish` was decided over `base`, and `now` is read so long afterwards.
    fn found(wish: Wish, base: Seen, now: Seen, flipped: bool, after: TimeDelta) -> Option<ConflictKind> {
        let decided_at = DateTime::from_timestamp(1_780_000_000, 0).unwrap();
        let account = AccountId::random();
        let change = Change {
            id: ChangeId::new(),
            account,
            token: account.token("1"),
            remote_id: "1".into(),
            wish,
            status: ChangeStatus::Waiting,
            reason: None,
            actor: "somebody".into(),
            label: ChangeLabel::default(),
            base,
            created_at: decided_at,
            decided_at,
            hold_ms: 0,
            replaced_by: None,
            stood: None,
            doubt: None,
            plan: None,
            updated_at: decided_at,
            attempts: 0,
            next_attempt_at: None,
            request_id: None,
        };
        conflict(&change, &now, flipped, decided_at + after)
    }

    #[test]
    fn each_kind_is_found_and_nothing_else() {
        use ConflictKind as K;
        let (off, inactive) = (Wish::OneClick(false), Wish::Active(false));
        let soon = TimeDelta::minutes(5);
        let with = |change: fn(&mut Seen)| {
            let mut now = seen();
            change(&mut now);
            now
        };
        let cases = [
            (
                Wish::Delete,
                seen(),
                with(|now| now.active_version = ActiveVersion::Is("8".into())),
                soon,
                K::Renewed,
            ),
            (
                Wish::Delete,
                with(|base| base.active_version = ActiveVersion::Nothing),
                seen(),
                soon,
                K::AnotherVersion,
            ),
            (
                Wish::Delete,
                seen(),
                with(|now| now.is_default = Some(true)),
                soon,
                K::BecameDefault,
            ),
            (
                Wish::Delete,
                with(|base| base.state = "inactive".into()),
                seen(),
                soon,
                K::Reactivated,
            ),
            (
                off,
                seen(),
                with(|now| now.state = "deleting".into()),
                soon,
                K::BeingDeleted,
            ),
            (
                off,
                seen(),
                with(|now| now.customer_key = "d".into()),
                soon,
                K::OtherCustomer,
            ),
            (
                inactive,
                seen(),
                with(|now| now.block_reason = Some("fraud".into())),
                soon,
                K::ReasonChanged,
            ),
            (
                off,
                with(|base| base.one_click = Some(false)),
                seen(),
                soon,
                K::Flipped,
            ),
            (
                Wish::OneClick(true),
                with(|base| base.one_click = Some(false)),
                with(|now| (now.one_click, now.version) = (Some(false), 4)),
                TimeDelta::minutes(16),
                K::OldEnabling,
            ),
            (
                Wish::Delete,
                with(|base| base.open_business = Some(vec!["pay_1".into()])),
                with(|now| now.open_business = Some(vec!["pay_1".into(), "sub_2".into()])),
                soon,
                K::OpenBusiness,
            ),
            (Wish::Delete, seen(), seen(), TimeDelta::hours(73), K::OldDeletion),
        ];
        let mut met = Vec::new();
        for (wish, base, now, after, kind) in cases {
            assert_eq!(found(wish, base, now, false, after), Some(kind));
            met.push(kind);
        }
        assert_eq!(met, K::ALL);
        assert_eq!(
            found(off, seen(), seen(), true, soon),
            Some(K::Flipped),
            "seen by a pull"
        );

        let touched = with(|now| now.version = 9);
        for wish in [off, inactive, Wish::Delete] {
            assert_eq!(
                found(wish, seen(), touched.clone(), false, soon),
                None,
                "rebased silently"
            );
            assert_eq!(
                found(wish, seen(), seen(), false, TimeDelta::hours(-30)),
                None,
                "a clock set back"
            );
        }
        let told = with(|base| base.open_business = Some(vec!["pay_1".into(), "sub_2".into()]));
        let fewer = with(|now| now.open_business = Some(vec!["sub_2".into()]));
        for now in [fewer, seen()] {
            assert_eq!(
                found(Wish::Delete, told.clone(), now, false, soon),
                None,
                "its person was told of it"
            );
        }
        let unread = with(|base| base.active_version = ActiveVersion::NotRead);
        assert_eq!(
            found(Wish::Delete, unread, seen(), false, soon),
            None,
            "nothing to compare with"
        );
    }
}
