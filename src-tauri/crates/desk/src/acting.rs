//! What is done at a provider at once, because somebody waits for it: a page for the buyer, a new token, deleting a whole customer
//! record, forgetting a hosted one-click record. Nothing of it is queued or repeated; each is logged with its outcome.

use crate::changes::confirmed;
use crate::contract::{
    BeforeDeletionView, BuyerPage, CardDetail, CardRef, CreateToken, DeleteCustomer, DoneNow, ForgetOneClick,
    Nothing, OpenPage, Problem, ProblemCode,
};
use crate::desk::Desk;
use crate::guard;
use crate::log::Note;
use crate::problems::{self, Names};
use crate::provider_options::capabilities_of;
use crate::refusals::word;
use crate::words::capabilities;
use std::sync::Arc;
use tokendesk_model::{Account, AccountId, Capabilities, Deletion, Lesson};
use tokendesk_providers::{NewToken, ProviderError, TokenRef};
use tokendesk_store::CardRow;
use tokendesk_sync::Link;
use tokendesk_sync::refresh::Customer;
use uuid::Uuid;

/// Longest id a person may type, in characters.
const ID_CHARS: usize = 255;

/// An account that is asked something now.
pub(crate) struct Acting {
    pub account: Account,
    pub known: Capabilities,
    pub names: Names,
    pub link: Arc<Link>,
}

impl Desk {
    /// An account to act at now; `able` is what it has to be able to do.
    pub(crate) async fn acting(
        &self,
        account: AccountId,
        writes: bool,
        able: impl Fn(&Capabilities) -> bool,
    ) -> Result<Acting, Problem> {
        let account = self.account_of(&account.to_string()).await?;
        let names = Names::of(&account);
        let known = capabilities_of(&account, Lesson::Untried);
        if !able(&known) {
            let params = [("provider", names.provider), ("account", names.account)];
            return Err(Problem::with(ProblemCode::NotOffered, params));
        }
        if writes && account.read_only {
            return Err(Problem::with(
                ProblemCode::ReadOnlyAccount,
                [("account", names.account)],
            ));
        }
        if let Some(reason) = &account.paused {
            return Err(problems::of_pause(reason, &names));
        }
        let link = self
            .0
            .engine
            .link(account.id)
            .await
            .map_err(|error| problems::of_sync(error, &names))?;
        Ok(Acting {
            account,
            known,
            names,
            link,
        })
    }

    /// Takes note of an answer at the link, and of its outcome in the log.
    pub(crate) async fn acted<T>(
        &self,
        at: &Acting,
        action: &str,
        card: Option<&CardRow>,
        reason: Option<String>,
        answer: Result<T, ProviderError>,
    ) -> Result<T, Problem> {
        let (answer, turned) = at.link.note(answer, self.now());
        if turned {
            self.tell_accounts();
        }
        let answer = answer.map_err(|error| {
            let mut problem = problems::of_provider(&error, &at.names);
            if error.may_have_been_done() {
                problem.detail = format!(
                    "The answer of {} was lost: it may have been done. Look before it is asked again.",
                    at.names.provider
                );
            }
            problem
        });
        let (outcome, detail) = match &answer {
            Ok(_) => ("ok", None),
            Err(problem) => ("failed", Some(word(problem.code))),
        };
        self.note(Note {
            action,
            outcome,
            account: Some(at.account.id),
            token: card.map(|row| row.id),
            detail: detail.as_deref(),
            reason,
        })
        .await?;
        answer
    }

    /// What deleting a card would take along at its provider, read now.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`]. That it cannot be read is part of the answer.
    pub async fn before_deletion(&self, request: CardRef) -> Result<BeforeDeletionView, Problem> {
        let row = self.card_row(&request.card_id).await?;
        let account = self.account_of(&row.account.to_string()).await?;
        let names = Names::of(&account);
        let known = capabilities_of(&account, Lesson::Untried);
        let mut view = BeforeDeletionView {
            open_payments: Vec::new(),
            subscriptions: Vec::new(),
            problem: None,
            says: capabilities::deletion_says(known.delete, &names.provider),
        };
        if known.delete != Deletion::CustomerRecord {
            return Ok(view);
        }
        let at = match self.acting(account.id, false, |_| true).await {
            Ok(at) => at,
            Err(problem) => {
                view.problem = Some(problem);
                return Ok(view);
            }
        };
        let asked = at.link.system.before_deletion(TokenRef::of(&row.snapshot)).await;
        let (answer, _) = at.link.note(asked, self.now());
        match answer {
            Ok(found) => {
                let told = found.open_payments.iter().chain(&found.subscriptions);
                self.memory().told_of.insert(row.id, told.cloned().collect());
                view.open_payments = found.open_payments;
                view.subscriptions = found.subscriptions;
                view.problem = found
                    .not_known
                    .map(|kind| problems::of_provider(&ProviderError::new(kind), &names));
            }
            Err(error) => view.problem = Some(problems::of_provider(&error, &names)),
        }
        Ok(view)
    }

