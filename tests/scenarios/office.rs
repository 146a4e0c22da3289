//! A desk in a folder, as a person has it: opened with a passphrase, connected, read.

use async_trait::async_trait;
use std::path::Path;
use std::sync::Arc;
use tokendesk_desk::contract::{Problem, ProblemCode, Tag};
use tokendesk_desk::{DemoServer, Desk, DeskOptions, Host, HttpOptions, Secrets, SystemClock};

/// The passphrase of every folder here.
pub const PASSPHRASE: &str = "an invented passphrase";

/// A program without a window.
struct Quiet;

#[async_trait]
impl Host for Quiet {
    fn invalidated(&self, _tags: &[Tag]) {}
    async fn demo(&self, _folder: &Path) -> Result<DemoServer, Problem> {
        Err(Problem::new(ProblemCode::NothingConnected))
    }
    fn export_folder(&self) -> Option<std::path::PathBuf> {
        None
    }
    fn restart(&self) {}
    fn who(&self) -> String {
        "Scenario".to_owned()
    }
    fn desk_name(&self) -> String {
        format!("process {}", std::process::id())
    }
}

/// How a desk is opened here: nothing runs that was not asked for.
pub fn options(folder: &Path) -> DeskOptions {
    DeskOptions {
        folder: folder.to_owned(),
        secrets: Secrets::Passphrase(PASSPHRASE.to_owned().into()),
        background: false,
        share: false,
        http: HttpOptions::default(),
        clock: Arc::new(SystemClock),
    }
}

/// Opens a desk.
pub async fn open(options: DeskOptions) -> Result<Desk, Problem> {
    Desk::open(options, Arc::new(Quiet)).await
}
