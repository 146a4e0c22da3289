//! Verifying a card by money: a small authorization that is voided at once. Never queued, never repeated; a journal row with our own
//! reference is on the disk before the first byte leaves.

use crate::acting::Acting;
use crate::contract::{
    AccountView, AllowVerification, CardRef, CurrencyCap, Problem, ProblemCode, VerificationRef,
    VerificationView, VerifyCard, VerifyOffer,
};
use crate::desk::{Desk, rfc3339};
use crate::guard;
use crate::log::Note;
use crate::problems::{self, Names};
use crate::provider_options::capabilities_of;
use std::time::Duration;
use tokendesk_model::{Account, Capabilities, Environment, Lesson};
use tokendesk_providers::verify::{Verified, VerifyCall, VerifyRefused, VerifyRequest};
use tokendesk_store::{CardRow, VerifyRow};
use uuid::Uuid;

/// For each of the two calls.
const DEADLINE: Duration = Duration::from_secs(20);
/// Where a buyer would be sent. Nothing is ever opened there.
const RETURN_URL: &str = "https://tokendesk.example/verified";
/// What has to be typed, beside the amount.
const CONFIRMATION: &str = "VERIFY";
impl Desk {
    /// Whether verifying by money is allowed at an account: in live only after a person allowed it; `None` where there is nothing
    /// of the kind.
    pub(crate) async fn verification_allowed(
        &self,
        account: &Account,
        known: &Capabilities,
    ) -> Result<Option<bool>, Problem> {
        if !known.verify {
            return Ok(None);
        }
        if account.environment != Environment::Live {
            return Ok(Some(true));
        }
        Ok(Some(self.0.store.setting(&allowed_key(account)).await?.is_some()))
    }

    /// Allows verifying by money in a live account, or forbids it again.
    ///
    /// # Errors
    /// [`ProblemCode::NotOffered`] where there is nothing of the kind.
    pub async fn allow_verification(&self, request: AllowVerification) -> Result<AccountView, Problem> {
        self.may_write()?;
        let account = self.account_of(&request.account_id).await?;
        if !capabilities_of(&account, Lesson::Untried).verify {
            let names = Names::of(&account);
            let params = [("provider", names.provider), ("account", names.account)];
            return Err(Problem::with(ProblemCode::NotOffered, params));
        }
        let value = request.allowed.then_some("allowed");
        self.0.store.set_setting(&allowed_key(&account), value).await?;
        let action = if request.allowed {
            "account.verification_allowed"
        } else {
            "account.verification_forbidden"
        };
        self.note_account(&account, action).await?;
        self.tell_accounts();
        self.account_view(&account).await
    }

    async fn verifying(&self, row: &CardRow) -> Result<Acting, Problem> {
        let at = self.acting(row.account, true, |known| known.verify).await?;
        if self.verification_allowed(&at.account, &at.known).await? != Some(true) {
            return Err(Problem::with(
                ProblemCode::VerificationNotAllowed,
                [("account", at.names.account)],
            ));
        }
        Ok(at)
    }

    /// What verifying a card would do, and what was done before.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`].
    pub async fn verify_offer(&self, request: CardRef) -> Result<VerifyOffer, Problem> {
        let row = self.card_row(&request.card_id).await?;
        let names = Names::of(&self.account_of(&row.account.to_string()).await?);
        let at = self.verifying(&row).await;
        let currencies = match &at {
            Ok(at) => caps(at),
            Err(_) => Vec::new(),
        };
        let blocked = at.err();
        let mut earlier = Vec::new();
        for row in self.0.store.verifications(row.id).await? {
            earlier.push(view(&row, self.was_refunded(row.id).await?));
        }
        Ok(VerifyOffer {
            blocked,
            confirmation: CONFIRMATION.to_owned(),
            currencies,
            says: vec![
                format!("{} is asked to hold the amount on the card, and to release it at once.", names.provider),
                "The buyer may see the hold for a few days, and the processor may charge a fee for it.".to_owned(),
                "If an answer is lost, a hold may stay: it is then listed here with the reference to look for.".to_owned(),
            ],
            earlier,
        })
    }

