//! One running sandbox: world, switches, faults, statistics and journal behind their locks.

use std::sync::{Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use crate::clock;
use crate::faults::Faults;
use crate::journal::Journal;
use crate::stats::Stats;
use crate::switches::{SwitchError, Switches};
use crate::truth::{EditError, EditRequest, NewTokenRequest, TokenTruth};
use crate::wallee::Identity;
use crate::world::{LifeTimes, World};

pub(crate) struct Playground {
    pub(crate) identity: Identity,
    pub(crate) space: u64,
    world: RwLock<World>,
    switches: RwLock<Switches>,
    faults: Mutex<Faults>,
    stats: Mutex<Stats>,
    journal: Mutex<Option<Journal>>,
    limit: Mutex<Limit>,
}

/// How many calls may still be made at once.
struct Limit {
    left: f64,
    at: Instant,
}

impl Playground {
    pub(crate) fn new(
        identity: Identity,
        world: World,
        switches: Switches,
        journal: Option<Journal>,
    ) -> Self {
        Self {
            identity,
            space: world.space,
            world: RwLock::new(world),
            switches: RwLock::new(switches),
            faults: Mutex::default(),
            stats: Mutex::default(),
            journal: Mutex::new(journal),
            limit: Mutex::new(Limit {
                left: f64::INFINITY,
                at: Instant::now(),
            }),
        }
    }

    pub(crate) fn switches(&self) -> Switches {
        *self.switches.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets several switches, all or none.
    pub(crate) fn set_switches<'a>(
        &self,
        pairs: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<(), SwitchError> {
        let mut guard = self.switches.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = *guard;
        for (name, value) in pairs {
            next.set(name, value)?;
        }
        *guard = next;
        Ok(())
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn stats(&self) -> MutexGuard<'_, Stats> {
        self.stats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes one call of those allowed, if one is left.
    pub(crate) fn is_within_limit(&self) -> bool {
        let allowed = self.switches().calls_per_second;
        if allowed == 0 {
            return true;
        }
        let per_second = allowed as f64;
        let mut limit = self.limit.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let refilled = limit.left + (now - limit.at).as_secs_f64() * per_second;
        *limit = Limit {
            left: refilled.min(per_second),
            at: now,
        };
        let within = limit.left >= 1.0;
        if within {
            limit.left -= 1.0;
        }
        within
    }

    pub(crate) fn life_times(&self) -> LifeTimes {
        let switches = self.switches();
        let millis = |value: u64| i64::try_from(value).unwrap_or(i64::MAX / 8).min(i64::MAX / 8);
        LifeTimes {
            deleting: millis(switches.deleting_ms),
            purge: millis(switches.purge_ms),
        }
    }

    fn reading(&self) -> RwLockReadGuard<'_, World> {
        self.world.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn writing(&self) -> RwLockWriteGuard<'_, World> {
        self.world.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the world as it is at this moment.
    pub(crate) fn look<R>(&self, see: impl FnOnce(&World) -> R) -> R {
        {
            let world = self.reading();
            if !world.is_restless() {
                return see(&world);
            }
        }
        self.change(|world| see(world))
    }

    /// Changes the world, after everything due has happened, and journals what changed.
    pub(crate) fn change<R>(&self, act: impl FnOnce(&mut World) -> R) -> R {
        let mut world = self.writing();
        if world.is_restless() {
            world.advance(clock::now(), self.life_times());
        }
        let result = act(&mut world);
        let touched = world.take_touched();
        if !touched.is_empty()
            && let Some(journal) = self
                .journal
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .as_mut()
        {
            // The demo goes on without its memory when the disk refuses.
            let _ = journal.note(&world, &touched);
        }
        result
    }

    /// What the server really holds of a token; purged ones are told as gone.
    pub(crate) fn token(&self, id: u64) -> Option<TokenTruth> {
        self.look(|world| {
            let place = world.tokens.binary_search_by_key(&id, |t| t.id).ok()?;
            Some(TokenTruth::of(world, place))
        })
    }

    /// Tokens that are still there and satisfy a condition.
    pub(crate) fn tokens(&self, keep: impl Fn(&World, usize) -> bool) -> Vec<TokenTruth> {
        self.look(|world| {
            (0..world.tokens.len())
                .filter(|place| !world.tokens[*place].gone && keep(world, *place))
                .map(|place| TokenTruth::of(world, place))
                .collect()
        })
    }

    /// An edit by somebody else.
    pub(crate) fn edit(&self, request: EditRequest) -> Result<TokenTruth, EditError> {
        let id = request.id;
        let edit = request.understood()?;
        let times = self.life_times();
        self.change(|world| {
            let place = world.find(id).ok_or(EditError::NoSuchToken)?;
            world.edit(place, edit, clock::now(), times);
            Ok(TokenTruth::of(world, place))
        })
    }

    /// A token made by somebody else.
    pub(crate) fn add_token(&self, request: NewTokenRequest) -> Result<TokenTruth, EditError> {
        let new = request.understood()?;
        self.change(|world| {
            let place = world.create(new, clock::now());
            Ok(TokenTruth::of(world, place))
        })
    }

    /// Removes a token for good, now.
    pub(crate) fn purge(&self, id: u64) -> Result<(), EditError> {
        self.change(|world| {
            let place = world.find(id).ok_or(EditError::NoSuchToken)?;
            world.purge(place);
            Ok(())
        })
    }
}
