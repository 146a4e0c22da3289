//! Verifying a card by a small hold that is voided at once (Prism fact sheet, sections 10 and 11). One authorize, one void,
//! perhaps one read; nothing is ever sent a second time.
//!
//! Must not know: journals, confirmations, who asked.

use super::Prism;
use super::answers::{Failure, said};
use super::calls::{self, Amount, CaptureMethod, Payment};
use super::ids;
use super::messages::PaymentServiceAuthorizeResponse;
use super::money::Currency;
use super::states::{self, Money, Refund};
use crate::error::{ProviderError, ProviderErrorKind as Kind};
use crate::verify::{Verified, Verifier, VerifyCall, VerifyDone, VerifyRefused, VerifyRequest};
use async_trait::async_trait;
use std::time::Duration;

// A void that could not even be connected was not sent: a little later it may be.
const BETWEEN_CONNECTIONS: Duration = Duration::from_millis(500);
const CONNECTIONS: u32 = 3;

#[async_trait]
impl Verifier for Prism {
    fn caps(&self) -> Vec<(&'static str, String)> {
        super::caps()
    }

    async fn verify(&self, request: &VerifyRequest) -> Result<VerifyDone, VerifyRefused> {
        if !self.connector.authorizes_saved {
            return Err(VerifyRefused::Provider(Kind::NotOffered));
        }
        let currency = Currency::named(&request.currency).ok_or(VerifyRefused::Currency)?;
        let minor = currency
            .small(&request.amount)
            .ok_or_else(|| VerifyRefused::Amount {
                at_most: currency.at_most(),
            })?;
        let amount = Amount { minor, currency };
        let payment = Payment::new(
            &request.reference,
            &request.token,
            request.connector_customer.as_deref(),
            amount,
            &request.return_url,
            CaptureMethod::Manual,
        )
        .map_err(VerifyRefused::Id)?;
        let by_token = request.through == VerifyCall::TokenAuthorize;
        match self.channel.pay(&payment, by_token, request.deadline).await {
            Ok(answer) => Ok(self.judge(&answer, request, amount).await),
            Err(Failure::NotSent(kind)) => Err(VerifyRefused::Provider(kind)),
            Err(Failure::Lost(_)) => Ok(done(Verified::HoldMayExist, None, None)),
            Err(Failure::Answered(refusal)) => {
                let word = Some(refusal.word());
                let said = refusal.said.clone();
                let verified = match refusal.processor {
                    Some(402) => Verified::Declined { said },
                    _ if refusal.nothing_was_done() => Verified::NotReserved { said },
                    _ => Verified::HoldMayExist,
                };
                Ok(done(verified, None, word))
            }
        }
    }

    async fn refund(
        &self,
        reference: &str,
        transaction_id: &str,
        amount: &str,
        currency: &str,
    ) -> Result<(), ProviderError> {
        let refused = || ProviderError::new(Kind::Refused);
        let currency = Currency::named(currency).ok_or_else(refused)?;
        let minor = currency.minor(amount).ok_or_else(refused)?;
        let request =
            calls::refund(transaction_id, reference, Amount { minor, currency }).ok_or_else(refused)?;
        let answer = self.channel.refund(request).await?;
        match states::refund(answer.status) {
            Refund::Accepted => Ok(()),
            Refund::Refused => Err(ProviderError {
                message: said(answer.error.as_ref()),
                ..refused()
            }),
            Refund::Unclear => Err(ProviderError::new(Kind::Unreadable)),
        }
    }
}

fn done(verified: Verified, transaction: Option<&str>, status: Option<String>) -> VerifyDone {
    VerifyDone {
        verified,
        transaction_id: transaction.map(str::to_owned),
        status,
    }
}

