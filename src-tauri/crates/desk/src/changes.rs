//! Wishes of people: queued here before anything shows them, sent by the engine.

use crate::cards::confirmation;
use crate::contract::{
    ChangeList, ChangeRef, ChangeView, DeleteCard, ListChanges, Nothing, Problem, ProblemCode, PushResult,
    SetActive, SetOneClick,
};
use crate::desk::Desk;
use crate::guard;
use crate::people::of;
use crate::problems::{self, Names};
use crate::views::{self, Accounts};
use tokendesk_model::change::ChangeBase;
use tokendesk_model::{Change, ChangeId, ChangeLabel, ChangeStatus, Environment, Lesson, Wish};
use tokendesk_store::{CardRow, ChangesFilter, NewChange};
use tokendesk_sync::Network;

/// Longest list.
const LONGEST_LIST: u32 = 500;

impl Desk {
    /// Switches one-click on or off.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`], [`ProblemCode::CardNotSwitchable`].
    pub async fn set_one_click(&self, request: SetOneClick) -> Result<ChangeView, Problem> {
        self.wish(&request.card_id, Wish::OneClick(request.on), None)
            .await
    }

    /// Asks for active or inactive.
    ///
    /// # Errors
    /// As for `set_one_click`; [`ProblemCode::NotPossibleHere`] where the account has shown that it does not do this;
    /// [`ProblemCode::CardNumber`] and [`ProblemCode::ReasonTooLong`] for the reason.
    pub async fn set_active(&self, request: SetActive) -> Result<ChangeView, Problem> {
        let reason = guard::reason(request.reason.as_deref())?;
        self.wish(&request.card_id, Wish::Active(request.active), reason)
            .await
    }