    /// Verifies a card by a small authorization that is voided at once.
    ///
    /// # Errors
    /// [`ProblemCode::ConfirmationMissing`], [`ProblemCode::AmountInvalid`], [`ProblemCode::VerificationNotAllowed`],
    /// [`ProblemCode::NotOffered`]: nothing was sent then. What happens at the processor is part of the answer.
    pub async fn verify_card(&self, request: VerifyCard) -> Result<VerificationView, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        let reason = guard::reason(request.reason.as_deref())?;
        if request.confirmation.trim() != CONFIRMATION {
            let expected = format!("the word {CONFIRMATION}");
            let problem = Problem::with(ProblemCode::ConfirmationMissing, [("expected_kind", expected)]);
            return self
                .or_refused(Some(&row), Err(problem.on_field("confirmation")))
                .await;
        }
        let through = match request.through.as_str() {
            "token_authorize" => VerifyCall::TokenAuthorize,
            "authorize" => VerifyCall::Authorize,
            _ => {
                return Err(guard::field(
                    "through",
                    "The call",
                    "It is token_authorize or authorize.",
                ));
            }
        };
        let at = self.verifying(&row).await?;
        let currency = request.currency.trim().to_ascii_uppercase();
        let caps = caps(&at);
        let Some(cap) = caps.into_iter().find(|cap| cap.currency == currency) else {
            return Err(amount("This currency is not offered.", "currency"));
        };
        if !within(request.amount.trim(), &cap.at_most) {
            return Err(amount(
                &format!(
                    "It has to be more than nothing and at most {} {currency}.",
                    cap.at_most
                ),
                "amount",
            ));
        }
        let id = Uuid::now_v7();
        let journal = VerifyRow {
            id,
            account: row.account,
            token: row.id,
            // Long enough to be unique, short enough for any processor's field.
            reference: format!("tdv{}", &id.simple().to_string()[..24]),
            amount: request.amount.trim().to_owned(),
            currency,
            through: request.through.clone(),
            actor: self.actor(),
            reason: reason.clone(),
            started_at: self.now(),
            finished_at: None,
            outcome: None,
            transaction_id: None,
        };
        let Some(verifier) = at.link.system.verifier() else {
            let params = [("provider", at.names.provider), ("account", at.names.account)];
            return Err(Problem::with(ProblemCode::NotOffered, params));
        };
        let call = VerifyRequest {
            reference: journal.reference.clone(),
            token: row.remote_id.clone(),
            connector_customer: connector_customer(&row),
            amount: journal.amount.clone(),
            currency: journal.currency.clone(),
            return_url: RETURN_URL.to_owned(),
            through,
            deadline: DEADLINE,
        };
        self.0.store.begin_verification(&journal).await?;
        let done = match verifier.verify(&call).await {
            Ok(done) => done,
            Err(refused) => {
                // Nothing was sent: the journal says so too.
                let verified = Verified::NotReserved { said: None };
                self.end(&journal, verified, None).await?;
                return Err(refusal(&refused, &at.names));
            }
        };
        let word = outcome_word(&done.verified);
        let is_voided = done.verified == Verified::Voided;
        // The journal first: what it does not say stays "a hold may exist".
        self.end(&journal, done.verified, done.transaction_id).await?;
        self.note(Note {
            action: "card.verified",
            outcome: if is_voided { "ok" } else { "noted" },
            account: Some(row.account),
            token: Some(row.id),
            detail: Some(word),
            reason,
        })
        .await?;
        self.tell_accounts();
        self.shown(id).await
    }

    async fn end(
        &self,
        journal: &VerifyRow,
        verified: Verified,
        transaction_id: Option<String>,
    ) -> Result<(), Problem> {
        let text = serde_json::to_string(&verified).map_err(|_| Problem::new(ProblemCode::Internal))?;
        self.0
            .store
            .finish_verification(journal.id, self.now(), &text, transaction_id.as_deref())
            .await?;
        Ok(())
    }

    async fn verification(&self, id: Uuid) -> Result<VerifyRow, Problem> {
        let row = self.0.store.verification(id).await?;
        row.ok_or_else(|| Problem::new(ProblemCode::CardUnknown))
    }

    async fn was_refunded(&self, id: Uuid) -> Result<bool, Problem> {
        Ok(self.0.store.setting(&refunded_key(id)).await?.is_some())
    }

    async fn shown(&self, id: Uuid) -> Result<VerificationView, Problem> {
        let row = self.verification(id).await?;
        Ok(view(&row, self.was_refunded(id).await?))
    }

    /// Refunds a verification that came back charged.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`] where there is none; [`ProblemCode::NotOffered`] where nothing was charged; or what the
    /// processor answers.
    pub async fn refund_verification(&self, request: VerificationRef) -> Result<VerificationView, Problem> {
        self.may_write()?;
        let id = Uuid::try_parse(request.verification_id.trim())
            .map_err(|_| Problem::new(ProblemCode::CardUnknown))?;
        let row = self.verification(id).await?;
        let charged = outcome_of(&row) == Some(Verified::Charged) && !self.was_refunded(id).await?;
        let at = self.acting(row.account, true, |known| known.verify).await?;
        let not_offered = || {
            let params = [
                ("provider", at.names.provider.clone()),
                ("account", at.names.account.clone()),
            ];
            Problem::with(ProblemCode::NotOffered, params)
        };
        let (true, Some(transaction), Some(verifier)) =
            (charged, &row.transaction_id, at.link.system.verifier())
        else {
            return Err(not_offered());
        };
        let answer = verifier
            .refund(&row.reference, transaction, &row.amount, &row.currency)
            .await;
        self.acted(&at, "card.refunded", None, None, answer).await?;
        // An outcome once noted stays; that it was paid back stands beside it.
        self.0
            .store
            .set_setting(&refunded_key(id), Some("refunded"))
            .await?;
        self.shown(id).await
    }
}