    /// Takes a card off this desk. Nothing happens at the provider; importing it again brings it back.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`]; [`ProblemCode::NotOffered`] where the provider lists its cards itself.
    pub async fn remove_from_desk(&self, request: CardRef) -> Result<Nothing, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        let account = self.account_of(&row.account.to_string()).await?;
        let known = capabilities_of(&account, Lesson::Untried);
        if !matches!(known.delete, Deletion::DeskOnly | Deletion::RevokesMandate) {
            let names = Names::of(&account);
            let params = [("provider", names.provider), ("account", names.account)];
            return Err(Problem::with(ProblemCode::NotOffered, params));
        }
        self.0
            .store
            .forget_imported_token(account.id, &row.remote_id, None, self.now())
            .await?;
        self.note(Note {
            action: "card.removed_here",
            account: Some(account.id),
            token: Some(row.id),
            ..Note::default()
        })
        .await?;
        self.tell_accounts();
        Ok(Nothing {})
    }

    /// Makes a page on which the buyer enters new card details for a saved card.
    ///
    /// # Errors
    /// [`ProblemCode::NotOffered`], [`ProblemCode::ReadOnlyAccount`], or what the provider answers.
    pub async fn ask_new_details(&self, request: CardRef) -> Result<BuyerPage, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        let at = self
            .acting(row.account, true, |known| known.ask_new_details)
            .await?;
        let answer = at.link.system.new_details_page(TokenRef::of(&row.snapshot)).await;
        let url = self
            .acted(&at, "card.details_asked", Some(&row), None, answer)
            .await?;
        self.memory().pages.insert(url.clone());
        Ok(BuyerPage {
            url,
            says: format!(
                "The buyer enters the new card on this page of {}. The saved card then has new details; nothing is charged.",
                at.names.provider
            ),
        })
    }

    /// Whether a page may be opened in the browser: one this desk gave out since it was started, over https or on this computer.
    ///
    /// # Errors
    /// [`ProblemCode::FieldInvalid`] for any other.
    pub async fn open_page(&self, request: OpenPage) -> Result<Nothing, Problem> {
        let safe = request.url.starts_with("https://")
            || request.url.starts_with("http://127.0.0.1:")
            || request.url.starts_with("http://[::1]:");
        if safe && self.memory().pages.contains(&request.url) {
            return Ok(Nothing {});
        }
        Err(guard::field(
            "url",
            "This page",
            "It was not given out by this desk.",
        ))
    }

    /// Creates a token without card details. The same external id gives the same token.
    ///
    /// # Errors
    /// As for `ask_new_details`; [`ProblemCode::CardNumber`], [`ProblemCode::FieldInvalid`].
    pub async fn create_token(&self, request: CreateToken) -> Result<CardDetail, Problem> {
        self.may_write()?;
        let new = NewToken {
            external_id: id_text(request.external_id.as_deref(), "external_id", "The external id")?
                .unwrap_or_else(|| Uuid::new_v4().to_string()),
            customer_id: id_text(request.customer_id.as_deref(), "customer_id", "The customer id")?,
            email: id_text(request.email.as_deref(), "email", "The email")?,
            reference: id_text(request.reference.as_deref(), "reference", "The reference")?,
        };
        if new.email.as_deref().is_some_and(|email| !email.contains('@')) {
            return Err(guard::field("email", "The email", "It has an @ in it."));
        }
        let account = self.account_of(&request.account_id).await?;
        let at = self.acting(account.id, true, |known| known.create_token).await?;
        let ticket = self.0.store.begin_read();
        let answer = at.link.system.create_token(&new).await;
        let unclear = answer.as_ref().is_err_and(ProviderError::may_have_been_done);
        let token = self
            .acted(&at, "card.created", None, None, answer)
            .await
            .map_err(|mut problem| {
                if unclear {
                    problem.detail = format!(
                        "The answer of {} was lost: the token may have been created. Creating it again with the external id {} \
                         gives the same one.",
                        at.names.provider, new.external_id
                    );
                }
                problem
            })?;
        self.0
            .store
            .put_tokens(account.id, ticket, std::slice::from_ref(&token), self.now(), None)
            .await?;
        self.tell_accounts();
        self.show_card(CardRef {
            card_id: account.id.token(&token.remote_id).to_string(),
        })
        .await
    }

    /// Deletes a whole customer record at its provider. Only what the provider confirms is shown as gone.
    ///
    /// # Errors
    /// [`ProblemCode::ConfirmationMissing`], [`ProblemCode::NotOffered`], or what the provider answers.
    pub async fn delete_customer(&self, request: DeleteCustomer) -> Result<DoneNow, Problem> {
        self.may_write()?;
        let reason = guard::reason(request.reason.as_deref())?;
        let Some(id) = id_text(Some(&request.customer_id), "customer_id", "The customer id")? else {
            return Err(Problem::new(ProblemCode::CustomerUnknown));
        };
        confirmed(Some(&request.confirmation), &end_of(&id), "id_end")?;
        let account = self.account_of(&request.account_id).await?;
        let at = self
            .acting(account.id, true, |known| known.delete_customer)
            .await?;
        let answer = at.link.system.delete_customer(&id).await;
        self.acted(&at, "customer.deleted", None, reason, answer).await?;
        // What the provider shows now is what is shown here: its record and its cards are read once more.
        let read = at.link.system.read_customer(&id).await;
        let (read, _) = at.link.note(read, self.now());
        let gone = matches!(read, Ok(None));
        let known = self.0.store.known_of_record(account.id, &id).await?;
        let customer = Customer {
            customer_id: Some(id.clone()),
            email: None,
            known: known
                .into_iter()
                .map(|token| (token.id, token.remote_id))
                .collect(),
        };
        // The deletion itself was taken; what cannot be read now is read with the next pass.
        if let Err(error) = self.0.engine.refresh(account.id, &customer).await {
            tracing::debug!(%error, "a deleted customer was not read again");
        }
        self.tell_accounts();
        let provider = &at.names.provider;
        Ok(DoneNow {
            says: if gone {
                format!("{provider} has deleted the record and no longer finds it.")
            } else {
                format!(
                    "{provider} took the deletion and still shows the record. It is read again with the next pass."
                )
            },
        })
    }

    /// Forgets what the provider's hosted page keeps under the shop's own customer id. Such records cannot be looked at.
    ///
    /// # Errors
    /// [`ProblemCode::NotOffered`], [`ProblemCode::FieldInvalid`], or what the provider answers.
    pub async fn forget_one_click(&self, request: ForgetOneClick) -> Result<DoneNow, Problem> {
        self.may_write()?;
        let shown = "The shop's customer id";
        let Some(id) = id_text(Some(&request.external_customer_id), "external_customer_id", shown)? else {
            return Err(guard::field("external_customer_id", shown, "It is needed."));
        };
        let account = self.account_of(&request.account_id).await?;
        let at = self
            .acting(account.id, true, |known| known.forget_one_click)
            .await?;
        let answer = at.link.system.forget_one_click(&id).await;
        self.acted(&at, "account.one_click_forgotten", None, None, answer)
            .await?;
        Ok(DoneNow {
            says: format!(
                "{} has forgotten what its payment page kept under this id. Saved cards listed here are not touched by it.",
                at.names.provider
            ),
        })
    }
}

/// The last four signs of an id.
pub(crate) fn end_of(id: &str) -> String {
    let from = id.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
    id[from..].to_owned()
}

/// An id a person typed: bounded, visible, no card number.
pub(crate) fn id_text(text: Option<&str>, name: &str, shown: &str) -> Result<Option<String>, Problem> {
    let Some(text) = guard::given(text) else {
        return Ok(None);
    };
    guard::no_card_number(&text, name)?;
    if text.chars().count() > ID_CHARS || text.chars().any(char::is_control) {
        return Err(guard::field(name, shown, "It has at most 255 visible signs."));
    }
    Ok(Some(text))
}
