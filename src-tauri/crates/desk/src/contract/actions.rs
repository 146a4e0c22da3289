//! What is done at a provider at once, because somebody waits for it: creating, verifying, asking the buyer. Nothing of it is
//! queued; each is logged with its outcome, and shown only as far as the provider confirmed it.

use super::problem::Problem;
use super::status::Env;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What deleting a card would take along at its provider, read now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct BeforeDeletionView {
    /// Payments of this customer that are not finished, by id.
    pub open_payments: Vec<String>,
    /// Running subscriptions of this customer, by id.
    pub subscriptions: Vec<String>,
    /// Why it could not be looked up; the lists may then be short.
    pub problem: Option<Problem>,
    /// What deleting does here, in one or two sentences.
    pub says: String,
}

/// Verifies a card by a small authorization that is voided at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VerifyCard {
    /// Our card id.
    pub card_id: String,
    /// In major units, a decimal text such as `1.00`.
    pub amount: String,
    /// ISO 4217.
    pub currency: String,
    /// `token_authorize` or `authorize`.
    pub through: String,
    /// What has to be typed: see [`VerifyOffer::confirmation`].
    pub confirmation: String,
    /// Kept in the log, at most 255 characters.
    pub reason: Option<String>,
}

/// What a verification would do, before it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VerifyOffer {
    /// Why it cannot be done now; absent when it can. In live it has to be allowed for the account first.
    pub blocked: Option<Problem>,
    /// What has to be typed.
    pub confirmation: String,
    /// Currencies with the largest amount allowed, in major units.
    pub currencies: Vec<CurrencyCap>,
    /// What happens, in a few sentences: hold, void, what cannot be promised.
    pub says: Vec<String>,
    /// Earlier verifications of this card, newest first.
    pub earlier: Vec<VerificationView>,
}

/// A currency and the most that may be authorized in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CurrencyCap {
    /// ISO 4217.
    pub currency: String,
    /// In major units.
    pub at_most: String,
    /// Offered first, in major units.
    pub suggested: String,
}

/// One verification.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct VerificationView {
    /// Its id.
    pub id: String,
    /// RFC 3339.
    pub started_at: String,
    /// RFC 3339; absent while it runs, or when the program ended meanwhile.
    pub finished_at: Option<String>,
    /// Our reference at the processor.
    pub reference: String,
    /// `1.00 EUR`.
    pub amount: String,
    /// `voided`, `declined`, `not_reserved`, `needs_buyer`, `released_unclear`, `void_unconfirmed`, `hold_may_exist`, `charged`, `refunded`, `running`.
    pub outcome: String,
    /// What that means and what to do, in one or two sentences.
    pub says: String,
    /// Whether a refund is offered.
    pub refundable: bool,
    /// The processor's id of the transaction.
    pub transaction_id: Option<String>,
    /// Who.
    pub by: String,
}

/// Names one verification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct VerificationRef {
    /// Its id.
    pub verification_id: String,
}

/// Allows verifications by money in a live account, or forbids them again. Off by default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AllowVerification {
    /// The account.
    pub account_id: String,
    /// Whether they are allowed.
    pub allowed: bool,
}

/// A page of the provider for the buyer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct BuyerPage {
    /// Its address, to be copied or opened.
    pub url: String,
    /// What the buyer does there, and what happens then, in one or two sentences.
    pub says: String,
}

/// Opens a page in the browser that this desk gave out since it was started: [`BuyerPage::url`], or the link of a flow's step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct OpenPage {
    /// Its address, as given out.
    pub url: String,
}

/// Creates a token without card details.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct CreateToken {
    /// The account.
    pub account_id: String,
    /// The shop's customer id.
    pub customer_id: Option<String>,
    /// The customer's email.
    pub email: Option<String>,
    /// The shop's reference.
    pub reference: Option<String>,
    /// Makes a repeat harmless; absent: a new one is made.
    pub external_id: Option<String>,
}

/// Deletes a whole customer record at its provider, with its cards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DeleteCustomer {
    /// The account.
    pub account_id: String,
    /// The provider's id of the record.
    pub customer_id: String,
    /// The id's last four signs, typed.
    pub confirmation: String,
    /// Kept in the log, at most 255 characters.
    pub reason: Option<String>,
}

/// Forgets what the provider's hosted page keeps under the shop's own customer id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ForgetOneClick {
    /// The account.
    pub account_id: String,
    /// The shop's own customer id.
    pub external_customer_id: String,
}

/// What was done at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DoneNow {
    /// What the provider confirmed, in one sentence.
    pub says: String,
}

/// A pasted text to be recognised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Recognise {
    /// Environment in view.
    pub env: Env,
    /// What was pasted.
    pub text: String,
}

/// What a pasted text looks like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct Recognised {
    /// One line for each payment system it could belong to; empty: nothing known looks like this.
    pub items: Vec<RecognisedAs>,
}

/// One thing a pasted id can be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct RecognisedAs {
    /// The provider's name.
    pub provider_name: String,
    /// Two letters.
    pub code: String,
    /// What it is: `Saved card`, `Customer`, `Single-use token`, `Card token`, `Payment method`.
    pub kind: String,
    /// In one sentence: what it is, whether it is known here, what can be looked up.
    pub says: String,
    /// The card, where it is known here.
    pub card_id: Option<String>,
    /// The person, where one is known here.
    pub person: Option<String>,
    /// Accounts in which it can be looked up live, by id and label.
    pub look_up: Vec<super::accounts::Chosen>,
}

/// Looks an id up at its provider, now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LookUp {
    /// The account.
    pub account_id: String,
    /// The id.
    pub text: String,
}

/// What a live look-up found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, TS)]
pub struct LookedUp {
    /// Whether the provider knows it.
    pub found: bool,
    /// The card, stored here now.
    pub card_id: Option<String>,
    /// The person, stored here now.
    pub person: Option<String>,
    /// In one sentence.
    pub says: String,
}