fn refunded_key(id: Uuid) -> String {
    format!("verification refunded {id}")
}

fn allowed_key(account: &Account) -> String {
    format!("verification allowed {}", account.id)
}

fn caps(at: &Acting) -> Vec<CurrencyCap> {
    let known = at.link.system.verifier().map(|verifier| verifier.caps());
    let half = |at_most: &str| match hundredths(at_most).unwrap_or_default() / 2 {
        half if at_most.contains('.') => format!("{}.{:02}", half / 100, half % 100),
        half => (half / 100).to_string(),
    };
    known
        .unwrap_or_default()
        .into_iter()
        .map(|(currency, at_most)| CurrencyCap {
            currency: currency.to_owned(),
            suggested: half(&at_most),
            at_most,
        })
        .collect()
}

/// The connector's id of the customer; an entry that was imported without one stands under a name of this desk.
fn connector_customer(row: &CardRow) -> Option<String> {
    let id = row.snapshot.customer_id.as_deref()?;
    tokendesk_model::directory::given_id(id).map(str::to_owned)
}

fn amount(rule: &str, field: &str) -> Problem {
    Problem::with(ProblemCode::AmountInvalid, [("rule", rule.to_owned())]).on_field(field)
}

/// Whether a decimal text is positive and at most `cap`, without rounding either of them.
fn within(text: &str, cap: &str) -> bool {
    let (Some(asked), Some(cap)) = (hundredths(text), hundredths(cap)) else {
        return false;
    };
    asked > 0 && asked <= cap
}

fn hundredths(text: &str) -> Option<u64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(part) || whole.len() > 9 || part.len() > 2 {
        return None;
    }
    let part: u64 = format!("{part:0<2}").parse().ok()?;
    Some(whole.parse::<u64>().ok()? * 100 + part)
}