impl Prism {
    async fn judge(
        &self,
        answer: &PaymentServiceAuthorizeResponse,
        request: &VerifyRequest,
        amount: Amount,
    ) -> VerifyDone {
        let mut status = states::name(answer.status);
        // The answer's own id of the merchant is mostly the processor's: only this field counts.
        let transaction = answer
            .connector_transaction_id
            .as_deref()
            .filter(|id| ids::fits_a_path(id));
        if !is_as_asked(answer, amount) {
            status.push_str(", for another amount");
        }
        match states::money(answer.status) {
            Money::Taken => done(Verified::Charged, transaction, Some(status)),
            Money::Voided => done(Verified::Voided, transaction, Some(status)),
            Money::Voiding => done(Verified::VoidUnconfirmed, transaction, Some(status)),
            Money::Declined => {
                let said = said(answer.error.as_ref());
                done(Verified::Declined { said }, transaction, Some(status))
            }
            money @ (Money::Held | Money::NeedsBuyer | Money::Unclear) => {
                let Some(id) = transaction else {
                    return done(Verified::HoldMayExist, None, Some(status));
                };
                let (void, word) = self.give_back(id, request).await;
                if let Some(word) = word {
                    status = format!("{status}, then {word}");
                }
                let verified = match (money, void) {
                    // Nothing was held; the void only closed what waited for the buyer.
                    (Money::NeedsBuyer, Given::Back) => Verified::NeedsBuyer,
                    (Money::Held, Given::Back) => Verified::Voided,
                    // The void was confirmed, so no hold remains; whether the card works is still not known.
                    (_, Given::Back) => Verified::ReleasedUnclear,
                    (_, Given::Asked) => Verified::VoidUnconfirmed,
                    (_, Given::Refused) => Verified::HoldMayExist,
                };
                done(verified, transaction, Some(status))
            }
        }
    }

    // One void. When its answer is lost or unclear the transaction is read once, where the connector can.
    async fn give_back(&self, id: &str, request: &VerifyRequest) -> (Given, Option<String>) {
        let mut outcome = Err(Failure::NotSent(Kind::Unreachable));
        for connection in 0..CONNECTIONS {
            if connection > 0 {
                tokio::time::sleep(BETWEEN_CONNECTIONS).await;
            }
            let Some(void) = calls::void(id, &request.reference) else {
                return (Given::Refused, None);
            };
            outcome = self.channel.void(void, request.deadline).await;
            if !matches!(outcome, Err(Failure::NotSent(_))) {
                break;
            }
        }
        let (given, word) = match outcome {
            Ok(answer) => {
                let given = match states::money(answer.status) {
                    Money::Voided => Given::Back,
                    // VOID_FAILED counts as held.
                    Money::Held | Money::Taken | Money::Declined => Given::Refused,
                    Money::Voiding | Money::NeedsBuyer | Money::Unclear => Given::Asked,
                };
                (given, Some(states::name(answer.status)))
            }
            Err(Failure::NotSent(_)) => (Given::Refused, None),
            Err(Failure::Lost(_)) => (Given::Asked, None),
            Err(Failure::Answered(refusal)) => {
                let given = if refusal.nothing_was_done() {
                    Given::Refused
                } else {
                    Given::Asked
                };
                (given, Some(refusal.word()))
            }
        };
        if given == Given::Back || !self.connector.reads_back {
            return (given, word);
        }
        let Some(get) = calls::get(id) else {
            return (given, word);
        };
        match self.channel.get(get, request.deadline).await {
            Ok(answer) if states::money(answer.status) == Money::Voided => {
                (Given::Back, Some(states::name(answer.status)))
            }
            _ => (given, word),
        }
    }
}

/// What became of a void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Given {
    /// Confirmed.
    Back,
    /// Asked for; nobody said that it is done.
    Asked,
    /// Refused, or never sent: the hold stands.
    Refused,
}

// Servers of April and of September tell the amount in different fields, some in neither.
fn is_as_asked(answer: &PaymentServiceAuthorizeResponse, amount: Amount) -> bool {
    let money = answer
        .authorized_money
        .is_none_or(|money| (money.minor_amount, money.currency) == (amount.minor, amount.currency.number));
    let number = answer.authorized_amount.is_none_or(|told| told == amount.minor);
    money && number
}
