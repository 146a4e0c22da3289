//! People and their cards.

use super::accounts::StateCounts;
use super::changes::ChangeView;
use super::status::Env;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Finds people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FindPeople {
    /// Which environment is in view.
    pub env: Env,
    /// What was typed, filters in words included.
    pub text: String,
    /// Cursor of the next page.
    pub after: Option<String>,
    /// At most 200.
    pub limit: u32,
}

/// How a person was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FoundBy {
    /// The email starts with it.
    EmailStart,
    /// The email contains it.
    EmailContains,
    /// The name.
    Name,
    /// An id, a reference or the last four of one of the cards.
    Other,
    /// Not searched: opened lately.
    Recent,
}

/// One person in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PersonRow {
    /// Opaque; opens the person.
    pub person: String,
    /// As given by a provider.
    pub email: Option<String>,
    /// From a billing address, where one is known.
    pub name: Option<String>,
    /// Cards by effective state.
    pub counts: StateCounts,
    /// Codes of the accounts' providers with their labels.
    pub accounts: Vec<AccountTag>,
    /// How they were found.
    pub found_by: FoundBy,
}

/// A small tag for an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AccountTag {
    /// Account id.
    pub id: String,
    /// Two letters; with a number from the second account of one payment system on.
    pub code: String,
    /// The account's name on this desk.
    pub label: String,
    /// The provider's name.
    pub provider_name: String,
}

/// How many, and whether that is final.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Count {
    /// How many; with `exact: false`, at least as many.
    pub n: u32,
    /// Whether it is the exact number.
    pub exact: bool,
}

/// An account that was searched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SearchedAccount {
    /// Which.
    pub account: AccountTag,
    /// Cards known there.
    pub cards: u32,
    /// Start of its last complete pass. RFC 3339.
    pub read_since: Option<String>,
    /// Its first or a later pass is running: numbers may rise.
    pub reading: bool,
}

/// People found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PeopleFound {
    /// Email starts with it, then contains it, then the rest.
    pub items: Vec<PersonRow>,
    /// Cursor of the next page.
    pub next: Option<String>,
    /// People in all.
    pub total: Count,
    /// Words to mark in the results, folded.
    pub words: Vec<String>,
    /// What was searched and how fresh it is.
    pub searched: Vec<SearchedAccount>,
    /// Milliseconds the search took.
    pub took_ms: u32,
}

/// Opens or refreshes a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonRef {
    /// Environment.
    pub env: Env,
    /// From [`PersonRow::person`].
    pub person: String,
}

/// More cards of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PersonCards {
    /// Environment.
    pub env: Env,
    /// From [`PersonRow::person`].
    pub person: String,
    /// Cursor.
    pub after: Option<String>,
    /// At most 200.
    pub limit: u32,
}

/// One saved card.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CardView {
    /// Our id; stable over a rebuild.
    pub id: String,
    /// `wallee`.
    pub provider: String,
    /// Account.
    pub account_id: String,
    /// The account's tag.
    pub account: AccountTag,
    /// The provider's id.
    pub remote_id: String,
    /// Environment.
    pub env: Env,
    /// Opens its person.
    pub person: String,
    /// Email as given.
    pub email: Option<String>,
    /// Name from a billing address.
    pub name: Option<String>,
    /// The merchant's customer id.
    pub customer_id: Option<String>,
    /// The brand's word (`visa`, …) or the provider's own name.
    pub brand: Option<String>,
    /// The brand for people.
    pub brand_name: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// `YYYY-MM`.
    pub expiry: Option<String>,
    /// Days until the end of the expiry month; negative when past.
    pub expires_in_days: Option<i32>,
    /// `known`, `none_given`, `no_active_version`, `not_read`.
    pub card_knowledge: String,
    /// Effective state: `creating`, `active`, `inactive`, `deleting`, `deleted`, or the provider's own word.
    pub state: String,
    /// Whether `state` is a word this version does not know.
    pub state_unknown: bool,
    /// What the provider last said.
    pub provider_state: String,
    /// Effective one-click; absent when the provider did not say.
    pub one_click: Option<bool>,
    /// What the provider last said.
    pub provider_one_click: Option<bool>,
    /// Optimistic lock of the token.
    pub version: i64,
    /// RFC 3339.
    pub created_on: Option<String>,
    /// RFC 3339.
    pub planned_purge_on: Option<String>,
    /// When this was read. RFC 3339.
    pub read_at: String,
    /// Set when the provider answered that it no longer has it. RFC 3339.
    pub gone_at: Option<String>,
    /// Whether it is its customer's default; absent where the provider does not say.
    pub is_default: Option<bool>,
    /// Why it is blocked, in the words given at the provider.
    pub block_reason: Option<String>,
    /// Verification, in the provider's own word.
    pub verification: Option<String>,
    /// Whether the provider says that it can be charged.
    pub chargeable: Option<bool>,
    /// The provider's word for what is saved, where it is not simply a card.
    pub kind: Option<String>,
    /// A mark would carry active and inactive, and is not there.
    pub active_not_set: bool,
    /// What carries each switch here.
    pub carriers: Carriers,
    /// May one-click and active/inactive be pressed now?
    pub switches: SwitchesView,
    /// Changes not yet confirmed, oldest first.
    pub pending: Vec<ChangeView>,
    /// A mark of this desk only, where the provider would not take the state.
    pub desk_note: Option<DeskNote>,
}

