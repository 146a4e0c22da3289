//! From rows to what is shown.

use crate::change_views::{DeskSide, deletion_under_way};
use crate::contract::{
    AccountTag, CardVersion, CardView, Carriers, ChangeCounts, Env, StateCounts, SwitchesView,
};
use crate::desk::rfc3339;
use crate::problems::Names;
use crate::provider_options::capabilities_of;
use crate::words::capabilities;
use chrono::{NaiveDate, Utc};
use std::collections::HashMap;
use tokendesk_model::directory::given_id;
use tokendesk_model::{
    Account, AccountId, ActiveMark, Capabilities, CardKnowledge, Carrier, Change, Deletion, Expiry, Lesson,
    PersonKey, ReasonUse, TokenState,
};
use tokendesk_store::{CardRow, VersionRow};

/// Counts of this product stay far below four thousand million.
pub(crate) fn small(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Accounts by id, with what they have taught.
pub(crate) struct Accounts(pub HashMap<AccountId, (Account, Lesson)>);

impl Accounts {
    pub fn tag(&self, id: AccountId) -> AccountTag {
        match self.0.get(&id) {
            Some((account, _)) => self.tag_of(account),
            None => AccountTag {
                id: id.to_string(),
                code: String::new(),
                label: String::new(),
                provider_name: String::new(),
            },
        }
    }
    /// The tag of an account.
    pub fn tag_of(&self, account: &Account) -> AccountTag {
        AccountTag {
            id: account.id.to_string(),
            code: self.code(account),
            label: account.label.clone(),
            provider_name: account.provider.display_name().to_owned(),
        }
    }
    /// The two letters of its payment system; from the second account of that system and environment on with a number, in the
    /// order they were connected.
    pub fn code(&self, account: &Account) -> String {
        let before = self.0.values().filter(|(other, _)| {
            other.provider == account.provider
                && other.environment == account.environment
                && (other.created_at, other.id) < (account.created_at, account.id)
        });
        match before.count() {
            0 => account.provider.code().to_owned(),
            more => format!("{}{}", account.provider.code(), more + 1),
        }
    }
    pub fn names(&self, id: AccountId) -> Names {
        self.0
            .get(&id)
            .map_or_else(Names::nobody, |(account, _)| Names::of(account))
    }
    pub fn paused(&self, id: AccountId) -> bool {
        self.0
            .get(&id)
            .is_some_and(|(account, _)| account.paused.is_some())
    }
    /// Whether nothing is written through it.
    pub fn read_only(&self, id: AccountId) -> bool {
        self.0.get(&id).is_some_and(|(account, _)| account.read_only)
    }
    /// What it can do; an account that is not here any more can do what wallee can, and is not written to.
    pub fn capabilities(&self, id: AccountId) -> Capabilities {
        self.0.get(&id).map_or_else(
            || Capabilities::wallee(Lesson::Refuses),
            |(account, lesson)| capabilities_of(account, *lesson),
        )
    }
    pub fn lesson(&self, id: AccountId) -> Lesson {
        self.0.get(&id).map_or(Lesson::Untried, |(_, lesson)| *lesson)
    }
}

/// A card as people call it: brand and last four, or the provider's id where neither is known.
pub(crate) fn card_words(card: &CardRow) -> String {
    let brand = card
        .card
        .brand
        .as_ref()
        .map(|brand| brand.display_name().to_owned());
    let words: Vec<String> = brand.into_iter().chain(card.card.last4.clone()).collect();
    if words.is_empty() {
        card.remote_id.clone()
    } else {
        words.join(" ")
    }
}

/// A person's key as text: opaque to the window, readable here.
pub(crate) fn person_text(key: &PersonKey) -> String {
    match key {
        PersonKey::Email(email) => format!("e:{email}"),
        PersonKey::Customer(id) => format!("c:{id}"),
    }
}

pub(crate) fn person_key(text: &str) -> Option<PersonKey> {
    match text.split_once(':')? {
        ("e", email) if !email.is_empty() => Some(PersonKey::Email(email.to_owned())),
        ("c", id) => id.parse().ok().map(PersonKey::Customer),
        _ => None,
    }
}

pub(crate) fn expiry_text(expiry: Expiry) -> String {
    format!("{:04}-{:02}", expiry.year(), expiry.month())
}

/// Days from `today` until the last day of the expiry month.
pub(crate) fn days_left(expiry: Expiry, today: NaiveDate) -> Option<i32> {
    let next = Expiry(expiry.0 + 1);
    let first_after = NaiveDate::from_ymd_opt(next.year(), u32::try_from(next.month()).ok()?, 1)?;
    i32::try_from((first_after.pred_opt()? - today).num_days()).ok()
}

pub(crate) fn knowledge_word(knowledge: CardKnowledge) -> &'static str {
    match knowledge {
        CardKnowledge::NotRead => "not_read",
        CardKnowledge::NoActiveVersion => "no_active_version",
        CardKnowledge::NoneGiven => "none_given",
        CardKnowledge::Known => "known",
    }
}