fn refusal(refused: &VerifyRefused, names: &Names) -> Problem {
    match refused {
        VerifyRefused::Amount { at_most } => amount(
            &format!("It has to be more than nothing and at most {at_most}."),
            "amount",
        ),
        VerifyRefused::Currency => amount("This currency is not offered.", "currency"),
        VerifyRefused::Id(what) => guard::field(
            "card_id",
            "This card",
            &format!("Its {what} has signs that cannot be sent safely."),
        ),
        VerifyRefused::Provider(kind) => {
            problems::of_provider(&tokendesk_providers::ProviderError::new(*kind), names)
        }
    }
}

fn outcome_of(row: &VerifyRow) -> Option<Verified> {
    serde_json::from_str(row.outcome.as_deref()?).ok()
}

fn outcome_word(verified: &Verified) -> &'static str {
    match verified {
        Verified::Voided => "voided",
        Verified::Declined { .. } => "declined",
        Verified::NotReserved { .. } => "not_reserved",
        Verified::NeedsBuyer => "needs_buyer",
        Verified::ReleasedUnclear => "released_unclear",
        Verified::VoidUnconfirmed => "void_unconfirmed",
        Verified::HoldMayExist => "hold_may_exist",
        Verified::Charged => "charged",
    }
}

fn view(row: &VerifyRow, refunded: bool) -> VerificationView {
    let outcome = outcome_of(row);
    let reference = &row.reference;
    let word = match &outcome {
        Some(_) if refunded => "refunded",
        Some(verified) => outcome_word(verified),
        None => "running",
    };
    let said = |said: &Option<String>| {
        said.as_ref()
            .map(|said| format!(" In its words: {said}"))
            .unwrap_or_default()
    };
    let says = match outcome.as_ref().map(|verified| (verified, refunded)) {
        Some((_, true)) => "It had been charged, and the refund was taken.".to_owned(),
        Some((Verified::Voided, _)) => {
            "The card works. The hold was released, and that was confirmed.".to_owned()
        }
        Some((Verified::Declined { said: words }, _)) => {
            format!("The processor refused the card. Nothing is held.{}", said(words))
        }
        Some((Verified::NotReserved { said: words }, _)) => {
            format!(
                "It was refused before anything was held. It says nothing of the card.{}",
                said(words)
            )
        }
        Some((Verified::NeedsBuyer, _)) => {
            "The buyer would have to confirm it. Nothing is held, and nothing is known of the card."
                .to_owned()
        }
        Some((Verified::ReleasedUnclear, _)) => {
            "What became of it stayed unclear. Its release was confirmed, so nothing is held; it says nothing of the card.".to_owned()
        }
        Some((Verified::VoidUnconfirmed, _)) => format!(
            "The card works. Its hold was asked to be released, and that was not confirmed: look for {reference} at the processor."
        ),
        Some((Verified::HoldMayExist, _)) => {
            format!(
                "The answer was lost or unclear. A hold may exist: look for {reference} at the processor."
            )
        }
        Some((Verified::Charged, _)) => {
            "The processor charged the card although only a hold was asked for. Refund it.".to_owned()
        }
        None => format!(
            "It was begun, and how it ended was not noted. A hold may exist: look for {reference} at the processor."
        ),
    };
    VerificationView {
        id: row.id.to_string(),
        started_at: rfc3339(row.started_at),
        finished_at: row.finished_at.map(rfc3339),
        reference: row.reference.clone(),
        amount: format!("{} {}", row.amount, row.currency),
        outcome: word.to_owned(),
        says,
        refundable: word == "charged",
        transaction_id: row.transaction_id.clone(),
        by: row.actor.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_positive_and_bounded_without_rounding() {
        for good in ["0.01", "1", "1.0", "1.00", "2.00", "2"] {
            assert!(within(good, "2.00"), "{good}");
        }
        for bad in [
            "0", "0.00", "-1", "2.01", "1.005", "1,00", "", ".", "1.", "1e0", "+1", " 1",
        ] {
            assert!(!within(bad, "2.00"), "{bad}");
        }
    }
}