/// What carries the switches of a card, so that a screen says it before anybody presses. Words as in
/// [`super::CapabilityLine::carrier`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Carriers {
    /// One-click.
    pub one_click: String,
    /// Active and inactive.
    pub active: String,
    /// Deletion.
    pub delete: String,
    /// The default card.
    pub default_card: String,
    /// Switching off needs a reason, which is sent to the provider.
    pub reason_is_sent: bool,
    /// It can be verified by a small authorization.
    pub verify: bool,
    /// The buyer can be asked for new card details.
    pub ask_new_details: bool,
    /// The whole customer record can be deleted.
    pub delete_customer: bool,
}

/// Which controls a card offers now, and why not. Reasons: `deleting`, `deleted`, `gone`, `creating`, `unknown_state`,
/// `deletion_waiting`, `ignored_here`, `refused_here`, `read_only` (the account), `desk_only` (a note of this desk carries it),
/// `not_offered` (the provider has nothing of the kind).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SwitchesView {
    /// Why one-click cannot be pressed; absent when it can.
    pub one_click_blocked: Option<String>,
    /// Why active/inactive cannot be pressed; absent when it can.
    pub active_blocked: Option<String>,
    /// Why it cannot be deleted; absent when it can.
    pub delete_blocked: Option<String>,
    /// Why it cannot be made the default; absent when it can. Also `already_default`.
    pub default_blocked: Option<String>,
}

/// A customer record of a person at one account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CustomerView {
    /// Our id.
    pub id: String,
    /// Account.
    pub account: AccountTag,
    /// The merchant's customer id.
    pub customer_id: Option<String>,
    /// Email as given there.
    pub email: Option<String>,
    /// What `state` does there: `untried`, `accepts`, `ignores`, `refuses`.
    pub active_lesson: String,
    /// What carries the switches there, in one line above the cards.
    pub carried: String,
    /// The provider's own id of the record, where it keeps such records and they can be deleted as a whole.
    pub deletable_record: Option<String>,
    /// No cards are known of this record: why that may be (`none listed`, `not reported`), in one sentence.
    pub no_cards: Option<String>,
    /// Oldest read among this customer's cards. RFC 3339.
    pub read_at: Option<String>,
}

/// Answers "can this buyer pay with one click?" for one customer record, from known facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OneClickAnswer {
    /// Which customer record.
    pub customer: String,
    /// Cards that the buyer can pick, as far as this desk knows.
    pub offered: Vec<String>,
    /// Cards that the buyer cannot pick, each with its first reason: `no_customer_id`, `deleted`, `deleting`, `inactive`,
    /// `creating`, `unknown_state`, `off`, `not_said`, `no_active_version`, `not_read`, `expired`, `asked`.
    pub withheld: Vec<Withheld>,
}

/// One card a buyer cannot pick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Withheld {
    /// The card.
    pub card: String,
    /// Why.
    pub reason: String,
}