/// Which controls a card offers now.
pub(crate) fn switches(
    row: &CardRow,
    pending: &[Change],
    known: &Capabilities,
    read_only: bool,
) -> SwitchesView {
    let deletion_waits = deletion_under_way(pending);
    let common = if row.gone_at.is_some() {
        Some("gone")
    } else if deletion_waits {
        Some("deletion_waiting")
    } else {
        match &row.snapshot.state {
            TokenState::Active | TokenState::Inactive => None,
            TokenState::Creating => Some("creating"),
            TokenState::Deleting => Some("deleting"),
            TokenState::Deleted => Some("deleted"),
            TokenState::Unknown(_) => Some("unknown_state"),
        }
    };
    let sent = |carrier: Carrier| match carrier {
        Carrier::DeskOnly => Some("desk_only"),
        Carrier::None | Carrier::ReadOnly => Some("not_offered"),
        Carrier::Attempted(Lesson::Ignores) => Some("ignored_here"),
        Carrier::Attempted(Lesson::Refuses) => Some("refused_here"),
        Carrier::Native | Carrier::Metadata(_) | Carrier::Attempted(_) => {
            read_only.then_some("read_only").or(common)
        }
    };
    // A card that is gone says so, whatever its provider could do with one.
    let lesson_last = |carrier: Carrier| match carrier {
        Carrier::Attempted(_) => common.or_else(|| sent(carrier)),
        _ => sent(carrier),
    };
    let delete = match known.delete {
        Deletion::BlockInstead => Some("not_offered"),
        Deletion::DeskOnly => Some("desk_only"),
        _ if read_only => Some("read_only"),
        _ => common.filter(|reason| *reason != "creating"),
    };
    let already_default = || (row.snapshot.particulars.is_default == Some(true)).then_some("already_default");
    SwitchesView {
        one_click_blocked: sent(known.one_click).map(str::to_owned),
        active_blocked: lesson_last(known.active).map(str::to_owned),
        delete_blocked: delete.map(str::to_owned),
        default_blocked: sent(known.default_card)
            .or_else(already_default)
            .map(str::to_owned),
    }
}

fn carriers(known: &Capabilities) -> Carriers {
    Carriers {
        one_click: capabilities::carrier(known.one_click).to_owned(),
        active: capabilities::carrier(known.active).to_owned(),
        delete: capabilities::deletion(known.delete).to_owned(),
        default_card: capabilities::carrier(known.default_card).to_owned(),
        reason_is_sent: known.reason == ReasonUse::SentToProvider,
        verify: known.verify,
        ask_new_details: known.ask_new_details,
        delete_customer: known.delete_customer,
    }
}

/// A customer's id as somebody gave it; one that was made up for an import without ids is nobody's.
pub(crate) fn shown_id(id: Option<&str>) -> Option<String> {
    id.and_then(given_id).map(str::to_owned)
}

