//! Verifying a card by money: a small authorization that is voided at once (Prism fact sheet, section 10).
//!
//! Not a change: never queued, never retried. Whoever calls writes a journal row with the reference first.
//!
//! Must not know: the journal, who asked, confirmations.

use crate::error::{ProviderError, ProviderErrorKind};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What to authorize.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyRequest {
    /// Our own reference, unique for each call; it is how the hold is found at the processor.
    pub reference: String,
    /// The connector's token.
    pub token: String,
    /// The connector's id of the customer, where it needs one.
    pub connector_customer: Option<String>,
    /// In major units as a decimal text, such as `1.00`; capped for each currency.
    pub amount: String,
    /// ISO 4217, upper case.
    pub currency: String,
    /// Where the buyer would be sent; required, never opened.
    pub return_url: String,
    /// `TokenAuthorize`, or `Authorize` with the token as payment method.
    pub through: VerifyCall,
    /// For each of the two calls.
    pub deadline: Duration,
}

/// Which documented call is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyCall {
    /// `TokenAuthorize`.
    TokenAuthorize,
    /// `Authorize` with `payment_method.token`.
    Authorize,
}

/// How it ended. Everything but the first three asks a person to look at the processor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Verified {
    /// Authorized, and the void was confirmed: the card works, no hold remains.
    Voided,
    /// Refused by the processor: nothing is held.
    Declined {
        /// Its words, cut and masked.
        said: Option<String>,
    },
    /// The call was refused before anything was reserved.
    NotReserved {
        /// Its words, cut and masked.
        said: Option<String>,
    },
    /// The buyer would have to act: nothing is held yet, nothing is known of the card.
    NeedsBuyer,
    /// What became of the authorization stayed unclear, and its void was confirmed: nothing is held, nothing is known of
    /// the card.
    ReleasedUnclear,
    /// Authorized; the void was asked for and is not confirmed.
    VoidUnconfirmed,
    /// The answer was lost or unclear: a hold may exist under the reference.
    HoldMayExist,
    /// It came back charged although only a hold was asked for: offer a refund.
    Charged,
}

/// An outcome with what is needed to find it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyDone {
    /// How it ended.
    pub verified: Verified,
    /// The processor's id of the transaction, where it was told.
    pub transaction_id: Option<String>,
    /// The processor's own status word.
    pub status: Option<String>,
}

/// Why nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VerifyRefused {
    /// The amount is not a positive decimal of that currency, or above its cap.
    #[error("the amount cannot be used")]
    Amount {
        /// The largest amount allowed, in major units.
        at_most: String,
    },
    /// Not a currency this desk knows how to write.
    #[error("the currency is not known")]
    Currency,
    /// The token, the customer or the reference is empty or has signs that no such id has.
    #[error("the {0} cannot be sent")]
    Id(&'static str),
    /// The call could not be prepared.
    #[error("the call could not be made: {0:?}")]
    Provider(ProviderErrorKind),
}

/// Verifies cards at one account.
#[async_trait]
pub trait Verifier: Send + Sync {
    /// The currencies offered, each with the most that may be reserved, in major units.
    fn caps(&self) -> Vec<(&'static str, String)>;

    /// Authorizes by MANUAL capture, then voids. Never retries.
    ///
    /// # Errors
    /// [`VerifyRefused`]: nothing was sent.
    async fn verify(&self, request: &VerifyRequest) -> Result<VerifyDone, VerifyRefused>;

    /// Refunds what came back charged.
    ///
    /// # Errors
    /// [`ProviderError`]; what became of it may be unknown.
    async fn refund(
        &self,
        reference: &str,
        transaction_id: &str,
        amount: &str,
        currency: &str,
    ) -> Result<(), ProviderError>;
}
