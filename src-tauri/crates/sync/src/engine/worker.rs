//! The outbox worker: which changes go now, over which lanes, and how long to rest in between.

use super::{EndHolds, Engine, locked};
use crate::Changed;
use crate::error::SyncError;
use crate::link::{LANES, Network};
use crate::outbox::{Sender, Sent};
use chrono::{DateTime, Utc};
use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use tokendesk_model::{Account, AccountId, Change, ChangeId, Environment, Lesson, TokenId, Wish};
use tokendesk_providers::ProviderError;
use tokendesk_store::StoreError;
use tokio::task::{Id, JoinSet};
use tokio::time::Instant;

/// Changes taken out of the queue at once.
const BATCH: usize = 64;
/// And at most, where the first ones cannot go now.
const LARGEST_BATCH: usize = 65_536;
/// Changes of one account begun at once: more than its lanes, because a deletion that is waited for needs none.
const BEGUN: usize = 2 * LANES;
/// An account of which nothing was found is looked at again after this long, while others are being sent.
const DRY: Duration = Duration::from_secs(1);
/// How often the whole queue is looked through for what can go past others that cannot.
const WIDE: Duration = Duration::from_secs(15);
/// Calls that a change needs at most where nothing goes wrong: read, version, write, read back.
const CALLS: u32 = 4;
/// How long the worker sleeps at most: a clock that jumped or a computer that slept is noticed after this.
pub(super) const LONGEST_SLEEP: Duration = Duration::from_secs(20);
/// And at least: what cannot be sent now is not asked for again and again.
const SHORTEST_SLEEP: Duration = Duration::from_millis(250);
/// Credentials that could not be fetched are asked for again after this long: that may ask a person each time.
const UNUSABLE: Duration = Duration::from_secs(20);

/// What one push did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PushSummary {
    /// Confirmed.
    pub done: u32,
    /// Need a person, because the provider or its answer stands in the way.
    pub stuck: u32,
    /// Need a person, because something happened since they were decided.
    pub conflict: u32,
    /// Wait until the lost write of another change is settled.
    pub in_doubt: u32,
    /// Went back into the queue, with the last reason.
    pub later: Option<ProviderError>,
    /// An account could not even be asked.
    pub unreachable: Option<String>,
    /// An account is left alone for a while; its changes wait.
    pub resting: bool,
    /// Sending rests altogether ([`Engine::rest_sending`]).
    pub paused: bool,
}

/// A change that is being sent.
struct Flight {
    change: Change,
    /// It is the one that finds out for its account.
    learns: bool,
}

/// Tasks of their own: one that waited for this loop to look after it might hold a file that this loop waits for.
/// Where the push itself is dropped they end with it, and what they were at is taken up by the next one.
type Flights = JoinSet<Result<Sent, SyncError>>;

/// One push while it runs.
#[derive(Default)]
struct Round {
    env: Option<Environment>,
    accounts: HashMap<AccountId, Account>,
    accounts_read: Option<Instant>,
    queue: VecDeque<Change>,
    /// Lanes that are being sent, and what is sent of them.
    lanes: HashSet<TokenId>,
    /// Customers of whom a card is being made the default: that one call touches all their cards.
    defaults: HashSet<(AccountId, String)>,
    flights: HashMap<Id, Flight>,
    begun: HashMap<AccountId, usize>,
    /// Accounts of which one wish is finding out whether they take active and inactive.
    learning: HashSet<AccountId>,
    /// Accounts that cannot be asked for reasons of our own, for the rest of this push.
    out: HashSet<AccountId>,
    /// Found taken back or overtaken.
    passed: HashSet<ChangeId>,
    /// Accounts of which nothing was found, and when.
    dry: HashMap<AccountId, Instant>,
    /// When the whole queue was last looked through.
    widened: Option<Instant>,
    summary: PushSummary,
    broken: Option<StoreError>,
}

impl Engine {
    /// Sends everything that is due in an environment or in all, until nothing is. A person asks for it: what is held goes
    /// as well.
    ///
    /// # Errors
    /// [`SyncError::Store`]; what was on its way has ended first.
    pub async fn push(&self, env: Option<Environment>) -> Result<PushSummary, SyncError> {
        if self.sending_rests() {
            return Ok(PushSummary {
                paused: true,
                ..PushSummary::default()
            });
        }
        self.end_holds(&EndHolds::Of(env)).await?;
        locked(&self.0.unusable).clear();
        let pushed = self.round(env).await;
        // What was queued meanwhile for another environment is the worker's.
        self.wake();
        pushed
    }

