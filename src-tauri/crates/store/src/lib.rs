//! The desk's memory: two encrypted files, and the only crate that knows SQL.
//!
//! * `cache.db` holds what the providers can tell again: snapshots, the search index, counters, cursors. Losing it
//!   loses nothing but time.
//! * `ledger.db` holds what nobody else knows: accounts (without secrets), the outbox, the log, desk-only marks,
//!   lessons, tombstones, imported directories, the test bench's tokens and runs, verifications, settings.
//!
//! Snapshots of a provider enter the cache through one door (`put_tokens`, `put_versions`, `put_batch` and their two small
//! companions) and wishes of a person through the other (the overlay, written after the ledger). Screens read the
//! effective columns that both doors keep true.
//!
//! Must not know: HTTP, a provider's wire format, a user interface, when to read or what to send.

mod anchor;
mod backup;
mod cache;
pub mod crash;
mod error;
mod folder;
mod holder;
mod key;
mod ledger;
mod open;
pub mod secrets;
mod shared;
mod sqlite;
mod store;

pub use anchor::{Anchor, LedgerAge, read_anchor, write_anchor};
pub use backup::{
    Backup, BackupContents, BackupError, BackupFile, BackupWhy, Restored, backup_folder, check_backup,
    list_backups, restore, stage_restore,
};
pub use cache::batch::{Batch, BatchApplied};
pub use cache::candidates::{CandidateRow, CustomerRef, LastCards};
pub use cache::cards::{CardRow, CardsPage, VersionRow};
pub use cache::counters::{StateCounts, Totals};
pub use cache::crawl::{Crawl, CrawlStage, CrawlStep, Pass};
pub use cache::door::Applied;
pub use cache::find::{Count, Match};
pub use cache::known::KnownToken;
pub use cache::overlay::effective;
pub use cache::people::{CustomerRow, PeoplePage, Person, PersonRow};
pub use error::{DataFile, OpenError, StoreError};
pub use holder::{HeldBy, Holder, HolderError};
pub use key::DbKey;
pub use ledger::accounts::KeptOf;
pub use ledger::change_list::{ChangeCounts, ChangesFilter, ChangesPage, OpenWish};
pub use ledger::difference::Difference;
pub use ledger::directory::DirectoryRecord;
pub use ledger::flow_runs::{FlowRun, FlowRunsPage};
pub use ledger::imports::Imported;
pub use ledger::log::read::{LONGEST_LOG_PAGE, LogFilter, LogPage};
pub use ledger::log::verify::{Broken, BrokenHow, Verified};
pub use ledger::log::{LogEntry, LogHead, LogRow};
pub use ledger::marks::Mark;
pub use ledger::outbox::NewChange;
pub use ledger::plans::{NewPlan, Plan, PlanAccount, PlanCounts, PlanRow, PlanStatus, RowStatus};
pub use ledger::settings::{DEFAULT_HOLD_SECONDS, LONGEST_HOLD_SECONDS};
pub use ledger::single_use::{SingleUsePage, SingleUseRow};
pub use ledger::timeline::{TimelinePlace, TimelineRow};
pub use ledger::verifications::VerifyRow;
pub use open::Opened;
pub use shared::is_ready_to_share;
pub use store::{ReadTicket, Store};
pub use tokendesk_model::lane::{Overlay, overlay_of};

/// The name of the file the providers can fill again.
pub const CACHE_FILE: &str = "cache.db";
/// The name of the file that cannot be replaced.
pub const LEDGER_FILE: &str = "ledger.db";