    /// Deletes a card at its provider.
    ///
    /// # Errors
    /// As for `set_active`; [`ProblemCode::ConfirmationMissing`] for a live card.
    pub async fn delete_card(&self, request: DeleteCard) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let reason = guard::reason(request.reason.as_deref())?;
        let row = self.card_row(&request.card_id).await?;
        if row.env == Environment::Live {
            let (wanted, kind) = confirmation(&row);
            if request.confirmation.as_deref().map(str::trim) != Some(wanted.as_str()) {
                let expected = match kind {
                    "last4" => format!("the last four digits, {wanted}"),
                    _ => format!("the end of its id, {wanted}"),
                };
                return Err(
                    Problem::with(ProblemCode::ConfirmationMissing, [("expected_kind", expected)])
                        .on_field("confirmation"),
                );
            }
        }
        self.wish(&request.card_id, Wish::Delete, reason).await
    }

    async fn wish(&self, card_id: &str, wish: Wish, reason: Option<String>) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let row = self.card_row(card_id).await?;
        let accounts = self.accounts_known().await?;
        let pending = self.pending([row.id]).await?;
        refuse_what_cannot_be(&row, of(&pending, row.id), wish, &accounts)?;
        let new = NewChange {
            account: row.account,
            token: row.id,
            remote_id: row.remote_id.clone(),
            wish,
            reason,
            actor: self.actor(),
            label: ChangeLabel {
                brand: row
                    .card
                    .brand
                    .as_ref()
                    .map(|brand| brand.display_name().to_owned()),
                last4: row.card.last4.clone(),
                email: row.snapshot.email.clone(),
                name: row.person_name.clone(),
            },
            base: ChangeBase {
                version: row.snapshot.version,
                state: row.snapshot.state.as_str().to_owned(),
                one_click: row.snapshot.one_click,
                customer_key: row.snapshot.customer_key(),
            },
        };
        let change = self.0.store.enqueue(new, self.now()).await?;
        self.tell_changes();
        self.0.engine.wake();
        self.change_view(&change, &accounts).await
    }

    /// Lists changes, newest first.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn list_changes(&self, request: ListChanges) -> Result<ChangeList, Problem> {
        let filter = ChangesFilter {
            open_only: request.open_only,
            env: request.env.map(Environment::from),
            limit: request.limit.clamp(1, LONGEST_LIST),
            newest_first: true,
            ..ChangesFilter::default()
        };
        let accounts = self.accounts_known().await?;
        let mut items = Vec::new();
        for change in self.0.store.changes(&filter).await? {
            items.push(self.change_view(&change, &accounts).await?);
        }
        Ok(ChangeList { items, next: None })
    }

    /// Sends a stuck change again.
    ///
    /// # Errors
    /// [`ProblemCode::ChangeUnknown`], [`ProblemCode::ChangeNotStuck`].
    pub async fn retry_change(&self, request: ChangeRef) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let change = self.change_of(&request.change_id).await?;
        if !matches!(change.status, ChangeStatus::Stuck(_)) {
            return Err(Problem::new(ProblemCode::ChangeNotStuck));
        }
        if matches!(change.wish, Wish::Active(_)) && !self.0.store.lesson(change.account).await?.may_be_sent()
        {
            // A person asks for it again by name: that is a re-test.
            self.0
                .store
                .set_lesson(change.account, Lesson::Untried, self.now())
                .await?;
        }
        self.0.store.retry(change.id, self.now()).await?;
        self.tell_changes();
        self.0.engine.wake();
        let accounts = self.accounts_known().await?;
        let change = self.change_of(&request.change_id).await?;
        self.change_view(&change, &accounts).await
    }

    /// Takes back a change that has not been sent, or gives up a stuck one.
    ///
    /// # Errors
    /// [`ProblemCode::ChangeUnknown`], [`ProblemCode::ChangeTooLate`].
    pub async fn discard_change(&self, request: ChangeRef) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let change = self.change_of(&request.change_id).await?;
        self.0.store.discard(change.id, self.now()).await?;
        self.tell_changes();
        let accounts = self.accounts_known().await?;
        let change = self.change_of(&request.change_id).await?;
        self.change_view(&change, &accounts).await
    }

    /// Sends what waits, now, and says what became of it.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be written.
    pub async fn push_changes(&self, _request: Nothing) -> Result<PushResult, Problem> {
        self.may_write()?;
        self.0.engine.wake_links();
        let summary = self
            .0
            .engine
            .push()
            .await
            .map_err(|error| problems::of_sync(error, &Names::nobody()))?;
        let accounts = self.accounts_known().await?;
        let waiting = self.0.store.change_counts(None).await?.waiting;
        let names = match accounts.0.len() {
            1 => accounts.0.values().next().map(|(account, _)| Names::of(account)),
            _ => None,
        };
        let names = names.unwrap_or_else(Names::nobody);
        let problem = match (&summary.later, &summary.unreachable) {
            (Some(error), _) => Some(problems::of_provider(error, &names)),
            (None, Some(why)) => Some(problems::of_credentials(why)),
            (None, None) => None,
        };
        Ok(PushResult {
            done: summary.done,
            stuck: summary.stuck,
            waiting,
            problem,
        })
    }

    async fn change_of(&self, id: &str) -> Result<Change, Problem> {
        let unknown = || Problem::new(ProblemCode::ChangeUnknown);
        let id: ChangeId = id.parse().map_err(|_| unknown())?;
        self.0.store.change(id).await?.ok_or_else(unknown)
    }

    async fn change_view(&self, change: &Change, accounts: &Accounts) -> Result<ChangeView, Problem> {
        let waits = matches!(change.status, ChangeStatus::Waiting);
        let paused = accounts
            .0
            .get(&change.account)
            .is_some_and(|(account, _)| account.paused.is_some());
        let held_up_by = match self.0.engine.network(change.account) {
            _ if !waits => None,
            _ if paused => Some("paused".to_owned()),
            Network::Offline { .. } => Some("offline".to_owned()),
            Network::Online | Network::Unknown => None,
        };
        Ok(views::change(change, accounts, held_up_by))
    }

    fn tell_changes(&self) {
        use tokendesk_sync::{Changed, Listener};
        self.0.invalidator.changed(Changed::Changes);
        self.0.invalidator.changed(Changed::Cards);
    }
}

fn refuse_what_cannot_be(
    row: &CardRow,
    pending: &[Change],
    wish: Wish,
    accounts: &Accounts,
) -> Result<(), Problem> {
    let controls = views::switches(row, pending, accounts.lesson(row.account));
    let blocked = match wish {
        Wish::OneClick(_) => controls.one_click_blocked,
        Wish::Active(_) => controls.active_blocked,
        Wish::Delete => controls.delete_blocked,
    };
    let Some(blocked) = blocked else { return Ok(()) };
    let names = accounts.names(row.account);
    let provider = names.provider.clone();
    let why = match blocked.as_str() {
        "ignored_here" | "refused_here" => {
            return Err(Problem::with(
                ProblemCode::NotPossibleHere,
                [("provider", names.provider), ("account", names.account)],
            ));
        }
        "gone" => format!("{provider} no longer has it."),
        "deleting" => format!("{provider} is deleting it."),
        "deleted" => format!("{provider} has deleted it."),
        "creating" => format!("{provider} is still making it."),
        "deletion_waiting" => "Its deletion is waiting to be sent.".to_owned(),
        _ => format!("{provider} reports a state that this version does not know."),
    };
    Err(Problem::with(ProblemCode::CardNotSwitchable, [("why", why)]))
}