    /// Sends everything that waits and is due in an environment or in all, until nothing is; what is held stays held.
    ///
    /// # Errors
    /// As for [`Self::push`].
    pub async fn send_due(&self, env: Option<Environment>) -> Result<PushSummary, SyncError> {
        if self.sending_rests() {
            return Ok(PushSummary {
                paused: true,
                ..PushSummary::default()
            });
        }
        self.round(env).await
    }

    /// Lets nothing be sent until it is called again with `false`. What is on its way ends; holds stand still.
    pub fn rest_sending(&self, rest: bool) {
        self.0.resting.store(rest, Ordering::SeqCst);
        if !rest {
            self.wake();
        }
        self.0.listener.changed(Changed::Changes);
    }

    /// Whether nothing is sent now.
    pub fn sending_rests(&self) -> bool {
        self.0.resting.load(Ordering::SeqCst)
    }

    async fn round(&self, env: Option<Environment>) -> Result<PushSummary, SyncError> {
        let _one_at_a_time = self.0.pushing.lock().await;
        if self.0.holder {
            // Nothing is being sent now. What is still marked so was left by a push that was cut off or could not write how
            // it ended; it is re-read before anything is repeated.
            self.0.store.recover(self.0.clock.now()).await?;
        }
        let mut round = Round {
            env,
            ..Round::default()
        };
        let mut flights = Flights::new();
        // To the end, whatever happens: a lane that is dropped half way leaves its change marked as on its way.
        loop {
            if let Err(error) = self.begin(&mut round, &mut flights).await {
                round.broken = round.broken.or(Some(error));
            }
            let landed = tokio::select! {
                biased;
                landed = flights.join_next_with_id() => landed,
                // Something was queued, or an account has rested, while others are still on their way.
                () = self.0.wake.notified() => {
                    round.dry.clear();
                    continue;
                }
                () = tokio::time::sleep(DRY) => continue,
            };
            match landed {
                None => break,
                Some(Ok((id, sent))) => round.land(id, sent),
                // It fell over; what it was at is re-read by the next push.
                Some(Err(error)) => round.land(error.id(), Err(SyncError::Stopped)),
            }
            self.0.listener.changed(Changed::Changes);
            self.0.listener.changed(Changed::Cards);
        }
        round.summary.paused = self.sending_rests();
        match round.broken {
            Some(error) => Err(error.into()),
            None => Ok(round.summary),
        }
    }

    /// Begins whatever can go now.
    async fn begin(&self, round: &mut Round, flights: &mut Flights) -> Result<(), StoreError> {
        if round.broken.is_some() || self.0.stop.is_cancelled() || self.sending_rests() {
            round.queue.clear();
            return Ok(());
        }
        self.begin_queued(round, flights).await?;
        if self.look(round).await? {
            self.begin_queued(round, flights).await?;
        }
        Ok(())
    }

    /// Begins what of the queue can go; what only waits for room stays in it.
    async fn begin_queued(&self, round: &mut Round, flights: &mut Flights) -> Result<(), StoreError> {
        let mut stays = VecDeque::new();
        while let Some(change) = round.queue.pop_front() {
            if !round.may_go(self, &change) {
                continue;
            }
            if !round.has_room(self, change.account) {
                stays.push_back(change);
                continue;
            }
            let learns = self.learns(&change).await?;
            if learns && !round.learning.insert(change.account) {
                // Learning first: the rest goes, or ends, when it is known whether the account takes it at all.
                continue;
            }
            round.lanes.insert(change.token);
            round.defaults.extend(customer_of_default(&change));
            *round.begun.entry(change.account).or_default() += 1;
            let (engine, id, account) = (self.clone(), change.id, change.account);
            let task = flights.spawn(async move { engine.send(id, account).await });
            round.flights.insert(task.id(), Flight { change, learns });
        }
        round.queue = stays;
        Ok(())
    }

    /// Whether sending this would find out whether its account takes active and inactive.
    async fn learns(&self, change: &Change) -> Result<bool, StoreError> {
        Ok(matches!(change.wish, Wish::Active(_))
            && self.0.store.lesson(change.account).await? == Lesson::Untried)
    }