pub(crate) fn card(row: &CardRow, desk: &DeskSide, accounts: &Accounts) -> CardView {
    let known = accounts.capabilities(row.account);
    let snapshot = &row.snapshot;
    let particulars = &snapshot.particulars;
    let today = Utc::now().date_naive();
    let provider = accounts
        .0
        .get(&row.account)
        .map(|(account, _)| account.provider.as_str().to_owned())
        .unwrap_or_default();
    CardView {
        id: row.id.to_string(),
        provider,
        account_id: row.account.to_string(),
        account: accounts.tag(row.account),
        remote_id: row.remote_id.clone(),
        env: Env::from(row.env),
        person: person_text(&row.person),
        email: snapshot.email.clone(),
        name: row.person_name.clone(),
        customer_id: shown_id(snapshot.customer_id.as_deref()),
        brand: row.card.brand.as_ref().map(|brand| brand.as_str().to_owned()),
        brand_name: row
            .card
            .brand
            .as_ref()
            .map(|brand| brand.display_name().to_owned()),
        last4: row.card.last4.clone(),
        expiry: row.card.expiry.map(expiry_text),
        expires_in_days: row.card.expiry.and_then(|expiry| days_left(expiry, today)),
        card_knowledge: knowledge_word(row.knowledge).to_owned(),
        state: row.effective_state.as_str().to_owned(),
        state_unknown: matches!(row.effective_state, TokenState::Unknown(_)),
        provider_state: snapshot.state.as_str().to_owned(),
        one_click: row.effective_one_click,
        provider_one_click: snapshot.one_click,
        version: snapshot.version,
        created_on: snapshot.created_on.map(rfc3339),
        planned_purge_on: snapshot.planned_purge_on.map(rfc3339),
        read_at: rfc3339(row.read_at),
        gone_at: row.gone_at.map(rfc3339),
        is_default: particulars.is_default,
        block_reason: particulars.block_reason.clone(),
        verification: particulars.verification.clone(),
        chargeable: particulars.chargeable,
        kind: particulars.kind.clone(),
        active_not_set: particulars.active_mark == ActiveMark::NotSet,
        carriers: carriers(&known),
        switches: switches(row, &desk.changes, &known, accounts.read_only(row.account)),
        pending: desk.views.clone(),
        desk_note: desk.note.clone(),
    }
}

pub(crate) fn version(row: &VersionRow) -> CardVersion {
    let version = &row.snapshot;
    CardVersion {
        remote_id: version.remote_id.clone(),
        state: version.state.as_str().to_owned(),
        brand_name: version
            .card
            .brand
            .as_ref()
            .map(|brand| brand.display_name().to_owned()),
        last4: version.card.last4.clone(),
        expiry: version.card.expiry.map(expiry_text),
        created_on: version.created_on.map(rfc3339),
        activated_on: version.activated_on.map(rfc3339),
        obsoleted_on: version.obsoleted_on.map(rfc3339),
        expires_on: version.expires_on.map(rfc3339),
        production: version.production,
    }
}

pub(crate) fn change_counts(counts: &tokendesk_store::ChangeCounts) -> ChangeCounts {
    ChangeCounts {
        held: counts.held,
        waiting: counts.waiting,
        sending: counts.sending,
        conflict: counts.conflict,
        stuck: counts.stuck,
    }
}

pub(crate) fn counts(counts: &tokendesk_store::StateCounts) -> StateCounts {
    StateCounts {
        active: counts.active,
        inactive: counts.inactive,
        deleting: counts.deleting,
        creating: counts.creating,
        deleted: counts.deleted,
        other: counts.other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_good_until_the_last_day_of_its_month() {
        let expiry = Expiry::new(2026, 12).unwrap();
        let day = |m, d| NaiveDate::from_ymd_opt(2026, m, d).unwrap();
        assert_eq!(days_left(expiry, day(12, 31)), Some(0));
        assert_eq!(days_left(expiry, day(11, 17)), Some(44));
        assert_eq!(days_left(Expiry::new(2026, 9).unwrap(), day(11, 1)), Some(-32));
    }

    #[test]
    fn people_read_back_from_their_text() {
        let email = PersonKey::Email("ada@example.com:x".into());
        assert_eq!(person_key(&person_text(&email)), Some(email));
        for bad in ["", "e:", "c:12", "x:ada@example.com", "ada@example.com"] {
            assert_eq!(person_key(bad), None, "{bad}");
        }
    }
}
