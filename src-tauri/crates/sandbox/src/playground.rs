//! wallee's world, switches and journal behind their locks.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::clock;
use crate::journal::Journal;
use crate::switch_table::SwitchError;
use crate::switches::Switches;
use crate::truth::{EditError, EditRequest, NewTokenRequest, TokenTruth};
use crate::wallee::{Identity, Transactions};
use crate::world::{LifeTimes, World};

pub(crate) struct Playground {
    pub(crate) identity: Identity,
    pub(crate) space: u64,
    pub(crate) transactions: Transactions,
    world: RwLock<World>,
    switches: RwLock<Switches>,
    journal: Mutex<Option<Journal>>,
    /// How far its time has been moved on, milliseconds.
    passed_ms: AtomicI64,
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
            transactions: Transactions::default(),
            world: RwLock::new(world),
            switches: RwLock::new(switches),
            journal: Mutex::new(journal),
            passed_ms: AtomicI64::new(0),
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

    /// The time of its world, milliseconds since 1970.
    pub(crate) fn now(&self) -> i64 {
        clock::now().saturating_add(self.passed_ms.load(Ordering::Relaxed))
    }

    /// Lets time pass.
    pub(crate) fn pass_time(&self, ms: i64) {
        self.passed_ms
            .fetch_add(ms.clamp(0, i64::MAX / 8), Ordering::Relaxed);
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
            world.advance(self.now(), self.life_times());
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
            world.edit(place, edit, self.now(), times);
            Ok(TokenTruth::of(world, place))
        })
    }

    /// A token made by somebody else.
    pub(crate) fn add_token(&self, request: NewTokenRequest) -> Result<TokenTruth, EditError> {
        let new = request.understood()?;
        self.change(|world| {
            let place = world.create(new, self.now());
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