    /// Looks for the next changes that can go. Those that cannot stay where they are: the look goes past them, however many
    /// they are.
    async fn look(&self, round: &mut Round) -> Result<bool, StoreError> {
        if round.accounts_read.is_none_or(|at| at.elapsed() > DRY) {
            let accounts = self.0.store.accounts().await?;
            let by_id = accounts.into_iter().map(|account| (account.id, account));
            round.accounts = by_id.collect();
            round.accounts_read = Some(Instant::now());
        }
        let asking: Vec<AccountId> = round.accounts.keys().copied().collect();
        let asking: Vec<AccountId> = asking
            .into_iter()
            .filter(|account| round.has_room(self, *account) && !round.is_dry(*account))
            .collect();
        if asking.is_empty() {
            return Ok(false);
        }
        let asks_everybody = round
            .accounts
            .values()
            .all(|account| account.paused.is_some() || account.read_only || asking.contains(&account.id));
        let mut limit = BATCH;
        loop {
            let asked = u32::try_from(limit).unwrap_or(u32::MAX);
            // Whether one is due is asked of the schedule: the wall clock alone may be wrong.
            let mut found = self
                .0
                .store
                .sendable_of(Some(&asking), DateTime::<Utc>::MAX_UTC, asked, round.env)
                .await?;
            let all = found.len() < limit;
            if all && asks_everybody {
                let waiting: HashSet<ChangeId> = found.iter().map(|change| change.id).collect();
                let sent: HashSet<ChangeId> = round.flights.values().map(|flight| flight.change.id).collect();
                let begun = |id: &ChangeId| waiting.contains(id) || sent.contains(id);
                self.0.schedule.keep(begun);
            }
            found.retain(|change| round.may_go(self, change));
            found.truncate(BATCH);
            let enough = all || limit >= LARGEST_BATCH || round.widened.is_some_and(|at| at.elapsed() < WIDE);
            if !found.is_empty() || enough {
                round.note_dry(&asking, &found);
                let any = !found.is_empty();
                round.queue.extend(found);
                return Ok(any);
            }
            limit = limit.saturating_mul(4);
            round.widened = (limit >= LARGEST_BATCH).then(Instant::now).or(round.widened);
        }
    }

    async fn send(&self, id: ChangeId, account: AccountId) -> Result<Sent, SyncError> {
        let link = match self.link_or_pause(account).await {
            Err(SyncError::Provider(error)) => return Ok(Sent::AccountPaused(error)),
            Err(error @ SyncError::Credentials(_)) => {
                locked(&self.0.unusable).insert(account, Instant::now());
                return Err(error);
            }
            link => link?,
        };
        link.turn(CALLS).await;
        let sender = Sender {
            store: self.0.store.clone(),
            link: Arc::clone(&link),
            clock: Arc::clone(&self.0.clock),
            listener: Arc::clone(&self.0.listener),
            schedule: Arc::clone(&self.0.schedule),
            resting: Arc::clone(&self.0.resting),
            calls: AtomicU32::new(0),
        };
        let sent = sender.send(id).await;
        link.unused(CALLS.saturating_sub(sender.calls.load(Ordering::Relaxed)));
        match &sent {
            Ok(Sent::AccountPaused(error)) => self.pause_if_rejected(account, error).await?,
            Err(SyncError::ProductionSeen) => self.pause_after(account, &sent).await?,
            _ => {}
        }
        sent
    }

    /// Sends what is queued as it comes and lets holds run out, until the engine is stopped. One such task a process.
    pub async fn run_outbox(&self) {
        tokio::join!(self.run_sending(), self.run_holds(), self.run_following());
    }

    async fn run_sending(&self) {
        loop {
            // Where our own files cannot be used, a quick repeat helps nobody.
            let least = match self.round(None).await {
                Ok(_) => SHORTEST_SLEEP,
                Err(error) => {
                    tracing::warn!(%error, "sending rests");
                    LONGEST_SLEEP
                }
            };
            let next = [self.shortest_rest(), self.0.schedule.next(Instant::now())];
            let sleep = next.into_iter().flatten().min().unwrap_or(LONGEST_SLEEP);
            tokio::select! {
                () = self.0.stop.cancelled() => return,
                () = self.0.wake.notified() => {}
                () = tokio::time::sleep(sleep.clamp(least, LONGEST_SLEEP)) => {}
            }
        }
    }

