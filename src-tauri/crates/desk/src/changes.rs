//! Wishes of people: queued here before anything shows them, held, taken back, decided, sent by the engine.

use crate::cards::confirmation;
use crate::contract::{
    CardRef, ChangeList, ChangeRef, ChangeView, DeleteCard, ListChanges, Problem, ProblemCode, PushChanges,
    PushResult, Quitting, ResolveChange, SetActive, SetOneClick,
};
use crate::desk::Desk;
use crate::guard;
use crate::problems::{self, Names};
use crate::views::{self, Accounts};
use crate::words;
use tokendesk_model::lane::Keep;
use tokendesk_model::{
    AccountId, ActiveVersion, CardKnowledge, Change, ChangeId, ChangeLabel, ChangeStatus, Environment,
    LaneError, Lesson, PlanId, ReasonUse, Seen, VersionState, Wish,
};
use tokendesk_store::{CardRow, ChangesFilter, NewChange, StoreError};
use tokendesk_sync::EndHolds;

/// Longest list.
const LONGEST_LIST: u32 = 500;
/// The words of where a change stands.
const STATUSES: [&str; 7] = [
    "held",
    "waiting",
    "sending",
    "done",
    "conflict",
    "stuck",
    "withdrawn",
];

impl Desk {
    /// Switches one-click on or off.
    ///
    /// # Errors
    /// [`ProblemCode::CardUnknown`], [`ProblemCode::CardNotSwitchable`].
    pub async fn set_one_click(&self, request: SetOneClick) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        self.wish(&row, Wish::OneClick(request.on), None).await
    }

    /// Asks for active or inactive.
    ///
    /// # Errors
    /// As for `set_one_click`; [`ProblemCode::NotPossibleHere`] where the account has shown that it does not do this;
    /// [`ProblemCode::CardNumber`] and [`ProblemCode::ReasonTooLong`] for the reason.
    pub async fn set_active(&self, request: SetActive) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        let reason = guard::reason(request.reason.as_deref());
        let reason = self.or_refused(Some(&row), reason).await?;
        let accounts = self.accounts_known().await?;
        let needed = reason_needed(&accounts, row.account, request.active, reason.as_deref());
        self.or_refused(Some(&row), needed).await?;
        self.wish(&row, Wish::Active(request.active), reason).await
    }

    /// Makes a card its customer's default.
    ///
    /// # Errors
    /// As for `set_one_click`; [`ProblemCode::AnotherIsOpen`] while another card of the customer is to become it.
    pub async fn set_default(&self, request: CardRef) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        let filter = ChangesFilter {
            open_only: true,
            account: Some(row.account),
            ..ChangesFilter::default()
        };
        // Two of them would race: which one is sent last is not known.
        let seen = Seen::of(&row.snapshot, ActiveVersion::NotRead);
        let another = self.0.store.changes(&filter).await?.into_iter().any(|change| {
            change.wish == Wish::Default && change.token != row.id && change.base.same_customer(&seen)
        });
        if another {
            return Err(Problem::new(ProblemCode::AnotherIsOpen));
        }
        self.wish(&row, Wish::Default, None).await
    }

    /// Deletes a card at its provider.
    ///
    /// # Errors
    /// As for `set_active`; [`ProblemCode::ConfirmationMissing`] for a live card.
    pub async fn delete_card(&self, request: DeleteCard) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let row = self.card_row(&request.card_id).await?;
        let reason = guard::reason(request.reason.as_deref());
        let reason = self.or_refused(Some(&row), reason).await?;
        if row.env == Environment::Live {
            let (wanted, kind) = confirmation(&row);
            let confirmed = confirmed(request.confirmation.as_deref(), &wanted, kind);
            self.or_refused(Some(&row), confirmed).await?;
        }
        self.wish(&row, Wish::Delete, reason).await
    }

    async fn wish(&self, row: &CardRow, wish: Wish, reason: Option<String>) -> Result<ChangeView, Problem> {
        let accounts = self.accounts_known().await?;
        let sides = self.desk_sides([row.id], &accounts).await?;
        let possible = refuse_what_cannot_be(row, &sides.of(row.id).changes, wish, &accounts);
        self.or_refused(Some(row), possible).await?;
        let new = self.new_change(row, wish, reason, None).await?;
        let change = self.0.store.enqueue(new, self.now()).await?;
        self.0.engine.hold(&change);
        self.tell_changes();
        self.0.engine.wake();
        self.change_view(&change, &accounts).await
    }

    /// A wish with all that the outbox keeps of it.
    pub(crate) async fn new_change(
        &self,
        row: &CardRow,
        wish: Wish,
        reason: Option<String>,
        plan: Option<PlanId>,
    ) -> Result<NewChange, Problem> {
        Ok(NewChange {
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
            base: self.seen_when_decided(row, wish).await?,
            hold_ms: self.hold_ms(row.env, wish).await?,
            plan,
        })
    }

    /// What the person saw who decides now; of a deletion also what it takes along, where they were told.
    async fn seen_when_decided(&self, row: &CardRow, wish: Wish) -> Result<Seen, Problem> {
        let told = (wish == Wish::Delete)
            .then(|| self.memory().told_of.get(&row.id).cloned())
            .flatten();
        Ok(Seen {
            open_business: told,
            ..Seen::of(&row.snapshot, self.active_version(row).await?)
        })
    }

    /// The saved details that a card uses, as far as they are known here.
    async fn active_version(&self, row: &CardRow) -> Result<ActiveVersion, Problem> {
        match row.knowledge {
            CardKnowledge::NotRead => return Ok(ActiveVersion::NotRead),
            CardKnowledge::NoActiveVersion => return Ok(ActiveVersion::Nothing),
            CardKnowledge::NoneGiven | CardKnowledge::Known => {}
        }
        let versions = self.0.store.card_versions(row.id).await?;
        let active = versions
            .into_iter()
            .find(|version| version.snapshot.state == VersionState::Active);
        Ok(active.map_or(ActiveVersion::NotRead, |version| {
            ActiveVersion::Is(version.snapshot.remote_id)
        }))
    }

    /// Lists changes, newest first.
    ///
    /// # Errors
    /// [`ProblemCode::FilterInvalid`] for a status that there is not, [`ProblemCode::CursorInvalid`].
    pub async fn list_changes(&self, request: ListChanges) -> Result<ChangeList, Problem> {
        if request
            .statuses
            .iter()
            .any(|word| !STATUSES.contains(&word.as_str()))
        {
            return Err(Problem::with(
                ProblemCode::FilterInvalid,
                [("filter", "status".to_owned()), ("accepts", STATUSES.join(", "))],
            ));
        }
        let before = match &request.after {
            Some(cursor) => Some(
                cursor
                    .parse()
                    .map_err(|_| Problem::new(ProblemCode::CursorInvalid))?,
            ),
            None => None,
        };
        let filter = ChangesFilter {
            open_only: request.open_only,
            statuses: request.statuses,
            actor: request.mine_only.then(|| self.actor()),
            env: request.env.map(Environment::from),
            limit: request.limit.clamp(1, LONGEST_LIST),
            newest_first: true,
            before,
            ..ChangesFilter::default()
        };
        let accounts = self.accounts_known().await?;
        let page = self.0.store.changes_page(&filter).await?;
        Ok(ChangeList {
            items: self.change_views(&page.items, &accounts).await?,
            next: page.next.map(|next| next.to_string()),
        })
    }

    /// Takes back a change that was not sent, as if it had never been asked; what it replaced stands again.
    ///
    /// # Errors
    /// [`ProblemCode::ChangeUnknown`]; [`ProblemCode::ChangeTooLate`] with what can be done now;
    /// [`ProblemCode::ChangeMayBeDone`] for one that was tried.
    pub async fn undo_change(&self, request: ChangeRef) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let change = self.change_of(&request.change_id).await?;
        let undone = self.0.store.undo(change.id, &self.actor(), self.now()).await;
        let change = self.stepped(change, undone).await?;
        self.hold_again(&change).await?;
        self.moved(&change).await
    }

    // What a change had replaced stands again, and one that was held is held for its whole time.
    async fn hold_again(&self, undone: &Change) -> Result<(), Problem> {
        let filter = ChangesFilter {
            statuses: vec!["held".to_owned()],
            tokens: vec![undone.token],
            ..ChangesFilter::default()
        };
        for held in self.0.store.changes(&filter).await? {
            if self.0.engine.hold_left(held.id).is_none() {
                self.0.engine.hold(&held);
            }
        }
        Ok(())
    }

    /// Ends the hold of one change, or lets one that waits be tried again at once.
    ///
    /// # Errors
    /// [`ProblemCode::ChangeUnknown`], [`ProblemCode::ChangeTooLate`].
    pub async fn send_change_now(&self, request: ChangeRef) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let change = self.change_of(&request.change_id).await?;
        match change.status {
            ChangeStatus::Held => {
                let ended = self.0.engine.end_holds(&EndHolds::Changes(vec![change.id])).await;
                ended.map_err(|error| problems::of_sync(error, &Names::nobody()))?;
            }
            ChangeStatus::Waiting => {
                // An account that cannot be reached for its key says so when it is its turn.
                if let Ok(link) = self.0.engine.link(change.account).await {
                    link.wake();
                }
            }
            _ => return Err(self.too_late(&change).await?),
        }
        let change = self.change_of(&request.change_id).await?;
        self.moved(&change).await
    }

    /// Decides a conflict.
    ///
    /// # Errors
    /// [`ProblemCode::ChangeUnknown`]; [`ProblemCode::ChangeNotInConflict`], also the second time;
    /// [`ProblemCode::CannotKeepMine`] on a card that is being deleted.
    pub async fn resolve_change(&self, request: ResolveChange) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let keep = match request.keep.as_str() {
            "mine" => Keep::Mine,
            "theirs" => Keep::Theirs,
            _ => {
                return Err(Problem::with(
                    ProblemCode::FilterInvalid,
                    [
                        ("filter", "keep".to_owned()),
                        ("accepts", "mine, theirs".to_owned()),
                    ],
                )
                .on_field("keep"));
            }
        };
        let change = self.change_of(&request.change_id).await?;
        let resolved = self
            .0
            .store
            .resolve(change.id, keep, &self.actor(), self.now())
            .await;
        let change = self.stepped(change, resolved).await?;
        self.moved(&change).await
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
        let retried = self.0.store.retry(change.id, &self.actor(), self.now()).await;
        let change = self.stepped(change, retried).await?;
        self.moved(&change).await
    }

    /// Gives up a change. One that was tried may have been done: then its view says so.
    ///
    /// # Errors
    /// [`ProblemCode::ChangeUnknown`]; [`ProblemCode::ChangeTooLate`] with what can be done now.
    pub async fn discard_change(&self, request: ChangeRef) -> Result<ChangeView, Problem> {
        self.may_write()?;
        let change = self.change_of(&request.change_id).await?;
        let discarded = self.0.store.discard(change.id, &self.actor(), self.now()).await;
        let change = self.stepped(change, discarded).await?;
        self.moved(&change).await
    }

    // What a step answered; a refusal is told with where the change stands now.
    async fn stepped(&self, before: Change, step: Result<Change, StoreError>) -> Result<Change, Problem> {
        match step {
            Ok(change) => Ok(change),
            Err(StoreError::Lane(LaneError::TooLate)) => {
                let now = self.0.store.change(before.id).await?.unwrap_or(before);
                Err(self.too_late(&now).await?)
            }
            Err(StoreError::Lane(error)) => {
                let names = self.accounts_known().await?.names(before.account);
                Err(problems::of_lane(error, &names))
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn too_late(&self, change: &Change) -> Result<Problem, Problem> {
        let names = self.accounts_known().await?.names(change.account);
        Ok(words::too_late(change, &names.provider))
    }

    async fn moved(&self, change: &Change) -> Result<ChangeView, Problem> {
        self.tell_changes();
        self.0.engine.wake();
        let accounts = self.accounts_known().await?;
        self.change_view(change, &accounts).await
    }

    /// Sends what is held or waits, now, and says what became of it.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be written.
    pub async fn push_changes(&self, request: PushChanges) -> Result<PushResult, Problem> {
        self.may_write()?;
        let env = request.env.map(Environment::from);
        self.0.engine.wake_links();
        let summary = self
            .0
            .engine
            .push(env)
            .await
            .map_err(|error| problems::of_sync(error, &Names::nobody()))?;
        let accounts = self.accounts_known().await?;
        let counts = self.0.store.change_counts(env).await?;
        let names = match accounts.0.len() {
            1 => accounts.0.values().next().map(|(account, _)| Names::of(account)),
            _ => None,
        };
        let names = names.unwrap_or_else(Names::nobody);
        let problem = match (&summary.later, &summary.unreachable) {
            _ if summary.paused => Some(Problem::new(ProblemCode::LedgerOlder)),
            (Some(error), _) => Some(problems::of_provider(error, &names)),
            (None, Some(why)) => Some(problems::of_credentials(why)),
            (None, None) => None,
        };
        Ok(PushResult {
            done: summary.done,
            stuck: summary.stuck,
            conflicts: summary.conflict,
            waiting: counts.waiting,
            problem,
        })
    }

    /// What is not sent, for whoever is about to leave.
    ///
    /// # Errors
    /// A [`Problem`] if the files cannot be read.
    pub async fn quitting(&self) -> Result<Quitting, Problem> {
        let counts = self.0.store.change_counts(None).await?;
        Ok(Quitting {
            changes: views::change_counts(&counts),
        })
    }

    pub(crate) async fn change_of(&self, id: &str) -> Result<Change, Problem> {
        let unknown = || Problem::new(ProblemCode::ChangeUnknown);
        let id: ChangeId = id.parse().map_err(|_| unknown())?;
        self.0.store.change(id).await?.ok_or_else(unknown)
    }

    pub(crate) fn tell_changes(&self) {
        use tokendesk_sync::{Changed, Listener};
        self.0.invalidator.changed(Changed::Changes);
        self.0.invalidator.changed(Changed::Cards);
    }
}

/// Where the provider keeps the reason of a block, there is none without one, and it is one line.
pub(crate) fn reason_needed(
    accounts: &Accounts,
    account: AccountId,
    active: bool,
    reason: Option<&str>,
) -> Result<(), Problem> {
    if active || accounts.capabilities(account).reason != ReasonUse::SentToProvider {
        return Ok(());
    }
    match reason {
        None => {
            let provider = accounts.names(account).provider;
            Err(Problem::with(ProblemCode::ReasonRequired, [("provider", provider)]).on_field("reason"))
        }
        Some(reason) if reason.chars().any(char::is_control) => Err(guard::field(
            "reason",
            "The reason",
            "It is one line of visible signs.",
        )),
        Some(_) => Ok(()),
    }
}

/// Whether what was typed is what has to be typed.
pub(crate) fn confirmed(typed: Option<&str>, wanted: &str, kind: &str) -> Result<(), Problem> {
    if typed.map(str::trim) == Some(wanted) {
        return Ok(());
    }
    let expected = match kind {
        "last4" => format!("the last four digits, {wanted}"),
        "id_end" => format!("the end of its id, {wanted}"),
        _ => format!("the number of cards, {wanted}"),
    };
    Err(
        Problem::with(ProblemCode::ConfirmationMissing, [("expected_kind", expected)])
            .on_field("confirmation"),
    )
}

fn refuse_what_cannot_be(
    row: &CardRow,
    pending: &[Change],
    wish: Wish,
    accounts: &Accounts,
) -> Result<(), Problem> {
    let controls = views::switches(
        row,
        pending,
        &accounts.capabilities(row.account),
        accounts.read_only(row.account),
    );
    let blocked = match wish {
        Wish::OneClick(_) => controls.one_click_blocked,
        Wish::Active(_) => controls.active_blocked,
        Wish::Delete => controls.delete_blocked,
        Wish::Default => controls.default_blocked,
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
        "read_only" => {
            return Err(Problem::with(
                ProblemCode::ReadOnlyAccount,
                [("account", names.account)],
            ));
        }
        "not_offered" | "desk_only" => {
            return Err(Problem::with(
                ProblemCode::NotOffered,
                [("provider", names.provider), ("account", names.account)],
            ));
        }
        "already_default" => "It is the default already.".to_owned(),
        "gone" => format!("{provider} no longer has it."),
        "deleting" => format!("{provider} is deleting it."),
        "deleted" => format!("{provider} has deleted it."),
        "creating" => format!("{provider} is still making it."),
        "deletion_waiting" => "Its deletion is queued and not sent yet.".to_owned(),
        _ => format!("{provider} reports a state that this version does not know."),
    };
    Err(Problem::with(ProblemCode::CardNotSwitchable, [("why", why)]))
}
