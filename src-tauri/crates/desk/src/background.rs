//! What runs beside a window: the outbox worker, running plans, reading each account again from time to time, and telling the window what changed.

use crate::contract::{StartSync, Tag};
use crate::desk::Desk;
use crate::host::Host;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokendesk_sync::{Changed, Listener};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Between two looks at whether an account is due.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Between two looks at whether the log has grown.
const ANCHOR_EVERY: Duration = Duration::from_secs(60);
/// Changes are gathered this long before the window is told once.
const GATHER: Duration = Duration::from_millis(120);

/// Gathers what changed and tells the window a few times a second at most.
pub(crate) struct Invalidator {
    host: Arc<dyn Host>,
    waiting: Mutex<BTreeSet<usize>>,
    notify: Notify,
}

const TAGS: [Tag; 7] = [
    Tag::Status,
    Tag::Accounts,
    Tag::Cards,
    Tag::Changes,
    Tag::Plans,
    Tag::Log,
    Tag::Settings,
];

impl Invalidator {
    pub fn new(host: Arc<dyn Host>) -> Self {
        Self {
            host,
            waiting: Mutex::default(),
            notify: Notify::new(),
        }
    }

    async fn run(&self) {
        loop {
            self.notify.notified().await;
            tokio::time::sleep(GATHER).await;
            self.tell_all();
        }
    }

    fn tell_all(&self) {
        let waiting = std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        let tags: Vec<Tag> = waiting.into_iter().filter_map(|i| TAGS.get(i).copied()).collect();
        if !tags.is_empty() {
            self.host.invalidated(&tags);
        }
    }
}

impl Invalidator {
    /// Something of this kind has changed.
    pub fn tell(&self, tag: Tag) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        // Every change may turn the counts, the freshness or the network shown at the top.
        for tag in [Tag::Status, tag] {
            if let Some(at) = TAGS.iter().position(|known| *known == tag) {
                waiting.insert(at);
            }
        }
        drop(waiting);
        self.notify.notify_one();
    }
}

impl Listener for Invalidator {
    fn changed(&self, what: Changed) {
        self.tell(match what {
            Changed::Accounts => Tag::Accounts,
            Changed::Cards => Tag::Cards,
            Changed::Changes => Tag::Changes,
        });
        if what == Changed::Changes {
            // Each step of a change is in the log, and may be one of a plan's.
            self.tell(Tag::Plans);
            self.tell(Tag::Log);
        }
    }
}

/// The tasks beside a window.
pub(crate) struct Background {
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
}

impl Background {
    pub fn start(desk: &Desk) -> Self {
        let stop = CancellationToken::new();
        let invalidator = Arc::clone(&desk.0.invalidator);
        let engine = desk.0.engine.clone();
        let tasks = vec![
            tokio::spawn({
                let stop = stop.clone();
                async move {
                    tokio::select! { () = stop.cancelled() => {}, () = invalidator.run() => {} }
                }
            }),
            tokio::spawn(async move { engine.run_outbox().await }),
            tokio::spawn(look_after_accounts(desk.clone(), stop.clone())),
            tokio::spawn(crate::plan_runs::look_after_plans(desk.clone(), stop.clone())),
            tokio::spawn(anchor_now_and_then(desk.clone(), stop.clone())),
        ];
        Self { stop, tasks }
    }

    pub async fn end(self) {
        self.stop.cancel();
        for task in self.tasks {
            // A task that panicked has ended too.
            let _ = task.await;
        }
    }
}

/// Keeps the log's newest row outside the ledger, so that a ledger put back from an earlier day is noticed.
async fn anchor_now_and_then(desk: Desk, stop: CancellationToken) {
    loop {
        if let Err(problem) = desk.anchor_log().await {
            tracing::warn!(code = ?problem.code, "the log was not anchored");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(ANCHOR_EVERY) => {}
        }
    }
}

async fn look_after_accounts(desk: Desk, stop: CancellationToken) {
    loop {
        let due = StartSync {
            account_id: None,
            full: false,
        };
        if let Err(problem) = desk.start_sync(due).await {
            tracing::warn!(code = ?problem.code, "reading rests");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}