    /// Whether the credentials of an account could not be fetched a moment ago.
    fn is_unusable(&self, account: AccountId) -> bool {
        let unusable = locked(&self.0.unusable);
        unusable.get(&account).is_some_and(|at| at.elapsed() < UNUSABLE)
    }

    /// The shortest time until an account that rests may be asked again.
    fn shortest_rest(&self) -> Option<Duration> {
        locked(&self.0.links)
            .values()
            .filter_map(|link| link.rest())
            .min()
    }
}

/// The customer whose default a change wishes to be another one.
fn customer_of_default(change: &Change) -> Option<(AccountId, String)> {
    let record = change
        .base
        .record
        .clone()
        .filter(|_| change.wish == Wish::Default)?;
    Some((change.account, record))
}

impl Round {
    /// Whether a change can begin as far as it and its lane are concerned.
    fn may_go(&self, engine: &Engine, change: &Change) -> bool {
        let learnt = matches!(change.wish, Wish::Active(_)) && self.learning.contains(&change.account);
        !self.lanes.contains(&change.token)
            && !customer_of_default(change).is_some_and(|customer| self.defaults.contains(&customer))
            && !self.passed.contains(&change.id)
            && !learnt
            && engine
                .0
                .schedule
                .is_due(change, engine.0.clock.now(), Instant::now())
    }

    /// Whether one more change of an account can begin.
    fn has_room(&self, engine: &Engine, account: AccountId) -> bool {
        let Some(known) = self.accounts.get(&account) else {
            return false;
        };
        let asked_for = self.env.is_none_or(|env| env == known.environment);
        let out = self.out.contains(&account) || engine.is_unusable(account);
        if known.paused.is_some() || out || !asked_for {
            return false;
        }
        let begun = self.begun.get(&account).copied().unwrap_or_default();
        let Some(link) = locked(&engine.0.links).get(&account).cloned() else {
            return begun == 0;
        };
        let most = match link.network() {
            Network::Online => BEGUN,
            // One finds out for all whether it answers.
            Network::Unknown | Network::Offline { .. } => 1,
        };
        begun < most && !link.is_left_alone()
    }

    fn is_dry(&self, account: AccountId) -> bool {
        self.dry.get(&account).is_some_and(|at| at.elapsed() < DRY)
    }

    fn note_dry(&mut self, asking: &[AccountId], found: &[Change]) {
        for account in asking {
            if found.iter().any(|change| change.account == *account) {
                self.dry.remove(account);
            } else {
                self.dry.insert(*account, Instant::now());
            }
        }
    }

    fn land(&mut self, id: Id, sent: Result<Sent, SyncError>) {
        let Some(Flight { change, learns }) = self.flights.remove(&id) else {
            return;
        };
        let account = change.account;
        self.lanes.remove(&change.token);
        if let Some(customer) = customer_of_default(&change) {
            self.defaults.remove(&customer);
        }
        // Behind it in its lane, or behind what it found out, something may go now.
        self.dry.remove(&account);
        if let Some(begun) = self.begun.get_mut(&account) {
            *begun = begun.saturating_sub(1);
        }
        if learns {
            self.learning.remove(&account);
        }
        match sent {
            Ok(Sent::Done) => self.summary.done += 1,
            Ok(Sent::Stuck) => self.summary.stuck += 1,
            Ok(Sent::Conflict) => self.summary.conflict += 1,
            Ok(Sent::InDoubt) => self.summary.in_doubt += 1,
            Ok(Sent::Later(error)) => self.summary.later = Some(error),
            Ok(Sent::AccountPaused(error)) => {
                self.out.insert(account);
                self.summary.later = Some(error);
            }
            Ok(Sent::Passed) => {
                self.passed.insert(change.id);
            }
            Ok(Sent::Rests) => {}
            Err(SyncError::Credentials(why)) => {
                self.out.insert(account);
                self.summary.unreachable = Some(why);
            }
            Err(SyncError::Store(error)) if !matches!(error, StoreError::NoSuchAccount) => {
                self.broken = self.broken.take().or(Some(error));
            }
            Err(SyncError::Resting) => self.summary.resting = true,
            // The account went away or rests; its changes wait.
            Err(_) => {
                self.out.insert(account);
                self.summary.resting = true;
            }
        }
    }
}