/// One person with their cards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct PersonView {
    /// Opaque.
    pub person: String,
    /// Environment.
    pub env: Env,
    /// As given by a provider.
    pub email: Option<String>,
    /// Name from a billing address.
    pub name: Option<String>,
    /// Earliest creation among the cards. RFC 3339.
    pub since: Option<String>,
    /// Customer records, by account.
    pub customers: Vec<CustomerView>,
    /// The first cards, grouped by customer record in the order of `customers`, newest first.
    pub cards: Vec<CardView>,
    /// Cursor for more.
    pub next: Option<String>,
    /// All cards by effective state.
    pub counts: StateCounts,
    /// Cards whose expiry has passed, among active and inactive ones shown.
    pub expired: u32,
    /// Cards that expire within 60 days.
    pub expiring: u32,
    /// Can this buyer pay with one click?
    pub one_click: Vec<OneClickAnswer>,
    /// Oldest read among the cards. RFC 3339.
    pub read_at: Option<String>,
    /// After a refresh: new cards of this customer may be missing, because search is refused.
    pub may_miss_new_cards: bool,
}

/// Lists cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ListCards {
    /// Environment.
    pub env: Env,
    /// Words and filters.
    pub text: String,
    /// One account only.
    pub account_id: Option<String>,
    /// Cursor.
    pub after: Option<String>,
    /// At most 1,000.
    pub limit: u32,
}

/// A page of cards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CardPage {
    /// Newest first.
    pub items: Vec<CardView>,
    /// Cursor.
    pub next: Option<String>,
    /// Cards in all; on the first page only.
    pub total: Option<Count>,
}

/// Names one card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CardRef {
    /// Our id.
    pub card_id: String,
}

/// One version of a card's saved details.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CardVersion {
    /// The provider's id.
    pub remote_id: String,
    /// `uninitialized`, `active`, `obsolete`, `unknown`.
    pub state: String,
    /// The brand for people.
    pub brand_name: Option<String>,
    /// Last four digits.
    pub last4: Option<String>,
    /// `YYYY-MM`.
    pub expiry: Option<String>,
    /// RFC 3339.
    pub created_on: Option<String>,
    /// RFC 3339.
    pub activated_on: Option<String>,
    /// RFC 3339.
    pub obsoleted_on: Option<String>,
    /// RFC 3339.
    pub expires_on: Option<String>,
    /// Whether it is a production version.
    pub production: Option<bool>,
}

/// One card with every property its system has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct CardDetail {
    /// The card.
    pub card: CardView,
    /// The merchant's reference.
    pub token_reference: Option<String>,
    /// The nonce it was created with.
    pub external_id: Option<String>,
    /// Language.
    pub language: Option<String>,
    /// IANA time zone.
    pub time_zone: Option<String>,
    /// wallee: owning space.
    pub linked_space_id: Option<String>,
    /// Newest first.
    pub versions: Vec<CardVersion>,
    /// When the versions were read. RFC 3339.
    pub versions_read_at: Option<String>,
    /// A note of this desk only, where the provider would not take the state.
    pub desk_note: Option<DeskNote>,
    /// What deleting it would mean, from known facts.
    pub deletion: DeletionFacts,
}

/// A mark for staff, kept on this desk only. At least one of the two is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeskNote {
    /// `true`: staff consider it active.
    pub active: Option<bool>,
    /// `true`: staff consider it usable with one click.
    pub one_click: Option<bool>,
    /// Who.
    pub by: String,
    /// RFC 3339.
    pub at: String,
}

/// What is known before a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeletionFacts {
    /// Cards this customer keeps at the same account, not counting deleted ones.
    pub other_cards: u32,
    /// It is the last one the buyer can pick with one click there.
    pub last_one_click: bool,
    /// It is the last active card there.
    pub last_active: bool,
    /// Whether the confirmation must be typed (live accounts).
    pub must_confirm: bool,
    /// What must be typed: the last four, or the end of the provider's id.
    pub confirmation: String,
    /// `last4` or `id_end`.
    pub confirmation_kind: String,
}

/// Where a card can be looked at by its provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PortalLink {
    /// Address of the provider's portal. Its pages are not addressed one by one: the id is to be pasted there.
    pub url: String,
    /// The id to look for.
    pub remote_id: String,
}
